"""Lists of nodes read from text: the graph that the decoded list is, or nothing."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

from autograd_core import (
    Deadline,
    DeadlineExceeded,
    Graph,
    GraphError,
    Limits,
    NotPlain,
    gradient,
    read_node_text,
    read_nodes,
    scan_nodes,
)
from autograd_core.nodes import node_list, scanning, text as node_text
from autograd_core.nodes.grammar import BEGINNING, FAILED, FOLLOWING, LIST_ENDS
from autograd_core.nodes.quick_reading import read_plain
from tests.tables import table

Nodes = list[dict[str, Any]]
NOTES: Nodes = [
    {"id": "e", "op": "mul", "args": ["a", "b"]},
    {"id": "d", "op": "add", "args": ["e", "c", 2]},
]
BOUND = ("a", "b", "c")


def read(text: str, bound: tuple[str, ...] = BOUND, limits: Limits = Limits()) -> Graph:  # noqa: B008 - frozen
    """The graph of a text that is nothing but a list."""
    raw = text.encode()
    nodes = scan_nodes(raw, 0, limits)
    assert raw[nodes.end :].strip() == b""
    return read_node_text(nodes, bound, limits)


def assert_same(found: Graph, expected: Graph) -> None:
    """Nodes, names and the order of both are the same, and so are the codes of all names."""
    assert found.nodes == expected.nodes
    assert tuple(found.names) == tuple(expected.names)
    assert found.operands.dtype == found.offsets.dtype == np.int32
    for name, code in expected.codes.items():
        assert found.label(found.codes[name]) == expected.label(code)
    assert set(found.inputs) >= set(expected.inputs)  # those that no node uses, too
    assert set(found.codes) - set(found.inputs) == set(expected.names)
    assert [found.place_of(k) for k in range(len(found))] == [
        expected.place_of(k) for k in range(len(expected))
    ]


# What is read ------------------------------------------------------------------------------

NAMES = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=12)
NUMBERS = st.one_of(
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([0, 0.0, -0.0, 1, 1.0, 1e22, 1e-300, 5e-324, 123456789012345678]),
)
ARITIES = {"add": (2, 5), "mul": (2, 3), "neg": (1, 1), "tanh": (1, 1), "pow": (2, 2), "+": (2, 2)}


@st.composite
def lists(draw: st.DrawFn) -> tuple[Nodes, tuple[str, ...]]:
    """A plain list of nodes in any order, and what is bound."""
    names = draw(st.lists(NAMES, min_size=2, max_size=12, unique=True))
    inputs = draw(st.integers(1, len(names) - 1))
    nodes: Nodes = []
    for number, name in enumerate(names[inputs:], inputs):
        op = draw(st.sampled_from(sorted(ARITIES)))
        count = draw(st.integers(*ARITIES[op]))
        operand = st.sampled_from(names[:number]) | NUMBERS
        args = draw(st.lists(operand, min_size=count, max_size=count))
        node = {"id": name, "op": op, "args": args}
        nodes.append({member: node[member] for member in draw(st.permutations(sorted(node)))})
    return draw(st.permutations(nodes)), tuple(names[:inputs])


FORMS: list[Callable[[Any], str]] = [
    json.dumps,
    lambda value: json.dumps(value, separators=(",", ":")),
    lambda value: json.dumps(value, indent=2),
    lambda value: "\t \r\n" + json.dumps(value, indent="\t", separators=(" ,\r\n", "\t: ")),
]


@given(lists(), st.sampled_from(FORMS))
def test_it_is_the_graph_of_the_decoded_list(
    drawn: tuple[Nodes, tuple[str, ...]], form: Callable[[Any], str]
) -> None:
    nodes, bound = drawn
    written = form(nodes)
    if "\\" in written:  # an escape
        with pytest.raises(NotPlain):
            read(written, bound)
    else:
        assert_same(read(written, bound), read_nodes(nodes, bound))


@given(lists(), st.booleans())
def test_a_decoded_list_is_read_alike_quickly_and_carefully(
    drawn: tuple[Nodes, tuple[str, ...]], are_bound: bool
) -> None:
    nodes, bound = drawn
    quickly = read_plain(nodes, bound if are_bound else None, Limits())
    carefully = node_list._Reader(bound if are_bound else None, Limits()).read(nodes)
    if quickly is not None:
        assert_same(quickly, carefully)
    in_order = all(
        arg not in {later["id"] for later in nodes[place:]}
        for place, node in enumerate(nodes)
        for arg in node["args"]
        if isinstance(arg, str)
    )
    is_large = any(abs(a) >= 1e300 for n in nodes for a in n["args"] if not isinstance(a, str))
    assert (quickly is not None) == (in_order and not is_large)


@given(lists(), st.data())
def test_whatever_is_read_is_json_and_read_alike(
    drawn: tuple[Nodes, tuple[str, ...]], data: st.DataObject
) -> None:
    """A few bytes of a good text are changed: what this reader takes, JSON has to take as well."""
    nodes, bound = drawn
    raw = bytearray(json.dumps(nodes).encode())
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.integers(0, len(raw) - 1))
        change = data.draw(st.sampled_from(b'[]{}:,"\\ \n-+.eE019adi\x00\x1f\x7f\x80\xff'))
        raw[place : place + data.draw(st.integers(0, 2))] = bytes([change])
    try:
        found = scan_nodes(bytes(raw), 0)
        graph = read_node_text(found, bound)
    except (NotPlain, GraphError):
        return
    decoded = json.loads(raw[: found.end])
    assert_same(graph, read_nodes(decoded, bound))


def with_number(literal: str) -> str:
    return f'[{{"id": "y", "op": "mul", "args": ["a", {literal}]}}]'


@table(
    "literal, value",
    [
        ("0", 0.0), ("7", 7.0), ("-3", -3.0), ("10", 10.0), ("0.5", 0.5), ("-0.0", -0.0),
        ("1e3", 1e3), ("1E-3", 1e-3), ("2.5e+2", 250.0), ("0e0", 0.0), ("1e007", 1e7),
        ("9007199254740993", 9007199254740992.0), ("0.1000000000000000055511151231257827", 0.1),
        ("1.7976931348623157e308", 1.7976931348623157e308), ("4.9e-324", 5e-324), ("1e-999", 0.0),
        ("123456789012345678901234567890", 123456789012345678901234567890.0),
    ],
)  # fmt: skip
def test_numbers_are_read_as_json_reads_them(literal: str, value: float) -> None:
    leaves = read(with_number(literal)).leaves
    assert [each.hex() for each in leaves if isinstance(each, float)] == [value.hex()]


@table("literal", ["-0", "00", "01", "-01", "1.", ".5", "+1", "1e", "1e+", "-", "1.e2", "0x1",
                   "NaN", "Infinity", "1e999", "-1e400", "1_0", "true", "null", "1 2", "", "--1",
                   "1.5.2", "1e5e5", "1-1", "0-0", "9" * 400])  # fmt: skip
def test_other_numbers_are_left_to_others(literal: str) -> None:
    with pytest.raises(NotPlain):
        read(with_number(literal))


@table(
    "changed",
    [
        "[]", "{}", "[1]", "[null]", "", "[", "[{", "[[]]", '[{"id": "e"}]', "[{}]", "null",
        '[{"id": "e", "op": "neg"}]', '[{"op": "neg", "args": ["a"]}]',
        '[{"id": "e", "op": "neg", "args": ["a"], "attrs": {}}]',
        '[{"id": "e", "op": "neg", "args": ["a"], "id": "f"}]',
        '[{"id": "e", "op": "neg", "op": "neg", "args": ["a"]}]',
        '[{"id": "e", "op": "neg", "args": ["a"], "args": ["b"]}]',
        '[{"id": "e", "op": "neg", "args": ["a"], "ARGS": ["b"]}]',
        '[{"id": "", "op": "neg", "args": ["a"]}]',
        '[{"id": "%s", "op": "neg", "args": ["a"]}]' % ("n" * 257),
        '[{"id": "é", "op": "neg", "args": ["a"]}]',
        r'[{"id": "\u0065", "op": "neg", "args": ["a"]}]',
        '[{"id": "e\n", "op": "neg", "args": ["a"]}]',
        '[{"id": 1, "op": "neg", "args": ["a"]}]',
        '[{"id": "e", "op": 1, "args": ["a"]}]',
        '[{"id": "e", "op": "neg", "args": "a"}]',
        '[{"id": "e", "op": "neg", "args": [["a"]]}]',
        '[{"id": "e", "op": "neg", "args": [{"op": "neg", "args": ["a"]}]}]',
        '[{"id": "e", "op": "neg", "args": ["a",]}]',
        '[{"id": "e", "op": "neg", "args": [,"a"]}]',
        '[{"id": "e", "op": "neg", "args": ["a"]},]',
        '[{"id": "e", "op": "neg", "args": ["a"],}]',
        '[{"id": "e", "op": "neg", "args": ["a"]}',
        '[{"id": "e", "op": "neg", "args": ["a"]} {"id": "f", "op": "neg", "args": ["a"]}]',
        '[{"id": "e" "op": "neg", "args": ["a"]}]',
        '[{"id" "e", "op": "neg", "args": ["a"]}]',
        '[{"id": "e", "op": "neg", "args": []}]',  # too few operands
        '[{"id": "e", "op": "neg", "args": ["a", "b"]}]',  # too many
        '[{"id": "e", "op": "negg", "args": ["a"]}]',  # no operation
        '[{"id": "e", "op": "sum", "args": ["a"]}]',  # it has attributes
        '[{"id": "e", "op": "neg", "args": ["z"]}]',  # nothing is called so
        '[{"id": "a", "op": "neg", "args": ["b"]}]',  # so is what is bound
        '[{"id": "e", "op": "neg", "args": ["a"]}, {"id": "e", "op": "neg", "args": ["b"]}]',
    ],
)  # fmt: skip
def test_whatever_is_out_of_the_ordinary_is_left_to_others(changed: str) -> None:
    with pytest.raises(NotPlain):
        read(changed)


def test_a_cycle_is_the_fault_that_it_is_in_a_decoded_list() -> None:
    nodes = [{"id": "e", "op": "neg", "args": ["f"]}, {"id": "f", "op": "neg", "args": ["e"]}]
    with pytest.raises(GraphError) as expected:
        read_nodes(nodes, BOUND)
    with pytest.raises(GraphError) as found:
        read(json.dumps(nodes))
    assert found.value.faults == expected.value.faults


def test_the_same_text_may_be_a_name_an_operation_and_digits() -> None:
    nodes = [
        {"id": "add", "op": "add", "args": ["a", 1]},
        {"id": "1", "op": "mul", "args": ["add", "1.0"]},
    ]
    assert_same(read(json.dumps(nodes), ("a", "1.0")), read_nodes(nodes, ("a", "1.0")))


@pytest.mark.parametrize("bound", [("a", "b", "c", "θ", "é"), ("a", "b", "c", "\ud800", '"', "")])
def test_names_that_no_plain_text_holds_may_be_bound(bound: tuple[str, ...]) -> None:
    graph = read(json.dumps(NOTES), bound)
    assert graph.inputs == bound
    assert gradient(graph, dict.fromkeys(bound, 3.0)).gradients["a"] == 3.0


def test_it_begins_and_ends_within_a_text() -> None:
    before, after = b'{"nodes":', b',"\xc3":["}'
    text = before + json.dumps(NOTES).encode() + after
    nodes = scan_nodes(text, len(before))
    assert text[nodes.end :] == after
    assert_same(read_node_text(nodes, BOUND), read_nodes(NOTES, BOUND))


def test_a_name_may_be_as_long_as_the_limit() -> None:
    longest = "n" * Limits().name
    assert read(f'[{{"id": "{longest}", "op": "neg", "args": ["a"]}}]').names[0] == longest


def test_a_number_ends_before_what_follows_it() -> None:
    graph = read('[{"id": "y", "op": "add", "args": [2.5 ,2.5,2.5\n, "a", 2.5 ]}]')
    assert graph.leaves == (*BOUND, 2.5)


@pytest.mark.parametrize("limits", [Limits(nodes=1), Limits(name=3)])
def test_limits_are_for_others_to_explain(limits: Limits) -> None:
    nodes = [*NOTES, {"id": "long", "op": "neg", "args": ["d"]}]
    assert len(read(json.dumps(nodes), limits=Limits(nodes=3, name=4))) == 3
    with pytest.raises(NotPlain):
        read(json.dumps(nodes), limits=limits)


def test_more_operands_than_a_graph_may_have_nodes() -> None:
    nodes = [{"id": "e", "op": "add", "args": ["a"] * 4}]
    assert len(read(json.dumps(nodes), limits=Limits(nodes=4))) == 1
    with pytest.raises(NotPlain):
        read(json.dumps(nodes), limits=Limits(nodes=3))


def test_names_of_nodes_are_made_as_they_are_asked_for() -> None:
    graph = read(json.dumps(NOTES))
    assert graph.names[0] == graph.ids[0] == "e"
    assert graph.names[0:2] == ("e", "d")
    assert "d" in graph.names
    for absent in ("x", "ee", "é", "", 3):
        assert absent not in graph.names
    assert graph.codes["d"] == 1
    assert graph.codes.get("x") is None
    assert list(graph.codes) == ["a", "b", "c", "e", "d"]


def test_many_names_are_found_as_few_are() -> None:
    graph = read(long_list(30))
    wanted = [*(f"n{k}" for k in range(30)), "n30", "é"]
    assert [graph.codes.get(name) for name in wanted] == [*range(30), None, None]


# What it costs -----------------------------------------------------------------------------


def long_list(count: int) -> str:
    nodes = [{"id": f"n{k}", "op": "mul", "args": [f"n{k - 1}", 0.5]} for k in range(1, count)]
    return json.dumps([{"id": "n0", "op": "neg", "args": ["a"]}, *nodes])


def test_no_name_of_a_node_is_made_to_differentiate(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []

    def counting(symbols: Any, symbol: int) -> str:
        made.append(symbol)
        return written(symbols, symbol)

    written = node_text._Symbols.__getitem__
    monkeypatch.setattr(node_text._Symbols, "__getitem__", counting)
    graph = read(long_list(5_000))
    assert gradient(graph, {"a": 1.0, "b": 1.0, "c": 1.0}).gradients["a"] == 0.0
    assert len(made) == 3  # neg, mul, 0.5


def test_the_clock_is_looked_at() -> None:
    nodes = scan_nodes(long_list(2_000).encode(), 0)
    deadline = Deadline(-1.0)
    outer = deadline.enter()
    try:
        with pytest.raises(DeadlineExceeded):
            read_node_text(nodes, BOUND)
    finally:
        deadline.leave(outer)


def hash_of(text: bytes, seed: int) -> int:
    """What `intern` has as the hash of a number of less than eight digits, in Python's integers."""
    product = (seed ^ int.from_bytes(text, "big")) * 0x9E3779B97F4A7C15 % 2**64
    return product ^ (product >> 32)


