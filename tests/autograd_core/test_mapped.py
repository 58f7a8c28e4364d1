"""`mapped`: the function differentiated at every point of a leading axis."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from autograd_core import (
    ArgumentError,
    CheckOptions,
    Fault,
    Gradient,
    GraphError,
    evaluate,
    gradient,
    parse,
    vjp,
)

Numbers = Mapping[str, Any]


def points_of(bindings: Numbers, mapped: Sequence[str]) -> list[dict[str, Any]]:
    """The bindings of each point."""
    count = len(bindings[mapped[0]])
    return [
        {name: value[k] if name in mapped else value for name, value in bindings.items()}
        for k in range(count)
    ]


CURVE = [-5.0, -4.75, -1.0, 0.0, 2 / 3, 3.0, 1e8]
CASES = [
    ("3*x**2 - 4*x + 5", {"x": CURVE}, ["x"]),
    ("a*tanh(x) + b", {"x": CURVE, "a": 2.0, "b": -1.0}, ["x"]),
    ("x*y + sin(x/y)", {"x": [1.0, 2.0, 3.0], "y": [0.1, -0.2, 0.3]}, ["x", "y"]),
    ("x*y", {"x": [1.0, 2.0], "y": 3.0, "unused": [1.0, 2.0]}, ["x"]),
    ("x*y", {"x": [1.0, 2.0], "y": 3.0, "unused": [1.0, 2.0]}, ["x", "unused"]),
    ("2 + 3", {"x": [1.0, 2.0]}, ["x"]),
    ("sum(v*w)", {"v": [[1.0, 2.0], [3.0, 4.0]], "w": [5.0, 6.0]}, ["v"]),
    (
        "softplus(w @ x + b)",
        {"x": [[1.0, -1.0], [0.5, 2.0], [0, 0]], "w": [0.3, 0.7], "b": 0.1},
        ["x"],
    ),
    ("sum(v)*x", {"v": [1.0, 2.0, 3.0], "x": [1.0, 2.0]}, ["x"]),
    (
        "norm(A @ v)",
        {"A": [[[1.0, 2.0], [3.0, 4.0]]] * 3, "v": [[1.0, 0], [0, 1.0], [0, 0]]},
        ["A", "v"],
    ),
    ("x*x", {"x": [7.0]}, ["x"]),
]
each_case = pytest.mark.parametrize("text, bindings, mapped", CASES)


@each_case
def test_every_result_is_that_of_a_loop_over_the_points_to_the_bit(
    text: str, bindings: Numbers, mapped: Sequence[str]
) -> None:
    graph = parse(text)
    arrays = {name: np.asarray(value, dtype=np.float64) for name, value in bindings.items()}
    together = gradient(graph, arrays, mapped=mapped)
    one_by_one = [gradient(graph, each) for each in points_of(arrays, mapped)]

    same(together.value, [each.value for each in one_by_one])
    assert list(together.gradients) == list(bindings)
    for name, found in together.gradients.items():
        same(found, [each.gradients[name] for each in one_by_one])
    if text != "2 + 3":
        name = mapped[0]
        values = evaluate(graph, arrays, mapped=mapped).values
        same(next(iter(values.values())), [each.value for each in one_by_one])
        assert len(together.gradients[name]) == len(bindings[name])


def same(found: Any, expected: Sequence[Any]) -> None:
    stacked = np.stack([np.asarray(each) for each in expected])
    assert found.shape == stacked.shape
    assert np.asarray(found).tobytes() == stacked.tobytes()


def test_a_curve_and_its_slope_in_one_call() -> None:
    found = gradient(parse("3*x**2 - 4*x + 5"), {"x": [-1.0, 0.0, 2.0]}, mapped=["x"])
    np.testing.assert_array_equal(found.value, [12.0, 5.0, 9.0])
    np.testing.assert_array_equal(found.gradients["x"], [-10.0, -4.0, 8.0])


def test_a_shared_input_has_a_gradient_at_every_point() -> None:
    found = gradient(parse("a*x"), {"a": 3.0, "x": [1.0, 2.0]}, mapped=["x"])
    np.testing.assert_array_equal(found.gradients["a"], [1.0, 2.0])
    found = gradient(parse("sum(w)*x"), {"w": [1.0, 2.0], "x": [1.0, 5.0]}, mapped=["x"])
    np.testing.assert_array_equal(found.gradients["w"], [[1.0, 1.0], [5.0, 5.0]])


def test_values_of_any_shape_gain_the_axis() -> None:
    values = evaluate(
        parse("p = v*x; p"), {"v": [1.0, 2.0, 3.0], "x": [2.0, 4.0]}, mapped=["x"],
        outputs=["p", "x", "v"],
    ).values  # fmt: skip
    np.testing.assert_array_equal(values["p"], [[2, 4, 6], [4, 8, 12]])
    np.testing.assert_array_equal(values["x"], [2, 4])
    np.testing.assert_array_equal(values["v"], [[1, 2, 3], [1, 2, 3]])


def test_wrt_a_node_works_at_every_point() -> None:
    found = gradient(parse("p = x*x; p*p"), {"x": [1.0, 2.0]}, mapped=["x"], wrt=["p"])
    np.testing.assert_array_equal(found.gradients["p"], [2.0, 8.0])


@pytest.mark.parametrize(
    "bindings", [{"x": [1.0, 2.0], "y": 3.0}, {"x": [[1.0], [2.0]], "y": [3.0]}]
)
def test_the_trace_has_the_axis_too(bindings: Numbers) -> None:
    text = "p = x*y; p + 1" if bindings["y"] == 3.0 else "p = x @ y; p + 1"
    nodes = gradient(parse(text), bindings, mapped=["x"], trace=True).nodes
    assert nodes is not None
    x, y, p, result = nodes
    np.testing.assert_array_equal(x.value, bindings["x"])
    np.testing.assert_array_equal(np.ravel(x.gradient), [3.0, 3.0])  # type: ignore[arg-type]  # known
    np.testing.assert_array_equal(np.ravel(y.value), [3.0, 3.0])
    np.testing.assert_array_equal(np.ravel(y.gradient), [1.0, 2.0])  # type: ignore[arg-type]  # known
    np.testing.assert_array_equal(p.value, [3.0, 6.0])
    np.testing.assert_array_equal(p.gradient, [1.0, 1.0])
    np.testing.assert_array_equal(result.value, [4.0, 7.0])
    assert result.partials is not None
    np.testing.assert_array_equal(result.partials, [[1.0, 1.0], [1.0, 1.0]])


def test_the_check_is_made_at_every_point_and_the_worst_is_the_verdict() -> None:
    def checked(points: list[float]) -> Gradient:
        return gradient(
            parse("a*relu(x)"), {"a": 2.0, "x": points}, mapped=["x"], check=CheckOptions()
        )

    report = checked([-1.0, 3.0]).check
    assert report is not None
    assert report.verdict == "pass"
    np.testing.assert_allclose(report.inputs["x"].numeric, [0.0, 2.0], atol=1e-9)
    np.testing.assert_allclose(report.inputs["a"].numeric, [0.0, 3.0], atol=1e-9)

    report = checked([-1.0, 0.0, 3.0]).check
    assert report is not None
    assert report.verdict == report.inputs["x"].verdict == "nondifferentiable"
    assert report.inputs["a"].verdict == "pass"
    assert report.inputs["x"].worst == (1,)
    assert "kink" in (report.inputs["x"].reason or "")


def test_the_check_of_tensors_says_point_and_entry() -> None:
    bindings = {"v": [[1.0, 2.0], [3.0, 0.0]]}
    report = gradient(parse("sum(abs(v))"), bindings, mapped=["v"], check=CheckOptions()).check
    assert report is not None
    assert report.inputs["v"].numeric.shape == (2, 2)
    assert report.inputs["v"].worst == (1, 1)


def test_a_warning_is_given_once() -> None:
    warnings = gradient(parse("log(x)"), {"x": [1.0, -1.0, -2.0]}, mapped=["x"]).warnings
    assert len(warnings) == 1
    assert warnings[0].operation == "log"
    assert warnings[0].operands == (-1.0,)


def fault_of(call: Callable[[], Any]) -> Fault:
    with pytest.raises(ArgumentError) as caught:
        call()
    (fault,) = caught.value.faults
    return fault


@pytest.mark.parametrize(
    "bindings, mapped, code, path, said",
    [
        ({"x": 1.0, "y": 1.0}, ["x"], "shape_mismatch", ("mapped", 0), "a scalar"),
        ({"x": [], "y": 1.0}, ["x"], "shape_mismatch", ("mapped", 0), "[0]"),
        ({"x": [1.0, 2.0], "y": [1.0]}, ["x", "y"], "shape_mismatch", ("mapped", 1), "'y' has 1"),
        ({"x": [1.0], "y": [1.0]}, ["x", "z"], "unknown_name", ("mapped", 1), "'z'"),
        ({"x": [1.0], "y": [1.0]}, ["p"], "unknown_name", ("mapped", 0), "not a bound input"),
    ],
)
def test_what_cannot_be_mapped(
    bindings: Numbers, mapped: list[str], code: str, path: Any, said: str
) -> None:
    fault = fault_of(lambda: gradient(parse("p = x*y; p"), bindings, mapped=mapped))
    assert (fault.code, fault.path) == (code, path)
    assert said in fault.detail


def test_the_shape_at_a_point_is_what_has_to_be_a_scalar() -> None:
    assert gradient(parse("x*x"), {"x": [1.0, 2.0]}, mapped=["x"]).value.shape == (2,)
    fault = fault_of(lambda: gradient(parse("x*x"), {"x": [[1.0], [2.0]]}, mapped=["x"]))
    assert fault.code == "non_scalar_output"


def test_shapes_at_a_point_have_to_fit() -> None:
    with pytest.raises(GraphError, match="do not broadcast"):
        gradient(
            parse("sum(v + w)"), {"v": np.ones((2, 3)), "w": np.ones((2, 4))}, mapped=["v", "w"]
        )


def test_what_constants_alone_give_has_the_adjoint_of_each_point() -> None:
    result = gradient(parse("c = 2*3; c*x"), {"x": [1.0, 2.0]}, mapped=["x"], trace=True)
    assert result.nodes is not None
    assert np.array_equal(result.nodes[1].gradient, [1.0, 2.0])  # type: ignore[arg-type]  # known


class Compared(str):
    """A name that counts how often it is compared with another."""

    __slots__ = ()
    count = 0
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        Compared.count += 1
        return str.__eq__(self, other)


@pytest.mark.parametrize(
    "call",
    [
        lambda names: evaluate(
            parse("x"), {str(name): [1.0] for name in names} | {"x": 1.0}, mapped=names
        ),
        lambda names: vjp(
            parse("; ".join(f"{name} = x" for name in names) + "; x"),
            {"x": 1.0},
            {str(name): 1.0 for name in names},
            outputs=names,
        ),
    ],
    ids=["mapped inputs", "outputs with cotangents"],
)
def test_names_are_looked_up_and_not_compared_one_by_one(call: Any) -> None:
    """What a caller lists is not gone through for each name again: the growth is counted."""
    counts = []
    for size in (100, 200):
        Compared.count = 0
        call([Compared(f"a{k}") for k in range(size)])
        counts.append(Compared.count)
    assert 0 < counts[1] <= 2.5 * counts[0]
