"""Where a function may stop being smooth: what its operations ask of their operands, as functions.

A guard is a number that an operation needs to be positive (log, sqrt, ...), or other than 0 where
there is a pole, a kink or a jump. Guards tell where to look, and nothing else: whether a function
is defined at a point, the function itself says.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from math import pi
from typing import Final

import numpy as np
import numpy.typing as npt

from autograd_core import Array, Graph, GraphBuilder, catalogue, evaluate, parse
from service.grading.graphs import moved_by, needed, splice, splice_result
from service.grading.reference import Reference

# What must not be 0, of the operands x, y and w of an operation. What must be positive is what the
# catalogue says of domains.
_NONZERO: Final[Mapping[str, Sequence[str]]] = {
    "div": ("y",),
    "reciprocal": ("x",),
    "cbrt": ("x",),
    "tan": ("cos(x)",),
    "gammaln": (f"sin({pi}*x)",),
    "digamma": (f"sin({pi}*x)",),
    **dict.fromkeys(("abs", "sign", "relu", "leaky_relu", "elu"), ("x",)),
    "floor": (f"sin({pi}*x)",),
    "ceil": (f"sin({pi}*x)",),
    "round": (f"cos({pi}*x)",),
    "mod": (f"sin({pi}*x/y)",),
    "copysign": ("x", "y"),
    "clip": ("x - y", "x - w"),
    **dict.fromkeys(("maximum", "minimum", "gt", "ge", "lt", "le", "eq", "ne"), ("x - y",)),
    **dict.fromkeys(("logical_not", "logical_and", "logical_or"), ("x",)),
}
_MOST: Final = 48
_COMPARISON: Final = re.compile("(<=?|>=?|!=)")


def _of_domain(domain: str) -> Iterator[tuple[str, bool]]:
    """-1 <= x <= 1 as what must be positive, x - (-1) and 1 - (x); x != 0 as what must not be 0."""
    left, *rest = map(str.strip, _COMPARISON.split(domain))
    for sign, right in zip(rest[::2], rest[1::2], strict=True):
        formula = f"{right} - ({left})" if sign[0] == "<" else f"{left} - ({right})"
        yield formula, sign != "!="
        left = right


# By operation: formulas of its operands, and whether they must be positive.
_RULES: Final[Mapping[str, Sequence[tuple[Graph, bool]]]] = {
    name: [
        *((parse(text), positive) for text, positive in _of_domain(row.domain or "")),
        *((parse(text), False) for text in _NONZERO.get(name, ())),
    ]
    for name, row in catalogue.items()
}
_POSITIVE_BASE: Final = ((parse("x"), True),)
_NUMBER, _SMALLEST = parse("identity(x)"), parse("min(x)")
_NONZERO_BASE: Final = ((parse("x"), False),)


@dataclass(frozen=True)
class Guards:
    """Guards of a function. positive: of each, whether it must be positive, or just not 0."""

    graph: Graph
    names: Sequence[str]
    positive: npt.NDArray[np.bool_]

    def at(self, reference: Reference, points: Mapping[str, Array]) -> Array:
        """Their values: guards x points."""
        values = evaluate(
            self.graph,
            {**reference.bindings, **points},
            outputs=self.names,
            mapped=list(points),
            limits=reference.limits,
            deadline=reference.deadline,
        ).values
        return np.array([values[name] for name in self.names])


def guards_of(reference: Reference, variables: Collection[str]) -> Guards | None:
    """The guards that move with some variables, so many as are looked at; None if there are none.

    That of a tensor is its smallest entry.
    """
    graph, builder = reference.graph, GraphBuilder(reference.graph.defaults)
    became = splice(builder, graph, {})
    used, moved = needed(graph, reference.root), moved_by(graph, variables)
    whole = _NUMBER if reference.is_scalar else _SMALLEST
    found: dict[tuple[Graph, tuple[int, ...]], bool] = {}
    for number in (n for n in range(len(graph)) if used[n] and n in moved):
        codes = tuple(became[code] for code in graph.operands_of(number))
        for formula, positive in _rules(reference, number, moved):
            found.setdefault((formula, codes), positive)
    chosen = list(islice(found.items(), _MOST))
    names = [f"guard {place}" for place in range(len(chosen))]
    for name, ((formula, codes), _) in zip(names, chosen, strict=True):
        code = splice_result(builder, formula, dict(zip("xyw", codes, strict=False)))
        builder.rename(splice_result(builder, whole, {"x": code}), name)
    must = np.array([positive for _, positive in chosen], dtype=bool)
    return Guards(builder.build(), names, must) if names else None


def _rules(
    reference: Reference, number: int, moved: Collection[int]
) -> Sequence[tuple[Graph, bool]]:
    graph = reference.graph
    operation = graph.operations[number]
    if operation != "pow":
        return _RULES[operation]
    base, exponent = graph.operands_of(number)
    if base not in moved:
        return ()
    powers = None if exponent in moved else reference.constant(exponent)
    if powers is None or (powers != np.round(powers)).any():
        return _POSITIVE_BASE
    return _NONZERO_BASE if (powers < 0).any() else ()
