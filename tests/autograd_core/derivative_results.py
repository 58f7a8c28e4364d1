"""What tests of jacobian, hessian, jvp, vjp and hvp have in common: results laid flat, calls at
every point of a map, and random expressions to differentiate.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import strategies as st

Numbers = Mapping[str, Any]

ORACLES = Path(__file__).parent.parent / "oracles"
RECORDED: list[dict[str, Any]] = json.loads(
    (ORACLES / "second_order.json").read_text(encoding="utf-8")
)

# Scalar functions of two or three inputs, smooth at the point.
SMOOTH: list[tuple[str, dict[str, float]]] = [
    ("x*y + sin(x/y)", {"x": 1.2, "y": 0.7}),
    ("exp(x*y)*z - log(z)", {"x": 0.3, "y": -1.1, "z": 2.5}),
    ("tanh(x)*y**3 + x**2*y", {"x": 0.4, "y": -1.5}),
    ("sqrt(x + y**2)/z", {"x": 2.0, "y": 0.5, "z": -3.0}),
    ("x**y", {"x": 1.7, "y": 2.3}),
    ("atan(x*y*z)", {"x": 0.9, "y": 1.1, "z": -0.4}),
    ("(1 - x)**2 + 100*(y - x**2)**2", {"x": -1.2, "y": 1.0}),
    ("log(x**2 + y**2)", {"x": 3.0, "y": -4.0}),
    ("cos(x)*cosh(y)", {"x": 1.0, "y": 2.0}),
    ("x", {"x": 2.0, "y": 5.0}),
]


def flat(result: Any) -> dict[str, Any]:
    """The numbers of a result by a name for each: "blocks/p/x"."""
    found: dict[str, Any] = {}
    for member in ("value", "values", "gradients", "products", "blocks"):
        _flatten(found, member, getattr(result, member, {}))
    return found


def _flatten(found: dict[str, Any], name: str, entry: Any) -> None:
    if isinstance(entry, Mapping):
        for key, inner in entry.items():
            _flatten(found, f"{name}/{key}", inner)
    else:
        found[name] = np.asarray(entry)


def assert_same(found: Any, expected: Any, rtol: float = 1e-12, atol: float = 1e-13) -> None:
    """Two results have the same names, shapes and numbers, but for rounding."""
    one, other = flat(found), flat(expected)
    assert one.keys() == other.keys()
    for name, number in one.items():
        assert np.shape(number) == np.shape(other[name]), name
        np.testing.assert_allclose(number, other[name], rtol=rtol, atol=atol, err_msg=name)


def assert_is_the_loop(
    call: Callable[..., Any],
    bindings: Numbers,
    mapped: Sequence[str],
    direction: Numbers,
    own: Collection[str],
) -> None:
    """`call(bindings, direction, mapped)` is what a loop over the points finds.

    own: names in `direction` of which every point has its own.
    """
    inputs = {name: np.asarray(value, dtype=float) for name, value in bindings.items()}
    along = {name: np.asarray(value, dtype=float) for name, value in direction.items()}
    together = flat(call(inputs, along, tuple(mapped)))
    points = [
        flat(
            call(
                {name: value[k] if name in mapped else value for name, value in inputs.items()},
                {name: value[k] if name in own else value for name, value in along.items()},
                (),
            )
        )
        for k in range(len(inputs[mapped[0]]))
    ]
    assert together.keys() == points[0].keys()
    for name, found in together.items():
        expected = np.stack([point[name] for point in points])
        assert found.shape == expected.shape, name
        np.testing.assert_allclose(found, expected, rtol=1e-13, atol=1e-13, err_msg=name)


def transposed(block: Any, first: Sequence[int]) -> Any:
    """A block of shape first + second, as second + first."""
    block = np.asarray(block)
    split = len(first)
    return np.transpose(block, [*range(split, block.ndim), *range(split)])


def contracted(block: Any, vector: Any) -> Any:
    """A block of shape (..., *vector.shape) times the vector."""
    return np.tensordot(np.asarray(block), np.asarray(vector), np.ndim(vector))


@dataclass(frozen=True)
class Case:
    """A program with outputs p, a scalar, and q, a vector; where, and along what."""

    text: str
    bindings: dict[str, Any]
    tangents: dict[str, Any]
    cotangents: dict[str, Any]


def _scalars(depth: int) -> st.SearchStrategy[str]:
    leaf = st.sampled_from(["a", "b", "v[1]", "0.5"])
    if not depth:
        return leaf
    scalar, vector = _scalars(depth - 1), _vectors(depth - 1)
    return st.one_of(
        leaf,
        st.builds("sin({})".format, scalar),
        st.builds("({} * {})".format, scalar, scalar),
        st.builds("({} + {})".format, scalar, scalar),
        st.builds("sum({})".format, vector),
        st.builds("({} @ {})".format, vector, vector),
        st.builds("logsumexp({})".format, vector),
    )


def _vectors(depth: int) -> st.SearchStrategy[str]:
    if not depth:
        return st.just("v")
    scalar, vector = _scalars(depth - 1), _vectors(depth - 1)
    return st.one_of(
        st.just("v"),
        st.builds("tanh({})".format, vector),
        st.builds("({} * {})".format, vector, vector),
        st.builds("({} + {})".format, scalar, vector),
        st.builds("softmax({})".format, vector),
    )


_number = st.floats(-2, 2).map(lambda x: round(x, 3))
_three = st.lists(_number, min_size=3, max_size=3)
_directions = st.fixed_dictionaries({"a": _number, "b": _number, "v": _three})
# tanh keeps values of moderate size, whatever is inside.
CASES = st.builds(
    Case,
    st.builds("p = tanh({})\nq = tanh({})\nq".format, _scalars(3), _vectors(3)),
    _directions,
    _directions,
    st.fixed_dictionaries({"p": _number, "q": _three}),
)
