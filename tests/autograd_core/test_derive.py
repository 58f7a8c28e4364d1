"""Derivatives as formulas: what they say, and that they have the gradient's value."""

from __future__ import annotations

import math

import pytest
import sympy as sp

from autograd_core import (
    ArgumentError,
    Fault,
    Graph,
    GraphBuilder,
    GraphError,
    Limits,
    derive,
    derive_twice,
    gradient,
    hessian,
    parse,
    read_nodes,
)
from benchmarks.formulas import (
    LONG,
    NEAR,
    compared,
    lengths,
    random_function,
    random_points,
    value,
    written as text,
)
from tests.tables import table


def formula(expression: str, name: str = "x", **asked: object) -> str:
    return text(derive(parse(expression), [name], **asked)[name])  # type: ignore[arg-type]


# --- what they say ----------------------------------------------------------------------


@table(
    "function, derivative",
    [
        ("3*x**2 - 4*x + 5", "6*x - 4"),
        ("x*y", "y"),
        ("x/y", "1/y"),
        ("y/x", "-y/x**2"),
        ("1/x", "-1/x**2"),
        ("5*x", "5"),
        ("x/3", "1/3"),
        ("x", "1"),
        ("-x", "-1"),
        ("x*x", "2*x"),
        ("x*x*x", "3*x**2"),
        ("(x + 1)*(x - 1)", "2*x"),
        ("x - x", "0"),
        ("x**-2", "-2/x**3"),
        ("x**0.5", "0.5*x**-0.5"),
        ("x*(1/0)", "1/0"),
        ("x**(1 + 1)", "2*x"),
        ("x**1", "1"),
        ("x**0", "0"),
        ("sin(x**2)", "2*x*cos(x**2)"),
        ("cos(x)", "-sin(x)"),
        ("exp(3*x)", "3*exp(3*x)"),
        ("e**x", "e**x"),
        ("2**x", "2**x*log(2)"),
        ("x*log(x)", "log(x) + 1"),
        ("log(x**2)", "2/x"),
        ("sqrt(x)", "1/(2*sqrt(x))"),
        ("cbrt(x)", "1/(3*cbrt(x)**2)"),
        ("tanh(x)", "1/cosh(x)**2"),
        ("tanh(x*w + b)", "w/cosh(x*w + b)**2"),
        ("atan(x)", "1/(x**2 + 1)"),
        ("sigmoid(x)", "sigmoid(x)*sigmoid(-x)"),
        ("softplus(x)", "sigmoid(x)"),
        ("erf(x)", "2*exp(-x**2)/sqrt(pi)"),
        ("log10(x)", "1/(x*log(10))"),
        ("gammaln(x)", "digamma(x)"),
        ("(1 - x)**2 + 100*(y - x**2)**2", "-2*(1 - x) - 400*x*(y - x**2)"),
        ("mse(x, y)", "2*(x - y)"),
        ("binary_cross_entropy(x, y)", "(1 - y)*sigmoid(x) - y*sigmoid(-x)"),
        ("leaky_relu(x, alpha=0.1)", "where(x > 0, 1, 0.1)"),
        # conventions
        ("relu(x)", "where(x > 0, 1, 0)"),
        ("abs(x)", "sign(x)"),
        ("maximum(x, y)", "where(x >= y, where(x == y, 0.5, 1), 0)"),
        ("minimum(x, y)", "where(x <= y, where(x == y, 0.5, 1), 0)"),
        ("clip(x, 0, 1)", "where(logical_and(x >= 0, x <= 1), 1, 0)"),
        ("where(x > 0, sqrt(x), 0)", "where(x > 0, 1/(2*sqrt(x)), 0)"),
        ("where(x > 0, x**2, -x**2)", "where(x > 0, 2*x, -2*x)"),
        ("where(x, x, y)", "where(x != 0, 1, 0)"),
        ("floor(x)*x", "floor(x)"),
        ("stop_gradient(x)*x", "stop_gradient(x)"),
        ("x**x", "where(x == 0, 0, x*x**(x - 1) + x**x*log(x))"),
        ("x**n", "where(n == 0, 0, n*x**(n - 1))"),
        ("n**x", "where(logical_and(n == 0, x >= 0), 0, n**x*log(n))"),
        ("hypot(x, y)", "where(hypot(x, y) == 0, 0, x/hypot(x, y))"),
        ("relu(relu(x)*y)", "where(logical_and(relu(x)*y > 0, x > 0), y, 0)"),
        # what is used twice gets a name
        (
            "x*sin(x*sin(x))",
            "s1 = x*sin(x)\nx**2*cos(s1)*cos(x) + s1*cos(s1) + sin(s1)",
        ),
        ("u = sin(x)*y; exp(u) + u**3", "u = sin(x)*y\ny*(exp(u) + 3*u**2)*cos(x)"),
        # a name that is a constant, and one that is not
        ("pi*x", "pi"),
        ("gelu(x)*pi", "pi*(0.5*erfc(-x/sqrt(2)) + x*exp(-x**2/2)/sqrt(2*pi))"),
    ],
)
def test_formulas_read_as_in_a_textbook(function: str, derivative: str) -> None:
    assert formula(function) == derivative