@pytest.mark.parametrize("alike, given_up", [(64, False), (65, True)])
def test_texts_that_were_chosen_to_be_slow_are_given_up(alike: int, given_up: bool) -> None:
    """The first 64 texts of one hash are found one after another; a table does not grow slower."""
    seed, size = 12345, 1024
    numbers = (b"%d" % number for number in range(10**6, 10**7))
    texts: list[bytes] = []
    while len(texts) < alike:
        text = next(numbers)
        if hash_of(text, seed) % size == 77:
            texts.append(text)
    # As many tokens as have a table of that size: the same few again and again.
    tokens = texts + [texts[0]] * (size // 2 - alike)
    ends = np.cumsum([len(text) for text in tokens]).astype(np.int32)
    starts = np.concatenate(([0], ends[:-1])).astype(np.int32)
    raw = np.frombuffer(b"".join(tokens), dtype=np.uint8)
    symbols, firsts = scanning.intern(raw, starts, ends, seed)
    assert (len(firsts) == 0) == given_up
    if not given_up:
        assert firsts.tolist() == list(range(alike))
        assert symbols.tolist() == [*range(alike), *[0] * (len(tokens) - alike)]


def test_a_text_whose_places_need_more_than_32_bits_is_left_to_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = json.dumps(NOTES)
    monkeypatch.setattr(node_text, "_LONGEST", len(text))
    assert len(read(text)) == 2
    with pytest.raises(NotPlain):
        read(text + " ")


def test_a_text_that_was_given_up_is_not_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = np.zeros(0, dtype=np.int32)
    monkeypatch.setattr(node_text, "intern", lambda *_: (nothing, nothing))
    with pytest.raises(NotPlain):
        read(json.dumps(NOTES))


# The grammar -------------------------------------------------------------------------------


def accepts(text: str) -> bool:
    """Whether the automaton comes to the end of a list, in Python."""
    state = BEGINNING
    for byte in text.encode():
        state = int(FOLLOWING[state, byte])
    return state == LIST_ENDS


def test_every_state_is_reached_and_left() -> None:
    reached = {int(state) for state in np.unique(FOLLOWING)}
    assert reached | {BEGINNING} == set(range(len(FOLLOWING)))
    ends = {state for state in range(len(FOLLOWING)) if (FOLLOWING[state] == FAILED).all()}
    assert ends == {LIST_ENDS, FAILED}


def test_the_loop_runs_the_automaton() -> None:
    source = random.Random(3)
    texts = [json.dumps(NOTES), long_list(3)]
    for _ in range(300):
        text = list(source.choice(texts))
        text[source.randrange(len(text))] = source.choice('[]{}:,"-.e0 ax')
        texts.append("".join(text))
    for text in texts:
        try:
            scan_nodes(text.encode(), 0)
        except NotPlain:
            continue
        assert accepts(text)
