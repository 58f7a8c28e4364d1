"""Derivatives as formulas against the gradient, on random functions of all elementwise operations.

A formula is written as text, which is parsed again, and as nodes, which are read again; both have
to give the gradient's numbers, and the text may be no longer than a few times the graph.
"""

from __future__ import annotations

import math
import random
import re
import statistics
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from autograd_core import (
    Graph,
    derive,
    evaluate,
    format_expression,
    gradient,
    laid_out,
    parse,
    read_nodes,
    write_nodes,
)
from autograd_core.operations import elementwise
from benchmarks.harness import Row, judged

FUNCTIONS, FEW, POINTS = 2_000, 20, 10
NEAR, LONG = 1e-12, 5.0
_TOKEN: Final = re.compile(r"\w+|\*\*|[^\s\w]")
# The derivative of digamma is no formula of the catalogue's operations.
_ROWS: Final = [row for row in elementwise.ROWS if row.name != "digamma"]
_USUAL: Final = (
    *("add", "sub", "mul", "div", "pow", "sin", "cos", "exp", "log", "sqrt", "tanh", "sigmoid"),
    *("relu", "square", "abs", "maximum", "where"),
)


@dataclass(frozen=True)
class Compared:
    """A derivative at a point: of the gradient, of the text, of the nodes. bound: of the
    gradient's own rounding error. warned: whether the gradient met what is not finite.
    """

    expected: float
    of_text: float
    of_nodes: float
    bound: float
    warned: bool

    @property
    def error(self) -> float:
        """The larger relative error of the two; 0 where it may be the gradient's rounding alone,
        as where terms cancel.
        """
        worst = max(abs(found - self.expected) for found in (self.of_text, self.of_nodes))
        if worst <= 2 * self.bound:
            return 0.0
        return worst / abs(self.expected) if self.expected else math.inf

    @property
    def is_number(self) -> bool:
        """Whether the formula has a value at all."""
        return math.isfinite(self.of_text) and math.isfinite(self.of_nodes)


def measure(*, quick: bool) -> Iterator[Row]:
    """Two rows: the largest error, and the longest text for its graph."""
    functions = [random_function(seed) for seed in range(FEW if quick else FUNCTIONS)]
    found = [each for seed, graph in enumerate(functions) for each in compared(graph, seed)]
    numbers = [each for each in found if each.is_number]
    figures = (
        f"{len(found):,} derivatives at points, at {len(found) - len(numbers):,} of which a 0 that "
        "was computed stopped something infinite, which no formula says"
    )
    worst = max(each.error for each in numbers)
    what = "formulas: relative error beyond rounding"
    yield judged(what, f"at most {NEAR:g}", worst, figures, at_most=NEAR, form="{:.2g}")
    ratios = [each for graph in functions for each in lengths(graph)]
    figures = f"median {statistics.median(ratios):.2f}"
    what = "formulas: tokens for each node and edge"
    yield judged(what, f"at most {LONG:g}", max(ratios), figures, at_most=LONG, form="{:.2f}")


def compared(graph: Graph, seed: int) -> Iterator[Compared]:
    """The derivatives by every input at some points, where the gradient is finite."""
    derivatives = derive(graph, output="out")
    texts = {name: parse(written(found)) for name, found in derivatives.items()}
    lists = {name: read_nodes(write_nodes(found)) for name, found in derivatives.items()}
    for point in random_points(graph, seed, POINTS):
        result = gradient(graph, point, output="out", rounding=True)
        if result.rounding is None:
            raise TypeError("rounding was asked for")
        for name, expected in result.gradients.items():
            if math.isfinite(float(expected)):
                last = derivatives[name].names[-1]
                yield Compared(
                    float(expected),
                    value(texts[name], point),
                    value(lists[name], point, last),
                    float(result.rounding.gradients[name]),
                    bool(result.warnings),
                )


def lengths(graph: Graph) -> Iterator[float]:
    """Tokens of each derivative for each of its graph's nodes and edges."""
    for found in derive(graph, output="out").values():
        yield len(_TOKEN.findall(written(found))) / (len(found) + len(found.operands))


def written(graph: Graph) -> str:
    """A formula as text."""
    return format_expression(laid_out(graph))


def value(graph: Graph, point: Mapping[str, float], output: str | None = None) -> float:
    """The number that a graph computes."""
    found = evaluate(graph, point, outputs=None if output is None else [output])
    (number,) = found.values.values()
    return float(number)


def random_function(seed: int) -> Graph:
    """A graph of 3 to 14 operations on x, y and z, of all elementwise ones; its output is `out`."""
    rng = random.Random(seed)
    names, nodes = ["x", "y", "z"], []
    for number in range(rng.randrange(2, 14)):
        usual = rng.random() < 0.5
        row = elementwise.TABLE[rng.choice(_USUAL)] if usual else rng.choice(_ROWS)
        count = row.arity[0] + (rng.randrange(2) if row.arity[1] is None else 0)
        operands: list[object] = [rng.choice(names[-6:]) for _ in range(count)]
        if rng.random() < 0.25:
            operands[-1] = rng.choice([0.5, -2, 2, 3, 1, 0.25, 3.25])
        nodes.append({"id": f"n{number}", "op": row.name, "args": operands})
        names.append(f"n{number}")
    nodes.append({"id": "out", "op": "add", "args": names[-3:]})
    return read_nodes(nodes)


def random_points(graph: Graph, seed: int, count: int) -> list[dict[str, float]]:
    """Numbers of moderate size for its inputs."""
    rng = random.Random(seed)
    return [
        {
            name: rng.choice([rng.gauss(0, 1), rng.gauss(0, 2), abs(rng.gauss(0, 1)), rng.random()])
            for name in graph.inputs
        }
        for _ in range(count)
    ]
