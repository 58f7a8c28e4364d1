"""Scalar graphs for the tests of sparsity: random ones, shapes of a known pattern, their tapes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import strategies as st

from autograd_core import read_nodes
from autograd_core.derivatives.plan import Question, plan
from autograd_core.engines import kernel
from autograd_core.engines.tape.tape import Tape
from autograd_core.limits import DEFAULT_LIMITS
from autograd_core.operations.elementwise import TABLE

Nodes = list[dict[str, Any]]
# Every operation, those that programs are made of more often.
OPERATIONS = [*TABLE, *["add", "mul", "sub", "div", "pow", "square", "sin", "exp"] * 6]


@dataclass(frozen=True)
class Taped:
    """A graph's tape; the slots of its inputs and of the nodes asked for."""

    tape: Tape
    inputs: np.ndarray
    outputs: np.ndarray

    def products(self, at: Sequence[float], directions: np.ndarray) -> np.ndarray:
        """Hessian-vector products of the first output: directions x inputs."""
        values, gradient = self.tape.filled(np.array(at)), np.empty(len(self.inputs))
        found = np.empty((len(directions), len(self.inputs)))
        kernel.hessian_products(
            *self.tape.columns, values, self.inputs, directions, int(self.outputs[0]),
            self.inputs, gradient, found,
        )  # fmt: skip
        return found

    def tangents(self, at: Sequence[float], directions: np.ndarray) -> np.ndarray:
        """Jacobian-vector products: directions x outputs."""
        tape, count = self.tape, len(self.tape)
        values, pa, pb = tape.filled(np.array(at)), np.empty(count), np.empty(count)
        kernel.forward(*tape.columns, values, pa, pb, 0, len(tape.opcodes))
        found = []
        for direction in directions:
            tangents = np.zeros(len(values))
            tangents[self.inputs] = direction
            kernel.push_forward(*tape.linear_columns, pa, pb, tangents, 0, len(tape.opcodes))
            found.append(tangents[self.outputs])
        return np.array(found).reshape(len(directions), len(self.outputs))

    def adjoints(self, at: Sequence[float], seeds: np.ndarray) -> np.ndarray:
        """Vector-Jacobian products: seeds x inputs. Outputs are all different."""
        tape, count = self.tape, len(self.tape)
        values, pa, pb = tape.filled(np.array(at)), np.empty(count), np.empty(count)
        kernel.forward(*tape.columns, values, pa, pb, 0, len(tape.opcodes))
        found = []
        for seed in seeds:
            adjoints = np.zeros(len(values))
            adjoints[self.outputs] = seed
            kernel.reverse(*tape.linear_columns, pa, pb, adjoints, 0, len(tape.opcodes))
            found.append(adjoints[self.inputs])
        return np.array(found).reshape(len(seeds), len(self.inputs))


def taped(nodes: Nodes, names: Sequence[str], outputs: Sequence[str] | None = None) -> Taped:
    """outputs: by default the last node."""
    graph = read_nodes(nodes, names)
    asked = (nodes[-1]["id"],) if outputs is None else tuple(outputs)
    shapes = ((),) * len(names)
    made = plan(graph, Question(tuple(names), shapes, asked, tuple(names), DEFAULT_LIMITS))
    assert made.tape is not None
    return Taped(made.tape, made.tape_targets, made.tape_roots)


def summed(terms: Nodes) -> Nodes:
    return [*terms, {"id": "f", "op": "add", "args": [term["id"] for term in terms]}]


def named(count: int) -> list[str]:
    return [f"x{k}" for k in range(count)]


def band(count: int, width: int) -> Nodes:
    """The sum of sin(x[i] + ... + x[i + width - 1]): a Hessian of 2*width - 1 diagonals."""
    names = named(count)
    return summed([
        {"id": f"t{i}", "op": "sin", "args": [{"op": "add", "args": names[i : i + width]}]}
        for i in range(count - width + 1)
    ])  # fmt: skip


def arrow(count: int, hub: int) -> Nodes:
    """The sum of x[hub]**x[i], i other than the hub."""
    others = [k for k in range(count) if k != hub]
    return summed([{"id": f"t{k}", "op": "pow", "args": [f"x{hub}", f"x{k}"]} for k in others])


@st.composite
def random_nodes(draw: st.DrawFn, inputs: int = 5, most: int = 14) -> Nodes:
    """Any operation of scalars, on inputs, earlier nodes and constants."""
    names, nodes = named(inputs), []
    for k in range(draw(st.integers(1, most))):
        row = TABLE[draw(st.sampled_from(OPERATIONS))]
        count = draw(st.integers(2, 4)) if row.arity[1] is None else row.arity[0]
        operand = st.one_of(*[st.sampled_from(names)] * 3, st.sampled_from([0.5, 2.0, -1.0, 3.0]))
        nodes.append({"id": f"n{k}", "op": row.name, "args": [draw(operand) for _ in range(count)]})
        names.append(f"n{k}")
    return nodes
