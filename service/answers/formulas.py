"""The answer of /derive: a formula, in every form that it is wanted in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from autograd_core import (
    Fault,
    Graph,
    GraphError,
    format_expression,
    laid_out,
    latex,
    mathjson,
    write_nodes,
)
from service.answers.record import Form, Member, Record, by_name, ref, text


@dataclass(frozen=True)
class Formula:
    """A derivative: as infix text, as a list of nodes with its output, and as others write it."""

    expression: str
    graph: dict[str, Any]
    output: str
    latex: str
    mathjson: Any


def formula_of(graph: Graph, longest: int) -> Formula:
    """The formula of a graph whose result is a node, in all of its forms.

    Raises GraphError (limit_exceeded) if the text has more characters than `longest`, and could
    not be posted.
    """
    # An operation and its operand take a character each, at least.
    if 2 * len(graph) > longest or len(expression := format_expression(laid_out(graph))) > longest:
        detail = (
            f"a derivative of {len(graph):,} operations takes more than the {longest:,} "
            "characters that an expression may have"
        )
        raise GraphError(Fault("limit_exceeded", detail))
    output = str(graph.label(-1 if graph.result is None else graph.result))
    nodes = {"nodes": write_nodes(graph)}
    return Formula(expression, nodes, output, latex(graph), mathjson(graph))


FORMULA: Final = Record(
    "Formula",
    "A derivative as a formula, to be read, or to be posted as a function.",
    Member(
        "expression",
        text("As infix text; what is used more than once has a line of its own, `s1 = sin(x)`."),
    ),
    Member("graph", ref("Graph").said("As nodes.")),
    Member(
        "output",
        text(
            "The node of the graph that is the derivative; of a number or an input alone, its "
            "`identity`."
        ),
    ),
    Member("latex", text("In LaTeX; several lines as an `aligned`.")),
    Member(
        "mathjson",
        Form(
            {
                "anyOf": [{"type": "number"}, {"type": "string"}, {"type": "array", "items": {}}],
                "description": "In MathJSON, with the names of the Cortex Compute Engine.",
            }
        ),
    ),
)
_ONCE: Final = by_name(FORMULA, "By the name that it is derived by.")
_TWICE: Final = by_name(_ONCE, "By the name that it is derived by first.")


def _written(found: Any) -> Any:
    is_first = all(isinstance(each, Formula) for each in found.values())
    form = _ONCE if is_first else _TWICE
    return form.write(found) if form.write is not None else found


DERIVATIVES: Final = Record(
    "DeriveAnswer",
    "The derivatives, as formulas.",
    Member(
        "derivatives",
        Form(
            {
                "anyOf": [_ONCE.schema, _TWICE.schema],
                "description": "By name; of second derivatives, by two names.",
            },
            _written,
            FORMULA.parts,
        ),
    ),
)
