"""Graph -> steps: elementwise operations of at most three operands, on scalars, in order.

Composites are expanded in the rows that they are spelt out in, and operations of any number of
operands in links of two, as a program does it; but nothing here has a shape, and each value is
an expression.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from autograd_core.graph import NO_ATTRIBUTES, Attributes, Graph, evaluation_order
from autograd_core.limits import Deadline, watched
from autograd_core.operations import TABLE, Composite, Elementwise, ShapeError
from autograd_core.symbolic.expressions import Expressions
from autograd_core.symbolic.scalars import CONSTANT_WITH_AXES, on_arrays, refusal

# Of one number, these are that number.
_IDLE_ON_SCALARS: Final = frozenset({"mean", "sum"})


class Step(NamedTuple):
    """slot: of its value. node: of the graph, where it comes from."""

    slot: int
    row: Elementwise
    operands: tuple[int, ...]
    attributes: Attributes
    node: int


class Steps:
    """What computes some outputs of a graph. values: by slot, the expression of its value; slots:
    by operand code. bound: names that are inputs even where the graph has a constant called so.
    """

    def __init__(
        self, graph: Graph, outputs: Iterable[int], expressions: Expressions, bound: frozenset[str]
    ) -> None:
        self.graph = graph
        self.steps: list[Step] = []
        self.values: list[int] = []
        self.slots: dict[int | str, int] = {}
        self.ids: dict[int, str] = {}  # of expressions, as their nodes are called
        self._expressions = expressions
        self._bound = bound
        self._node = 0
        outputs = list(outputs)
        order = evaluation_order(graph, outputs)
        # Inputs in the order of first use: factors are written in the order of their making.
        for leaf in range(len(graph.leaves)):
            if isinstance(graph.leaves[leaf], str):
                self._slot(~leaf)
        for number in watched(order, Deadline.current()):
            self._node = number
            self._append_node(number)
        for code in outputs:
            self._slot(code)

    def _append_node(self, number: int) -> None:
        graph = self.graph
        row = TABLE[graph.operations[number]]
        operands = [self._slot(code) for code in graph.operands_of(number)]
        attributes = graph.attributes.get(number, NO_ATTRIBUTES)
        if isinstance(row, Composite):
            try:
                slot = row.expand(self._emit, operands, [()] * len(operands), attributes)
            except ShapeError:
                raise refusal(graph, number, on_arrays(row.name)) from None
        elif not isinstance(row, Elementwise):
            raise refusal(graph, number, on_arrays(row.name))
        elif row.name == "identity":
            slot = operands[0]
        else:
            links = operands[2:] if row.chained else []
            slot = self._append(row, operands[: len(operands) - len(links)], attributes)
            for operand in watched(links, Deadline.current()):
                slot = self._append(row, [slot, operand], attributes)
        self.slots[number] = slot
        name = graph.ids[number]
        if name is not None:
            self.ids.setdefault(self.values[slot], name)

    def _append(self, row: Elementwise, operands: Sequence[int], attributes: Attributes) -> int:
        values = self.values
        of = [values[slot] for slot in operands]
        known = self._known(row, of)
        values.append(self._expressions.apply(row.name, of, attributes, known))
        slot = len(values) - 1
        self.steps.append(Step(slot, row, tuple(operands), attributes, self._node))
        return slot

    def _known(self, row: Elementwise, operands: Sequence[int]) -> float | None:
        """The number that an operation always gives, as far as that is of use."""
        constants = [self._expressions.constants[each] for each in operands]
        if row.name not in _FOLDED or None in constants:
            return None
        with np.errstate(all="ignore"):
            return float(row.value(list(map(np.asarray, constants)), NO_ATTRIBUTES))

    def _emit(self, operation: str, *operands: Any, **attributes: Any) -> int:
        """The callback of composite operations."""
        slots = [self._constant(each) if isinstance(each, float) else each for each in operands]
        if operation in _IDLE_ON_SCALARS:
            slot: int = slots[0]
            return slot
        row = TABLE[operation]
        if not isinstance(row, Elementwise):
            whole = self.graph.operations[self._node]
            raise refusal(self.graph, self._node, on_arrays(whole))
        return self._append(row, slots, NO_ATTRIBUTES)

    def _slot(self, code: int) -> int:
        slot = self.slots.get(code)
        if slot is None:
            slot = self.slots[code] = self._leaf(code)
        return slot

    def _leaf(self, code: int) -> int:
        leaf = self.graph.leaves[~code]
        if isinstance(leaf, float):
            return self._constant(leaf)
        if not isinstance(leaf, str):
            raise refusal(self.graph, self._node, CONSTANT_WITH_AXES)
        value = None if leaf in self._bound else self.graph.defaults.get(leaf)
        self.values.append(self._expressions.input(leaf, value))
        return len(self.values) - 1

    def _constant(self, value: float) -> int:
        self.values.append(self._expressions.constant(value))
        return len(self.values) - 1


# Operations whose value is known where those of their operands are: exponents, factors.
_FOLDED: Final = frozenset({"add", "sub", "mul", "div", "neg"})