@table(
    "function, by, derivative",
    [
        ("3*x**2 - 4*x + 5", ("x", "x"), "6"),
        ("x**3*y", ("x", "y"), "3*x**2"),
        ("x**3*y", ("y", "x"), "3*x**2"),
        ("x**3*y", ("y", "y"), "0"),
        ("sin(x)", ("x", "x"), "-sin(x)"),
        ("exp(2*x)", ("x", "x"), "4*exp(2*x)"),
        ("1/x", ("x", "x"), "2/x**3"),
        ("sigmoid(x)", ("x", "x"), "sigmoid(x)*sigmoid(-x)**2 - sigmoid(x)**2*sigmoid(-x)"),
        ("x**y", ("x", "x"), "where(logical_or(y == 0, y == 1), 0, y*(y - 1)*x**(y - 2))"),
        ("relu(x)**2", ("x", "x"), "where(x > 0, 2, 0)"),
        ("(1 - x)**2 + 100*(y - x**2)**2", ("x", "y"), "-400*x"),
        ("(1 - x)**2 + 100*(y - x**2)**2", ("x", "x"), "800*x**2 - 400*(y - x**2) + 2"),
    ],
)
def test_second_derivatives(function: str, by: tuple[str, str], derivative: str) -> None:
    assert text(derive_twice(parse(function))[by[0]][by[1]]) == derivative


def test_a_name_that_is_bound_is_no_constant() -> None:
    assert formula("e**x", bound=["x", "e"]) == "where(logical_and(e == 0, x >= 0), 0, e**x*log(e))"
    assert formula("e*x", "e") == "x"


def test_pi_as_an_input_is_not_taken_for_the_number() -> None:
    found = derive(parse("erf(x)*pi"), ["x"], bound=["x", "pi"])["x"]
    at = value(parse(text(found)), {"x": 0.3, "pi": 2.0})
    assert at == pytest.approx(4 / math.sqrt(math.pi) * math.exp(-0.09), rel=1e-15)


def test_by_default_by_what_is_bound_and_else_by_every_input() -> None:
    graph = parse("a*x + b*pi")
    assert list(derive(graph)) == ["a", "x", "b"]
    assert list(derive(graph, bound=["x", "unused"])) == ["x", "unused"]
    assert text(derive(graph, bound=["x", "unused"])["unused"]) == "0"


def test_by_a_node_and_of_a_node() -> None:
    graph = parse("u = x*y; v = sin(u); v*x")
    assert text(derive(graph, ["u"])["u"]) == "x*cos(x*y)"
    assert text(derive(graph, ["x"], output="v")["x"]) == "y*cos(x*y)"


# --- that they are right ----------------------------------------------------------------


@table("seed", range(50))
def test_a_formula_has_the_value_of_the_gradient(seed: int) -> None:
    """As text that is parsed again, and as nodes that are read again."""
    for each in compared(random_function(seed), seed):
        if each.is_number:
            assert each.error <= NEAR
            assert each.of_nodes == pytest.approx(each.of_text, rel=1e-13)
        else:  # a 0 that was computed stopped what is not finite: no formula says so
            assert each.warned


# The second derivative of gammaln is no formula of the catalogue's operations.
TWICE = [seed for seed in range(40) if "gammaln" not in random_function(seed).operations]


