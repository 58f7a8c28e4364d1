"""What a caller sent is quoted in a sentence of readable length, whatever its own length."""

from collections.abc import Callable
from typing import Any

import pytest

from autograd_core import (
    CheckOptions,
    InvalidError,
    check,
    evaluate,
    gradient,
    parse,
    read_nodes,
    tensor,
)
from autograd_core.names import listed, quoted

LONG = "name" * 20_000
MANY = [0] * 50_000
WIDE = [1] * 50_000


def node(op: str, *args: Any, **attributes: Any) -> Any:
    """The values of a node of x, a matrix."""
    graph = read_nodes([{"id": "y", "op": op, "args": args or ["x"], "attrs": attributes}])
    return evaluate(graph, {"x": [[1.0, 2.0]]})


LONG_WINDED: dict[str, Callable[[], object]] = {
    "an operation": lambda: node(LONG),
    "an attribute": lambda: node("sum", **{LONG: 1}),
    "a member of a node": lambda: read_nodes([{"op": "exp", "args": ["x"], LONG: 1}]),
    "a member of a tensor": lambda: tensor({LONG: 1}),
    "text for a number": lambda: tensor([LONG]),
    "text for an attribute": lambda: node("sum", axis=LONG),
    "axes named twice": lambda: node("sum", axis=MANY),
    "axes out of range": lambda: node("expand_dims", axis=[*range(50_000), 99_999]),
    "axes in an order": lambda: node("transpose", axes=MANY),
    "lengths to fill": lambda: node("reshape", shape=WIDE),
    "lengths below 0": lambda: node("reshape", shape=[-2] * 50_000),
    "lengths to broadcast to": lambda: node("broadcast_to", shape=[3] * 50_000),
    "an equation": lambda: node("einsum", equation="?" * 50_000),
    "the result of an equation": lambda: node("einsum", equation="ab->" + "a" * 50_000),
    "an operation in infix text": lambda: parse(f"{LONG}(x)"),
    "a product in infix text": lambda: parse(f"{LONG[:300]} = x; {LONG[:300]}(x)"),
    "an attribute in infix text": lambda: parse(f"sum(x, {LONG[:300]}=y, {LONG[:300]}=1)"),
    "an index in infix text": lambda: parse("x[1." + "0" * 50_000 + "]"),
    "a name that nothing has": lambda: evaluate(parse(LONG[:256]), {}),
    "a node that nothing has": lambda: gradient(parse("x"), {"x": 1.0}, wrt=[LONG]),
    "a method": lambda: check(parse("x"), {"x": 1.0}, options=CheckOptions(method=LONG)),  # type: ignore[arg-type]  # what is wrong
}


@pytest.mark.parametrize("call", LONG_WINDED.values(), ids=LONG_WINDED.keys())
def test_a_fault_is_a_sentence_of_readable_length(call: Callable[[], object]) -> None:
    with pytest.raises(InvalidError) as caught:
        call()
    for fault in caught.value.faults:
        assert len(fault.detail) <= 400


@pytest.mark.parametrize(
    "text, expected",
    [
        ("x", "'x'"),
        ("it's", '"it\'s"'),
        ("a" * 60, repr("a" * 60)),
        ("a" * 61, repr("a" * 60) + "..."),
        ("", "''"),
    ],
)
def test_a_quotation_says_that_it_is_cut(text: str, expected: str) -> None:
    assert quoted(text) == expected


@pytest.mark.parametrize(
    "numbers, expected",
    [
        ([], "[]"),
        ((1, -2), "[1, -2]"),
        (range(16), str(list(range(16)))),
        (range(17), str(list(range(16)))[:-1] + ", ...]"),
    ],
)
def test_a_list_says_that_it_is_cut(numbers: Any, expected: str) -> None:
    assert listed(numbers) == expected
