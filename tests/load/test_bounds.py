"""What one message may cost: time, memory, and the time of a small request beside it.

Each row is an attack that was cheap to send and dear to serve. The bounds leave a slow machine
several times what was measured; before its defect was mended each row was far beyond one of them.
"""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest
import requests

JSON = "application/json"
NDJSON = "application/x-ndjson"
JSON_BODY = {"Content-Type": JSON}
SMALL = {"expression": "a*b + c", "bindings": {"a": 2, "b": -3, "c": 10}}
REST = 0.01  # seconds between two small requests


@dataclass(frozen=True)
class Attack:
    """A message, and what it may come to: seconds, megabytes above rest, and the seconds that a
    small request waits beside it.
    """

    name: str
    body: Callable[[], bytes]
    status: int
    kind: str = JSON
    coding: str = "identity"
    path: str = "/gradient"
    seconds: float = 5.0
    megabytes: float = 300.0
    wait: float = 1.0


def bomb(unit: bytes, count: int, last: bytes = b"0") -> bytes:
    return gzip.compress(b"[" + unit * count + last + b"]")


def empty_members(count: int, then: bytes = b"") -> bytes:
    return gzip.compress(b"") * count + (gzip.compress(then) if then else b"")


def names(count: int, first: str) -> list[str]:
    return [f"{first}{k:04d}".ljust(60, "abcdefgh"[k % 8]) for k in range(count)]


def long_names() -> bytes:
    bindings = dict.fromkeys(names(1_000, "b"), 1.0)
    return orjson.dumps(
        {"expression": names(1, "b")[0], "bindings": bindings, "wrt": names(100, "u")}
    )


def unbound_operands() -> bytes:
    nodes = [{"id": name, "op": "exp", "args": [name[::-1]]} for name in names(500, "n")]
    return orjson.dumps({"graph": {"nodes": nodes}, "bindings": dict.fromkeys(names(300, "b"), 1)})


def sines(**more: Any) -> bytes:
    """Eight sines of ten million numbers: 800 MB of values alone."""
    wide = "broadcast_to(x, shape=[10000000])"
    text = f"sum({'sin(' * 8}{wide}{')' * 8})"
    return orjson.dumps({"expression": text, "bindings": {"x": 1}} | more)


def wide_concat() -> bytes:
    nodes = [{"id": "c", "op": "concat", "args": ["x"] * 15_000}, {"op": "sum", "args": ["c"]}]
    return orjson.dumps({"graph": {"nodes": nodes}, "bindings": {"x": [1.0]}})


def graded(expression: str, **more: Any) -> bytes:
    return orjson.dumps({"expression": expression} | more)


def unknown_in_a_domain() -> bytes:
    bound = dict.fromkeys(names(90, "b"), 1.0)
    unknown = dict.fromkeys(names(1_200, "u"), (0, 1))
    return graded(" + ".join(bound), bindings=bound, claims={"value": 1}, domain=unknown)


def unknown_in_formulas() -> bytes:
    variables = names(90, "v")
    written = " + ".join(name[:20] for name in names(40, "u"))
    return graded(" + ".join(variables), claims={"derivatives": dict.fromkeys(variables, written)})


def wrong_gradients() -> bytes:
    bound = dict.fromkeys((f"a{k}" for k in range(800)), 1.0)
    return graded(
        " + ".join(bound), bindings=bound, claims={"gradients": dict.fromkeys(bound, 2.0)}
    )


def wrong_formulas() -> bytes:
    variables = [f"a{k}" for k in range(400)]
    return graded(" + ".join(variables), claims={"derivatives": dict.fromkeys(variables, "2")})


def wide_claims() -> bytes:
    """A wrong gradient of a number that millions come of."""
    wide = "y = broadcast_to(x, shape=[1000000]); sum(y*y)"
    return graded(wide, bindings={"x": 1}, claims={"gradients": {"x": 3}})