@table("seed", TWICE)
def test_second_derivatives_of_random_functions(seed: int) -> None:
    graph = random_function(seed)
    twice = derive_twice(graph, output="out")
    for point in random_points(graph, seed, 3):
        result = hessian(graph, point, output="out")
        for name, row in twice.items():
            for other, form in row.items():
                expected, found = float(result.blocks[name][other]), value(form, point)
                if math.isfinite(expected) and math.isfinite(found):
                    assert found == pytest.approx(expected, rel=1e-10, abs=1e-12)


SMOOTH = [
    "x*y + sin(x/y)",
    "exp(x*y)*z - log(z)",
    "tanh(x)*y**3 + x**2*y",
    "sqrt(x + y**2)/z",
    "x**y",
    "atan(x*y*z)",
    "log(x**2 + y**2)*cosh(z)",
    "asinh(x)*erf(y)/cbrt(z)",
    "log1p(x)*expm1(y)*exp2(z)",
]


@table("function", SMOOTH)
def test_sympy_finds_the_same(function: str) -> None:
    symbols = sp.symbols("x y z")
    spelt = {"log1p": lambda u: sp.log(1 + u), "expm1": lambda u: sp.exp(u) - 1}
    spelt |= {"exp2": lambda u: 2**u, "cbrt": sp.cbrt}
    expression = sp.sympify(function, locals=spelt)
    point = {"x": 1.2, "y": 0.7, "z": 2.5}
    for symbol in symbols:
        expected = sp.diff(expression, symbol).evalf(30, subs=point)
        found = value(derive(parse(function), [symbol.name], bound=point)[symbol.name], point)
        assert found == pytest.approx(float(expected), rel=1e-13)


@table("function", SMOOTH)
def test_second_derivatives_are_those_of_the_hessian(function: str) -> None:
    graph, point = parse(function), {"x": 1.2, "y": 0.7, "z": 2.5}
    expected = hessian(graph, point).blocks
    for name, row in derive_twice(graph, bound=point).items():
        for other, found in row.items():
            again = value(parse(text(found)), point)
            assert again == pytest.approx(float(expected[name][other]), rel=1e-12, abs=1e-14)


@table(
    "function, point, slope",
    [
        ("relu(x)", {"x": 0.0}, 0.0),
        ("abs(x)", {"x": 0.0}, 0.0),
        ("maximum(x, y)", {"x": 1.0, "y": 1.0}, 0.5),
        ("minimum(x, y)", {"x": 1.0, "y": 1.0}, 0.5),
        ("clip(x, 0, 1)", {"x": 1.0}, 1.0),
        ("hypot(x, y)", {"x": 0.0, "y": 0.0}, 0.0),
        ("sinc(x)", {"x": 0.0}, 0.0),
        ("clip(2, log(y), x)", {"x": 1.0, "y": -1.0}, 0.0),
        ("x**y", {"x": 0.0, "y": 0.0}, 0.0),
        ("x**y", {"x": 0.0, "y": 1.0}, 1.0),
        ("x**y", {"x": 0.0, "y": 2.0}, 0.0),
        ("x**2", {"x": 0.0}, 0.0),
        ("y**x", {"y": 0.0, "x": 2.0}, 0.0),
        ("x**x", {"x": 0.0}, 0.0),
        ("where(x > 0, sqrt(x), 0)", {"x": -1.0}, 0.0),
        ("where(x > 0, log(x)*sqrt(x), 0)", {"x": -1.0}, 0.0),
        ("relu(x)*where(x > 0, log(x), y)", {"x": -1.0, "y": 2.0}, 0.0),
        ("s = sqrt(x); where(x > 0, s, 0) + where(x > 1, s*s, 0)", {"x": -1.0}, 0.0),
        ("where(x > 0, 1, where(x > -2, x, sqrt(x)))", {"x": -1.0}, 1.0),
        ("0*sqrt(x)", {"x": 0.0}, 0.0),
        ("sqrt(0*x)", {"x": 0.0}, 0.0),
        ("sinc(x)", {"x": 1e-5}, -(math.pi**2) / 3 * 1e-5),
        ("sinc(x)", {"x": 1e9}, 1e-9),
        ("tanh(x)", {"x": 20.0}, 1.6993417021166355e-17),
    ],
)
def test_conventions_hold_in_formulas(function: str, point: dict[str, float], slope: float) -> None:
    found = value(parse(formula(function)), point)
    assert found == pytest.approx(slope, rel=1e-9, abs=0)
    assert found == pytest.approx(float(gradient(parse(function), point).gradients["x"]), rel=1e-12)


