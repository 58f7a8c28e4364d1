"""End to end in this process: the bytes of a request through the WSGI application and back.

Reading JSON and validating it included, the service is still to be faster than micrograd is
without any JSON; and most of the time is to be the JSON itself.
"""

from __future__ import annotations

import base64
import gc
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import orjson

from autograd_core import read_nodes, to_columns
from benchmarks.engine import require_equal
from benchmarks.graphs import ScalarGraph, mixed
from benchmarks.harness import (
    AS_FAST,
    Contestant,
    Row,
    duration,
    durations,
    in_deep_thread,
    judged,
    side_by_side,
    unmeasured,
)
from benchmarks.ours import service, wsgi_call
from benchmarks.peers import MICROGRAD

SIZES = {1_000: 3.0, 100_000: 12.0}
TINY = {20: 3.0}
MOST_OF_DECODING = 3.0
COLUMNS, FEWEST_COLUMNS = 40.0, 100_000


def measure(*, quick: bool) -> Iterator[Row]:
    """Two rows for each size."""
    for size, target in (TINY if quick else SIZES).items():
        rows: list[Row] = []
        in_deep_thread(lambda: rows.extend(_rows(size, target, quick=quick)))  # noqa: B023 - called at once
        yield from rows


def _rows(size: int, target: float, *, quick: bool) -> Iterator[Row]:
    graph = mixed(size)
    body = graph.body(seed=1)
    call = wsgi_call(service(), "/gradient", body)
    contestants: dict[str, Contestant] = {"request": call, "orjson.loads": lambda: decode(body)}
    if size >= FEWEST_COLUMNS or quick:
        columns = wsgi_call(service(), "/gradient", columns_of(graph))
        if orjson.loads(columns())["value"] != orjson.loads(call())["value"]:
            raise RuntimeError("the columns are another function")
        contestants["columns"] = columns
    if MICROGRAD.installed:
        answer = orjson.loads(call())
        theirs = MICROGRAD.prepare(graph, [graph.numbers(seed=1)])
        require_equal((answer["value"], list(answer["gradients"].values())), theirs(), "micrograd")
        contestants["micrograd"] = theirs
    times = side_by_side(contestants, quick=quick)

    what = f"request, {size:,} nodes"
    yield _against_micrograd(what, "request", target, times)
    ratio = times["request"] / times["orjson.loads"]
    figures = f"orjson.loads {duration(times['orjson.loads'])}, {len(body) / 1e6:.3g} MB"
    wording = f"at most {MOST_OF_DECODING:g}x the time of orjson.loads"
    yield judged(what, wording, ratio, figures, at_most=MOST_OF_DECODING)
    if "columns" in times:
        what = f"columns, {size:,} nodes"
        yield _against_micrograd(what, "columns", COLUMNS, times)
        ratio = times["columns"] / times["orjson.loads"]
        figures = f"orjson.loads {duration(times['orjson.loads'])}, of the list of nodes"
        yield judged(what, "less time than orjson.loads", ratio, figures, at_most=1.0)


def _against_micrograd(what: str, name: str, least: float, times: Mapping[str, float]) -> Row:
    wording = f"at least {least:g}x as fast as micrograd without JSON"
    if "micrograd" not in times:
        return unmeasured(what, wording, "micrograd: not installed")
    figures = durations({each: times[each] for each in (name, "micrograd")})
    ratio = times["micrograd"] / times[name]
    return judged(what, wording, ratio, figures, at_least=least, form=AS_FAST)


def columns_of(graph: ScalarGraph) -> bytes:
    """The body of a request with the function as columns, the long ones in base64."""
    bindings = graph.bindings(seed=1)
    columns: dict[str, Any] = to_columns(read_nodes(graph.nodes(), bindings.keys()))
    for name, dtype in {"opcodes": "uint8", "operands": "uint32", "counts": "uint8"}.items():
        raw = np.array(columns[name], dtype=np.dtype(dtype).newbyteorder("<")).tobytes()
        columns[name] = {"base64": base64.b64encode(raw).decode(), "dtype": dtype}
    return orjson.dumps({"graph": {"columns": columns}, "bindings": bindings})


def decode(body: bytes) -> object:
    """orjson.loads with the collector paused: for large bodies two to four times faster."""
    gc.disable()
    try:
        return orjson.loads(body)
    finally:
        gc.enable()
