"""Suggestions have a bound, however much is wrong: 50 faults and some hundredths of a second."""

import difflib
import random
from collections.abc import Callable
from typing import Any

import pytest

from autograd_core import (
    InvalidError,
    evaluate,
    gradient,
    hvp,
    jacobian,
    jvp,
    parse,
    read_nodes,
    vjp,
)
from autograd_core.names import Suggestions, did_you_mean


def names(count: int, length: int, seed: int) -> list[str]:
    rng = random.Random(seed)
    return ["".join(rng.choices("abcde", k=length)) for _ in range(count)]


UNKNOWN = names(2_000, 60, seed=1)
BOUND = dict.fromkeys(names(1_000, 60, seed=2), 1.0)
SMALL = dict.fromkeys(names(20, 6, seed=3), 1.0)
NODES = [{"id": f"n{k}", "op": "add", "args": UNKNOWN[k : k + 2]} for k in range(1_000)]
LONG_NODES = [{"id": name, "op": "exp", "args": [name[::-1]]} for name in UNKNOWN[:900]]


def known(bound: dict[str, float]) -> Any:
    return parse(next(iter(bound)))


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Pairs of characters that difflib was given to compare."""
    counted: list[int] = []
    original: Callable[..., list[str]] = difflib.get_close_matches

    def counting(word: str, possibilities: Any, **options: Any) -> list[str]:
        counted.append(len(word) * sum(map(len, possibilities)))
        return original(word, possibilities, **options)

    monkeypatch.setattr(difflib, "get_close_matches", counting)
    return counted


@pytest.mark.parametrize("bound", [BOUND, SMALL], ids=["many long names", "few short ones"])
@pytest.mark.parametrize(
    "call",
    [
        lambda bound: gradient(known(bound), bound, wrt=UNKNOWN),
        lambda bound: jacobian(known(bound), bound, outputs=UNKNOWN),
        lambda bound: jvp(known(bound), bound, dict.fromkeys(UNKNOWN, 1.0)),
        lambda bound: jvp(known(bound), bound, {}, wrt=UNKNOWN),
        lambda bound: vjp(known(bound), bound, dict.fromkeys(UNKNOWN, 1.0)),
        lambda bound: hvp(known(bound), bound, dict.fromkeys(UNKNOWN, 1.0)),
        lambda bound: evaluate(parse("+".join(UNKNOWN[:900])), bound),
        lambda bound: read_nodes(NODES, list(bound)),
        lambda bound: evaluate(read_nodes(NODES), bound, outputs=["n0"]),
        lambda bound: read_nodes(LONG_NODES, list(bound)),
        lambda bound: read_nodes([{"id": "a", "op": name, "args": []} for name in UNKNOWN]),
        lambda bound: read_nodes(
            [{"id": name, "op": "exp", "args": [1], name: 1} for name in UNKNOWN]
        ),
        lambda bound: read_nodes(
            [{"op": "sum", "args": ["x"], "attrs": dict.fromkeys(UNKNOWN, 1)}]
        ),
        lambda bound: read_nodes([{"op": "exp", "args": [dict.fromkeys(UNKNOWN, 1)]}]),
        lambda bound: parse("+".join(f"{name[:40]}(x)" for name in UNKNOWN[:900])),
    ],
)
def test_what_suggestions_compare_has_a_bound(
    call: Callable[[dict[str, float]], Any], bound: dict[str, float], compared: list[int]
) -> None:
    with pytest.raises(InvalidError) as caught:
        call(bound)
    assert len(caught.value.faults) == 50
    assert len(compared) <= 50
    assert sum(compared) <= 50 * 60 * 2_000  # what 50 unknown operations may take


def test_names_are_read_once_and_answers_remembered() -> None:
    reads: list[None] = []

    def read() -> list[str]:
        reads.append(None)
        return ["weight", "bias"]

    suggestions = Suggestions(read)
    assert not reads, "names are read when first needed"
    for _ in range(3):
        assert suggestions.closest("wieght") == "weight"
        assert suggestions.closest("biass") == "bias"
    assert len(reads) == 1


def test_a_budget_used_up_leaves_out_suggestions_and_nothing_else() -> None:
    suggestions = Suggestions(lambda: ["weight", "bias"], budget=100)
    assert suggestions.did_you_mean("wieght") == "; did you mean 'weight'?"
    assert suggestions.did_you_mean("biass") == ""
    assert suggestions.did_you_mean("wieght") == "; did you mean 'weight'?"


@pytest.mark.parametrize(
    "name, known, expected",
    [
        ("mull", ["mul", "add"], "; did you mean 'mul'?"),
        ("Tanh", ["tanh", "tan"], "; did you mean 'tanh'?"),
        ("alpah", ["alpha", "beta"], "; did you mean 'alpha'?"),
        ("qqq", ["alpha", "beta"], ""),
        ("ab", [f"ab{k}" for k in range(1_001)], ""),
        ("Alpha", ["alpha", "beta"], "; did you mean 'alpha'?"),
        ("alpa", ["ALPHA", "alpha"], "; did you mean 'ALPHA'?"),
        ("zzz", ["alpha"], ""),
        ("x" * 65, ["x" * 64], ""),
        ("a", [], ""),
    ],
)
def test_the_closest_name(name: str, known: list[str], expected: str) -> None:
    assert did_you_mean(name, known) == expected
