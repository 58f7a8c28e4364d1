"""The path of a request: kept connections, and clients that send or read slowly, or not at all.

All on one worker, without a proxy in front. BASELINE, in the environment, is a folder with another
commit of the project, to be measured in turns with this one.
"""

from __future__ import annotations

import http.client
import os
import resource
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import orjson

from benchmarks import wrk
from benchmarks.graphs import LESSON
from benchmarks.harness import Row, duration, judged, unmeasured
from benchmarks.servers import BARE, SERVICE, Server, serving

BODY = orjson.dumps(LESSON)
WIDE = {"expression": "y = broadcast_to(x, shape=[400000]); y", "bindings": {"x": 0.1234567890123}}
UNREAD = orjson.dumps(WIDE)
HEAD = b"POST /%b HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
HALF_A_HEAD = HEAD % b"gradient" + b"X-Long: "
HALF_A_BODY = HEAD % b"gradient" + b"Content-Length: 33000000\r\n\r\n{"
A_LINE = HEAD.replace(b"json", b"x-ndjson") % b"gradient"
A_LINE += b"Content-Length: 1000000\r\n\r\n%b\n" % BODY
NEVER_READ = HEAD % b"evaluate" + b"Content-Length: %d\r\n\r\n%b" % (len(UNREAD), UNREAD)
TARGET = "a healthy client is answered within 0.5 s, 99th percentile of 200 requests"
PATIENCE = 30.0
PIECE = 64 * 1024


@dataclass(frozen=True)
class Crowd:
    """Clients, what each sends before it drips, or waits, and whether it is answered first."""

    name: str
    sent: tuple[tuple[int, bytes], ...]
    answered: bool = False


CROWDS = (
    Crowd(
        "200 drip bodies, 200 drip heads, 50 never read",
        ((200, HALF_A_BODY), (200, HALF_A_HEAD), (50, NEVER_READ)),
    ),
    Crowd(
        "200 streams are open, and pause after their first line", ((200, A_LINE),), answered=True
    ),
    Crowd("200 have sent 1 MB of a body of 33 MB", ((200, HALF_A_BODY + bytes(1_000_000)),)),
    Crowd("10,000 are idle", ((10_000, b""),)),
)


def measure(*, quick: bool) -> Iterator[Row]:
    """Two rows of rates, and one for each crowd."""
    yield from _rates(*((1, 1) if quick else (5, 2)))
    for crowd in CROWDS:
        yield _beside(crowd, 20 if quick else 200)


def _rates(rounds: int, seconds: int) -> Iterator[Row]:
    wording = "at least 0.8 of a bare route's requests/s"
    baseline = os.environ.get("BASELINE")
    if not wrk.installed():
        yield unmeasured("d = a*b + c, kept connections", wording, wrk.MISSING)
        return
    with ExitStack() as stack:
        servers = {"service": stack.enter_context(serving())}
        servers["bare route"] = stack.enter_context(serving(BARE))
        if baseline:
            old = serving(SERVICE, folder=Path(baseline))
            servers["baseline"] = stack.enter_context(old)
        for connections in (1, 16):
            best = _best(servers, rounds, seconds, connections)
            figures = ", ".join(f"{name} {rate:.0f}/s" for name, rate in best.items())
            what = f"d = a*b + c, HTTP, connections: {connections}"
            ratio = best["service"] / best["bare route"]
            yield judged(what, wording, ratio, figures, at_least=0.8, form="{:.2f}")
            if baseline:
                ratio, wanted = best["service"] / best["baseline"], "2x the baseline's requests/s"
                yield judged(what, wanted, ratio, figures, at_least=2, form="{:.2f}x")


def _best(
    servers: dict[str, Server], rounds: int, seconds: int, connections: int
) -> dict[str, float]:
    best = dict.fromkeys(servers, 0.0)
    for _ in range(rounds):
        for name, server in servers.items():
            rate = wrk.rate(f"{server.url}/gradient", BODY, seconds, connections)
            best[name] = max(best[name], rate)
    return best


def _beside(crowd: Crowd, requests: int) -> Row:
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if files < sum(count for count, _ in crowd.sent) + 1000:
        return unmeasured(crowd.name, TARGET, f"no more than {files} files may be open")
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    with serving() as server:
        _ask(server)
        threads, size = _status(server, "Threads"), _status(server, "VmRSS")
        with _connected(server, crowd) as clients:
            waits = []
            for turn in range(requests):
                _drip(clients[turn::requests])
                waits.append(_ask(server))
            more = _status(server, "Threads") - threads
            held = (_status(server, "VmRSS") - size) / 1024
    waits.sort()
    slow = waits[min(len(waits) - 1, len(waits) * 99 // 100)]
    median = duration(waits[len(waits) // 2])
    figures = f"median {median}, longest {duration(waits[-1])}, {more} threads, {held:.0f} MiB more"
    return judged(crowd.name, TARGET, slow * 1000, figures, at_most=500, form="{:.1f} ms")


@contextmanager
def _connected(server: Server, crowd: Crowd) -> Iterator[list[socket.socket]]:
    with ExitStack() as stack:
        clients = []
        for count, sent in crowd.sent:
            for _ in range(count):
                address = ("127.0.0.1", server.port)
                client = stack.enter_context(socket.create_connection(address, PATIENCE))
                client.sendall(sent)
                if crowd.answered:
                    client.recv(PIECE)
                client.setblocking(False)
                if sent:  # the others stay silent
                    clients.append(client)
        yield clients


def _drip(clients: Sequence[socket.socket]) -> None:
    for client in clients:
        with suppress(OSError):
            client.send(b" ")


def _ask(server: Server) -> float:
    """Seconds of one request, on a connection of its own."""
    begun = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
    connection.request("POST", "/gradient", BODY, {"Content-Type": "application/json"})
    reply = connection.getresponse()
    reply.read()
    connection.close()
    if reply.status != http.client.OK:
        raise RuntimeError(f"a healthy client was answered {reply.status}")
    return time.perf_counter() - begun


def _status(server: Server, what: str) -> int:
    """A number of the worker's, as Linux has it: threads, or kilobytes."""
    text = Path(f"/proc/{server.worker}/status").read_text(encoding="ascii")
    (line,) = (line for line in text.splitlines() if line.startswith(f"{what}:"))
    return int(line.split()[1])