ATTACKS = [
    Attack("unknown names beside a thousand", long_names, 422, seconds=1.0, megabytes=50),
    Attack("a domain of unknown names", unknown_in_a_domain, 422, path="/grade", seconds=1.0),
    Attack("formulas of unknown names", unknown_in_formulas, 200, path="/grade", seconds=3.0),
    Attack("wrong gradients", wrong_gradients, 200, path="/grade"),
    Attack("wrong formulas", wrong_formulas, 200, path="/grade"),
    Attack(
        "operations denied that are none",
        lambda: graded("x", claims={"function": "x"}, deny=[f"no{k}" for k in range(10_000)]),
        422,
        path="/grade",
        seconds=1.0,
    ),
    Attack(
        "a formula of raised signs",
        lambda: graded("x**2", claims={"derivatives": {"x": "x" + "⁺" * 33_000}}),
        200,
        path="/grade",
        seconds=2.0,
    ),
    Attack("a wide reference", wide_claims, 200, path="/grade"),
    Attack(
        "slips of a wide function",
        lambda: graded("sum(sin(broadcast_to(x, shape=[5000000])))", bindings={"x": 1}),
        422,
        path="/slips",
    ),
    Attack("unbound operands", unbound_operands, 422, seconds=1.0, megabytes=50),
    Attack("a wide concat", wide_concat, 200, seconds=2.0, megabytes=60),
    Attack("a product of 139 bytes", lambda: sines(vector={"x": 1}), 422, path="/hvp"),
    Attack("a Hessian of 127 bytes", sines, 422, path="/hessian"),
    Attack("a gradient of 127 bytes", sines, 422),
    Attack("nodes of large tensors", lambda: sines(include=["nodes"]), 422),
    Attack(
        "a long answer",
        lambda: orjson.dumps(
            {
                "expression": "y = broadcast_to(x, shape=[10000000]); z = -y; z",
                "bindings": {"x": 0.1},
                "outputs": ["y", "z"],
            }
        ),
        422,
        path="/evaluate",
    ),
    Attack("300,000 gzip members", lambda: empty_members(300_000), 413, coding="gzip"),
    Attack(
        "300,000 gzip members in a stream",
        lambda: empty_members(300_000, b"[]\n"),
        200,
        kind=NDJSON,
        coding="gzip",
    ),
    Attack(
        "11,000,000 empty lists, in gzip",
        lambda: bomb(b"[],", 11_000_000),
        413,
        coding="gzip",
        megabytes=60,
    ),
    Attack(
        "11,000,000 empty lists, in a stream",
        lambda: bomb(b"[],", 11_000_000) + gzip.compress(b"\n"),
        200,
        kind=NDJSON,
        coding="gzip",
        megabytes=150,
    ),
    Attack(
        "11,000,000 empty lists, plain",
        lambda: b"[" + b"[]," * 11_000_000 + b"[]]",
        422,
        megabytes=150,
    ),
    Attack("small objects, in gzip", lambda: bomb(b'{"":0},', 600_000), 422, coding="gzip"),
    Attack(
        "100,000,000 newlines, in a stream",
        lambda: gzip.compress(b"\n" * 100_000_000),
        200,
        kind=NDJSON,
        coding="gzip",
        megabytes=60,
    ),
    Attack(
        "a name of combining marks",
        lambda: orjson.dumps({"expression": "a" + "\u0316\u0301" * 49_000, "bindings": {}}),
        422,
        megabytes=50,
    ),
    Attack(
        "numbers after one out of range",
        lambda: b'{"bindings": {"x": [1e999' + b",0" * 10_000_000 + b"]}}",
        422,
    ),
]


@pytest.fixture(scope="module")
def one(start: Any) -> Iterator[Any]:
    """The service with its defaults and one worker, so that whatever is held up shows."""
    with start(WORKERS="1") as running:
        requests.post(f"{running.url}/gradient", json=SMALL, timeout=30)
        yield running


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_an_attack_stays_within_its_bounds(one: Any, attack: Attack) -> None:
    body = attack.body()
    headers = {"Content-Type": attack.kind, "Content-Encoding": attack.coding}
    forget_peak(one)
    at_rest = memory(one, "VmRSS")
    with beside(one) as waits:
        begun = time.monotonic()
        reply = requests.post(one.url + attack.path, data=body, headers=headers, timeout=120)
        took = time.monotonic() - begun
    peak = memory(one, "VmHWM") - at_rest
    found = f"{took:.2f} s, {peak:.0f} MB, others {max(waits):.2f} s"
    assert reply.status_code == attack.status, reply.text[:500]
    assert took < attack.seconds, found
    assert peak < attack.megabytes, found
    assert max(waits) < attack.wait, found


def test_slow_readers_hold_no_more_than_the_budget(start: Any) -> None:
    """Eight clients that do not read answers of 16 MB each: what is not read counts, others wait
    for it and are told to come back, and whoever takes too long is given up.
    """
    wide = "y = broadcast_to(x, shape=[800000]); y"
    body = orjson.dumps({"expression": wide, "bindings": {"x": 0.12345678901234567}})
    head = b"POST /evaluate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    head += b"Content-Length: %d\r\n\r\n" % len(body)
    settings = {"GRADIENT_MEMORY_LIMIT": str(60 * 1024**2), "GRADIENT_SENDING": "4"}
    with start(WORKERS="1", THREADS="16", GRADIENT_PATIENCE="1", **settings) as running:
        requests.post(f"{running.url}/gradient", json=SMALL, timeout=30)
        at_rest = memory(running, "VmRSS")
        forget_peak(running)
        with ExitStack() as stack:
            readers = [stack.enter_context(running.connect()) for _ in range(8)]
            for reader in readers:
                reader.sendall(head + body)
            with beside(running) as waits:
                time.sleep(3)
                statuses = [reader.recv(12)[-3:] for reader in readers]
            assert statuses.count(b"200") in range(1, 7)
            assert statuses.count(b"503") == 8 - statuses.count(b"200")
            assert memory(running, "VmHWM") - at_rest < 200
            assert max(waits) < 1.0
            time.sleep(3)
            reply = requests.post(
                f"{running.url}/evaluate", data=body, headers=JSON_BODY, timeout=9
            )
            assert reply.status_code == 200, "what slow readers held has been given back"


