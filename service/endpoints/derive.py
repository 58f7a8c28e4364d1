"""POST /derive: the derivative itself as a function, for graphs of scalars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from autograd_core import Deadline, Graph, Limits, derive, derive_twice
from service.answers.formulas import DERIVATIVES, Formula, formula_of
from service.endpoints.endpoint import Endpoint, Example
from service.messages.fields import Count, Names
from service.messages.function import GraphField
from service.messages.members import OUTPUT
from service.messages.message import FunctionSchema


class DeriveSchema(FunctionSchema):
    """A function, with an output, `wrt` and `order`; of its bindings only the names matter."""

    graph = GraphField(
        "The function as a list of nodes, in any order. Exactly one of `graph` and `expression`. "
        "Names may be left unbound.",
        free=True,
    )
    output = OUTPUT
    wrt = Names(
        "Inputs or nodes to derive by; every bound input, if left out, or every input, where "
        "nothing is bound. For second derivatives, inputs."
    )
    order = Count("1 for derivatives, 2 for second derivatives.", most=2)


@dataclass(frozen=True)
class _Derived:
    """derivatives: formulas by name, or by two names. No number is computed: nothing to warn of."""

    derivatives: Mapping[str, Any]
    warnings: tuple[()] = ()


def _derive(
    graph: Graph,
    *,
    bindings: Mapping[str, Any],
    wrt: Sequence[str] | None = None,
    output: str | None = None,
    order: int = 1,
    limits: Limits,
    deadline: Deadline,
) -> _Derived:
    asked: dict[str, Any] = {"output": output, "bound": tuple(bindings)}
    asked |= {"limits": limits, "deadline": deadline}
    known: dict[int, Formula] = {}  # a graph may be there many times: by x and y, and by y and x

    def formulas(graphs: Mapping[str, Graph]) -> dict[str, Formula]:
        for made in graphs.values():
            if id(made) not in known:
                known[id(made)] = formula_of(made, limits.expression)
        return {name: known[id(made)] for name, made in graphs.items()}

    if order == 1:
        return _Derived(formulas(derive(graph, wrt, **asked)))
    twice = derive_twice(graph, wrt, **asked)
    return _Derived({name: formulas(row) for name, row in twice.items()})


ENDPOINT: Final = Endpoint(
    name="derive",
    title="Derivatives as formulas",
    schema=DeriveSchema,
    function=_derive,
    record=DERIVATIVES,
    examples={
        "polynomial": Example(
            "The derivative of a polynomial",
            {"expression": "3*x**2 - 4*x + 5"},
            {
                "derivatives": {
                    "x": {
                        "expression": "6*x - 4",
                        "graph": {
                            "nodes": [
                                {"id": "%1", "op": "mul", "args": [6.0, "x"]},
                                {"id": "%2", "op": "sub", "args": ["%1", 4.0]},
                            ]
                        },
                        "output": "%2",
                        "latex": "6 x - 4",
                        "mathjson": ["Subtract", ["Multiply", 6, "x"], 4],
                    }
                }
            },
        ),
        "second order": Example(
            "A second derivative, by one of two inputs",
            {"expression": "x**3*y", "wrt": ["x"], "order": 2},
            {
                "derivatives": {
                    "x": {
                        "x": {
                            "expression": "6*x*y",
                            "graph": {
                                "nodes": [
                                    {"id": "%1", "op": "mul", "args": [6.0, "x"]},
                                    {"id": "%2", "op": "mul", "args": ["%1", "y"]},
                                ]
                            },
                            "output": "%2",
                            "latex": "6 x y",
                            "mathjson": ["Multiply", 6, "x", "y"],
                        }
                    }
                }
            },
        ),
    },
)
