from __future__ import annotations

import gzip
import io
import threading
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given, strategies as st

from service.problems import Problem
from service.process.budget import Budgets
from service.process.stream_budget import StreamBudget
from service.transport import ndjson
from service.transport.body import Input, too_large
from service.transport.compression import ALLOWANCE
from service.transport.ndjson import Line, answers, lines

RATIO = 100


def budget(memory: int = 10**9) -> StreamBudget:
    return StreamBudget(Budgets(10.0, 4, memory, 0.05))


def numbered(pieces: list[bytes], limit: int = 10) -> list[tuple[int, str]]:
    """The lines of a stream and their numbers; the statuses of problems that stand for lines."""

    def over(length: int) -> Problem | None:
        return too_large(limit, "line") if length > limit else None

    found = [line for line in lines(iter(pieces), over) if line is not None]
    return [
        (number, str(line.status) if isinstance(line, Problem) else line.decode())
        for number, line in found
    ]


def taken(pieces: list[bytes]) -> list[str]:
    return [line for _, line in numbered(pieces)]


@pytest.mark.parametrize(
    "pieces, expected",
    [
        ([], []),
        ([b""], []),
        ([b"a\nb\n"], ["a", "b"]),
        ([b"a\nb"], ["a", "b"]),
        ([b"a\r\nb\r\n"], ["a\r", "b\r"]),
        ([b"\n\n a\n \t\r\n"], [" a"]),
        ([b"ab", b"c\nd", b"", b"e\n"], ["abc", "de"]),
        ([b"1234567890\n12345678901\nx\n"], ["1234567890", "413", "x"]),
        ([b"12345678901"], ["413"]),
        ([b"123456", b"789012", b"34\nx"], ["413", "x"]),
        ([b"12345678901\n12345678901\n"], ["413", "413"]),
        ([b" " * 11 + b"\nx\n"], ["x"]),
        ([b" " * 6, b" " * 6, b"\nx\n"], ["x"]),
        ([b" " * 6, b" " * 6 + b"a\nx\n"], ["413", "x"]),
    ],
)
def test_lines(pieces: list[bytes], expected: list[str]) -> None:
    assert taken(pieces) == expected


@given(st.lists(st.sampled_from([b"a", b"bb", b"\n", b"cccccc", b"\r\n", b" "])), st.data())
def test_how_a_stream_is_cut_up_does_not_matter(parts: list[bytes], data: st.DataObject) -> None:
    whole = b"".join(parts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=6)))
    pieces = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    assert numbered(pieces) == numbered([whole])


@pytest.mark.parametrize(
    "pieces, expected",
    [
        ([b"a\n\nb"], [(1, "a"), (3, "b")]),
        ([b"\n \r\n", b"\n", b" a\nb"], [(4, " a"), (5, "b")]),
        ([b"\n" * 100_000 + b"a"], [(100_001, "a")]),
        ([b"a\n" + b"\t\n" * 50, b"\t", b"\nb\n\n"], [(1, "a"), (53, "b")]),
        ([b"\n", b"x" * 11, b"x\n\ny"], [(2, "413"), (4, "y")]),
    ],
)
def test_blank_lines_are_counted(pieces: list[bytes], expected: list[tuple[int, str]]) -> None:
    assert numbered(pieces) == expected


def test_a_stream_that_breaks_off_says_on_which_line() -> None:
    def pieces() -> Iterator[bytes]:
        yield b"a\n\nb"
        raise Problem("bad-request", "gone")

    found = [line for line in lines(pieces(), lambda _: None) if line is not None]
    assert [number for number, _ in found] == [1, 3]
    assert isinstance(found[1][1], Problem)


LABELS = [
    (b'{"id": 7, "expression": "x', 7),
    (b' {"id":"a\\"b\xc3\xa9" , x}', 'a"b\u00e9'),
    (b'{"id": -1.5e3}}', -1500.0),
    (b'{"id": true,', True),
    (b'{"id": null,', None),
    (b'{"id": 7', None),  # 7, or the beginning of 70
    (b'{"id": "a', None),
    (b'{"id": "a"', None),
    (b'{"id": 7 8,', None),
    (b'{"id": 1e999,', None),
    (b'{"id": 1-2,', None),
    (b'{"id": "\xff",', None),
    (b'{"id": [7],', None),
    (b'{"expression": "x, "id": 7}', None),
    (b'{"graph": {"nodes": [{"id": "a", }]}}', None),
    (b'[{"id": 7, x', None),
    (b'{"id": "' + b"a" * 1001 + b'",', None),
    (b"", None),
]


