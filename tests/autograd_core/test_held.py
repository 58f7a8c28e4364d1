"""What a computation holds at once is counted, limited and told before it is held."""

from collections.abc import Callable
from typing import Any

import pytest

from autograd_core import (
    Deadline,
    DeadlineExceeded,
    GraphError,
    Limits,
    evaluate,
    gradient,
    hessian,
    hvp,
    jacobian,
    jvp,
    parse,
    vjp,
)

LENGTH = 1_000
SINES = parse(f"y = {'sin(' * 8}broadcast_to(x, shape=[{LENGTH}]){')' * 8}; sum(y)")
AT = {"x": 1.0}
# The bound input, the broadcast one, eight sines and the sum.
VALUES = 2 + 9 * LENGTH
Call = Callable[..., Any]
MODES: dict[str, tuple[int, Call]] = {
    "evaluate": (1, lambda **more: evaluate(SINES, AT, **more)),
    "gradient": (2, lambda **more: gradient(SINES, AT, **more)),
    "gradient with nodes": (3, lambda **more: gradient(SINES, AT, trace=True, **more)),
    "jvp": (2, lambda **more: jvp(SINES, AT, AT, **more)),
    "vjp": (2, lambda **more: vjp(SINES, AT, {"y": [1.0] * LENGTH}, **more)),
    "jacobian": (2, lambda **more: jacobian(SINES, AT, **more)),
    "hvp": (4, lambda **more: hvp(SINES, AT, AT, **more)),
    "hessian": (4, lambda **more: hessian(SINES, AT, **more)),
}


class Watched(Deadline):
    """A deadline far away that remembers what it was told."""

    def __init__(self) -> None:
        super().__init__(60)
        self.held: list[int] = []

    def hold(self, numbers: int) -> None:
        self.held.append(numbers)


@pytest.mark.parametrize("mode", MODES)
def test_every_mode_holds_so_many_numbers_for_each_value(mode: str) -> None:
    copies, call = MODES[mode]
    watched = Watched()
    call(deadline=watched)
    needed = copies * (VALUES - (mode == "vjp"))  # which does not compute the sum
    assert max(watched.held) == needed
    call(limits=Limits(total_elements=needed))
    with pytest.raises(GraphError) as caught:
        call(limits=Limits(total_elements=needed - 1))
    (fault,) = caught.value.faults
    assert fault.code == "limit_exceeded"
    assert f"{needed:,}" in fault.detail
    assert f"{needed - 1:,}" in fault.detail


def test_the_largest_part_is_named() -> None:
    graph = parse("big = outer(x, x); s = sum(x); sum(big)*s")
    with pytest.raises(GraphError) as caught:
        gradient(graph, {"x": [1.0] * 100}, limits=Limits(total_elements=15_000))
    assert "'big'" in caught.value.faults[0].detail


def test_points_of_a_scalar_program_are_counted_where_they_are_held_together() -> None:
    graph, points = parse("tanh(x)*y"), {"x": [0.5] * 50, "y": 1.0}
    watched = Watched()
    gradient(graph, points, mapped=["x"], trace=True, deadline=watched)
    assert 3 * 4 * 50 in watched.held


def test_a_deadline_that_refuses_memory_ends_the_computation() -> None:
    class Refusing(Deadline):
        def hold(self, numbers: int) -> None:
            raise DeadlineExceeded(f"no room for {numbers}")

    for _, call in MODES.values():
        with pytest.raises(DeadlineExceeded, match="no room"):
            call(deadline=Refusing(60))


def test_compiling_looks_at_the_clock() -> None:
    graph = parse("; ".join(f'y{k} = einsum(x, x, equation="i,i->")' for k in range(50)))
    with pytest.raises(DeadlineExceeded):
        evaluate(graph, {"x": [1.0, 2.0]}, outputs=["y0"], deadline=Deadline(-1))
