"""The functions that are measured, each as plain data that every contestant is built from."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

# The function that every introduction to backpropagation starts with.
LESSON: dict[str, Any] = {
    "graph": {
        "nodes": [
            {"id": "e", "op": "mul", "args": ["a", "b"]},
            {"id": "d", "op": "add", "args": ["e", "c"]},
        ]
    },
    "bindings": {"a": 2.0, "b": -3.0, "c": 10.0},
    "output": "d",
}

Nodes = list[dict[str, Any]]
Numbers = dict[str, float]

# How large a result can be, given how large its operands can be: for every operation of the
# mixture. All of them are micrograd's, or of the lectures that it comes from.
BOUNDS: dict[str, Callable[[float, float], float]] = {
    "add": lambda x, y: x + y,
    "mul": lambda x, y: x * y,
    "relu": lambda x, _: x,
    "tanh": lambda x, _: min(x, 1.0),
    "exp": lambda x, _: math.exp(x),
    "square": lambda x, _: x * x,
    "cube": lambda x, _: x * x * x,
    "eighth": lambda x, _: x / 8,
}
WEIGHTS = {"add": 8, "mul": 8, "relu": 2, "tanh": 2, "exp": 1, "square": 1, "cube": 1}
LARGEST = 8.0
STEPS_PER_INPUT = 50


@dataclass(frozen=True)
class ScalarGraph:
    """A function of `inputs` numbers in straight-line code over slots.

    Slots are the inputs, then one result for each step (operation, left, right); an operation
    of one operand has it on both sides. The last result is the output and needs every step.
    """

    inputs: int
    steps: tuple[tuple[str, int, int], ...]

    def name(self, slot: int) -> str:
        """What a slot is called."""
        return f"x{slot}" if slot < self.inputs else f"n{slot - self.inputs}"

    def nodes(self) -> Nodes:
        """The function as the service reads it."""
        return [{"id": f"n{number}", **self._node(*step)} for number, step in enumerate(self.steps)]

    def numbers(self, seed: int) -> list[float]:
        """A number between -1 and 1 for each input."""
        source = random.Random(seed)
        return [source.uniform(-1.0, 1.0) for _ in range(self.inputs)]

    def bindings(self, seed: int) -> Numbers:
        """The same numbers, by name."""
        return {self.name(slot): number for slot, number in enumerate(self.numbers(seed))}

    def body(self, seed: int) -> bytes:
        """The whole as the body of a request."""
        return orjson.dumps({"graph": {"nodes": self.nodes()}, "bindings": self.bindings(seed)})

    def _node(self, operation: str, left: int, right: int) -> dict[str, Any]:
        x, y = self.name(left), self.name(right)
        if operation in {"add", "mul"}:
            return {"op": operation, "args": [x, y]}
        if operation in {"square", "cube"}:
            return {"op": "pow", "args": [x, 2 if operation == "square" else 3]}
        if operation == "eighth":
            return {"op": "mul", "args": [x, 0.125]}
        return {"op": operation, "args": [x]}


def mixed(nodes: int, seed: int = 0) -> ScalarGraph:
    """A random mixture of operations in which every node matters and nothing overflows.

    Each step replaces one of the running values (at first the inputs) by a result computed
    from it; in the end all are added up. The bound on each value is known, and it is divided by 8
    where it would pass LARGEST.
    """
    inputs = max(2, nodes // STEPS_PER_INPUT)
    source = random.Random(seed)
    choices, weights = list(WEIGHTS), list(WEIGHTS.values())
    slots = list(range(inputs))
    bounds = [1.0] * inputs
    steps: list[tuple[str, int, int]] = []
    for _ in range(nodes - inputs + 1):
        here, there = source.randrange(inputs), source.randrange(inputs)
        (operation,) = source.choices(choices, weights)
        bound = BOUNDS[operation](bounds[here], bounds[there])
        if bound > LARGEST:
            operation, bound = "eighth", bounds[here] / 8
        right = there if operation in {"add", "mul"} else here
        steps.append((operation, slots[here], slots[right]))
        slots[here], bounds[here] = inputs + len(steps) - 1, bound
    total = slots[0]
    for slot in slots[1:]:
        steps.append(("add", total, slot))
        total = inputs + len(steps) - 1
    return ScalarGraph(inputs, tuple(steps))


# --- shapes to grow


def chain(size: int) -> tuple[Nodes, Numbers]:
    """Each node uses the one before: as deep as it is long."""
    names = [f"x{k}" for k in range(8)]
    nodes = [
        {"id": f"n{k}", "op": "sub", "args": [names[k % 8], f"n{k - 1}" if k else "x7"]}
        for k in range(size)
    ]
    return nodes, {name: 0.25 * k for k, name in enumerate(names)}


def tree(size: int) -> tuple[Nodes, Numbers]:
    """A balanced binary tree, the output on top; its leaves are a thousand inputs."""

    def operand(k: int) -> str:
        return f"n{k}" if k < size else f"x{k % 1000}"

    nodes = [
        {"id": f"n{k}", "op": "add", "args": [operand(2 * k + 1), operand(2 * k + 2)]}
        for k in reversed(range(size))
    ]
    return nodes, {f"x{k}": 1e-3 * k for k in range(1000)}


def wide(size: int) -> tuple[Nodes, Numbers]:
    """One input feeds every node but the last, which adds them all up."""
    layer: Nodes = [
        {"id": f"n{k}", "op": "mul", "args": ["x", "w" if k % 2 else "v"]} for k in range(size - 1)
    ]
    total = {"id": "total", "op": "add", "args": [node["id"] for node in layer]}
    return [*layer, total], {"x": 0.5, "w": 1.5, "v": -1.25}


def ladder(size: int) -> tuple[Nodes, Numbers]:
    """Diamonds in a row: two ways through each, so 2**(size/3) paths from end to end."""
    nodes: Nodes = []
    top = "x"
    for k in range(size // 3):
        nodes += [
            {"id": f"l{k}", "op": "mul", "args": [top, 0.5]},
            {"id": f"r{k}", "op": "sub", "args": [top, f"l{k}"]},
            {"id": f"t{k}", "op": "add", "args": [f"l{k}", f"r{k}"]},
        ]
        top = f"t{k}"
    return nodes, {"x": 1.5}


SHAPES: dict[str, Callable[[int], tuple[Nodes, Numbers]]] = {
    "chain": chain,
    "tree": tree,
    "wide layer": wide,
    "diamond ladder": ladder,
}