def test_a_worker_gives_back_what_large_messages_took(one: Any) -> None:
    at_rest = memory(one, "VmRSS")
    nodes = [{"id": f"n{k}", "op": "add", "args": ["x", "y"]} for k in range(300_000)]
    graph = {"graph": {"nodes": nodes}, "bindings": {"x": 1, "y": 2}, "output": "n7"}
    tensor = {"expression": "sum(x)", "wrt": [], "bindings": {"x": [0.5] * 3_000_000}}
    refused = {"graph": {"nodes": [[]] * 2_000_000}}
    for message, status in [(graph, 200), (tensor, 200), (refused, 422)]:
        body = orjson.dumps(message)
        for _ in range(2):
            reply = requests.post(
                f"{one.url}/gradient", data=body, headers={"Content-Type": JSON}, timeout=60
            )
            assert reply.status_code == status
    time.sleep(0.5)  # memory goes back once the answer has gone
    assert memory(one, "VmRSS") - at_rest < 150


@pytest.mark.parametrize("unit", [b"\n", b" ", b"x"])
def test_the_work_of_a_client_that_has_left_ends(one: Any, unit: bytes) -> None:
    part = gzip.compress(unit * 100_000_000)
    head = (
        "POST /gradient HTTP/1.1\r\nHost: x\r\nContent-Encoding: gzip\r\n"
        f"Content-Type: {NDJSON}\r\nContent-Length: {len(part) * 10}\r\n\r\n"
    )
    with one.connect() as client:
        client.sendall(head.encode() + part * 10)
        time.sleep(0.1)
    time.sleep(1.5)
    before = processor_time(one)
    time.sleep(0.5)
    assert processor_time(one) - before < 0.2


