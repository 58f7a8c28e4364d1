"""Programs: straight-line code over *slots*.

Slots hold the bound inputs, then constants and results in the order they are first needed. Every
shape and the whole cost are known before one number is computed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from autograd_core.errors import Fault, GraphError
from autograd_core.graph import Attributes, Graph, Place
from autograd_core.limits import Limits
from autograd_core.names import quoted
from autograd_core.operations import Elementwise, Primitive
from autograd_core.tensors import Array, Shape


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

    @property
    def traced_slots(self) -> list[int]:
        """The slot of each input, then of each node in evaluation order."""
        return [*self.inputs.values(), *self.node_slots.values()]

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


def require_cost(program: Program, passes: float, limits: Limits, purpose: str = "") -> None:
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
