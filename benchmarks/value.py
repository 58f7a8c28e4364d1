"""`Value` against micrograd, whose interface it has: the same lines of Python for both.

Written and differentiated, as in every step of a training loop; and `backward` alone, again and
again on one expression (micrograd's gradients then add up, which takes the same time).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

from autograd_core import Value
from benchmarks.engine import require_equal
from benchmarks.graphs import ScalarGraph, mixed
from benchmarks.harness import (
    AS_FAST,
    Row,
    durations,
    in_deep_thread,
    judged,
    side_by_side,
    unmeasured,
)
from benchmarks.peers import ARITHMETIC, MICROGRAD, Answer, Operation, micrograd_operations, results

SIZES = (5, 20, 200, 2_000, 100_000)
TINY = (5, 20)
WHATS = ("written and differentiated", "backward alone")
WORDING = "at least as fast"

OPERATIONS: dict[str, Operation] = {
    **ARITHMETIC,
    "relu": lambda x, _: x.relu(),
    "tanh": lambda x, _: x.tanh(),
    "exp": lambda x, _: x.exp(),
}


def measure(*, quick: bool) -> Iterator[Row]:
    """Two rows for each size."""
    for size in TINY if quick else SIZES:
        rows: list[Row] = []
        if MICROGRAD.installed:
            in_deep_thread(lambda: rows.extend(_rows(size, quick=quick)))  # noqa: B023 - called at once
        else:
            reason = f"{MICROGRAD.module}: not installed"
            rows += [unmeasured(_what(size, what), WORDING, reason) for what in WHATS]
        yield from rows


def _what(size: int, what: str) -> str:
    return f"Value, {size:,} operations, {what}"


def _rows(size: int, *, quick: bool) -> Iterator[Row]:
    graph = mixed(size)
    numbers = graph.numbers(1)
    write = {
        "Value": _written(Value, OPERATIONS, graph, numbers),
        "micrograd": _written(
            import_module("micrograd.engine").Value, micrograd_operations(), graph, numbers
        ),
    }
    require_equal(_answer(write["Value"]), _answer(write["micrograd"]), "micrograd")
    outputs = {name: written()[0] for name, written in write.items()}
    contestants: tuple[dict[str, Callable[[], object]], ...] = (
        {name: lambda written=written: written()[0].backward() for name, written in write.items()},
        {name: output.backward for name, output in outputs.items()},
    )
    for what, both in zip(WHATS, contestants, strict=True):
        times = side_by_side(both, quick=quick)
        ratio = times["micrograd"] / times["Value"]
        figures = durations(times)
        yield judged(_what(size, what), WORDING, ratio, figures, at_least=1.0, form=AS_FAST)


def _written(
    value_type: Any, operations: dict[str, Operation], graph: ScalarGraph, numbers: list[float]
) -> Callable[[], tuple[Any, list[Any]]]:
    """What writes the expression: the output and the inputs."""
    run = results(graph, operations)

    def written() -> tuple[Any, list[Any]]:
        inputs = [value_type(number) for number in numbers]
        return run(inputs), inputs

    return written


def _answer(written: Callable[[], tuple[Any, list[Any]]]) -> Answer:
    output, inputs = written()
    output.backward()
    return output.data, [x.grad for x in inputs]