@pytest.mark.parametrize("line, label", LABELS)
def test_the_id_of_a_line_that_is_not_json(line: bytes, label: object) -> None:
    found = ndjson.label(line)
    assert (found, type(found)) == (label, type(label))


def source(body: bytes) -> Input:
    stream = io.BytesIO(body)
    return Input({"wsgi.input": stream, "wsgi.input_terminated": True})


def echo(arrived: Sequence[Line]) -> Iterator[bytes]:
    for number, line in arrived:
        shown = str(line.status).encode() if isinstance(line, Problem) else line
        yield b"%d:%b\n" % (number, shown)


def answered(source: Input, *, gzipped: bool = False) -> list[str]:
    stream = answers(
        source,
        echo,
        budget(),
        limit=100,
        gzip_ratio=RATIO if gzipped else None,
        has_left=bool,
    )
    return b"".join(stream).decode().splitlines()


def test_each_line_is_answered_in_order() -> None:
    body = b"\n".join(b"%d" % k for k in range(5000))
    expected = [f"{k + 1}:{k}" for k in range(5000)]
    assert answered(source(body)) == expected


def test_gzip_is_read_as_it_comes() -> None:
    text = b"".join(b"line %d\n" % k for k in range(1000))
    packed = gzip.compress(text[:3000]) + gzip.compress(text[3000:])
    pieces = Pieces([packed[k : k + 7] for k in range(0, len(packed), 7)])
    found = answered(Input({"wsgi.input": pieces, "wsgi.input_terminated": True}), gzipped=True)
    assert found == [f"{k + 1}:line {k}" for k in range(1000)]


class Pieces:
    """A request that arrives in these pieces."""

    def __init__(self, pieces: list[bytes]) -> None:
        self.pieces = pieces

    def readline(self, size: int) -> bytes:
        return self.pieces.pop(0) if self.pieces else b""


def test_a_gzip_bomb_is_one_long_line() -> None:
    bomb = gzip.compress(b"x" * 50_000_000 + b"\nnext\n")
    assert answered(source(bomb), gzipped=True) == ["1:413", "2:next"]


def test_a_line_may_not_be_shortened_without_bound() -> None:
    zeros = b"0," * (ALLOWANCE // 2)
    found = [
        line if isinstance(line, Problem) else len(line)
        for line in lines_of(gzip.compress(zeros + b"\n" + zeros * 2 + b"\n1"))
    ]
    assert (found[0], found[2]) == (len(zeros), 1)
    problem = found[1]
    assert isinstance(problem, Problem)
    assert f"{RATIO} times" in problem.detail


def lines_of(body: bytes) -> list[bytes | Problem]:
    seen: list[bytes | Problem] = []

    def see(arrived: Sequence[Line]) -> list[bytes]:
        seen.extend(line for _, line in arrived)
        return []

    list(answers(source(body), see, budget(), limit=10**9, gzip_ratio=RATIO, has_left=bool))
    return seen


def test_work_ends_when_there_is_nothing_to_send_and_nobody_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ndjson, "_LOOK", 0.0)
    looks: list[bool] = []

    def has_left() -> bool:
        looks.append(True)
        return True

    blank = source(b"\n" * 10_000_000 + b"a\n")
    found = list(answers(blank, echo, budget(), limit=100, gzip_ratio=None, has_left=has_left))
    assert (found, looks) == ([], [True])


def test_blank_lines_are_passed_over_in_one_step(monkeypatch: pytest.MonkeyPatch) -> None:
    searched = []
    search = ndjson._after_blank_lines
    monkeypatch.setattr(
        ndjson, "_after_blank_lines", lambda *at: searched.append(at) or search(*at)
    )
    assert taken([b"\n \r\n\t\n" * 100_000 + b"a\n" + b"\n" * 100_000 + b"b"]) == ["a", "b"]
    assert len(searched) == 2


@pytest.mark.parametrize(
    "body, last",
    [(gzip.compress(b"a\nb\n", mtime=0)[:-4], "3:400"), (b"not gzip", "1:400"), (b"", None)],
)
def test_broken_gzip_ends_the_stream_with_a_problem(body: bytes, last: str | None) -> None:
    found = answered(source(body), gzipped=True)
    assert found[-1:] == ([last] if last else [])


class Silent(io.BytesIO):
    """A client that says no more after its first lines."""

    def read1(self, size: int | None = -1) -> bytes:
        piece = super().read1(size)
        if not piece:
            raise TimeoutError
        return piece


