"""Tangents and cotangents that a caller gave, in the shapes of what they belong to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from autograd_core.derivatives.bindings import all_floats
from autograd_core.errors import ArgumentError, Fault, Path, TensorError
from autograd_core.limits import Limits
from autograd_core.tensors import Array, Number, Shape, tensor


class Direction(NamedTuple):
    """A seed for each of some outputs or targets, by position; mapped: those with an own seed at
    each point, along a leading axis.
    """

    parts: Mapping[int, Number]
    mapped: frozenset[int] = frozenset()

    def at(self, point: int) -> Mapping[int, Number]:
        """The seeds of one point."""
        return {
            place: np.asarray(part)[point] if place in self.mapped else part
            for place, part in self.parts.items()
        }

    def spread(self, points: int) -> Mapping[int, Number]:
        """The seeds of scalars at every point, as vectors."""
        return {place: np.broadcast_to(part, (points,)) for place, part in self.parts.items()}


def read_direction(
    argument: str,
    given: Mapping[str, Any],
    places: Mapping[str, int],
    shapes: Sequence[Shape],
    points: int | None,
    limits: Limits,
) -> Direction:
    """Seeds by name -> Direction.

    places: of each name, among what has these shapes. points: where a seed may have a leading
    axis, its length. Raises ArgumentError at (argument, name).
    """
    if points is None and not any(shapes) and all_floats(given):
        return Direction({places[name]: number for name, number in given.items()})
    parts: dict[int, Number] = {}
    mapped = set()
    for name, value in given.items():
        place, path = places[name], (argument, name)
        part = _tensor(value, path, limits)
        if points is not None and np.shape(part) == (points, *shapes[place]):
            mapped.add(place)
        elif np.shape(part) != shapes[place]:
            raise ArgumentError(_misfit(path, np.shape(part), shapes[place], points))
        parts[place] = part
    return Direction(parts, frozenset(mapped))


def _tensor(given: Any, path: Path, limits: Limits) -> Array:
    try:
        return np.asarray(tensor(given, limits), dtype=np.float64)[()]
    except TensorError as error:
        raise ArgumentError(fault.under(*path) for fault in error.faults) from None


def _misfit(path: Path, found: Shape, shape: Shape, points: int | None) -> Fault:
    wanted = f"{list(shape)}"
    if points is not None:
        wanted += f", or {[points, *shape]} for each point its own"
    detail = f"{path[-1]!r} has shape {wanted}, and what is given for it has shape {list(found)}"
    return Fault("shape_mismatch", detail, path)
