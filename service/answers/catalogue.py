"""The catalogue of operations: a row of the op table as JSON."""

from __future__ import annotations

from operator import itemgetter
from typing import Final

from autograd_core import describe
from service.answers.record import Form, Member, Record, by_name, count, list_of, text

ATTRIBUTE: Final = Record(
    "Attribute",
    "An attribute that an operation takes.",
    Member("name", text("Its name.")),
    Member("description", text("What it is for."), "doc"),
    Member("required", Form({"type": "boolean", "description": "Whether it has to be given."})),
    Member("default", Form({"description": "What it is if left out."})),
    Member(
        "schema",
        Form({"type": "object", "description": "What it may be, as JSON Schema."}),
        "kind.schema",
    ),
)
_ARITY: Final = Record(
    "Arity",
    "How many operands it takes; a maximum of null is any number.",
    Member("min", count("At least."), itemgetter(0)),
    Member(
        "max",
        Form({"type": ["integer", "null"], "description": "At most; null for any number."}),
        itemgetter(1),
    ),
)
OPERATION: Final = Record(
    "Operation",
    "One operation.",
    Member("name", text("Its name.")),
    Member("aliases", list_of(Form({"type": "string"}), "Other names it goes by.")),
    Member("category", text("What kind of operation it is.")),
    Member("description", text("What it computes."), "doc"),
    Member("arity", Form(_ARITY.component, _ARITY.written)),
    Member("attributes", list_of(ATTRIBUTE, "What it takes beside operands.")),
    Member("example", text("A call of it, as infix text."), lambda row: describe(row).example),
    Member(
        "formula",
        text(
            "Its value as infix text, over the operands x, y, w and its attributes by name; those "
            "that are not there are at their defaults, and those that it needs are an example's."
        ),
        lambda row: describe(row).formula,
    ),
    Member(
        "derivatives",
        by_name(
            Form({"type": "string"}),
            "Of an elementwise operation, its derivative by each operand as infix text, where that "
            "is a formula of operations.",
        ),
        lambda row: describe(row).derivatives,
    ),
    Member(
        "tangent",
        text(
            "Of an operation on arrays, what a change dx of x, dy of y makes of its value (/jvp "
            "with these as tangents), as infix text; otherwise empty."
        ),
        lambda row: describe(row).tangent,
    ),
    Member(
        "derivative", text("Its derivative, for a reader."), lambda row: describe(row).derivative
    ),
    Member("domain", text("Where it is defined; empty for everywhere.")),
    Member("conventions", text("What is chosen at kinks and edges.")),
)
CATALOGUE: Final = Record(
    "Catalogue",
    "All operations.",
    Member(
        "operations", list_of(OPERATION, "One entry an operation."), lambda table: table.values()
    ),
)
