"""NDJSON: gradients a second on one connection, against single requests, and steady memory."""

from __future__ import annotations

import http.client
import itertools
import threading
import time
from collections.abc import Iterator

import orjson

from benchmarks import wrk
from benchmarks.graphs import LESSON
from benchmarks.harness import Row, judged, unmeasured
from benchmarks.resident import MISSING, known, peak, reset_peak, resident
from benchmarks.servers import Server, serving

LEAST_RATIO = 15.0
MOST_GROWTH = 50.0  # MiB
LINES_OF_A_BLOCK = 1_000
PIECE = 64 * 1024
PATIENCE = 600.0


def measure(*, quick: bool) -> Iterator[Row]:
    """The rate, then the memory."""
    rounds, seconds, blocks, many = (1, 1, 2, 4) if quick else (5, 3, 30, 1_000)
    lines = block()
    with serving() as server:
        yield _rate_row(server, lines, rounds, seconds, blocks)
        yield _memory_row(server, lines, many)


def _rate_row(server: Server, block: bytes, rounds: int, seconds: int, blocks: int) -> Row:
    what, wording = (
        "d = a*b + c, NDJSON",
        f"at least {LEAST_RATIO:g}x the gradients/s of single requests",
    )
    if not wrk.installed():
        return unmeasured(what, wording, wrk.MISSING)
    single = streamed = 0.0
    body = orjson.dumps(LESSON)
    for _ in range(rounds):
        single = max(single, wrk.rate(f"{server.url}/gradient", body, seconds))
        streamed = max(streamed, LINES_OF_A_BLOCK * blocks / send(server, block, blocks))
    figures = f"NDJSON {streamed:,.0f}/s, single {single:,.0f}/s"
    return judged(what, wording, streamed / single, figures, at_least=LEAST_RATIO, form="{:.1f}x")


def _memory_row(server: Server, block: bytes, blocks: int) -> Row:
    lines = LINES_OF_A_BLOCK * blocks
    what, wording = f"NDJSON, {lines:,} lines", f"RSS grows by less than {MOST_GROWTH:g} MiB"
    if not known():
        return unmeasured(what, wording, MISSING)
    send(server, block, 2)
    reset_peak(server.worker)
    before = resident(server.worker)
    seconds = send(server, block, blocks)
    grown = (peak(server.worker) - before) / 2**20
    figures = f"from {before / 2**20:.0f} MiB to the peak, in {seconds:.0f} s"
    return judged(what, wording, grown, figures, at_most=MOST_GROWTH, form="{:.1f} MiB")


def block() -> bytes:
    """A thousand messages, no two the same."""
    lines = []
    for k in range(LINES_OF_A_BLOCK):
        bindings = {"a": 2.0 + k / 7, "b": -3.0 - k / 11, "c": 10.0 + k}
        lines.append(orjson.dumps({**LESSON, "id": k, "bindings": bindings}))
    return b"\n".join(lines) + b"\n"


def send(server: Server, block: bytes, blocks: int) -> float:
    """Stream a block so many times; the seconds until the last answer was read.

    RuntimeError unless every line was answered, and the first one well.
    """
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
    try:
        begun = time.perf_counter()
        connection.putrequest("POST", "/gradient")
        connection.putheader("Content-Type", "application/x-ndjson")
        connection.putheader("Content-Length", str(len(block) * blocks))
        connection.endheaders()
        sender = threading.Thread(target=_send_all, args=(connection, block, blocks), daemon=True)
        sender.start()
        response = connection.getresponse()
        first = response.readline()
        answers = 1 + _lines(response)
        seconds = time.perf_counter() - begun
        sender.join()
    finally:
        connection.close()
    if answers != LINES_OF_A_BLOCK * blocks or b'"status":200' not in first:
        raise RuntimeError(f"{answers} answers, the first of them {first[:300]!r}")
    return seconds


def _send_all(connection: http.client.HTTPConnection, block: bytes, blocks: int) -> None:
    for _ in itertools.repeat(None, blocks):
        connection.sock.sendall(block)


def _lines(response: http.client.HTTPResponse) -> int:
    count = 0
    while piece := response.read1(PIECE):
        count += piece.count(b"\n")
    return count