def test_the_computation_of_a_client_that_has_left_ends(one: Any) -> None:
    names = [f"a{k}" for k in range(2_500)]
    message = {"expression": " + ".join(names), "bindings": dict.fromkeys(names, 1), "check": True}
    body = orjson.dumps(message)
    head = b"POST /gradient HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    with one.connect() as client:
        client.sendall(head + b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        time.sleep(0.5)
    time.sleep(1.0)
    before = processor_time(one)
    time.sleep(0.5)
    assert processor_time(one) - before < 0.2


HEADS = {
    "unknown address": (b"POST /nope HTTP/1.1", b"application/json", 1000, 404),
    "method": (b"PUT /gradient HTTP/1.1", b"application/json", 1000, 405),
    "length": (b"POST /gradient HTTP/1.1", b"application/json", 10**9, 413),
    "media type": (b"POST /gradient HTTP/1.1", b"text/plain", 1000, 415),
    "a GET with a body": (b"GET /limits HTTP/1.1", b"application/json", 1000, 200),
}


@pytest.mark.parametrize("name", HEADS)
def test_what_needs_no_body_is_answered_at_once_and_holds_no_thread(one: Any, name: str) -> None:
    line, kind, length, status = HEADS[name]
    head = line + b"\r\nHost: x\r\nContent-Type: %b\r\nContent-Length: %d\r\n\r\n" % (kind, length)
    with ExitStack() as stack:
        begun = time.monotonic()
        clients = [stack.enter_context(one.connect()) for _ in range(24)]  # three a thread
        for client in clients:
            client.sendall(head)
        for client in clients:
            assert client.recv(65536).startswith(b"HTTP/1.1 %d " % status)
        assert time.monotonic() - begun < 5
        begun = time.monotonic()
        assert requests.post(f"{one.url}/gradient", json=SMALL, timeout=60).status_code == 200
        assert time.monotonic() - begun < 2


HALF = b"POST /gradient HTTP/1.1\r\nHost: x\r\nContent-Type: %b\r\nContent-Length: 1000\r\n\r\n{"
UNREAD = orjson.dumps(
    {"expression": "y = broadcast_to(x, shape=[400000]); y", "bindings": {"x": 0.12345678901234567}}
)
BUSY = {
    "bodies that do not come": HALF % JSON.encode(),
    "streams that do not go on": HALF % NDJSON.encode(),
    "heads that do not end": b"GET /livez HTTP/1.1\r\n",
    "answers that nobody reads": (
        b"POST /evaluate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n%b" % (len(UNREAD), UNREAD)
    ),
}


@pytest.mark.parametrize("name", BUSY)
def test_slow_clients_hold_up_nobody(start: Any, name: str) -> None:
    """Twice as many as there are threads, and each would once have held one."""
    with start(WORKERS="1", THREADS="8", GRADIENT_PATIENCE="1") as running, ExitStack() as stack:
        for _ in range(16):
            stack.enter_context(running.connect()).sendall(BUSY[name])
        time.sleep(1)
        with beside(running, "/livez") as livez, beside(running, "/readyz") as readyz:
            reply = requests.post(f"{running.url}/gradient", json=SMALL, timeout=60)
        assert (reply.status_code, reply.json()["value"]) == (200, 4.0)
        assert max(livez + readyz) < 2, f"{name}: {max(livez):.2f} s, {max(readyz):.2f} s"


LONG = orjson.dumps(
    {
        "expression": " + ".join(f"a{k}" for k in range(2_500)),
        "bindings": {f"a{k}": 1 for k in range(2_500)},
        "check": True,
    }
)


def test_whatever_keeps_the_threads_busy_health_is_answered_and_others_are_told_to_come_back(
    start: Any,
) -> None:
    head = b"POST /gradient HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    sent = head + b"Content-Length: %d\r\n\r\n%b" % (len(LONG), LONG)
    settings = {"GRADIENT_PATIENCE": "1", "GRADIENT_CONCURRENCY": "2"}
    with start(WORKERS="1", THREADS="2", **settings) as running, ExitStack() as stack:
        for _ in range(4):
            stack.enter_context(running.connect()).sendall(sent)
        time.sleep(0.5)
        with beside(running, "/livez") as livez, beside(running, "/readyz") as readyz:
            reply = requests.post(f"{running.url}/gradient", json=SMALL, timeout=60)
        assert (reply.status_code, reply.headers["Retry-After"]) == (503, "1")
        assert reply.json()["type"] == "/problems/overloaded"
        assert max(livez + readyz) < 2, f"{max(livez):.2f} s, {max(readyz):.2f} s"


@pytest.mark.slow
def test_the_largest_requests_on_every_thread_stay_within_a_workers_memory(start: Any) -> None:
    """More of them than there are threads, in a worker that has no more memory than its share of
    docker-compose.yml's; health and small requests are answered beside them.
    """
    with start("tests/load/limited.conf.py", WORKERS="1", GRADIENT_DEADLINE="5") as running:
        requests.post(f"{running.url}/gradient", json=SMALL, timeout=30)
        before = worker(running)
        command = [sys.executable, "tests/load/largest.py", str(running.port), "36", "6"]
        with beside(running) as small, beside(running, "/livez") as livez:
            sent = subprocess.run(command, check=True, capture_output=True, timeout=100)
        statuses = orjson.loads(sent.stdout)
        found = f"{statuses}, {memory(running, 'VmHWM'):.0f} MB, {slow(small)}, {slow(livez)}"
        assert set(statuses) == {"200", "503"}, found
        assert worker(running) == before
        assert memory(running, "VmHWM") < 1900, found
        assert slow(small) < 1, found
        assert slow(livez) < 0.5, found


def slow(waits: list[float]) -> float:
    """The longest but for one in twenty."""
    return sorted(waits)[len(waits) * 19 // 20]


@contextmanager
def beside(server: Any, path: str = "/gradient") -> Iterator[list[float]]:
    """Small requests on a connection of their own, one after another: how long each took."""
    waits: list[float] = []
    done = threading.Event()
    method, message = ("POST", SMALL) if path == "/gradient" else ("GET", None)

    def ask() -> None:
        with requests.Session() as session:
            while not done.wait(REST):
                begun = time.monotonic()
                session.request(method, server.url + path, json=message, timeout=120)
                waits.append(time.monotonic() - begun)

    asking = threading.Thread(target=ask)
    asking.start()
    time.sleep(10 * REST)
    try:
        yield waits
    finally:
        done.set()
        asking.join()


def worker(server: Any) -> int:
    """The process id of the one worker."""
    pid = server.process.pid
    (found,) = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return int(found)


def memory(server: Any, what: str) -> float:
    """Megabytes of the worker: VmRSS is what it has now, VmHWM the most since `forget_peak`."""
    lines = Path(f"/proc/{worker(server)}/status").read_text().splitlines()
    (line,) = (line for line in lines if line.startswith(f"{what}:"))
    return int(line.split()[1]) / 1e3


def processor_time(server: Any) -> float:
    """Seconds of the worker."""
    fields = Path(f"/proc/{worker(server)}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def forget_peak(server: Any) -> None:
    """Let VmHWM start again at what the worker has now."""
    Path(f"/proc/{worker(server)}/clear_refs").write_text("5")
