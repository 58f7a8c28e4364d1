"""Random scalar functions, to compare formulas of their derivatives with their gradients."""

from __future__ import annotations

import random
from typing import Final

from autograd_core import Graph, read_nodes
from autograd_core.operations import elementwise

# The derivative of digamma is no formula of the catalogue's operations.
_ROWS: Final = [row for row in elementwise.ROWS if row.name != "digamma"]
_USUAL: Final = (
    *("add", "sub", "mul", "div", "pow", "sin", "cos", "exp", "log", "sqrt", "tanh", "sigmoid"),
    *("relu", "square", "abs", "maximum", "where"),
)


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
    """Numbers for its inputs, of moderate size."""
    rng = random.Random(seed)
    return [
        {
            name: rng.choice([rng.gauss(0, 1), rng.gauss(0, 2), abs(rng.gauss(0, 1)), rng.random()])
            for name in graph.inputs
        }
        for _ in range(count)
    ]
