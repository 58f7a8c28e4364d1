"""The components of openapi.yaml: what messages and answers are made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from autograd_core import ENCODINGS, Limits
from autograd_core.operations import TABLE
from service.answers import catalogue, derivatives, problem_types
from service.answers.record import Form, Member, Record, Schema, list_of, ref
from service.contract.limits import ANSWER as LIMITS
from service.endpoints.table import ENDPOINTS
from service.problems import FAULT, PROBLEM

_NAME: Final = ref("Name")
_NUMBER: Final = ref("Number")
_SHAPE: Final = Form(
    list_of(Form({"type": "integer", "minimum": 0}), "Lengths of the axes.").schema
    | {"maxItems": Limits().rank}
)
_SPELLINGS: Final = [name for row in TABLE.values() for name in (row.name, *row.aliases)]
_TENSOR_OBJECT: Final = Record(
    "TensorObject",
    "A tensor as its shape and its numbers in row-major order: as a flat list, or as "
    f"{' or '.join(encoding.doc for encoding in ENCODINGS.values())}.",
    Member("shape", _SHAPE),
    Member("data", list_of(_NUMBER), optional=True),
    *(Member(name, Form({"type": "string"}), optional=True) for name in ENCODINGS),
)
_NODE: Final = Record(
    "Node",
    "One operation applied to its operands.",
    Member("id", _NAME, optional=True),
    Member("op", Form({"type": "string", "enum": _SPELLINGS})),
    Member("args", list_of(ref("Operand"))),
    Member(
        "attrs",
        Form({"type": "object", "description": "Attributes of the operation; see /operations."}),
        optional=True,
    ),
)
_INTEGERS: Final = Form(
    {
        "description": "Whole numbers: a list, or the base64 of little-endian integers.",
        "oneOf": [
            list_of(Form({"type": "integer", "minimum": 0})).schema,
            ref("PackedColumn").schema,
        ],
    }
)
_PACKED_COLUMN: Final = Record(
    "PackedColumn",
    "A column as the base64 of its little-endian numbers. Constants are float64, others integers.",
    Member("base64", Form({"type": "string"})),
    Member("dtype", Form({"type": "string", "enum": ["uint8", "uint32", "float64"]})),
)
_COLUMNS: Final = Record(
    "Columns",
    "A function as columns of numbers, for programs that write graphs: scalar operations without "
    "attributes. Nodes are called %1, %2, ... in their order.",
    Member("inputs", list_of(_NAME, "The inputs."), optional=True),
    Member(
        "constants",
        Form({"oneOf": [list_of(_NUMBER, "The constants.").schema, _PACKED_COLUMN.schema]}),
        optional=True,
    ),
    Member("operations", list_of(Form({"type": "string"}), "Names of operations.")),
    Member("opcodes", _INTEGERS),
    Member("operands", _INTEGERS),
    Member("counts", _INTEGERS, optional=True),
)
_GRAPH: Final = Record(
    "Graph",
    "A function as nodes, in any order, or as columns: one of the two.",
    Member("nodes", list_of(_NODE), optional=True),
    Member("columns", _COLUMNS, optional=True),
)
_HEALTH: Final = Record("Health", "All is well.", Member("status", Form({"const": "ok"})))

_NUMBERS: Final[Mapping[str, Schema]] = {
    "Name": {
        "type": "string",
        "description": "What a node or an input is called.",
        "minLength": 1,
        "maxLength": Limits().name,
        "pattern": "^[^\\u0000-\\u001f\\u007f-\\u009f]+$",
    },
    "Number": {
        "description": "An IEEE 754 binary64 number; one that is not finite is a string.",
        "oneOf": [
            {"type": "number"},
            {"type": "string", "enum": ["NaN", "Infinity", "-Infinity"]},
        ],
    },
    "NestedList": list_of(
        Form({"oneOf": [_NUMBER.schema, ref("NestedList").schema]}),
        "A tensor: rows of equal length and depth, in row-major order.",
    ).schema,
    "ResultNumber": {
        "description": "A number of an answer; null for one that is not finite, where the request "
        "says so.",
        "oneOf": [_NUMBER.schema, {"type": "null"}],
    },
    "ResultList": list_of(
        Form({"oneOf": [derivatives.NUMBER.schema, ref("ResultList").schema]}),
        "A tensor of an answer: rows of equal length and depth, in row-major order.",
    ).schema,
    "ResultTensor": {
        "description": "A number or a tensor of an answer.",
        "oneOf": [
            derivatives.NUMBER.schema,
            ref("ResultList").schema,
            _TENSOR_OBJECT.schema,
        ],
    },
    "TensorObject": _TENSOR_OBJECT.component
    | {"oneOf": [{"required": [name]} for name in ("data", *ENCODINGS)]},
    "Tensor": {
        "description": "A number or a tensor.",
        "oneOf": [_NUMBER.schema, ref("NestedList").schema, _TENSOR_OBJECT.schema],
    },
    "Operand": {
        "description": "A node's id or an input's name, a constant, or a node in place.",
        "anyOf": [_NAME.schema, ref("Tensor").schema, _NODE.schema],
    },
}
_ANSWERS: Final = [endpoint.record for endpoint in ENDPOINTS if endpoint.record is not None]
# In the order of the contract; what else an answer has in it follows at the end.
_RECORDS: Final = (
    derivatives.NODE_TRACE,
    derivatives.CHECK_REPORT,
    derivatives.SPARSE_MATRIX,
    derivatives.MATRIX_CHECK_REPORT,
    derivatives.INPUT_CHECK,
    derivatives.COST,
    derivatives.WARNING,
    PROBLEM,
    FAULT,
    _HEALTH,
)


def components() -> dict[str, Schema]:
    """All but those of the messages, by name."""
    return {
        **_NUMBERS,
        **_by_name([_NODE, _COLUMNS, _PACKED_COLUMN]),
        _GRAPH.name: _GRAPH.component
        | {"oneOf": [{"required": ["nodes"]}, {"required": ["columns"]}]},
        **_by_name(_ANSWERS),
        **_by_name(_RECORDS),
        **_by_name([LIMITS, catalogue.CATALOGUE, catalogue.OPERATION, catalogue.ATTRIBUTE]),
        **_by_name(problem_types.PROBLEM_TYPES.parts),
        **_by_name(part for record in _ANSWERS for part in record.parts),
    }


def _by_name(records: Iterable[Record]) -> dict[str, Any]:
    return {record.name: record.component for record in records}
