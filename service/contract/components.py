"""The components of openapi.yaml: what messages and answers are made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from autograd_core import ENCODINGS, Limits
from autograd_core.operations import TABLE
from service.answers import catalogue, derivatives, problem_types
from service.answers.record import (
    Form,
    Member,
    Record,
    Schema,
    count,
    exactly_one,
    list_of,
    one_of_growing,
    ref,
    text,
)
from service.contract.limits import ANSWER as LIMITS
from service.endpoints.table import ENDPOINTS
from service.problems import FAULT, PROBLEM

_RANK: Final = Limits().rank
_NAME: Final = ref("Name")
_NUMBER: Final = ref("Binary64")
_COUNTS: Final = list_of(count("A whole number."))
_SPELLINGS: Final = [name for row in TABLE.values() for name in (row.name, *row.aliases)]
_TENSOR_OBJECT: Final = Record(
    "TensorObject",
    "A tensor as its shape and its numbers in row-major order: as a flat list, or as "
    f"{' or '.join(encoding.doc for encoding in ENCODINGS.values())}.",
    Member(
        "shape",
        Form(list_of(count("A length."), "Lengths of the axes.").schema | {"maxItems": _RANK}),
    ),
    Member("data", list_of(_NUMBER, "The numbers."), optional=True),
    *(
        Member(name, text(f"The numbers, as {encoding.doc}."), optional=True)
        for name, encoding in ENCODINGS.items()
    ),
)
_GRAPH_NODE: Final = Record(
    "GraphNode",
    "One operation applied to its operands.",
    Member("id", _NAME.said("What the node is called; it may have no name."), optional=True),
    Member(
        "op",
        one_of_growing(_SPELLINGS, "The operation: a name or an alias from /operations."),
    ),
    Member("args", list_of(ref("Operand"), "Its operands, in order.")),
    Member(
        "attrs",
        Form({"type": "object", "description": "Attributes of the operation; see /operations."}),
        optional=True,
    ),
)
_PACKED_COLUMN: Final = Record(
    "PackedColumn",
    "A column as the base64 of its little-endian numbers. Constants are float64, others integers.",
    Member("base64", text("The numbers.")),
    Member(
        "dtype",
        Form(
            {
                "type": "string",
                "enum": ["uint8", "uint32", "float64"],
                "description": "What each number is.",
            }
        ),
    ),
)


def _column(numbers: Form, doc: str) -> Form:
    """A list of numbers, or a packed column of them."""
    return Form({"description": doc, "anyOf": [numbers.schema, _PACKED_COLUMN.schema]})


_COLUMNS: Final = Record(
    "Columns",
    "A function as columns of numbers, for programs that write graphs: scalar operations without "
    "attributes. Nodes are called %1, %2, ... in their order.",
    Member("inputs", list_of(_NAME, "The inputs."), optional=True),
    Member("constants", _column(list_of(_NUMBER), "The constants."), optional=True),
    Member("operations", list_of(text("A name."), "The operations that there are.")),
    Member("opcodes", _column(_COUNTS, "The operation of each node: its place in `operations`.")),
    Member(
        "operands",
        _column(
            _COUNTS,
            "The operands of all nodes, one node after another: inputs are numbered first, then "
            "constants, then nodes.",
        ),
    ),
    Member(
        "counts",
        _column(_COUNTS, "How many operands each node has, where it is not the fewest it may."),
        optional=True,
    ),
)
_GRAPH: Final = Record(
    "Graph",
    "A function as nodes, in any order, or as columns: one of the two.",
    Member("nodes", list_of(_GRAPH_NODE, "The nodes."), optional=True),
    Member("columns", _COLUMNS.said("The nodes as columns."), optional=True),
)
_HEALTH: Final = Record(
    "Health",
    "All is well.",
    Member(
        "status",
        Form({"type": "string", "enum": ["ok"], "description": "Always this word."}),
    ),
)
# A list inside a list is left open: few languages have types that contain themselves, and what
# generators make of a schema that does is no type at all.
_ENTRIES: Final = Form({"description": "A number, or a list of such entries again: a row."})

_NUMBERS: Final[Mapping[str, Schema]] = {
    "Name": {
        "type": "string",
        "description": "What a node or an input is called.",
        "minLength": 1,
        "maxLength": Limits().name,
        "pattern": "^[^\\u0000-\\u001f\\u007f-\\u009f]+$",
    },
    "Binary64": {
        "description": "An IEEE 754 binary64 number; one that is not finite is a string.",
        "anyOf": [
            {"type": "number"},
            {"type": "string", "enum": ["NaN", "Infinity", "-Infinity"]},
        ],
    },
    "NestedList": list_of(
        _ENTRIES, "A tensor: rows of equal length and depth, in row-major order."
    ).schema,
    "ResultNumber": {
        "description": "A number of an answer; null for one that is not finite, where the request "
        "says so.",
        "anyOf": [_NUMBER.schema, {"type": "null"}],
    },
    "ResultTensor": {
        "description": "A number or a tensor of an answer.",
        "anyOf": [
            derivatives.NUMBER.schema,
            ref("NestedList").schema,
            _TENSOR_OBJECT.schema,
        ],
    },
    "TensorObject": _TENSOR_OBJECT.component | exactly_one("data", *ENCODINGS),
    "Tensor": {
        "description": "A number or a tensor.",
        "anyOf": [_NUMBER.schema, ref("NestedList").schema, _TENSOR_OBJECT.schema],
    },
    "Operand": {
        "description": "A node's id or an input's name, a constant, or a node in place.",
        "anyOf": [_NAME.schema, ref("Tensor").schema, _GRAPH_NODE.schema],
    },
}
_LINE: Final = Form({"type": "integer", "minimum": 1})
STREAMED: Final = Record(
    "StreamedAnswer",
    "A line of the answer to a stream: `result` where the line of the request was answered, "
    "`problem` where it was not.",
    Member(
        "id",
        Form(
            {
                "type": ["string", "number", "boolean", "null"],
                "description": "The `id` of the line; null if it had none.",
            }
        ),
    ),
    Member("line", _LINE.said("The line of the request, counted from 1, blank ones too.")),
    Member(
        "status",
        Form({"type": "integer", "description": "The status of a request that had sent it alone."}),
    ),
    Member(
        "result",
        Form({"type": "object", "description": "The answer of this address, as to one request."}),
        optional=True,
    ),
    Member("problem", PROBLEM.said("What is wrong."), optional=True),
)
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
    STREAMED,
    _HEALTH,
)


def components() -> dict[str, Schema]:
    """All but those of the messages, by name."""
    return {
        **_NUMBERS,
        **_by_name([_GRAPH_NODE, _COLUMNS, _PACKED_COLUMN]),
        _GRAPH.name: _GRAPH.component | exactly_one("nodes", "columns"),
        **_by_name(_ANSWERS),
        **_by_name(_RECORDS),
        **_by_name([LIMITS, catalogue.CATALOGUE, catalogue.OPERATION, catalogue.ATTRIBUTE]),
        **_by_name(problem_types.PROBLEM_TYPES.parts),
        **_by_name(part for record in _ANSWERS for part in record.parts),
    }


def _by_name(records: Iterable[Record]) -> dict[str, Any]:
    return {record.name: record.component for record in records}
