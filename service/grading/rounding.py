"""How far rounding may have moved what a reference found: bounds, asked for where a claim differs.

A bound takes a sweep for each number, many times what the number itself took: so each is found
once, and none that would take too long.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import replace
from typing import Final

from autograd_core import Array, Deadline, GraphError, Number, Rounding, evaluate, gradient
from service.grading.reference import Reference

_COST: Final = 20_000_000  # elementary operations of one bound: some hundredths of a second
_MOST: Final = 256  # bounds of one reference
# Nodes looked at for the bounds of one message: a second or two. The first bound is found for
# larger functions too, up to a size that takes some seconds.
_MOST_NODES: Final = 5_000
_LARGEST: Final = 10_000


def bounds_of(reference: Reference) -> Bounds:
    """The bounds of a reference, made once."""
    return reference.remembered("bounds", lambda: Bounds(reference))


class Bounds:
    """Bounds of the rounding errors of one reference; 0 where one would take too long, as if the
    number were exact.
    """

    def __init__(self, reference: Reference) -> None:
        self._reference = reference
        self._known: dict[Hashable, Number] = {}
        self._limits = replace(reference.limits, cost=min(reference.limits.cost, _COST))
        self._asking: Deadline | None = None  # that of the message which asks
        self._left = _MOST_NODES

    def value(self, node: str | None = None) -> Number:
        """Of the value of the output, or of a node."""
        reference = self._reference
        name = reference.output if node is None else node

        def found() -> Number:
            bounds = evaluate(
                reference.graph,
                reference.bindings,
                outputs=None if name is None else [name],
                rounding=True,
                limits=self._limits,
                deadline=reference.deadline,
            ).rounding
            return next(iter(bounds.values())) if bounds else 0.0

        return self._once(("value", name), found)

    def gradient(self, name: str) -> Number:
        """Of the gradient by an input or a node."""
        reference = self._reference

        def found() -> Number:
            bounds = gradient(
                reference.graph,
                reference.bindings,
                output=reference.output,
                wrt=[name],
                rounding=True,
                limits=self._limits,
                deadline=reference.deadline,
            ).rounding
            return bounds.gradients[name] if bounds else 0.0

        return self._once(("gradient", name), found)

    def at(self, points: Mapping[str, Array]) -> Rounding | None:
        """Of what the reference has at many points; None where that would take too long."""
        try:
            return self._reference.gradient_at(points, self._limits, rounding=True).rounding
        except GraphError:
            return None

    def _once(self, key: Hashable, found: Callable[[], Number]) -> Number:
        if key not in self._known and self._may_find():
            try:
                self._known[key] = found()
            except GraphError:
                self._known[key] = 0.0
        return self._known.get(key, 0.0)

    def _may_find(self) -> bool:
        """Whether one more is found for the message that asks; it counts."""
        deadline = self._reference.deadline
        if deadline is not self._asking:
            self._asking, self._left = deadline, _MOST_NODES
        nodes, left = len(self._reference.graph), self._left
        self._left -= nodes
        return len(self._known) < _MOST and left > 0 and nodes <= _LARGEST
