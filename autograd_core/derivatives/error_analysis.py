"""What rounding does to the numbers that a program computes, to first order.

Each node's value is off by its own rounding, and that moves the output by as much times the
output's adjoint at the node: the sum of these, in absolute values, bounds the error of the value
(F. L. Bauer, "Computational graphs and rounding error", SIAM J. Numer. Anal. 11 (1974); W. Miller
and D. Spooner, "Software for roundoff analysis" (1978)).

A gradient is itself computed, and is off for two reasons. The values that it is computed from are:
each moves it by its rounding times a second derivative, by the node and by the input. And every
local partial, product and sum of the reverse sweep is rounded: that moves the adjoint of an
operand, and the gradient by as much times the tangent of that operand along the input.

First order is not enough where little is left of a number but rounding, as of 1 - cos(x) at 1e-8:
a function of it bends, or is decided by it (relu, a comparison, floor). In a program of scalars
what is left out counts as well, see perturbed.py; among tensors decisions are taken as they fell.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np

from autograd_core.derivatives.perturbed import Perturbed
from autograd_core.engines.activity import leading_to, reached_by
from autograd_core.engines.linearisation import Interior, Parts
from autograd_core.limits import Deadline, watched, within
from autograd_core.operations import Elementwise
from autograd_core.operations.broadcasting import unbroadcast
from autograd_core.operations.rounded import HALF, UNIT, ulps
from autograd_core.operations.strong_zeros import strong_product
from autograd_core.program import Instruction
from autograd_core.tensors import Array

Errors = Mapping[int, Array | float]
# Instructions looked at in all, to find out more of errors that seem to be large.
_MOST_STEPS = 20_000


class Analysed:
    """A linearised program, and the error that each of its values has by its own rounding.

    wanted: the slots whose adjoints matter: the targets, and whatever is computed.
    """

    def __init__(self, at: Interior, deadline: Deadline | None) -> None:
        self._at = at
        self._deadline = deadline
        self._instructions = at.program.instructions
        self.wanted = sorted({*at.targets, *(each.slot for each in self._instructions)})
        self._lanes = at.program.is_scalar  # else arrays are tensors, whose entries are added up
        # By slot, where there are any: errors of results by their own rounding; and, in programs
        # of scalars, by all roundings so far; of partials, by slot and operand, beyond first order.
        self._own: dict[int, Array | float] = {}
        self._whole: dict[int, Array] = {}
        self._partials: dict[tuple[int, int], Array | float] = {}
        self._decides = any(
            isinstance(each.operation, Elementwise) and each.operation.is_piecewise_linear
            for each in self._instructions
        )
        self._closer: set[int] = set()
        self._looks = _MOST_STEPS // (len(self._instructions) + 1)
        with np.errstate(all="ignore"), within(deadline):
            for each in watched(self._instructions, deadline, steps=1):
                self._look_at(each)

    def of_value(self, cotangents: Mapping[int, Array]) -> Array:
        """The bound for an output, from its adjoints."""
        return _known(self._weighed(self._own, cotangents))

    def of_gradient(
        self, seeds: Parts, adjoints: Mapping[int, Array], of_adjoints: Errors
    ) -> Array:
        """The bound for the derivative of the output along a direction of the targets."""
        tangents = self._at.tangents(seeds)
        moved = self._at.adjoint_tangents(adjoints, tangents, self.wanted)
        by_values = self._weighed(self._own, moved)
        return _known(by_values + self._weighed(of_adjoints, tangents))

    def of_adjoints(self, adjoints: Mapping[int, Array]) -> Errors:
        """By slot, how far its adjoint may be off by the roundings where it is added up."""
        active, leading, _ = leading_to(self._at.program, self.wanted, self._deadline)
        edges = [
            (each, index)
            for each in reversed(leading)
            if each.slot in adjoints
            for index in reached_by(each, active)
        ]
        arriving = Counter(each.operands[index] for each, index in edges)
        errors: dict[int, Array | float] = {}
        with np.errstate(all="ignore"), within(self._deadline):
            for each, index in watched(edges, self._deadline, steps=1):
                slot = each.operands[index]
                error = self._of_contribution(each, index, adjoints[each.slot], arriving[slot] - 1)
                errors[slot] = errors.get(slot, 0.0) + error
        return errors

    def _of_contribution(
        self, instruction: Instruction, index: int, adjoint: Array, additions: int
    ) -> Array | float:
        """The error of what an instruction adds to the adjoint of an operand, in its shape.

        additions: how often the sum is rounded, at the cost of each of its terms.
        """
        operation, attributes = instruction.operation, instruction.attributes
        operands, result = self._operands(instruction), self._at.slots[instruction.slot]
        error = self._own.get(instruction.slot, 0.0)
        if not isinstance(operation, Elementwise):
            own = operation.vjp_error(index, adjoint, operands, result, error, attributes)
            if not additions:
                return own
            sent = operation.vjp(index, adjoint, operands, result, attributes)
            return own + additions * UNIT * np.abs(sent)
        partial = operation.partial(index, operands, result, attributes)
        moved = operation.partial_error(index, operands, result, error, attributes)
        moved = moved + self._partials.get((instruction.slot, index), 0.0)
        sent = strong_product(adjoint, partial)
        own = strong_product(np.abs(adjoint), np.asarray(moved))
        if not operation.is_free(index):
            alone = np.equal(np.abs(adjoint), 1) | np.equal(np.abs(partial), 1)
            own = own + np.where(alone, 0.0, ulps(sent, HALF, adjoint, partial))
        if self._lanes:
            return own + additions * UNIT * np.abs(sent)
        additions += np.size(sent) // max(1, np.size(operands[index])) - 1
        own = np.broadcast_to(own + additions * UNIT * np.abs(sent), np.shape(sent))
        return unbroadcast(own, np.shape(operands[index]))

    def _operands(self, instruction: Instruction) -> list[Array]:
        return [self._at.slots[slot] for slot in instruction.operands]

    def _look_at(self, instruction: Instruction) -> None:
        """Find the error of a result, by its own rounding and by all."""
        operation, slot = instruction.operation, instruction.slot
        operands, result = self._operands(instruction), self._at.slots[slot]
        own = operation.value_error(operands, result, instruction.attributes)
        if self._lanes and isinstance(operation, Elementwise):
            node = self._perturbed(operation, instruction)
            if node.is_coarse(own):
                self._look_closer(instruction)
                node = self._perturbed(operation, instruction)
            if node.is_coarse(own):
                remainder, partials = node.remainder()
                own = own + remainder
                self._partials.update({(slot, at): each for at, each in partials.items()})
            whole = own + node.carried()
            if self._decides and not isinstance(whole, float):
                whole = np.where(node.is_exact(), 0.0, whole)
            if np.any(whole):
                self._whole[slot] = _known(whole)
        if np.any(own):
            self._own[slot] = own

    def _perturbed(self, operation: Elementwise, instruction: Instruction) -> Perturbed:
        slots = self._at.slots
        errors = {  # what comes of an operand that is not finite is no matter of small errors
            index: np.where(np.isfinite(slots[slot]), self._whole[slot], 0.0)
            for index, slot in enumerate(instruction.operands)
            if slot in self._whole
        }
        return Perturbed(operation, instruction, slots, errors)

    def _look_closer(self, instruction: Instruction) -> None:
        """Bound the errors of the operands as one does those of outputs. What came of running
        errors, node by node, takes no notice of those that cancel.
        """
        for slot in set(instruction.operands) & self._whole.keys() - self._closer:
            if self._looks > 0:
                self._looks -= 1
                self._closer.add(slot)
                adjoints = self._at.adjoints(self.wanted, slot)
                self._whole[slot] = _known(self._weighed(self._own, adjoints))

    def _weighed(self, errors: Errors, weights: Mapping[int, Array]) -> Array | float:
        """The sum of all errors, each times the size of its weight; of lanes, one for each."""
        total: Array | float = 0.0
        met = [slot for slot in errors if slot in weights]
        with np.errstate(all="ignore"):
            for slot in watched(met, self._deadline):
                part = strong_product(np.abs(weights[slot]), np.asarray(errors[slot]))
                total = total + (part if self._lanes else np.sum(part))
        return total


def _known(bound: Array | float) -> Array:
    """Nothing is known where the bound is NaN."""
    return np.where(np.isnan(bound), np.inf, bound)[()]