# --- what they cost ---------------------------------------------------------------------


@table("seed", range(100))
def test_a_formula_is_at_most_five_times_the_graph(seed: int) -> None:
    assert max(lengths(random_function(seed)), default=0) <= LONG


def nested(depth: int, step: str = "sin") -> Graph:
    builder = GraphBuilder()
    x = code = builder.input("x")
    for _ in range(depth):
        code = builder.apply("mul", [x, builder.apply(step, [code])])
    return builder.build(code)


@table("step", ["sin", "tanh", "relu", "sqrt"])
def test_twice_the_function_is_twice_the_derivative(step: str) -> None:
    once, twice = (derive(nested(depth, step))["x"] for depth in (200, 400))
    assert len(twice) <= 2.1 * len(once)
    assert len(text(twice)) <= 2.3 * len(text(once))
    assert len(once) <= 15 * 200


# --- what is refused --------------------------------------------------------------------


def fault(error: pytest.ExceptionInfo[GraphError] | pytest.ExceptionInfo[ArgumentError]) -> Fault:
    (only,) = error.value.faults
    return only


@table("operation", ["sum", "norm", "matmul", "outer", "trace", "softmax"])
def test_operations_on_arrays_are_refused_by_name(operation: str) -> None:
    args = ["x", "x"] if operation in {"matmul", "outer"} else ["x"]
    nodes = [{"id": "a", "op": "exp", "args": ["x"]}, {"id": "b", "op": operation, "args": args}]
    with pytest.raises(GraphError) as error:
        derive(read_nodes(nodes), output="b")
    assert fault(error).code == "invalid_value"
    assert fault(error).path == ("nodes", 1)
    assert f"{operation} works on arrays" in fault(error).sentence
    assert "ask gradient or jacobian" in fault(error).sentence


def test_in_text_the_place_is_a_column() -> None:
    with pytest.raises(GraphError) as error:
        derive(parse("x + sum(x)"))
    assert (fault(error).line, fault(error).column) == (1, 5)


def test_a_constant_with_axes_is_refused() -> None:
    with pytest.raises(GraphError) as error:
        derive(parse("x*[1, 2]"))
    assert "constant with axes" in fault(error).detail


def test_what_no_operation_says_is_refused() -> None:
    with pytest.raises(GraphError) as error:
        derive(parse("digamma(x)"))
    assert "trigamma" in fault(error).detail


def test_what_the_output_does_not_need_is_not_looked_at() -> None:
    graph = read_nodes(
        [{"id": "a", "op": "sum", "args": ["x"]}, {"id": "b", "op": "exp", "args": ["x"]}]
    )
    assert text(derive(graph, output="b")["x"]) == "exp(x)"


def test_unknown_names_are_named_with_the_closest() -> None:
    with pytest.raises(ArgumentError) as error:
        derive(parse("alpha*x"), ["x", "x", "alhpa"])
    assert fault(error).path == ("wrt", 2)
    assert "alpha" in fault(error).detail
    with pytest.raises(ArgumentError) as error:
        derive(parse("alpha*x"), output="beta")
    assert (fault(error).code, fault(error).path) == ("unknown_name", ("output",))


def test_second_derivatives_are_by_inputs() -> None:
    with pytest.raises(ArgumentError) as error:
        derive_twice(parse("u = x*x; sin(u)"), ["x", "u"])
    assert (fault(error).code, fault(error).path) == ("invalid_value", ("wrt", 1))


@table("ask", [derive, derive_twice])
def test_derivatives_have_no_more_nodes_than_a_graph_may(ask: object) -> None:
    product = parse("*".join(f"x{k}" for k in range(40)))
    ask(product, limits=Limits(nodes=100_000))  # type: ignore[operator]
    with pytest.raises(GraphError) as error:
        ask(product, limits=Limits(nodes=500))  # type: ignore[operator]
    assert fault(error).code == "limit_exceeded"
    assert "500" in fault(error).detail
