"""Graph -> Program: pruned to what was asked for, shape-checked and costed.

Every limit is checked here, before one number is computed or any memory taken.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autograd_core.errors import GraphError
from autograd_core.graph import NO_ATTRIBUTES, Attributes, Graph, evaluation_order
from autograd_core.limits import Deadline, Limits, watched, within
from autograd_core.names import quoted
from autograd_core.operations import (
    TABLE,
    ArrayOperation,
    Composite,
    Elementwise,
    Primitive,
    ShapeError,
)
from autograd_core.program import Instruction, Program
from autograd_core.tensors import Array, Shape, size_for_limits, size_in_words


def compile_program(
    graph: Graph,
    shapes: Mapping[str, Shape],
    outputs: Sequence[int | str],
    limits: Limits,
    also: Sequence[int | str] = (),
    deadline: Deadline | None = None,
) -> Program:
    """The program that computes `outputs` (operand codes, or names of unused inputs).

    shapes: of every binding. also: further targets to evaluate, so that they have a slot.
    Raises GraphError: shape_mismatch or limit_exceeded, at the node; and DeadlineExceeded.
    """
    with within(deadline):
        return _Compiler(graph, shapes, limits).compile(outputs, also)


# Between two looks at the clock: the shape rule of an einsum, which looks for the best order,
# may take some hundredths of a second.
_NODES_BETWEEN_LOOKS = 16


class _Compiler:
    def __init__(self, graph: Graph, shapes: Mapping[str, Shape], limits: Limits) -> None:
        self._graph = graph
        self._deadline = Deadline.current()
        self._limits = limits
        self._inputs = {name: slot for slot, name in enumerate(shapes)}
        self._shapes: list[Shape] = list(shapes.values())
        self._constants: dict[int, Array] = {}
        self._instructions: list[Instruction] = []
        self._costs: list[int] = []
        self._node_slots: dict[int, int] = {}
        self._leaf_slots: dict[int, int] = {}
        self._elements = sum(map(size_for_limits, self._shapes))
        self._node = 0  # the graph node being compiled

    def compile(self, outputs: Sequence[int | str], also: Sequence[int | str]) -> Program:
        graph = self._graph
        targets = (*outputs, *also)
        roots = [root for root in targets if isinstance(root, int)]
        order = evaluation_order(graph, roots)
        for number in watched(order, self._deadline, _NODES_BETWEEN_LOOKS):
            self._node = number
            operation = TABLE[graph.operations[number]]
            codes = watched(graph.operands_of(number), self._deadline)
            operands = [self._slot(code) for code in codes]
            attributes = graph.attributes.get(number, NO_ATTRIBUTES)
            try:
                if isinstance(operation, Composite):
                    operand_shapes = [self._shapes[slot] for slot in operands]
                    slot = operation.expand(self._emit, operands, operand_shapes, attributes)
                elif isinstance(operation, Elementwise) and operation.chained:
                    slot = self._chain(operation, operands, attributes)
                else:
                    slot = self._append(_primitive(operation.name), operands, attributes)
            except ShapeError as error:
                raise self._fault("shape_mismatch", str(error)) from None
            self._node_slots[number] = slot
        # A target may be a leaf that no node uses, and gets its slot here.
        slots = [self._target(root) for root in targets]
        return Program(
            graph=graph,
            inputs=self._inputs,
            instructions=tuple(self._instructions),
            shapes=tuple(self._shapes),
            constants=self._constants,
            outputs=tuple(slots[: len(outputs)]),
            node_slots=self._node_slots,
            leaf_slots=self._leaf_slots,
            cost=sum(self._costs),
            instruction_costs=tuple(self._costs),
        )

    def _target(self, target: int | str) -> int:
        return self._inputs[target] if isinstance(target, str) else self._slot(target)

    def _chain(
        self, operation: Elementwise, operands: Sequence[int], attributes: Attributes
    ) -> int:
        """Two operands at a time, so that the reverse sweep stays linear in their number."""
        slot = operands[0]
        for operand in watched(operands[1:], self._deadline):
            slot = self._append(operation, [slot, operand], attributes)
        return slot

    def _slot(self, code: int) -> int:
        if code >= 0:
            return self._node_slots[code]
        slot = self._leaf_slots.get(~code)
        if slot is None:
            leaf = self._graph.leaves[~code]
            if isinstance(leaf, str):
                known = self._inputs.get(leaf)
                slot = self._constant(self._graph.defaults[leaf]) if known is None else known
            else:
                slot = self._constant(leaf)
            self._leaf_slots[~code] = slot
        return slot

    def _constant(self, value: float | Array) -> int:
        array = np.asarray(value, dtype=np.float64)
        slot = self._new_slot(array.shape)
        self._constants[slot] = array[()]
        return slot

    def _new_slot(self, shape: Shape) -> int:
        self._shapes.append(shape)
        return len(self._shapes) - 1

    def _emit(self, operation: str, *operands: Any, **attributes: Any) -> int:
        """The callback of composite operations."""
        slots = [self._constant(x) if isinstance(x, float) else int(x) for x in operands]
        row = _primitive(operation)
        return self._append(row, slots, {**_defaults(row), **attributes})

    def _append(self, operation: Primitive, operands: Sequence[int], attributes: Attributes) -> int:
        shapes = [self._shapes[slot] for slot in operands]
        shape = operation.shape(shapes, attributes)
        workspace = 0
        if isinstance(operation, ArrayOperation):
            workspace = operation.workspace(shapes, shape, attributes)
        excess = self._excess(shape, workspace)
        if excess is not None:
            raise self._fault("limit_exceeded", f"{operation.name} needs {excess}")
        self._costs.append(operation.cost(shapes, shape, attributes))
        slot = self._new_slot(shape)
        self._instructions.append(
            Instruction(slot, operation, tuple(operands), attributes, self._node)
        )
        return slot

    def _excess(self, shape: Shape, workspace: int) -> str | None:
        """What an operation needs beyond the limits, if it does; its result is counted."""
        limits, elements = self._limits, size_for_limits(shape)
        self._elements += elements
        if len(shape) > limits.rank:
            return f"a result of rank {len(shape)}, over the limit of {limits.rank} axes"
        if elements > limits.elements:
            return (
                f"a result of shape {list(shape)}, which is {size_in_words(shape)}, over the "
                f"limit of {limits.elements:,} elements in a tensor"
            )
        if self._elements > limits.total_elements:
            return (
                f"more than the {limits.total_elements:,} elements that may be held at once: the "
                f"graph up to here has {self._elements:,}"
            )
        if workspace > limits.elements:
            return (
                f"an intermediate of {workspace:,} elements, over the limit of "
                f"{limits.elements:,} elements in a tensor"
            )
        return None

    def _fault(self, code: str, detail: str) -> GraphError:
        name = self._graph.ids[self._node]
        where = f"node {quoted(name)}: " if name is not None else ""
        return GraphError(self._graph.place_of(self._node).fault(code, where + detail))


def _primitive(name: str) -> Primitive:
    operation = TABLE[name]
    if not isinstance(operation, Elementwise | ArrayOperation):
        raise TypeError(f"{name} is not a primitive operation")
    return operation


def _defaults(operation: Primitive) -> dict[str, Any]:
    return {attribute.name: attribute.default for attribute in operation.attributes}
