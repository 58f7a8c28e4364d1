"""The deadline that nobody passes on: of a thread, for readers and rules."""

from collections.abc import Callable
from threading import Thread
from typing import Any

import pytest

from autograd_core import Deadline, DeadlineExceeded, gradient, parse
from autograd_core.engines import compiled
from autograd_core.engines.tape.lowering import lower
from autograd_core.graph import Graph
from autograd_core.infix.formatting import format_expression
from autograd_core.limits import watched, within
from autograd_core.nodes.node_list import read_nodes
from autograd_core.tensors import tensor
from tests.autograd_core.counting_deadline import CountingDeadline


def plain(count: int) -> list[dict[str, Any]]:
    return [
        {"id": f"n{k}", "op": "sin", "args": ["x" if not k else f"n{k - 1}"]} for k in range(count)
    ]


def attribute(op: str, **attributes: Any) -> Graph:
    return read_nodes([{"op": op, "args": ["x"], "attrs": attributes}])


COUNT = 20_000
SIZED: dict[str, Callable[[int], object]] = {
    "a plain node list": lambda size: read_nodes(plain(size), ("x",)),
    "a node list with an input that is not bound": lambda size: read_nodes(plain(size)),
    "a node list from its end": lambda size: read_nodes(plain(size)[::-1], ("x",)),
    "operands of one node": lambda size: read_nodes([{"op": "add", "args": [1] * size}]),
    "infix text": lambda size: parse("+".join(["x"] * size)),
    "rows of a nested list": lambda size: tensor([[1.0]] * size),
    "positions": lambda size: attribute("take", indices=[0] * size),
    "rows of positions": lambda size: attribute("take", indices=[[0]] * size),
    "axes": lambda size: attribute("sum", axis=[0] * size),
    "slices": lambda size: attribute("index", spec=[[None]] * size),
    "numbers in words": lambda size: tensor(["NaN"] * size),
    "numbers in words, flat": lambda size: tensor({"shape": [size], "data": ["NaN"] * size}),
}


@pytest.mark.slow
@pytest.mark.parametrize("read", SIZED.values(), ids=SIZED.keys())
def test_a_reader_looks_at_the_clock_as_often_as_it_is_long(read: Callable[[int], object]) -> None:
    looks = []
    for size in (COUNT, 2 * COUNT):
        deadline = CountingDeadline()
        with deadline.ambient():
            read(size)
        looks.append(deadline.looks)
    assert looks[0] >= COUNT // 5_000
    assert looks[1] > 1.5 * looks[0]


@pytest.mark.parametrize("read", SIZED.values(), ids=SIZED.keys())
def test_a_reader_ends_with_its_time(read: Callable[[int], object]) -> None:
    deadline = CountingDeadline(looks=3)
    with deadline.ambient(), pytest.raises(DeadlineExceeded):
        read(COUNT)
    assert deadline.looks == 3


def test_writing_a_graph_as_text_ends_with_its_time() -> None:
    graph = read_nodes(plain(COUNT), ("x",))
    with CountingDeadline(looks=3).ambient(), pytest.raises(DeadlineExceeded):
        format_expression(graph)


def test_nodes_in_place_end_with_their_time() -> None:
    node: dict[str, Any] = {"op": "add", "args": [{"op": "sin", "args": ["x"]}] * COUNT}
    deadline = CountingDeadline(looks=COUNT // 1024 + 5)
    with deadline.ambient(), pytest.raises(DeadlineExceeded):
        read_nodes([node])


def test_without_a_deadline_the_items_are_what_was_given() -> None:
    items = [1, 2]
    assert watched(items, None) is items


@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 25])
def test_watched_items_are_all_of_them_in_order(count: int) -> None:
    deadline = CountingDeadline()
    assert list(watched(iter(range(count)), deadline, 10)) == list(range(count))
    assert deadline.looks == -(-count // 10)


@pytest.mark.parametrize("count, looks", [(0, 0), (10, 0), (11, 2), (25, 3)])
def test_items_known_to_be_few_take_no_look(count: int, looks: int) -> None:
    deadline = CountingDeadline()
    assert list(watched(range(count), deadline, 10)) == list(range(count))
    assert deadline.looks == looks


def test_ambient_deadlines_nest_and_end() -> None:
    outer, inner = CountingDeadline(), CountingDeadline()
    assert Deadline.current() is None
    with outer.ambient():
        with inner.ambient():
            assert Deadline.current() is inner
        with within(None):
            assert Deadline.current() is outer
        with pytest.raises(ZeroDivisionError), within(inner):
            raise ZeroDivisionError
        assert Deadline.current() is outer
    assert Deadline.current() is None


def test_an_ambient_deadline_belongs_to_its_thread() -> None:
    found: list[Deadline | None] = []
    with CountingDeadline().ambient():
        thread = Thread(target=lambda: found.append(Deadline.current()))
        thread.start()
        thread.join()
    assert found == [None]


def test_a_reader_gives_the_same_with_a_deadline_as_without() -> None:
    text = "+".join(["x"] * 3000)
    with CountingDeadline().ambient():
        graph = parse(text)
    assert format_expression(graph) == format_expression(parse(text))


def chain_of(count: int) -> Graph:
    return read_nodes(plain(count), ("x",))


@pytest.mark.slow
@pytest.mark.parametrize("trace", [False, True], ids=["a gradient", "a gradient with its trace"])
def test_no_stretch_of_a_gradient_is_without_a_look(trace: bool) -> None:
    """A trace takes three looks a node: forward, in reverse, and for its partials."""
    everything = CountingDeadline()
    gradient(chain_of(300), {"x": 0.5}, trace=trace, deadline=everything)
    for looks in range(1, everything.looks + 1):
        with pytest.raises(DeadlineExceeded):
            gradient(chain_of(300), {"x": 0.5}, trace=trace, deadline=CountingDeadline(looks))
    assert everything.looks >= (3 * 300 if trace else 1)


def test_a_trace_of_a_program_of_scalars_is_compiled_within_its_time() -> None:
    looks = []
    for count in (1_600, 3_200):
        deadline = CountingDeadline()
        gradient(chain_of(count), {"x": 0.5}, trace=True, deadline=deadline)
        looks.append(deadline.looks)
    # Forward, reverse and the node's own partials; and one look for 16 nodes compiled.
    assert looks[1] - looks[0] >= 3 * 1_600 + 1_600 // 16


@pytest.mark.slow
@pytest.mark.parametrize("looks", [1, 2, 5, 20, 40])
def test_a_tape_is_laid_out_within_its_time(looks: int) -> None:
    """Constants and attributes are gone through one by one; the rest is a few steps."""
    nodes = [{"op": "leaky_relu", "args": [k], "attrs": {"alpha": k}} for k in range(COUNT)]
    graph = read_nodes(nodes)
    deadline = CountingDeadline()
    with deadline.ambient():
        lower(graph, {}, [])
    assert deadline.looks >= 2 * COUNT // 1024 + 3
    with CountingDeadline(looks).ambient(), pytest.raises(DeadlineExceeded):
        lower(graph, {}, [])


def test_a_deadline_holds_while_a_tape_is_laid_out(monkeypatch: pytest.MonkeyPatch) -> None:
    started = []

    def lowered(*_: Any, **__: Any) -> None:
        started.append(Deadline.current())

    monkeypatch.setattr(compiled, "lower", lowered)
    deadline = Deadline(10.0)
    gradient(parse("x*x"), {"x": 2.0}, deadline=deadline)
    assert started == [deadline]
