"""Memory: what a graph takes beyond its decoded JSON, as the peak of a process of its own.

`python -m benchmarks.memory WHAT`, with a body on standard input, prints bytes: by how much
the process grew, at its peak, while it did WHAT. Needs Linux's /proc.
"""

from __future__ import annotations

import gc
import subprocess
import sys
from collections.abc import Iterator

import orjson

from autograd_core import gradient, read_nodes
from benchmarks.graphs import mixed
from benchmarks.harness import Row, judged, unmeasured
from benchmarks.ours import service, wsgi_call
from benchmarks.resident import MISSING, known, peak, reset_peak, resident
from benchmarks.servers import ROOT

MOST = 200.0


def measure(*, quick: bool) -> Iterator[Row]:
    """The library, whose caller keeps the decoded JSON, and a request, which can let it go."""
    nodes = 2_000 if quick else 250_000
    what, wording = f"memory, {nodes:,} nodes", f"at most {MOST:g} bytes a node beyond the JSON"
    if not known():
        yield unmeasured(what, wording, MISSING)
        return
    body = mixed(nodes).body(seed=1)
    decoding, differentiating, request = (
        _in_process(name, body) / nodes for name in ("decode", "differentiate", "request")
    )
    figures = f"decoded JSON {decoding:.0f} bytes a node"
    form = "{:.0f} bytes a node"
    yield judged(f"{what}, library", wording, differentiating, figures, at_most=MOST, form=form)
    figures += f", body {len(body) / nodes:.0f}"
    yield judged(f"{what}, request", wording, request - decoding, figures, at_most=MOST, form=form)


def _in_process(what: str, body: bytes) -> int:
    command = [sys.executable, "-m", "benchmarks.memory", what]
    done = subprocess.run(command, cwd=ROOT, input=body, stdout=subprocess.PIPE, check=True)
    return int(done.stdout)


def grown(what: str, body: bytes) -> int:
    """Bytes by which this process grew at its peak."""
    app = service()
    wsgi_call(app, "/gradient", mixed(100).body(seed=1))
    gc.collect()
    gc.disable()
    message = orjson.loads(body) if what == "differentiate" else None
    reset_peak()
    before = resident()
    if what == "request":
        wsgi_call(app, "/gradient", body)
    elif message is None:
        message = orjson.loads(body)
    else:
        gradient(read_nodes(message["graph"]["nodes"]), message["bindings"])
    return peak() - before


if __name__ == "__main__":
    print(grown(sys.argv[1], sys.stdin.buffer.read()))
