"""The largest requests that the limits admit, and a program that sends them for a while.

`python tests/load/largest.py PORT CLIENTS SECONDS` writes how often each status was answered. It is
a process of its own: beside its clients those whose waits are measured would wait for themselves.
"""

from __future__ import annotations

import base64
import http.client
import json
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable

JSON = {"Content-Type": "application/json"}
MEGABYTES = 32  # of a body


def expression(text: str, x: str, more: str = "") -> bytes:
    return f'{{"expression": "{text}", "bindings": {{"x": {x}}}{more}}}'.encode()


def numbers() -> bytes:
    return expression("sum(x*x)", f"[{','.join(['0.1234567890'] * 2_500_000)}]")


def rows() -> bytes:
    return expression("sum(x)", f"[{','.join(['[0.5,1.5]'] * 3_000_000)}]")


def chain() -> bytes:
    nodes = (f'{{"id":"n{k + 1}","op":"mul","args":["n{k}",0.5]}}' for k in range(640_000))
    return f'{{"graph": {{"nodes": [{",".join(nodes)}]}}, "bindings": {{"n0": 1.5}}}}'.encode()


def base64_both_ways() -> bytes:
    raw = base64.b64encode(bytes(8 * 2_900_000)).decode()
    tensor = f'{{"shape": [2900000], "base64": "{raw}"}}'
    return expression("sum(exp(x))", tensor, ', "tensors": "base64"')


def sines() -> bytes:
    return expression("sum(sin(sin(sin(broadcast_to(x, shape=[10000000])))))", "1")


def second_sines() -> bytes:
    return expression("sum(sin(sin(broadcast_to(x, shape=[5000000]))))", "1")


def long_answer() -> bytes:
    return expression("y = broadcast_to(x, shape=[9900000]); y", "0.12345678901234567")


def traces() -> bytes:
    wide = "a = broadcast_to(x, shape=[1600000]); b = sin(a); sum(b)"
    return expression(wide, "1", ', "include": ["nodes"]')


def graded_entries() -> bytes:
    numbers = f"[{','.join(['0.1234567890'] * 1_200_000)}]"
    return expression("sum(x)", numbers, f', "claims": {{"gradients": {{"x": {numbers}}}}}')


def graded_inputs() -> bytes:
    names = [f'"x{k}"' for k in range(250_000)]
    nodes = f'[{{"id": "s", "op": "add", "args": [{",".join(names)}]}}]'
    given = ",".join(f"{name}:1.5" for name in names)
    claims = ",".join(f"{name}:1" for name in names)
    return (
        f'{{"graph": {{"nodes": {nodes}}}, "bindings": {{{given}}}, '
        f'"claims": {{"gradients": {{{claims}}}}}}}'
    ).encode()


LARGEST: list[tuple[str, Callable[[], bytes]]] = [
    ("/gradient", numbers),
    ("/gradient", rows),
    ("/gradient", chain),
    ("/gradient", base64_both_ways),
    ("/gradient", sines),
    ("/hessian", second_sines),
    ("/evaluate", long_answer),
    ("/gradient", traces),
    ("/grade", graded_entries),
    ("/grade", graded_inputs),
]


def send(port: int, clients: int, seconds: float) -> Counter[int]:
    """Send all of them in turn from each client; how often each status was answered."""
    bodies = [(path, body()) for path, body in LARGEST]
    statuses: Counter[int] = Counter()
    end = time.monotonic() + seconds

    def ask(turn: int) -> None:
        while time.monotonic() < end:
            path, body = bodies[turn % len(bodies)]
            turn += 1
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            connection.request("POST", path, body, JSON)
            reply = connection.getresponse()
            while reply.read(1024 * 1024):
                pass
            connection.close()
            statuses[reply.status] += 1
            time.sleep(float(reply.headers.get("Retry-After", 0)))

    threads = [threading.Thread(target=ask, args=(k,)) for k in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return statuses


if __name__ == "__main__":
    found = send(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
    sys.stdout.write(json.dumps(found))
