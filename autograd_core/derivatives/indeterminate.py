"""Where a computed zero met something that is not finite, so that a derivative may be anything.

Zeros are strong (operations/strong.py). Where a factor of a path is 0 because a gate is shut, or
because it is a constant, the path contributes nothing, and 0 is right. But a 0 that was computed
is the value at one point of something that varies, or a rounded number: sqrt(x)**2 at 0 has the
slope 1, as 0 * inf, and 0 is answered. Sweeps note that such a thing may have happened; then this
module looks closer, and says at which node.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from autograd_core.derivatives.nonfinite import (
    MOST_STEPS,
    NonfiniteWarning,
    first_true,
    sweeps,
    warning_at,
)
from autograd_core.engines.activity import leading_to, reached_by
from autograd_core.engines.linearisation import Interior
from autograd_core.limits import Deadline
from autograd_core.operations import ArrayOperation, Elementwise
from autograd_core.operations.broadcasting import unbroadcast
from autograd_core.operations.strong_zeros import start_watch
from autograd_core.program import Instruction, Program
from autograd_core.tensors import Array

CODE = "indeterminate"
MAY_DIFFER = ": 0 is answered, and the true derivative may be another"


def find(at: Interior, deadline: Deadline | None, *, second_order: bool) -> NonfiniteWarning | None:
    """The first indeterminate node, going back from one of the outputs.

    second_order: whether second derivatives count as well. If not, it holds for one target with
    the others fixed: of y*sqrt(x) at (0, 0) the 0 is y, which does not vary with x. Raises
    DeadlineExceeded.
    """
    found = _find(at, at.targets, deadline, second_order=second_order)
    too_many = len(at.targets) * len(at.program.instructions) > MOST_STEPS
    if found is None or second_order or too_many:
        return found
    each = (_find(at, [slot], deadline, second_order=False) for slot in at.targets)
    return next((one for one in each if one is not None), None)


def _find(
    at: Interior, targets: Sequence[int], deadline: Deadline | None, *, second_order: bool
) -> NonfiniteWarning | None:
    program, values = at.program, at.slots
    active, leading, _ = leading_to(program, targets, deadline)
    for root in program.outputs[: sweeps(program)]:
        adjoints = at.adjoints(targets, root)
        # By slot, where something arrives that no gate and no constant has cut off.
        live: dict[int, Any] = {root: np.ones(np.shape(values[root]), dtype=bool)}
        for instruction in reversed(leading):
            if deadline is not None:
                deadline.check()
            if not np.any(live.get(instruction.slot, False)):
                continue
            node = _Node(instruction, values, adjoints, live[instruction.slot], active)
            for index in reached_by(instruction, active):
                met = node.met(index, second_order=second_order)
                if met is not None:
                    return _warning(program, node, index, met)
                slot = instruction.operands[index]
                live[slot] = live.get(slot, False) | node.onward(index)
    return None


@dataclass(frozen=True)
class _Met:
    """Where it was, what was met there, and whether that was the partial or what arrives."""

    place: tuple[int, ...]
    value: float
    partial: bool


class _Node:
    """An instruction of a reverse sweep, and where what arrives at it is live."""

    def __init__(
        self,
        instruction: Instruction,
        values: Sequence[Array],
        cotangents: Mapping[int, Array],
        live: Array,
        active: bytearray,
    ) -> None:
        self.instruction = instruction
        self.values = values
        self._live = live
        self._active = [bool(active[slot]) for slot in instruction.operands]
        self._operands = [values[slot] for slot in instruction.operands]
        self._result = values[instruction.slot]
        self._arriving = np.asarray(cotangents[instruction.slot])

    def met(self, index: int, *, second_order: bool) -> _Met | None:
        """What a computed zero met along an operand, if it has."""
        with np.errstate(all="ignore"):
            if isinstance(self.instruction.operation, Elementwise):
                return self._met_by_formula(
                    self.instruction.operation, index, second_order=second_order
                )
            return self._met_by_rule(self.instruction.operation, index)

    def onward(self, index: int) -> Any:
        """Where the operand is live, in its shape."""
        operation = self.instruction.operation
        shape = np.shape(self._operands[index])
        sent = self._live.astype(np.float64)
        with np.errstate(all="ignore"):
            if isinstance(operation, Elementwise):
                if self._is_exact(operation, index):
                    sent = sent * np.not_equal(self._partial(operation, index), 0)
                return unbroadcast(np.broadcast_to(sent, np.shape(self._result)), shape) > 0
            if not self._is_linear(operation, index):
                return np.ones(shape, dtype=bool)
            # In general position, so that what is 0 is so by the constants, not by cancelling.
            sent = sent * np.random.default_rng(0).uniform(1, 2, size=np.shape(sent))
            return np.not_equal(self._sent(operation, index, sent), 0)

    def _partial(self, operation: Elementwise, index: int) -> Array:
        return operation.partial(index, self._operands, self._result, self.instruction.attributes)

    def _is_exact(self, operation: Elementwise, index: int) -> bool:
        """Whether a partial of 0 is no computed number: a gate's, or it does not vary."""
        return operation.gate or not any(
            self._active[at] for at in operation.read_by_partial(index)
        )

    def _met_by_formula(
        self, operation: Elementwise, index: int, *, second_order: bool
    ) -> _Met | None:
        absent = self._live & np.equal(self._arriving, 0)
        partials = [self._partial(operation, index)]
        if second_order:
            partials += [
                operation.second_partial(
                    index, other, self._operands, self._result, self.instruction.attributes
                )
                for other in range(len(self._operands))
                if self._active[other] and operation.is_nonlinear(index, other)
            ]
        for partial in partials:
            if (found := _first(absent & ~np.isfinite(partial), partial)) is not None:
                return _Met(*found, partial=True)
        if self._is_exact(operation, index):
            return None
        arriving = self._live & ~np.isfinite(self._arriving)
        found = _first(arriving & np.equal(partials[0], 0), self._arriving)
        return None if found is None else _Met(*found, partial=False)

    def _met_by_rule(self, operation: ArrayOperation, index: int) -> _Met | None:
        """The same of a rule that shows no partials: by what it makes of other cotangents.

        With a 1 for each computed 0 the result is not finite where a zero had stopped that.
        """
        arriving = np.where(self._live, self._arriving, 0.0)
        raised = np.where(self._live & np.equal(arriving, 0), 1.0, arriving)
        watch = start_watch()
        sent, other = self._sent(operation, index, arriving), self._sent(operation, index, raised)
        if (found := _first(np.isfinite(sent) & ~np.isfinite(other), other)) is not None:
            return _Met(*found, partial=True)
        if not watch.stopped or np.isfinite(arriving).all() or self._is_linear(operation, index):
            return None
        if not np.isfinite(self._sent(operation, index, self._live.astype(np.float64))).all():
            return None
        found = _first(~np.isfinite(arriving), arriving)
        return None if found is None else _Met(*found, partial=False)

    def _sent(self, operation: ArrayOperation, index: int, cotangent: Array) -> Array:
        attributes = self.instruction.attributes
        sent = operation.vjp(index, cotangent[()], self._operands, self._result, attributes)
        return np.asarray(sent)

    def _is_linear(self, operation: ArrayOperation, index: int) -> bool:
        """Whether the partial along an operand is made of nothing that varies."""
        if any(active for at, active in enumerate(self._active) if at != index):
            return False
        tangents = [
            np.ones(np.shape(operand)) if at == index else None
            for at, operand in enumerate(self._operands)
        ]
        ones = np.ones(np.shape(self._arriving))[()]
        return (
            operation.vjp_tangent(
                index, ones, tangents, self._operands, self._result, self.instruction.attributes
            )
            is None
        )


def _first(mask: Any, numbers: Any) -> tuple[tuple[int, ...], float] | None:
    """The first place where the mask is true, and the number there."""
    if not np.any(mask):
        return None
    place = first_true(mask)
    return place, float(np.broadcast_to(numbers, np.shape(mask))[place])


def _warning(program: Program, node: _Node, index: int, met: _Met) -> NonfiniteWarning:
    what = f"has, along operand {index + 1}, the derivative"
    if not met.partial:
        what = f"has, along operand {index + 1}, a derivative of 0, and what arrives there is"
    found = warning_at(
        program, node.instruction, node.values, place=met.place, value=met.value, verb=what
    )
    why = ", and what arrives there was computed to be 0" if met.partial else ""
    detail = f"{found.detail}{why}{MAY_DIFFER}"
    return replace(found, detail=detail, code=CODE)
