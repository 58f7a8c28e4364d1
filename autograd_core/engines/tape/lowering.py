"""Graph -> Tape: columns of a graph turned into columns of instructions.

Most nodes become one instruction each, all at once, by array operations. The few that take
several (a sum of many operands, clip) are laid out one by one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from autograd_core.engines import kernel
from autograd_core.engines.kernel.rules import OPCODES, RULES, STEPS
from autograd_core.engines.tape.tape import SLICE, Slots, Tape
from autograd_core.graph import Codes, Graph
from autograd_core.operations.elementwise import TABLE
from autograd_core.tensors import Array

_TWO = 2
# Constant exponents that are multiplications: many times faster than a power.
_WHOLE_POWERS = {2.0: "square", 3.0: "cube"}
# Opcodes whose operands are not simply in a and b, in order.
_ELSEWHERE = tuple(code for code, rule in enumerate(RULES) if rule.sources not in ((0,), (0, 1)))
Places = npt.NDArray[np.int64]


def is_scalar(graph: Graph) -> bool:
    """Whether a graph holds only operations that the tape has, and scalar constants."""
    return STEPS.keys() >= set(graph.operations) and all(
        isinstance(leaf, str | float) for leaf in graph.leaves
    )


def lower(
    graph: Graph, inputs: Mapping[str, int], roots: Sequence[int], apart: Sequence[int] = ()
) -> Tape:
    """The tape that computes the roots (numbers of nodes) of a scalar graph.

    inputs: slot of every bound input, 0, 1, ... apart: nodes whose results somebody may want
    to replace; the instruction that computes one is a run of its own.
    """
    return _Lowering(graph, inputs, roots).tape(apart)


class _Lowering:
    def __init__(self, graph: Graph, inputs: Mapping[str, int], roots: Sequence[int]) -> None:
        self._graph = graph
        self._inputs = inputs
        self._constants: list[float] = []
        self._leaf_slots = np.array([self._leaf(leaf) for leaf in graph.leaves], dtype=np.int32)
        self._attribute_slots = {
            (number, name): self._constant(float(value))
            for number, attributes in graph.attributes.items()
            for name, value in attributes.items()
        }
        self._first = len(inputs) + len(self._constants)
        edges, opcodes = (graph.offsets, graph.operands), self._named()
        needed = kernel.load().order(*edges, np.array(roots, dtype=np.int64), len(graph))
        self._order = kernel.load().schedule(*edges, needed, opcodes)
        self._counts = np.diff(graph.offsets)[self._order]
        self._opcodes = opcodes[self._order]

    def tape(self, apart: Sequence[int]) -> Tape:
        """Lay everything out."""
        chained = self._is(*(steps[0] for name, steps in STEPS.items() if TABLE[name].chained))
        lengths = np.where(chained, self._counts - 1, 1)
        for first, *more in STEPS.values():
            if more:
                lengths[self._is(first)] = 1 + len(more)
        ends = np.cumsum(lengths)
        starts = ends - lengths
        self._node_slots = np.full(len(self._graph), -1, dtype=np.int32)
        self._node_slots[self._order] = self._first + ends - 1
        total = int(ends[-1]) if len(ends) else 0
        self._code = np.zeros(total, dtype=np.uint8)
        self._a, self._b, self._c = (np.zeros(total, dtype=np.uint32) for _ in range(3))
        self._operands = self._slots_of(self._graph.operands)
        single = lengths == 1
        self._lay_out_single(starts[single], np.flatnonzero(single))
        for place in np.flatnonzero(~single).tolist():
            self._lay_out_several(int(starts[place]), int(ends[place]), place)
        opcodes, runs = self._runs(self._node_slots[list(apart)] - self._first)
        return Tape(
            opcodes=opcodes,
            starts=runs,
            a=self._a,
            b=self._b,
            c=self._c,
            first=self._first,
            constants=np.array(self._constants, dtype=np.float64),
            inputs=self._inputs,
            leaf_slots=self._leaf_slots,
            node_slots=self._node_slots,
            nodes=len(self._order),
        )

    def _leaf(self, leaf: str | float | Array) -> int:
        if not isinstance(leaf, str):
            return self._constant(float(leaf))
        slot = self._inputs.get(leaf)
        return self._constant(self._graph.defaults[leaf]) if slot is None else slot

    def _constant(self, value: float) -> int:
        self._constants.append(value)
        return len(self._inputs) + len(self._constants) - 1

    def _named(self) -> npt.NDArray[np.uint8]:
        """The opcode of every node's operation, or of its first step."""
        known = {name: steps[0] for name, steps in STEPS.items()}
        names = self._graph.operations
        return np.fromiter(map(known.__getitem__, names), np.uint8, len(names))

    def _is(self, *opcodes: int) -> npt.NDArray[np.bool_]:
        return np.isin(self._opcodes, opcodes)

    def _slots_of(self, codes: Codes) -> Codes:
        """Operand codes -> slots."""
        slots = np.empty(len(codes), dtype=np.int32)
        nodes = codes >= 0
        slots[nodes] = self._node_slots[codes[nodes]]
        slots[~nodes] = self._leaf_slots[~codes[~nodes]]
        return slots

    def _lay_out_single(self, at: Places, places: Places) -> None:
        """The nodes of one instruction; `places` are positions in evaluation order."""
        opcodes, counts = self._opcodes[places], self._counts[places]
        begin = self._graph.offsets[self._order[places]]
        self._code[at] = opcodes
        self._a[at] = self._operands[begin]
        self._b[at] = self._operands[begin + (counts >= _TWO)]
        for code in _ELSEWHERE:
            if (those := np.flatnonzero(opcodes == code)).size:
                self._fill(code, at[those], places[those], begin[those])
        self._choose_powers(at[opcodes == OPCODES["pow"]])

    def _fill(self, code: int, at: Places, places: Places, begin: Codes) -> None:
        """Put operands and attributes of one operation's nodes where its rule has them."""
        for column, source in zip((self._a, self._b, self._c), RULES[code].sources, strict=False):
            if isinstance(source, int):
                column[at] = self._operands[begin + source]
            else:
                nodes = self._order[places].tolist()
                column[at] = [self._attribute_slots[node, source] for node in nodes]

    def _choose_powers(self, powers: Places) -> None:
        """Constant exponents have no partial along them, and some are multiplications."""
        is_constant = (self._b[powers] >= len(self._inputs)) & (self._b[powers] < self._first)
        powers = powers[is_constant]
        self._code[powers] = OPCODES["pow_constant"]
        exponents = np.array(self._constants)[self._b[powers] - len(self._inputs)]
        for exponent, name in _WHOLE_POWERS.items():
            self._code[powers[exponents == exponent]] = OPCODES[name]

    def _runs(self, apart: Codes) -> tuple[npt.NDArray[np.uint8], Slots]:
        """The opcode of each run and where it starts, the end last. apart: instructions."""
        count = len(self._code)
        begins = np.zeros(count + 1, dtype=bool)
        begins[1:-1] = self._code[1:] != self._code[:-1]
        begins[::SLICE] = True
        begins[-1] = True
        begins[apart] = begins[apart + 1] = True
        starts = np.flatnonzero(begins[:count])
        return self._code[starts], np.append(starts, count).astype(np.uint32)

    def _lay_out_several(self, start: int, end: int, place: int) -> None:
        number = int(self._order[place])
        begin, stop = self._graph.offsets[number : number + 2].tolist()
        operands = self._operands[begin:stop]
        name = self._graph.operations[number]
        steps = STEPS[name]
        self._code[start:end] = steps[0] if len(steps) == 1 else steps
        self._a[start] = operands[0]
        self._a[start + 1 : end] = np.arange(self._first + start, self._first + end - 1)
        self._b[start:end] = operands[1:]
        for attribute in TABLE[name].attributes:  # of a chain: there is room for one, in each link
            self._c[start:end] = self._attribute_slots[number, attribute.name]
