"""The numbers bound to a graph's inputs: read once, and at one point or many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, cast

import numpy as np

from autograd_core.derivatives.linking import Scope
from autograd_core.errors import ArgumentError, Fault, TensorError
from autograd_core.graph import Graph
from autograd_core.limits import Limits
from autograd_core.tensors import Array, Number, Shape, tensor

Bindings = Mapping[str, Any]
_FLOATS = frozenset({float})


class Inputs(NamedTuple):
    """A number or an array for each name, in order.

    shapes: of each at one point. points: None for one point; else those in `mapped` have a
    leading axis of this length.
    """

    values: Mapping[str, Number]
    shapes: tuple[Shape, ...]
    mapped: frozenset[str] = frozenset()
    points: int | None = None

    def at(self, point: int) -> Inputs:
        """Those of one point."""
        return Inputs(
            {
                name: cast("Array", value)[point] if name in self.mapped else value
                for name, value in self.values.items()
            },
            self.shapes,
        )

    def between(self, start: int, stop: int) -> Inputs:
        """Those of a range of points."""
        values = {
            name: cast("Array", value)[start:stop] if name in self.mapped else value
            for name, value in self.values.items()
        }
        points = len(range(self.points or 0)[start:stop])
        return Inputs(values, self.shapes, self.mapped, points)

    def numbers(self) -> list[float]:
        """Those of a program of scalars, at one point."""
        return cast("list[float]", list(self.values.values()))

    def matrix(self) -> Array:
        """Those of a program of scalars, at many points: points x inputs."""
        matrix = np.empty((self.points or 0, len(self.values)))
        for column, value in enumerate(self.values.values()):
            matrix[:, column] = value
        return matrix

    def arrays(self) -> list[Array]:
        """Arrays; at many points each has that leading axis, shared ones repeated along it."""
        if self.points is None:
            return [np.asarray(value)[()] for value in self.values.values()]
        return [
            np.asarray(value)
            if name in self.mapped
            else np.broadcast_to(value, (self.points, *np.shape(value)))
            for name, value in self.values.items()
        ]


def read(graph: Graph, bindings: Bindings, mapped: Sequence[str], limits: Limits) -> Inputs:
    """Bindings -> Inputs. Raises ArgumentError, with paths ("bindings", ...) and ("mapped", k)."""
    if not mapped and all_floats(bindings):
        return Inputs(bindings, ((),) * len(bindings))
    values, leading = _read(bindings, limits), frozenset(mapped)
    points = _points(graph, values, mapped, limits) if mapped else None
    shapes = tuple(
        () if type(value) is float else np.shape(value)[1 if name in leading else 0 :]
        for name, value in values.items()
    )
    return Inputs(values, shapes, leading, points)


def all_floats(values: Mapping[str, Any]) -> bool:
    """Whether there is nothing to read; thousands of inputs are ordinary, so in C."""
    return _FLOATS.issuperset(map(type, values.values()))


def _read(bindings: Bindings, limits: Limits) -> Mapping[str, Number]:
    values: dict[str, Number] = {}
    faults: list[Fault] = []
    for name, value in bindings.items():
        try:
            values[name] = tensor(value, limits)
        except TensorError as error:
            faults.extend(fault.under("bindings", name) for fault in error.faults)
    if faults:
        raise ArgumentError(faults)
    return values


def _points(
    graph: Graph, values: Mapping[str, Number], mapped: Sequence[str], limits: Limits
) -> int:
    """The common length of the mapped axes."""
    length = 0
    for position, name in enumerate(mapped):
        path = ("mapped", position)
        if name not in values:
            if name in graph.codes:
                detail = f"{name!r} is not a bound input; only inputs can be mapped"
                raise ArgumentError(Fault("unknown_name", detail, path))
            raise ArgumentError(Scope(graph, values, limits).unknown(name, path))
        shape = np.shape(values[name])
        if not shape or not shape[0]:
            what = "a scalar" if not shape else f"of shape {list(shape)}"
            detail = f"{name!r} is {what}: a mapped input has a leading axis, a point an entry"
            raise ArgumentError(Fault("shape_mismatch", detail, path))
        if length not in {0, shape[0]}:
            both = f"{mapped[0]!r} has {length}, {name!r} has {shape[0]}"
            detail = f"mapped inputs need leading axes of one length: {both}"
            raise ArgumentError(Fault("shape_mismatch", detail, path))
        length = shape[0]
    return length
