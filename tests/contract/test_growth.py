"""Nothing that a caller's message can lengthen costs more than in proportion.

Some ninety kinds of message, each at one size and at twice that size, through the whole
application. What grows is counted, not timed: the calls of functions, Python's and C's, that a
request takes. Kinds that are refused are among them, as a refusal has to be found and worded as
well.
"""

import random
import sys
from collections.abc import Callable
from cProfile import Profile
from typing import Any

import orjson
import pytest
from flask.testing import FlaskClient

from service.app import create_app
from service.settings import Settings

Make = Callable[[int], dict[str, Any]]
GROWTH = 2.5
# Lists of more than 500 nodes are read in another way: both messages have one, or neither.
SIZE, LONG = 240, 520
# Where most of the work ends at a bound (a hundred claims are explained), from a little above it.
BOUNDED = 120


def names(count: int, length: int = 12, seed: int = 0) -> list[str]:
    rng = random.Random(seed)
    return ["".join(rng.choices("abcdefgh", k=length)) + str(k) for k in range(count)]


def nodes(listed: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {"graph": {"nodes": listed}, "bindings": {"x": 2.0}} | more


def node(name: Any, op: str, *args: Any, **attrs: Any) -> dict[str, Any]:
    return {"id": str(name), "op": op, "args": list(args)} | ({"attrs": attrs} if attrs else {})


def chained(op: str, first: str = "x", **more: Any) -> Make:
    """A chain of n nodes."""
    return lambda n: nodes(
        [node(k, op, *([str(k - 1) if k else first] * more.get("uses", 1))) for k in range(n)],
        **{key: value for key, value in more.items() if key != "uses"},
    )


def wide(op: str, operand: Any, **attrs: Any) -> Make:
    """One node of n operands."""
    return lambda n: nodes(
        [node("w", op, *([operand] * n), **attrs), node("s", "sum", "w")],
        bindings={"x": 2.0, "v": [1.0, 2.0]},
    )


def text(joiner: str, term: Callable[[int], str], **more: Any) -> Make:
    return lambda n: (
        {
            "expression": joiner.join(map(term, range(n))),
            "bindings": {"x": 0.5},
        }
        | more
    )


def bound(n: int) -> dict[str, float]:
    return dict.fromkeys(names(n), 1.0)


def summed(n: int, **more: Any) -> dict[str, Any]:
    return {"expression": " + ".join(names(n)), "bindings": bound(n)} | more


def vector(n: int) -> dict[str, Any]:
    return {"expression": "sum(tanh(x))", "bindings": {"x": [0.5] * n}}


def wide_product(n: int, **more: Any) -> dict[str, Any]:
    return nodes([node("w", "mul", *(f"x{k}" for k in range(n)))], bindings={}) | more


GRADIENT: dict[str, Make] = {
    "a chain": chained("tanh"),
    "a chain, listed backwards": lambda n: nodes(
        [node(k, "exp", str(k + 1) if k < n - 1 else "x") for k in range(n)]
    ),
    "a ladder": chained("add", uses=2, include=["nodes"]),
    "a chain with nodes": chained("sin", include=["nodes"]),
    "a chain over vectors": chained("tanh", bindings={"x": [1.0, 2.0]}, output="0"),
    "a wide sum": wide("add", "x"),
    "a wide product": wide("mul", "x"),
    "a wide concat": wide("concat", "v"),
    "a wide stack": wide("stack", "x"),
    "a wide concat with nodes": lambda n: wide("concat", "v")(n) | {"include": ["nodes"]},
    "nodes in place": lambda n: nodes(
        [node("s", "add", *({"op": "sin", "args": ["x"]} for _ in range(n)))]
    ),
    "many sinks": lambda n: nodes([node(k, "sin", "x") for k in range(n)]),
    "one cycle": lambda n: nodes([node(k, "exp", str((k + 1) % n)) for k in range(n)]),
    "many cycles": lambda n: nodes([node(k, "exp", str(k)) for k in range(n)]),
    "ids taken twice": lambda n: nodes([node(k // 2, "exp", "x") for k in range(n)]),
    "unknown operations": lambda n: nodes([node(k, name, "x") for k, name in enumerate(names(n))]),
    "unbound operands": lambda n: nodes([node(k, "exp", name) for k, name in enumerate(names(n))]),
    "unknown members of nodes": lambda n: nodes(
        [node(k, "exp", "x") | {name: 1} for k, name in enumerate(names(n))]
    ),
    "unknown members of one node": lambda n: nodes([node("y", "exp", "x") | bound(n)]),
    "unknown attributes": lambda n: nodes([node("y", "sum", "x", **bound(n))]),
    "unknown members": lambda n: vector(2) | bound(n),
    "attributes of many nodes": lambda n: nodes(
        [node(k, "leaky_relu", str(k - 1) if k else "x", alpha=0.5) for k in range(n)]
    ),
    "wrong numbers of operands": lambda n: nodes([node(k, "sub", "x") for k in range(n)]),
    "wrong shapes": lambda n: nodes([node(k, "matmul", "x", "x") for k in range(n)]),
    "constants": lambda n: nodes([node("s", "add", *(float(k) for k in range(n)))]),
    "constant vectors": lambda n: nodes([node("s", "sum", {"op": "concat", "args": [[1.0]] * n})]),
    "many inputs": summed,
    "many inputs, of which one": lambda n: summed(n, wrt=[names(n)[0]]),
    "every input named": lambda n: summed(n, wrt=names(n)),
    "every node named": lambda n: chained("sin", wrt=[str(k) for k in range(n)])(n),
    "an input named many times": lambda n: vector(2) | {"wrt": ["x"] * n},
    "unknown names in wrt": lambda n: vector(2) | {"wrt": names(n)},
    "unknown names beside as many": lambda n: summed(n, wrt=names(n, seed=1)),
    "unbound names in text": lambda n: summed(n, bindings={"x": 1.0}),
    "unused bindings": lambda n: vector(2) | {"bindings": {"x": [1.0]} | bound(n)},
    "numbers that are none": lambda n: vector(2) | {"bindings": {"x": ["a"] * n}},
    "bindings that are none": lambda n: vector(2) | {"bindings": dict.fromkeys(names(n), "a")},
    "a vector": vector,
    "a ragged matrix": lambda n: vector(2) | {"bindings": {"x": [[1.0]] * n + [[]]}},
    "a mapped input": lambda n: vector(n) | {"map": ["x"], "expression": "tanh(x)"},
    "a mapped program of arrays": lambda n: {
        "expression": "sum(tanh(x))",
        "bindings": {"x": [[0.5, 1.0]] * n},
        "map": ["x"],
    },
    "a check": lambda n: vector(n) | {"check": True},
    "a check with directions": lambda n: vector(n) | {"check": {"directions": 3}},
    "terms": text(" + ", lambda k: f"{k}*x"),
    "products": text("*", lambda k: "x"),
    "powers": text("**", lambda k: "x"),
    "parentheses": lambda n: {"expression": "(" * n + "x" + ")" * n, "bindings": {"x": 1.0}},
    "parentheses left open": lambda n: {"expression": "(" * n, "bindings": {"x": 1.0}},
    "signs": lambda n: {"expression": "-" * n + "x", "bindings": {"x": 1.0}},
    "calls": lambda n: {"expression": "sin(" * n + "x" + ")" * n, "bindings": {"x": 1.0}},
    "statements": text("; ", lambda k: f"y{k} = {f'y{k - 1}' if k else 'x'} + 1"),
    "names given twice": text("; ", lambda k: "y = x"),
    "unknown functions": text(" + ", lambda k: f"fn{k}(x)"),
    "indices": text(" + ", lambda k: f"v[{k}]", bindings={"v": [1.0] * 2 * SIZE}),
    "characters that mean nothing": lambda n: {"expression": "x ? " * n, "bindings": {"x": 1.0}},
}  # fmt: skip
OTHERS: dict[str, tuple[str, Make]] = {
    "values of every node": (
        "evaluate",
        lambda n: chained("sin", outputs=[str(k) for k in range(n)])(n),
    ),
    "a value many times": ("evaluate", lambda n: chained("sin", outputs=["0"] * n)(n)),
    "tangents of every input": ("jvp", lambda n: summed(n, tangents=bound(n))),
    "unknown tangents": ("jvp", lambda n: vector(2) | {"tangents": bound(n)}),
    "cotangents of every node": (
        "vjp",
        lambda n: chained("sin", cotangents={str(k): 1.0 for k in range(n)})(n),
    ),
    "unknown cotangents": ("vjp", lambda n: vector(2) | {"cotangents": bound(n)}),
    "a cotangent beside as many outputs": (
        "vjp",
        lambda n: chained("cos", outputs=[str(k) for k in range(n)], cotangents={str(n - 1): 1.0})(
            n
        ),
    ),
    "outputs of which the last is broken": (
        "vjp",
        lambda n: nodes(
            [*(node(k, "sin", "x") for k in range(n)), node("z", "sqrt", "y")],
            bindings={"x": 1.0, "y": 0.0},
            outputs=[*map(str, range(n)), "z"],
            cotangents={"z": 1.0},
        ),
    ),
    "a vector of every input": ("hvp", lambda n: summed(n, vector=bound(n))),
    "a product with a wide concat": (
        "hvp",
        lambda n: wide("concat", "v")(n) | {"vector": {"v": [1.0, 1.0]}},
    ),
    "the derivative of a chain": ("derive", chained("tanh")),
    "the derivative of a product": ("derive", lambda n: wide_product(n, wrt=["x0"])),
    "derivatives of terms": ("derive", text(" + ", lambda k: f"sin({k}*x)*x")),
    "the second derivative of terms": (
        "derive",
        text(" + ", lambda k: f"x*sin({k}*y)", order=2),
    ),
    "derivatives by every input": ("derive", summed),
    "unknown names to derive by": ("derive", lambda n: summed(n, wrt=names(n, seed=1))),
    "a sparse Hessian": (
        "hessian",
        lambda n: {
            "expression": " + ".join(f"{name}**3" for name in names(n)),
            "bindings": bound(n),
            "sparse": True,
        },
    ),
    "a sparse Jacobian": (
        "jacobian",
        lambda n: {
            "expression": "; ".join(f"y{k} = sin({name})" for k, name in enumerate(names(n))),
            "bindings": bound(n),
            "outputs": [f"y{k}" for k in range(n)],
            "sparse": True,
        },
    ),
}
GRADED = {"expression": "x**2", "bindings": {"x": 2.0}}
BESIDE = dict.fromkeys(names(90, length=50, seed=1), 1.0)
BESIDE_NAMES = {"expression": " + ".join(BESIDE), "bindings": BESIDE}


def mistyped(n: int) -> list[str]:
    return names(n, length=50, seed=2)


def claims(**made: Any) -> dict[str, Any]:
    return GRADED | {"claims": made}


def formula(of: Callable[[int], str]) -> Make:
    return lambda n: {"expression": "x**2", "claims": {"derivatives": {"x": of(n)}}}


def of_variables(written: Any) -> Make:
    """A sum of n variables, and a claim of the derivative by each."""
    return lambda n: {
        "expression": " + ".join(names(n)),
        "claims": {"derivatives": dict.fromkeys(names(n), written)},
    }


GRADE: dict[str, Make] = {
    "kinds of claims that are none": lambda n: claims(**bound(n)),
    "gradients by unknown names": lambda n: (
        BESIDE_NAMES | {"claims": {"gradients": dict.fromkeys(mistyped(n), 1)}}
    ),
    "a domain of unknown names": lambda n: (
        BESIDE_NAMES | {"claims": {"value": 1}, "domain": {key: [0, 1] for key in mistyped(n)}}
    ),
    "operations allowed that are none": lambda n: claims(value=4) | {"allow": names(n, length=4)},
    "operations denied that are none": lambda n: claims(value=4) | {"deny": mistyped(n)},
    "operations allowed again and again": lambda n: (
        claims(function="x**2") | {"allow": ["sin"] * n}
    ),
    "weights of nothing": lambda n: claims(value=4) | {"weights": bound(n)},
    "weights that are none": lambda n: claims(value=4) | {"weights": dict.fromkeys(names(n), -1)},
    "a weight for each claim": lambda n: summed(
        n,
        claims={"gradients": bound(n)},
        weights={f"gradients/{name}": 2.0 for name in names(n)},
    ),
    "gradients that are wrong": lambda n: summed(
        n, claims={"gradients": dict.fromkeys(names(n), 2)}
    ),
    "gradients that are no numbers": lambda n: summed(
        n, claims={"gradients": dict.fromkeys(names(n), "a")}
    ),
    "formulas that are right": of_variables("1"),
    "formulas that are wrong": of_variables("2"),
    "formulas with unknown names": of_variables("unknown + other"),
    "formulas with unknown functions": of_variables("unknown(1)"),
    "formulas as nodes that are none": of_variables([{"op": "sinn", "args": [1]}]),
    "a formula of many signs": formula(lambda n: "x" + "⁺" * 20 * n),
    "a formula of exponents": formula(lambda n: "x² + " * n + "x"),
    "a formula in bars": formula(lambda n: "|x|-" * n + "x"),
    "a formula in parentheses": formula(lambda n: "(" * n + "x" + ")" * n),
    "a formula of functions": formula(lambda n: "sin^2 " * n + "x"),
    "a formula without signs": formula(lambda n: "2x " * n),
    "a pass of which all is wrong": lambda n: chained(
        "sin", claims={"nodes": {str(k): {"value": 2.0, "gradient": 3.0} for k in range(n)}}
    )(n),
}
SLIPS: dict[str, Make] = {
    "slips of a chain": chained("sin"),
    "slips of many inputs": summed,
    "slips in a domain of unknown names": lambda n: (
        BESIDE_NAMES | {"domain": {key: [0, 1] for key in mistyped(n)}}
    ),
}
KINDS = {kind: ("gradient", make) for kind, make in GRADIENT.items()} | OTHERS
KINDS |= {kind: ("grade", make) for kind, make in GRADE.items()}
KINDS |= {kind: ("slips", make) for kind, make in SLIPS.items()}
NAMED = (
    "every node named",
    "values of every node",
    "a value many times",
    "cotangents of every node",
    "a cotangent beside as many outputs",
)
SIZES = (
    dict.fromkeys(KINDS, SIZE)
    | dict.fromkeys(NAMED, LONG)
    | {
        "a pass of which all is wrong": BOUNDED,
        "gradients that are wrong": BOUNDED,
        "formulas that are wrong": 200,
        "gradients that are no numbers": 400,
    }
)


def calls_of(client: FlaskClient, endpoint: str, message: dict[str, Any]) -> tuple[int, int]:
    """The status, and how many calls the request took, Python's and C's."""
    body = orjson.dumps(message)
    tracer = sys.getprofile()
    counter = Profile()
    counter.enable()
    try:
        reply = client.post(f"/{endpoint}", data=body, content_type="application/json")
    finally:
        counter.disable()
        sys.setprofile(tracer)
    return reply.status_code, sum(entry.callcount for entry in counter.getstats())


@pytest.fixture(scope="module")
def patient() -> FlaskClient:
    """A client of a service that has all the time that counting takes on a busy machine."""
    return create_app(Settings(deadline=600.0, access_log=False)).test_client()


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_message_twice_as_long_costs_about_twice_as_much(patient: FlaskClient, kind: str) -> None:
    (endpoint, make), size = KINDS[kind], SIZES[kind]
    calls_of(patient, endpoint, make(size // 4))
    status, once = calls_of(patient, endpoint, make(size))
    status_of_twice, twice = calls_of(patient, endpoint, make(2 * size))
    assert status == status_of_twice
    assert status in {200, 422}
    assert twice <= GROWTH * once


def test_there_are_ninety_kinds() -> None:
    assert len(KINDS) >= 90
