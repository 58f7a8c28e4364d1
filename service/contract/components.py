"""The components of openapi.yaml: what messages and answers are made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from autograd_core import ENCODINGS, Limits
from autograd_core.operations import TABLE
from service.answers import catalogue, derivatives
from service.answers.derivatives import NUMBER, TENSOR
from service.answers.record import Form, Member, Record, Schema, by_name, list_of, ref
from service.endpoints.table import ENDPOINTS
from service.problems import FAULT, PROBLEM

_NAME: Final = ref("Name")
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
    Member("data", list_of(NUMBER), optional=True),
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
_GRAPH: Final = Record(
    "Graph", "A function as nodes, in any order.", Member("nodes", list_of(_NODE))
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
        Form({"oneOf": [NUMBER.schema, ref("NestedList").schema]}),
        "A tensor: rows of equal length and depth, in row-major order.",
    ).schema,
    "TensorObject": _TENSOR_OBJECT.component
    | {"oneOf": [{"required": [name]} for name in ("data", *ENCODINGS)]},
    "Tensor": {
        "description": "A number or a tensor.",
        "oneOf": [NUMBER.schema, ref("NestedList").schema, _TENSOR_OBJECT.schema],
    },
    "Operand": {
        "description": "A node's id or an input's name, a constant, or a node in place.",
        "anyOf": [_NAME.schema, TENSOR.schema, _NODE.schema],
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
_LIMITS: Final = by_name(Form({"type": "number"}), "Each limit by name: bytes, counts, seconds.")


def components() -> dict[str, Schema]:
    """All but those of the messages, by name."""
    return {
        **_NUMBERS,
        **_by_name([_NODE, _GRAPH]),
        **_by_name(_ANSWERS),
        **_by_name(_RECORDS),
        "Limits": _LIMITS.schema,
        **_by_name([catalogue.CATALOGUE, catalogue.OPERATION, catalogue.ATTRIBUTE]),
        **_by_name(part for record in _ANSWERS for part in record.parts),
    }


def _by_name(records: Iterable[Record]) -> dict[str, Any]:
    return {record.name: record.component for record in records}
