"""Graph -> Program: pruned to what was asked for, shape-checked and costed.

A program is straight-line code over *slots*. Slots hold the bound inputs, then constants and
results in the order they are first needed. Every shape and the whole cost are known here,
before one number is computed or any memory taken.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from autograd_core.errors import Fault, GraphError
from autograd_core.graph import NO_ATTRIBUTES, Attributes, Graph, Place, evaluation_order
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
from autograd_core.tensors import Array, Shape, size_for_limits, size_in_words


@dataclass(frozen=True, slots=True)
class Instruction:
    """slot = operation(operands). `origin` is the graph node it comes from."""

    slot: int
    operation: Primitive
    operands: tuple[int, ...]
    attributes: Attributes
    origin: int


@dataclass(frozen=True)
class Program:
    """Straight-line code.

    inputs: slot of every binding, 0, 1, ... in order. node_slots: slot of each node that is
    evaluated, by its number, in evaluation order. leaf_slots: of each leaf.
    cost: elementary operations of one run.
    """

    graph: Graph
    inputs: Mapping[str, int]
    instructions: tuple[Instruction, ...]
    shapes: tuple[Shape, ...]
    constants: Mapping[int, Array]
    outputs: tuple[int, ...]
    node_slots: Mapping[int, int]
    leaf_slots: Mapping[int, int]
    cost: int
    instruction_costs: tuple[int, ...] = field(repr=False)

    @cached_property
    def producers(self) -> Mapping[int, Instruction]:
        """The instruction that computes each slot."""
        return {instruction.slot: instruction for instruction in self.instructions}

    @cached_property
    def elements(self) -> int:
        """Numbers in all slots together."""
        return sum(map(math.prod, self.shapes))

    @property
    def largest(self) -> str:
        """The name of the node, or of the input, whose value has the most numbers."""
        slot = max(range(len(self.shapes)), key=lambda slot: math.prod(self.shapes[slot]))
        made_by = self.producers.get(slot)
        if made_by is not None:
            return self.graph.names[made_by.origin]
        return next((name for name, at in self.inputs.items() if at == slot), "a constant")

    @cached_property
    def is_scalar(self) -> bool:
        """Whether every value is a scalar and every operation elementwise."""
        return not any(self.shapes) and all(
            isinstance(instruction.operation, Elementwise) for instruction in self.instructions
        )

    def slot_of(self, target: int | str) -> int:
        """Slot of an operand code that the program needs, or of an input by name."""
        if isinstance(target, str):
            return self.inputs[target]
        return self.node_slots[target] if target >= 0 else self.leaf_slots[~target]

    def place_of(self, instruction: Instruction) -> Place:
        """Where the instruction's node was written."""
        return self.graph.place_of(instruction.origin)

    def downstream(self, sources: Sequence[int]) -> tuple[Instruction, ...]:
        """The instructions whose results depend on the given slots, those slots' own left out."""
        reached = bytearray(len(self.shapes))
        for slot in sources:
            reached[slot] = 1
        dependent = []
        for instruction in self.instructions:
            if not reached[instruction.slot] and any(reached[s] for s in instruction.operands):
                reached[instruction.slot] = 1
                dependent.append(instruction)
        return tuple(dependent)


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
        self._check_size(operation, shape)
        if isinstance(operation, ArrayOperation):
            self._check_workspace(operation, operation.workspace(shapes, shape, attributes))
        self._costs.append(operation.cost(shapes, shape, attributes))
        slot = self._new_slot(shape)
        self._instructions.append(
            Instruction(slot, operation, tuple(operands), attributes, self._node)
        )
        return slot

    def _check_size(self, operation: Primitive, shape: Shape) -> None:
        limits, elements = self._limits, size_for_limits(shape)
        self._elements += elements
        if len(shape) > limits.rank:
            needs = f"a result of rank {len(shape)}, over the limit of {limits.rank} axes"
        elif elements > limits.elements:
            needs = (
                f"a result of shape {list(shape)}, which is {size_in_words(shape)}, over the "
                f"limit of {limits.elements:,} elements in a tensor"
            )
        elif self._elements > limits.total_elements:
            needs = (
                f"more than the {limits.total_elements:,} elements that may be held at once: the "
                f"graph up to here has {self._elements:,}"
            )
        else:
            return
        raise self._fault("limit_exceeded", f"{operation.name} needs {needs}")

    def _check_workspace(self, operation: Primitive, elements: int) -> None:
        if elements > self._limits.elements:
            raise self._fault(
                "limit_exceeded",
                f"{operation.name} needs an intermediate of {elements:,} elements, over the limit "
                f"of {self._limits.elements:,} elements in a tensor",
            )

    def _fault(self, code: str, detail: str) -> GraphError:
        name = self._graph.ids[self._node]
        where = f"node {quoted(name)}: " if name is not None else ""
        return GraphError(self._graph.place_of(self._node).fault(code, where + detail))


def check_cost(program: Program, passes: float, limits: Limits, purpose: str = "") -> None:
    """Raise GraphError if running the program `passes` times over is too much work.

    The fault names the limit, the need, and the node that dominates it, if one does.
    """
    need = math.ceil(program.cost * passes)
    if need <= limits.cost:
        return
    largest = max(range(len(program.instructions)), key=program.instruction_costs.__getitem__)
    instruction = program.instructions[largest]
    share = program.instruction_costs[largest] / program.cost
    detail = (
        f"{purpose or 'this'} needs about {need:.3g} elementary operations, over the limit of "
        f"{limits.cost:.3g}; "
    )
    if share < _DOMINANT:
        detail += f"no part of it dominates the {len(program.instructions):,} operations"
        raise GraphError(Fault("limit_exceeded", detail))
    detail += (
        f"the largest part ({share:.0%}) is {quoted(program.graph.names[instruction.origin])} "
        f"({instruction.operation.name})"
    )
    raise GraphError(program.place_of(instruction).fault("limit_exceeded", detail))


# The share of the whole cost from which a node is worth a caller's attention.
_DOMINANT = 0.1


def _primitive(name: str) -> Primitive:
    operation = TABLE[name]
    if not isinstance(operation, Elementwise | ArrayOperation):
        raise TypeError(f"{name} is not a primitive operation")
    return operation


def _defaults(operation: Primitive) -> dict[str, Any]:
    return {attribute.name: attribute.default for attribute in operation.attributes}
