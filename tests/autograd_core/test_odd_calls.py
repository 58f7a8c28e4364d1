"""Nothing to differentiate by, constants alone, empty axes: answers, and what they are made of.

An answer must not depend on memory that was never written. So each call is made again with
every uninitialised array filled with numbers that would show, and with the kernel's loops run
uncompiled, so that the arrays of its loops are filled, too.
"""

from __future__ import annotations

import dataclasses
import inspect
import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from autograd_core import evaluate, gradient, hessian, jacobian, parse, vjp
from autograd_core.engines import kernel
from autograd_core.finite_difference import functions
from autograd_core.jit.compiling import LOOPS
from tests.autograd_core.odd_calls import CALLS
from tests.tables import table

# Neither is a number that any call computes; as an index, the second is out of every range.
POISON, POISON_INDEX = 1.2345e300, 2**31 - 7


class _PoisonedNumpy:
    """NumPy whose uninitialised arrays are full."""

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)

    @staticmethod
    def empty(shape: Any, dtype: Any = float) -> Any:
        number = POISON if np.dtype(dtype).kind == "f" else POISON_INDEX
        return np.full(shape, number, dtype)

    @staticmethod
    def empty_like(array: Any) -> Any:
        return _PoisonedNumpy.empty(np.shape(array), array.dtype)


def _signed(loop: Callable[..., Any]) -> Callable[..., Any]:
    """A loop whose unsigned columns are signed, as 0 - 1 is -1 to Numba and not to NumPy."""

    def called(*arguments: Any) -> Any:
        return loop(
            *(
                each.astype(np.int64) if getattr(each, "dtype", None) == np.uint32 else each
                for each in arguments
            )
        )

    return called


def plain(result: Any) -> Any:
    """An answer as nested tuples of numbers and text; NaN as a word, so that it equals itself."""
    if dataclasses.is_dataclass(result):
        return tuple(plain(getattr(result, field.name)) for field in dataclasses.fields(result))
    if isinstance(result, Mapping):
        return tuple((name, plain(value)) for name, value in result.items())
    if isinstance(result, list | tuple):
        return tuple(map(plain, result))
    if isinstance(result, np.ndarray | np.generic):
        return np.shape(result), plain(np.asarray(result).ravel().tolist())
    if isinstance(result, float):
        return "NaN" if math.isnan(result) else f"{result:.12e}"
    return result


def interpret(patch: pytest.MonkeyPatch) -> None:
    """Run the kernel's loops as plain Python, over poisoned NumPy."""
    for module in (kernel, *map(inspect.getmodule, LOOPS.values()), functions):
        for name, loop in LOOPS.items():
            if vars(module).get(name) is loop:
                patch.setattr(module, name, _signed(loop.py_func))
    for loop in LOOPS.values():
        patch.setitem(loop.py_func.__globals__, "np", _PoisonedNumpy())


@pytest.mark.slow
@table("name", CALLS)
def test_no_answer_is_made_of_memory_that_was_never_written(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = CALLS[name]
    expected = plain(call())
    empty, empty_like = _PoisonedNumpy.empty, _PoisonedNumpy.empty_like
    with monkeypatch.context() as patch, np.errstate(all="ignore"):
        interpret(patch)
        patch.setattr(np, "empty", empty)
        patch.setattr(np, "empty_like", empty_like)
        found = plain(call())
    assert found == expected


@pytest.mark.parametrize(
    "text, bindings", [("y*y", {"y": 2.0}), ("3*2", {}), ("sqrt(y)", {"y": -2})]
)
def test_a_hessian_by_nothing_has_the_value(text: str, bindings: dict[str, float]) -> None:
    graph = parse(text)
    expected = evaluate(graph, bindings).values["value"]
    for sparse in (False, True):
        result = hessian(graph, bindings, wrt=[], sparse=sparse)
        assert result.value == pytest.approx(expected, nan_ok=True)
        assert result.gradients == {}


@pytest.mark.parametrize("bindings", [{}, {"x": 1.0}, {"x": [1.0, 2.0]}, {"x": []}])
@pytest.mark.parametrize("name, value", [("pi", math.pi), ("e", math.e), ("inf", math.inf)])
def test_a_constant_may_be_the_whole_expression(
    name: str, value: float, bindings: dict[str, Any]
) -> None:
    graph = parse(name)
    assert evaluate(graph, bindings).values == {name: value}
    assert evaluate(graph, bindings, outputs=[name]).values == {name: value}
    for found in (gradient(graph, bindings), gradient(graph, bindings, trace=True)):
        assert found.value == value
        assert all(not np.any(gradient) for gradient in found.gradients.values())
    assert vjp(graph, bindings, {name: 1.0}).values == {name: value}


@pytest.mark.parametrize("bindings", [{}, {"x": 1.0}, {"x": [1.0, 2.0]}])
def test_the_warning_of_a_constant_alone_names_it(bindings: dict[str, Any]) -> None:
    (warning,) = gradient(parse("inf"), bindings).warnings
    assert (warning.node, warning.value) == ("inf", math.inf)
    assert warning.detail == "the constant 'inf' is inf"


@pytest.mark.parametrize(
    "text, bindings, shape",
    [
        ("sum(x)", {"x": []}, (1, 0)),
        ("x*y", {"x": [], "y": 2.0}, (0, 1)),
        ("A @ x", {"A": [[], [], []], "x": []}, (3, 0)),
        ("A*y", {"A": [[], []], "y": 2.0}, (0, 1)),
    ],
)
def test_a_sparse_jacobian_of_nothing_has_a_shape_and_no_entries(
    text: str, bindings: dict[str, Any], shape: tuple[int, int]
) -> None:
    found = jacobian(parse(text), bindings, sparse=True).entries
    assert found is not None
    assert found.shape == shape
    assert len(found.values) == 0
