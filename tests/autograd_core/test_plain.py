"""Rows on Python's own floats: what NumPy makes of them, without exceptions or warnings."""

import itertools
import math
from types import SimpleNamespace

import numpy as np
import pytest

from autograd_core.engines import plain
from autograd_core.operations import elementwise
from autograd_core.operations.elementwise_row import Elementwise

ARITHMETIC = ["add", "sub", "mul", "div", "pow", "neg"]
OPERATIONS = [*ARITHMETIC, "relu", "tanh", "exp", "log", "sigmoid", "sin", "cos"]
EXTREMES = (
    *(0.0, -0.0, 5e-324, -5e-324, 2.2e-308, 1e-200, -1e-200, 1e-8, 0.3, -0.3, 0.5, 1.0, -1.0),
    *(2.0, -2.0, 3.0, -3.0, 20.0, -20.0, 710.0, -746.0, 1e9, 1e154, -1e200, 1.7e308, -1.7e308),
    *(math.inf, -math.inf, math.nan),
)
each_row = pytest.mark.parametrize("row", [elementwise.TABLE[name] for name in OPERATIONS])


def points(row: Elementwise) -> list[tuple[float, ...]]:
    return list(itertools.product(EXTREMES, repeat=len(row.operands)))


def same(found: float, expected: float) -> bool:
    """Equal but for two units in the last place: NumPy's own loops round differently."""
    if math.isnan(expected) or math.isinf(expected) or expected == 0:
        return math.isnan(found) if math.isnan(expected) else found == expected
    return abs(found - expected) <= max(2 * math.ulp(expected), 4e-16 * abs(expected))


@each_row
def test_a_value_is_numpy_s_at_every_extreme(row: Elementwise) -> None:
    function = plain.value(row)
    for point in points(row):
        found = function(*point)
        assert type(found) is float
        with np.errstate(all="ignore"):
            expected = float(row.value([np.float64(x) for x in point], {}))
        assert same(found, expected), point
        assert math.copysign(1, found) == math.copysign(1, expected) or math.isnan(found), point


@each_row
def test_a_pullback_sends_numpy_s_partials_at_every_extreme(row: Elementwise) -> None:
    forms = ("x",) if len(row.operands) == 1 else ("xy", "x", "y")
    pullbacks = {form: plain.pullback(row, form) for form in forms}
    for form, point in itertools.product(forms, points(row)):
        operands = [SimpleNamespace(_data=x, grad=0.0) for x in point]
        numbers = [np.float64(x) for x in point]
        along = [row.operands.index(name) for name in form]
        with np.errstate(all="ignore"):
            result = row.value(numbers, {})
            expected = [float(row.partial(at, numbers, result, {})) for at in along]
        node = SimpleNamespace(_data=float(result), grad=1.0)
        node._prev = tuple(operands[at] for at in along)
        if len(form) < len(point):
            node._constant = point[1 - along[0]]
        pullbacks[form](node)
        for at, partial in zip(along, expected, strict=True):
            assert type(operands[at].grad) is float
            assert same(operands[at].grad, partial), (form, point)


@each_row
def test_a_partial_of_zero_stops_an_infinite_adjoint(row: Elementwise) -> None:
    pullback = plain.pullback(row, "xy"[: len(row.operands)])
    for adjoint, point in itertools.product((math.inf, math.nan), points(row)):
        operands = [SimpleNamespace(_data=x, grad=0.0) for x in point]
        numbers = [np.float64(x) for x in point]
        with np.errstate(all="ignore"):
            result = row.value(numbers, {})
            partials = [row.partial(at, numbers, result, {}) for at in range(len(point))]
        node = SimpleNamespace(_data=float(result), grad=adjoint, _prev=tuple(operands))
        pullback(node)
        for operand, partial in zip(operands, partials, strict=True):
            assert (operand.grad == 0) == (partial == 0), point


@pytest.mark.parametrize("form", ["xy", "x", "y"])
def test_a_quotients_pullback_looks_at_its_operands_as_they_are_now(form: str) -> None:
    row = elementwise.TABLE["div"]
    pullback = plain.pullback(row, form, anew=True)
    for point in points(row):
        operands = [SimpleNamespace(_data=x, grad=0.0) for x in point]
        along = [row.operands.index(name) for name in form]
        node = SimpleNamespace(_data=5.0, grad=1.0, _prev=tuple(operands[at] for at in along))
        node._constant = point[1 - along[0]]
        numbers = [np.float64(x) for x in point]
        with np.errstate(all="ignore"):
            result = row.value(numbers, {})
            expected = [float(row.partial(at, numbers, result, {})) for at in along]
        pullback(node)
        for at, partial in zip(along, expected, strict=True):
            assert same(operands[at].grad, partial), (form, point)
