"""gradient-bulk answers as a stream over HTTP is answered, however many processes answer."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import orjson
import pytest

from service.commands import answering, bulk
from service.commands.answering import Answering, LostError
from service.commands.blocks import Block
from service.settings import Settings
from service.transport.bulk import STREAMED, answer_lines

COMMAND = [sys.executable, "-m", "service.commands.bulk"]
LINE = {"expression": "a*b + c", "bindings": {"a": 2.0, "b": -3.0, "c": 10.0}}
# A test's own process may have threads, of which the programs have none.
forks = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")


def claims(count: int) -> Iterator[bytes]:
    """References and what is claimed of them, right and wrong, with lines that are at fault."""
    for k in range(count):
        slope = k // 1_000 % 7
        if k % 1_000 == 0:
            yield orjson.dumps({"reference": {"expression": f"a*{slope}", "bindings": {"a": 2}}})
        if k % 97 == 0:
            yield from (b"", b"  \r", b"no JSON", b'{"id": [1]}', b'{"claims": {"velue": 1}}')
        yield orjson.dumps({"id": k, "claims": {"value": 2 * slope + (k % 4 == 0)}})


def gradients(count: int) -> Iterator[bytes]:
    """Messages, of which some have an output that there is not."""
    for k in range(count):
        more = {"output": "d"} if k % 50 == 0 else {}
        yield orjson.dumps({"id": f"é{k}", **LINE, **more})


@pytest.mark.slow
@pytest.mark.parametrize(
    "endpoint, lines, jobs",
    [("grade", claims, "1"), ("grade", claims, "3"), ("gradient", gradients, "2")],
)
def test_the_bytes_are_the_same_for_any_number_of_processes(
    endpoint: str, lines: Callable[[int], Iterator[bytes]], jobs: str
) -> None:
    text = b"\n".join(lines(15_000))  # the last line has no end
    done = subprocess.run(
        [*COMMAND, endpoint, "-j", jobs], check=False, input=text, capture_output=True
    )
    assert done.stdout == b"".join(answer_lines(endpoint, [text]))
    assert (done.returncode, done.stderr) == (1, b"")


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["grad"], "no endpoint 'grad' takes lines; did you mean 'grade'? (there are gradient, "),
        (["plot"], "no endpoint 'plot' takes lines (there are gradient, "),
        ([], "required: ENDPOINT"),
        (["gradient", "-j", "0"], "expected a whole number from 1 to 256, found '0'"),
        (["gradient", "--jobs", "two"], "expected a whole number from 1 to 256, found 'two'"),
        (["gradient", "--jobs=-1"], "expected a whole number from 1 to 256, found '-1'"),
        (["gradient", "-j", "100000"], "expected a whole number from 1 to 256, found '100000'"),
    ],
)
def test_what_cannot_be_done_is_said(
    capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    with pytest.raises(SystemExit) as stopped:
        bulk.main(arguments)
    assert stopped.value.code == 2
    assert said in capsys.readouterr().err


def test_a_setting_that_cannot_be_is_said(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADIENT_DEADLINE", "soon")
    with pytest.raises(SystemExit):
        bulk.main(["gradient"])
    assert "GRADIENT_DEADLINE" in capsys.readouterr().err


@contextmanager
def started(*arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(
        [*COMMAND, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        yield process
        process.kill()


def children(process: subprocess.Popen[bytes]) -> list[int]:
    path = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return [int(word) for word in path.read_text().split()]


def end_of(pids: list[int]) -> None:
    """Wait until there are no such processes."""
    while any(Path(f"/proc/{pid}/exe").exists() for pid in pids):
        time.sleep(0.01)


@pytest.mark.slow
def test_answers_come_while_lines_do_and_an_interrupt_ends_it_quietly() -> None:
    with started("gradient", "-j", "2") as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        for k in range(3):
            process.stdin.write(orjson.dumps({**LINE, "id": k}) + b"\n")
            process.stdin.flush()
            assert orjson.loads(process.stdout.readline())["id"] == k
        others = children(process)
        assert len(others) == 2
        for pid in (process.pid, *others):  # as a terminal does
            os.kill(pid, signal.SIGINT)
        assert process.wait(60) == bulk.INTERRUPTED
        assert process.stdout.read() == process.stderr.read() == b""
        end_of(others)


@pytest.mark.slow
@pytest.mark.parametrize("jobs", ["1", "3"])
def test_a_reader_that_has_had_enough_ends_it_quietly(jobs: str) -> None:
    text = b"\n".join(gradients(50_000))
    with started("gradient", "-j", jobs) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        process.stdin.write(text[:100_000])
        process.stdin.flush()
        process.stdout.readline()
        process.stdout.close()
        with suppress(BrokenPipeError):
            while True:
                process.stdin.write(text)
        assert process.wait(60) == bulk.BROKEN_PIPE
        assert process.stderr.read() == b""
        with suppress(BrokenPipeError):
            process.stdin.close()


@pytest.mark.slow
def test_processes_end_with_the_one_that_started_them_and_the_other_way_round() -> None:
    for whom in ("all", "one"):
        with started("gradient", "-j", "2") as process:
            assert process.stdin
            assert process.stdout
            assert process.stderr
            process.stdin.write(orjson.dumps(LINE) + b"\n")
            process.stdin.flush()
            process.stdout.readline()
            others = children(process)
            if whom == "all":
                process.kill()
            else:
                os.kill(others[0], signal.SIGKILL)
                os.kill(others[1], signal.SIGKILL)
                process.stdin.write(orjson.dumps(LINE) + b"\n")
                process.stdin.flush()
                assert process.wait(60) == bulk.REFUSED
                assert b"gradient-bulk: a process was ended from outside\n" in process.stderr.read()
            end_of(others)


@pytest.mark.slow
@pytest.mark.parametrize("redirected", ["<&-", ">&-", ">/dev/full"])
def test_what_cannot_be_read_or_written(redirected: str) -> None:
    line = orjson.dumps(LINE)
    command = f"{' '.join(COMMAND)} gradient {redirected}"
    done = subprocess.run(["bash", "-c", command], check=False, input=line, capture_output=True)
    assert done.returncode == 2
    assert done.stdout == b""
    assert b"gradient-bulk: " in done.stderr
    assert b"Traceback" not in done.stderr


@forks
@pytest.mark.parametrize("jobs", [1, 3])
def test_answers_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jobs: int) -> None:
    monkeypatch.setattr(answering, "_PIECE", 1_000)
    monkeypatch.setattr(answering, "_AHEAD", 5_000)
    text = b"\n".join(claims(1_500))
    (tmp_path / "lines").write_bytes(text)
    processes = Answering(STREAMED["grade"], Settings(), jobs)
    try:
        with (tmp_path / "lines").open("rb") as source:
            found = b"".join(processes.answers(source.fileno()))
    finally:
        processes.end()
    assert found == b"".join(answer_lines("grade", [text]))
    assert processes.problems


@forks
def test_a_process_that_was_lost_is_told(tmp_path: Path) -> None:
    (tmp_path / "lines").write_bytes(b"[]\n")
    processes = Answering(STREAMED["grade"], Settings(), 2)
    for worker in processes._workers:
        worker.process.kill()
        worker.process.join()
    try:
        with (tmp_path / "lines").open("rb") as source, pytest.raises(LostError):
            next(processes.answers(source.fileno()))
    finally:
        processes.end()


def test_what_a_process_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answering, "_BATCH", 100)
    ours, its = multiprocessing.Pipe()
    reference = orjson.dumps({"reference": LINE})
    ours.send(Block(7, reference, b'{"claims": {"value": 4}}\n{"claims": {"value": "x"}}\n'))
    ours.send(Block(9, None, b'{"claims": {"velue": 4}}'))
    with socket.socket(fileno=os.dup(ours.fileno())) as half:
        half.shutdown(socket.SHUT_WR)  # there is no more to do
    answering._work(STREAMED["grade"], Settings(), its, [])
    its.close()
    said = []
    with suppress(EOFError):
        while True:
            said.append(ours.recv())
    lines = [orjson.loads(each)["line"] if isinstance(each, bytes) else each for each in said]
    assert lines == [8, 9, False, 10, True]
