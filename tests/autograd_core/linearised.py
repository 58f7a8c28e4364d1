"""One operation at given operands, as a linear map: its rules, called as an engine calls them.

A composite operation is expanded into the operations it stands for, which are run in order.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from autograd_core.operations import TABLE, Composite, Primitive
from autograd_core.tensors import Array, Shape


def attributes_of(name: str, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """The attributes of an operation as the engine sees them."""
    attributes, faults = TABLE[name].check_attributes(given)
    assert not faults, faults
    return attributes


class Code:
    """What an operation expands into: rows over places, the operands being the first of them."""

    def __init__(self, name: str, shapes: Sequence[Shape], attributes: Mapping[str, Any]) -> None:
        self.shapes: list[Shape] = list(shapes)
        self.constants: dict[int, np.float64] = {}
        self.steps: list[tuple[Primitive, list[int], Mapping[str, Any]]] = []
        self.cost = 0
        row, places = TABLE[name], range(len(shapes))
        normalised = attributes_of(name, attributes)
        if isinstance(row, Composite):
            row.expand(self._emit, list(places), list(shapes), normalised)
        else:
            self._append(row, list(places), normalised)

    @property
    def shape(self) -> Shape:
        return self.shapes[-1]

    def _emit(self, operation: str, *operands: Any, **attributes: Any) -> int:
        places = [self._constant(x) if isinstance(x, float) else x for x in operands]
        return self._append(TABLE[operation], places, attributes_of(operation, attributes))

    def _constant(self, value: float) -> int:
        self.shapes.append(())
        self.constants[len(self.shapes) - 1] = np.float64(value)
        return len(self.shapes) - 1

    def _append(self, row: Any, places: list[int], attributes: Mapping[str, Any]) -> int:
        if len(places) > 2 and getattr(row, "chained", False):
            places = [self._append(row, places[:-1], attributes), places[-1]]
        shapes = [self.shapes[place] for place in places]
        shape = row.shape(shapes, attributes)
        self.cost += row.cost(shapes, shape, attributes)
        self.steps.append((row, places, attributes))
        self.shapes.append(shape)
        return len(self.shapes) - 1


class Linearised:
    """The value of an operation at its operands, and both products with its Jacobian there."""

    def __init__(
        self, name: str, operands: Sequence[Any], attributes: Mapping[str, Any] | None = None
    ) -> None:
        operands = [np.asarray(operand, dtype=np.float64)[()] for operand in operands]
        self.count = len(operands)
        self.code = Code(name, [np.shape(operand) for operand in operands], attributes or {})
        self._values: dict[int, Array] = dict(enumerate(operands)) | self.code.constants
        with np.errstate(all="ignore"):
            for place, (row, places, normalised) in self._steps():
                self._values[place] = row.value([self._values[p] for p in places], normalised)

    def _steps(self) -> list[tuple[int, Any]]:
        places = range(self.count, len(self.code.shapes))
        filled = [place for place in places if place not in self.code.constants]
        return list(zip(filled, self.code.steps, strict=True))

    @property
    def value(self) -> Array:
        return self._values[len(self.code.shapes) - 1]

    def jvp(self, *tangents: Any) -> Array:
        """The tangent of the result; None where an operand does not move."""
        moving = {place: tangent for place, tangent in enumerate(tangents) if tangent is not None}
        with np.errstate(all="ignore"):
            for place, (row, places, attributes) in self._steps():
                operands = [self._values[p] for p in places]
                sent = [moving.get(p) for p in places]
                moving[place] = row.jvp(sent, operands, self._values[place], attributes)
        return moving[len(self.code.shapes) - 1]

    def vjp(self, cotangent: Any) -> list[Array | None]:
        """The cotangents of the operands; None where nothing flows."""
        flowing: dict[int, Array] = {len(self.code.shapes) - 1: np.asarray(cotangent)[()]}
        with np.errstate(all="ignore"):
            for place, (row, places, attributes) in reversed(self._steps()):
                operands = [self._values[p] for p in places]
                for index, p in enumerate(places):
                    if row.passes(index):
                        result = self._values[place]
                        sent = row.vjp(index, flowing[place], operands, result, attributes)
                        flowing[p] = flowing[p] + sent if p in flowing else sent
        return [flowing.get(place) for place in range(self.count)]

    def vjp_tangents(self, cotangent: Any, tangents: Sequence[Any]) -> list[Array | None]:
        """What the vjp changes by along the tangents; of an operation that is no composite."""
        if len(self.code.steps) != 1:
            return [None] * self.count
        ((row, places, attributes),) = self.code.steps
        operands, cotangent = [self._values[p] for p in places], np.asarray(cotangent)[()]
        with np.errstate(all="ignore"):
            return [
                row.vjp_tangent(index, cotangent, tangents, operands, self.value, attributes)
                if row.passes(index)
                else None
                for index in range(self.count)
            ]
