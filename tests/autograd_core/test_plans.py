"""Plans: the same question is linked and compiled once, however often it is asked."""

import pytest

from autograd_core import gradient, parse
from autograd_core.derivatives.plan import MOST_PLANS
from autograd_core.engines import compiled
from autograd_core.engines.tape import lowering


@pytest.fixture
def lowered(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows by one with each tape that is made."""
    counted: list[int] = []
    lower = lowering.lower

    def counting(*arguments: object, **more: object) -> object:
        counted.append(1)
        return lower(*arguments, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(compiled, "lower", counting)
    return counted


def test_new_numbers_compile_nothing(lowered: list[int]) -> None:
    graph = parse("a*b + c")
    for a in range(10):
        assert gradient(graph, {"a": float(a), "b": 2.0, "c": 1.0}).value == 2.0 * a + 1
    assert len(lowered) == 1


def test_integers_ask_the_same_question_as_floats(lowered: list[int]) -> None:
    graph = parse("a*a")
    gradient(graph, {"a": 2.0})
    gradient(graph, {"a": 2})
    assert len(lowered) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"bindings": {"b": 2.0, "a": 1.0}},
        {"bindings": {"a": 1.0, "b": 2.0, "unused": 3.0}},
        {"wrt": ["a"]},
        {"output": "p"},
    ],
    ids=["order", "names", "targets", "output"],
)
def test_another_question_is_compiled_anew(lowered: list[int], other: dict[str, object]) -> None:
    graph = parse("p = a*b; p + a")
    asked: dict[str, object] = {"bindings": {"a": 1.0, "b": 2.0}}
    gradient(graph, **asked)  # type: ignore[arg-type]
    gradient(graph, **(asked | other))  # type: ignore[arg-type]
    assert len(lowered) == 2


def test_a_graph_keeps_only_so_many_plans() -> None:
    graph = parse("a + 1")
    for extra in range(3 * MOST_PLANS):
        gradient(graph, {"a": 1.0, f"unused{extra}": 0.0})
    assert len(graph.memo) <= MOST_PLANS
