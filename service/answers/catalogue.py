"""The catalogue of operations: a row of the op table as JSON."""

from __future__ import annotations

from operator import itemgetter
from typing import Final

from service.answers.record import Form, Member, Record, count, list_of, text

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
    Member("formula", text("Its value.")),
    Member("derivative", text("Its derivative.")),
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