def test_a_client_that_falls_silent_gets_a_last_408() -> None:
    silent = Input({"wsgi.input": Silent(b"a\nb\n"), "wsgi.input_terminated": True})
    assert answered(silent) == ["1:a", "2:b", "3:408"]


class Starved(io.BytesIO):
    """A server without memory for another piece."""

    def read1(self, size: int | None = -1) -> bytes:
        raise MemoryError


def test_whatever_ends_a_stream_is_said_in_the_stream() -> None:
    starved = Input({"wsgi.input": Starved(), "wsgi.input_terminated": True})
    assert answered(starved) == ["1:503"]


class Slow:
    """A client that sends its next line when it has the answer to the one before."""

    def __init__(self) -> None:
        self.next = threading.Semaphore(1)
        self.sent = 0

    def readline(self, size: int) -> bytes:
        assert self.next.acquire(timeout=30)
        self.sent += 1
        return b"%d\n" % self.sent if self.sent <= 3 else b""


def test_an_answer_does_not_wait_for_the_next_line() -> None:
    slow = Slow()
    stream = answers(
        Input({"wsgi.input": slow, "wsgi.input_terminated": True}),
        echo,
        budget(),
        limit=100,
        gzip_ratio=None,
        has_left=bool,
    )
    found = []
    for answer in stream:
        found.append(answer)
        slow.next.release()
    assert found == [b"1:1\n", b"2:2\n", b"3:3\n"]


class Dripping:
    """A request of which a piece arrives each time that the server has been asked `pauses` times;
    the first is there.
    """

    def __init__(self, pieces: list[bytes], pauses: int = 3) -> None:
        self.pieces, self.pauses, self.asked = pieces, pauses, 0
        self.there = True

    def has_arrived(self) -> bool:
        self.asked += 1
        self.there |= self.asked % self.pauses == 0
        return self.there

    def read1(self, size: int) -> bytes:
        assert self.there, "nobody waits for a client here"
        self.there = not self.pieces
        return self.pieces.pop(0) if self.pieces else b""

    @property
    def source(self) -> Input:
        return Input(
            {
                "wsgi.input": self,
                "wsgi.input_terminated": True,
                "service.has_arrived": self.has_arrived,
            }
        )


@pytest.mark.parametrize("pauses", [1, 3, 4, 5])
@pytest.mark.parametrize("gzipped", [False, True])
def test_while_nothing_has_arrived_it_is_the_clients_turn(gzipped: bool, pauses: int) -> None:
    text = b"a\nb\n" + b"c" * 30 + b"\n\n" + b"d" * 200 + b"\ne"
    sent = gzip.compress(text, mtime=0) if gzipped else text
    dripping = Dripping([sent[k : k + 9] for k in range(0, len(sent), 9)], pauses)
    found = list(
        answers(
            dripping.source,
            echo,
            budget(),
            limit=100,
            gzip_ratio=RATIO if gzipped else None,
            has_left=bool,
        )
    )
    assert b"".join(found) == b"1:a\n2:b\n3:" + b"c" * 30 + b"\n5:413\n6:e\n"
    assert (b"" in found) == (pauses > 1)


def test_a_line_that_is_waited_for_is_memory_of_the_process() -> None:
    """Also what has come of it before others were answered."""
    shared = Budgets(10.0, 4, 1_000_000, 0.05)
    dripping = Dripping([b"a\n" + b"b" * 50_000, b"b" * 10_000 + b"\nc"], 4)
    stream = answers(
        dripping.source,
        echo,
        StreamBudget(shared, 1_000),
        limit=10**6,
        gzip_ratio=None,
        has_left=bool,
    )
    found = []
    for piece in stream:
        found.append(piece)
        if found == [b"1:a\n", b""]:
            assert shared.memory.left == 1_000_000 - 1_000 - 2 * 50_000
    assert found[:2] == [b"1:a\n", b""]
    assert b"".join(found) == b"1:a\n2:" + b"b" * 60_000 + b"\n3:c\n"
    assert shared.memory.left == 1_000_000


def test_a_long_line_for_which_there_is_no_memory_is_refused_in_its_place() -> None:
    shared = Budgets(10.0, 4, 8_000_000, 0.05)
    holder = shared.new()
    holder.reserve(7_000_000)
    found = answers(
        source(b"a\n" + b"b" * 3_000_000 + b"\nc\n"),
        echo,
        StreamBudget(shared),
        limit=10**7,
        gzip_ratio=None,
        has_left=bool,
    )
    assert b"".join(found) == b"1:a\n2:503\n3:c\n"
    holder.release()
    assert shared.memory.left == 8_000_000
