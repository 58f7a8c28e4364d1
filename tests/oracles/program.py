"""How programs of several operations are written down.

`Program` writes a graph by calls: `p("tanh", p("matmul", "X", "W"))`. A string is an input or
an earlier node, anything else a constant; the last call is the output.
"""

from typing import Any

import numpy as np

Bindings = dict[str, Any]
Random = np.random.Generator
Built = tuple["Program", Bindings]


class Program:
    def __init__(self) -> None:
        self.nodes: list[dict[str, Any]] = []

    def __call__(self, op: str, *args: Any, **attrs: Any) -> str:
        node = {"id": f"n{len(self.nodes) + 1}", "op": op, "args": list(args)}
        self.nodes.append(node | ({"attrs": attrs} if attrs else {}))
        return str(node["id"])


def normal(rng: Random, *shape: int) -> Any:
    return np.round(rng.normal(size=shape), 3) + 0.0


def dense(p: Program, x: str, weights: str, bias: str) -> str:
    return p("add", p("matmul", x, weights), bias)
