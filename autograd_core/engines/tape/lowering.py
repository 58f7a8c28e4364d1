"""Graph -> Tape: columns of a graph turned into columns of instructions, by array operations.

A node becomes one instruction, or a chain of them: a sum of many operands, or clip, whose first
instruction has the first two operands and each other one the result before it and the next.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from autograd_core.engines import kernel
from autograd_core.engines.kernel.rules import OPCODES, RULES, STEPS
from autograd_core.engines.tape.tape import SLICE, Tape
from autograd_core.graph import Graph
from autograd_core.jit.columns import Indices, Opcodes, Operands, Slots
from autograd_core.limits import Deadline, watched
from autograd_core.operations.elementwise import TABLE
from autograd_core.tensors import Array

# The operations that the tape has, numbered: what of each node is held as a column.
_NUMBERS = {name: number for number, name in enumerate(STEPS)}
_CHAINED = np.array([bool(TABLE[name].links) or TABLE[name].chained for name in STEPS])
# The opcodes of a node's first, second, ... and all further instructions.
_LONGEST = max(map(len, STEPS.values()))
_OPCODES = np.array(
    [(*steps, *steps[-1:] * (_LONGEST - len(steps))) for steps in STEPS.values()], dtype=np.uint8
)
# Opcodes whose operands are not simply in a and b, in order.
_ELSEWHERE = [n for n, rule in enumerate(RULES) if rule.sources not in ((0,), (0, 1))]


def is_scalar(graph: Graph) -> bool:
    """Whether a graph holds only operations that the tape has, and scalar constants."""
    return STEPS.keys() >= set(graph.applied.names) and all(
        isinstance(leaf, str | float) for leaf in graph.leaves
    )


def lower(
    graph: Graph,
    inputs: Mapping[str, int],
    roots: Sequence[int],
    apart: Sequence[int] = (),
) -> Tape:
    """The tape that computes the roots (numbers of nodes) of a scalar graph.

    inputs: slot of every bound input, 0, 1, ... apart: nodes whose results somebody may want
    to replace; the instruction that computes one is a run of its own. Raises DeadlineExceeded
    if there is a current deadline.
    """
    return _Lowering(graph, inputs).tape(roots, apart)


class _Lowering:
    def __init__(self, graph: Graph, inputs: Mapping[str, int]) -> None:
        self._graph = graph
        self._inputs = inputs
        self._deadline = Deadline.current()
        self._constants: list[float] = []
        leaves = watched(graph.leaves, self._deadline)
        self._leaf_slots = np.array([self._leaf(leaf) for leaf in leaves], dtype=np.int32)
        self._attribute_slots = {
            (number, name): self._constant(float(value))
            for number, attributes in watched(graph.attributes.items(), self._deadline)
            for name, value in attributes.items()
        }
        self._first = len(inputs) + len(self._constants)

    def tape(self, roots: Sequence[int], apart: Sequence[int]) -> Tape:
        """Lay everything out."""
        graph = self._graph
        applied = graph.applied
        numbers = [_NUMBERS[name] for name in applied.names]
        operations = np.array(numbers, dtype=np.uint8)[applied.codes]
        order = self._ordered(_OPCODES[operations, 0], roots)
        self._look()
        unplaced = np.full(len(graph), -1, dtype=np.int32)
        slots = np.concatenate((unplaced, self._leaf_slots[::-1]))
        edges = graph.offsets, graph.operands
        opcodes, nodes, a, b = kernel.lay_out(
            *edges, order, operations, _CHAINED, _OPCODES.ravel(), slots, self._first
        )
        c = self._place_others(opcodes, nodes, (a, b), slots)
        self._choose_cheaper(opcodes, b)
        node_slots = slots[: len(graph)]
        runs = _runs(opcodes, node_slots[list(apart)] - self._first)
        return Tape(
            opcodes=opcodes[runs[:-1]],
            starts=runs.astype(np.uint32),
            a=a,
            b=b,
            c=c,
            first=self._first,
            constants=np.array(self._constants, dtype=np.float64),
            inputs=self._inputs,
            leaf_slots=self._leaf_slots,
            node_slots=node_slots,
            nodes=len(order),
        )

    def _leaf(self, leaf: str | float | Array) -> int:
        if not isinstance(leaf, str):
            return self._constant(float(leaf))
        slot = self._inputs.get(leaf)
        return self._constant(self._graph.defaults[leaf]) if slot is None else slot

    def _constant(self, value: float) -> int:
        self._constants.append(value)
        return len(self._inputs) + len(self._constants) - 1

    def _ordered(self, opcodes: Opcodes, roots: Sequence[int]) -> Operands:
        """The nodes that are needed, in order."""
        edges = self._graph.offsets, self._graph.operands
        self._look()
        needed = kernel.order(*edges, np.array(roots, dtype=np.int64), len(opcodes))
        self._look()
        return kernel.schedule(*edges, needed, opcodes)

    def _look(self) -> None:
        """Look at the clock, before a step that may take some tenths of a second."""
        if self._deadline is not None:
            self._deadline.check()

    def _place_others(
        self, opcodes: Opcodes, nodes: Operands, ab: tuple[Slots, Slots], slots: Operands
    ) -> Slots:
        """Set the slots a and b of instructions whose operands are elsewhere; those of c."""
        graph = self._graph
        columns = *ab, np.zeros(len(opcodes), dtype=np.uint32)
        for opcode in _ELSEWHERE:
            those = np.flatnonzero(opcodes == opcode)
            for at, source in enumerate(RULES[opcode].sources):
                if isinstance(source, str):
                    of = nodes[those].tolist()
                    columns[at][those] = [self._attribute_slots[node, source] for node in of]
                elif source != at or at > 1:
                    columns[at][those] = slots[graph.operands[graph.offsets[nodes[those]] + source]]
        return columns[2]

    def _choose_cheaper(self, opcodes: Opcodes, b: Slots) -> None:
        """Give the nodes whose last operand is a constant the rows that say the same for less."""
        constant = (b >= len(self._inputs)) & (b < self._first)
        for row in TABLE.values():
            if row.if_constant:
                those = np.flatnonzero(constant & (opcodes == OPCODES[row.name]))
                numbers = np.array(self._constants)[b[those] - len(self._inputs)]
                for number, name in row.if_constant:
                    chosen = those if number is None else those[numbers == number]
                    opcodes[chosen] = OPCODES[name]


def _runs(opcodes: Opcodes, apart: Operands) -> Indices:
    """Where each run of one opcode starts, and the end. apart: instructions that are one each."""
    count = len(opcodes)
    begins = np.zeros(count + 1, dtype=bool)
    begins[1:-1] = opcodes[1:] != opcodes[:-1]
    begins[::SLICE] = True
    begins[-1] = True
    begins[apart] = begins[apart + 1] = True
    return np.flatnonzero(begins)
