"""Elementwise operations at kinks, ties, edges of their domains and far out.

What is chosen there is stated in the table (`conventions`) and in no formula of a textbook.
"""

import math
from collections.abc import Callable, Sequence
from itertools import combinations_with_replacement

import numpy as np
import pytest

from autograd_core import hessian, parse
from autograd_core.operations.elementwise import TABLE

NAN, INF = math.nan, math.inf

# Operation, attributes, operands, first partials.
CONVENTIONS: tuple[tuple[str, dict[str, float], tuple[float, ...], tuple[float, ...]], ...] = (
    ("relu", {}, (0.0,), (0.0,)),
    ("leaky_relu", {"alpha": 0.25}, (0.0,), (0.25,)),
    ("elu", {"alpha": 0.25}, (0.0,), (0.25,)),
    ("abs", {}, (0.0,), (0.0,)),
    ("sign", {}, (0.0,), (0.0,)),
    ("floor", {}, (2.0,), (0.0,)),
    ("round", {}, (2.5,), (0.0,)),
    ("sinc", {}, (0.0,), (0.0,)),
    ("stop_gradient", {}, (3.0,), (0.0,)),
    ("maximum", {}, (2.0, 2.0), (0.5, 0.5)),
    ("minimum", {}, (2.0, 2.0), (0.5, 0.5)),
    ("ge", {}, (2.0, 2.0), (0.0, 0.0)),
    ("hypot", {}, (0.0, 0.0), (0.0, 0.0)),
    ("copysign", {}, (0.0, -1.0), (0.0, 0.0)),
    ("clip", {}, (1.0, 1.0, 2.0), (1.0, 0.0, 0.0)),
    ("clip", {}, (2.0, 1.0, 2.0), (1.0, 0.0, 0.0)),
    ("where", {}, (NAN, 3.0, 4.0), (0.0, 1.0, 0.0)),
    ("pow", {}, (0.0, 0.0), (0.0, 0.0)),
    ("pow", {}, (2.0, 0.0), (0.0, math.log(2))),
    ("pow", {}, (0.0, 1.0), (1.0, 0.0)),
    ("pow", {}, (0.0, 0.5), (INF, 0.0)),
    ("pow", {}, (0.0, 3.0), (0.0, 0.0)),
    ("pow", {}, (-2.0, 3.0), (12.0, NAN)),
    ("pow", {}, (-2.0, 0.0), (0.0, NAN)),
    ("reciprocal", {}, (0.0,), (-INF,)),
    ("log", {}, (0.0,), (INF,)),
    ("log", {}, (-1.0,), (NAN,)),
    ("sqrt", {}, (0.0,), (INF,)),
    ("sqrt", {}, (-1.0,), (NAN,)),
    ("tanh", {}, (1e300,), (0.0,)),
    ("sigmoid", {}, (-1e300,), (0.0,)),
    ("softplus", {}, (1e300,), (1.0,)),
    ("gelu", {}, (1e300,), (1.0,)),
    ("gelu", {}, (-1e300,), (0.0,)),
    ("silu", {}, (1e300,), (1.0,)),
    ("silu", {}, (-1e300,), (0.0,)),
    ("logaddexp", {}, (1e300, -1e300), (1.0, 0.0)),
)


@pytest.mark.parametrize("name, attributes, operands, partials", CONVENTIONS)
def test_conventions(
    name: str,
    attributes: dict[str, float],
    operands: tuple[float, ...],
    partials: tuple[float, ...],
) -> None:
    row = TABLE[name]
    at = [np.float64(number) for number in operands]
    with np.errstate(all="ignore"):
        value = row.value(at, attributes)
        found = [float(row.partial(i, at, value, attributes)) for i in range(len(at))]
    np.testing.assert_array_equal(found, partials)


# Operation, operands, second partials (the upper triangle), where a formula could stumble.
SECOND_CONVENTIONS: tuple[tuple[str, tuple[float, ...], tuple[float, ...]], ...] = (
    ("sinc", (0.0,), (-(math.pi**2) / 3,)),
    ("pow", (0.0, 1.0), (0.0, -INF, 0.0)),
    ("pow", (0.0, 2.0), (2.0, 0.0, 0.0)),
    ("pow", (0.0, 3.0), (0.0, 0.0, 0.0)),
    ("pow", (-2.0, 3.0), (-12.0, NAN, NAN)),
    ("hypot", (0.0, 0.0), (0.0, 0.0, 0.0)),
    ("gelu", (1e300,), (0.0,)),
    ("silu", (-1e300,), (0.0,)),
    ("erf", (1e300,), (0.0,)),
    ("tanh", (-1e300,), (0.0,)),
)


@pytest.mark.parametrize("name, operands, partials", SECOND_CONVENTIONS)
def test_second_conventions(
    name: str, operands: tuple[float, ...], partials: tuple[float, ...]
) -> None:
    row = TABLE[name]
    at = [np.float64(number) for number in operands]
    pairs = list(combinations_with_replacement(range(len(at)), 2))
    with np.errstate(all="ignore"):
        value = row.value(at, {})
        found = [float(row.second_partial(i, j, at, value, {})) for i, j in pairs]
        turned = [float(row.second_partial(j, i, at, value, {})) for i, j in pairs]
    np.testing.assert_allclose(found, partials, rtol=1e-15)
    np.testing.assert_array_equal(found, turned)


@pytest.mark.parametrize("name, combine", [("add", math.fsum), ("mul", math.prod)])
@pytest.mark.parametrize("count", [2, 3, 5])
def test_chains_of_many_operands(
    name: str, combine: Callable[[Sequence[float]], float], count: int
) -> None:
    row, numbers = TABLE[name], [1.5, -2.0, 0.25, 3.0, -0.75][:count]  # exact in binary
    operands = [np.float64(number) for number in numbers]
    names = [f"x{at}" for at in range(count)]
    graph, bindings = parse(f"{name}({', '.join(names)})"), dict(zip(names, numbers, strict=True))
    found = hessian(graph, bindings)
    assert found.value == combine(numbers)
    for i, partial in enumerate(row.chain_partials(operands, {})):
        rest = [number for at, number in enumerate(numbers) if at != i]
        assert partial == (1 if name == "add" else combine(rest))
        assert found.gradients[names[i]] == partial
        for j in range(count):
            rest = [number for at, number in enumerate(numbers) if at not in (i, j)]
            product = combine(rest) if name == "mul" and i != j else 0
            assert found.blocks[names[i]][names[j]] == product
