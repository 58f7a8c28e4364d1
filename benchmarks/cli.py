"""The command line: which families to measure, how thoroughly, and where the results go."""

from __future__ import annotations

import argparse
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from benchmarks import (
    cheap_gradient,
    engine,
    formulas,
    grading,
    growth,
    hessians,
    honesty,
    map_points,
    memory,
    mixture,
    network,
    over_http,
    playground,
    request,
    rounding,
    slips,
    slow_clients,
    small_call,
    start,
    stream,
    tensor_hessians,
    value,
)
from benchmarks.harness import FAILED, Row
from benchmarks.report import machine, table, write

LONGEST_REASON = 120
RESULTS = Path(__file__).parent / "RESULTS.md"

FAMILIES: dict[str, Callable[..., Iterator[Row]]] = {
    "engine": engine.measure,
    "request": request.measure,
    "small-call": small_call.measure,
    "http": over_http.measure,
    "slow-clients": slow_clients.measure,
    "stream": stream.measure,
    "map": map_points.measure,
    "growth": growth.measure,
    "memory": memory.measure,
    "network": network.measure,
    "mixture": mixture.measure,
    "hessians": hessians.measure,
    "tensor-hessians": tensor_hessians.measure,
    "value": value.measure,
    "honesty": honesty.measure,
    "rounding": rounding.measure,
    "grading": grading.measure,
    "slips": slips.measure,
    "formulas": formulas.measure,
    "cheap-gradient": cheap_gradient.measure,
    "start": start.measure,
    "playground": playground.measure,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure; the exit status says whether everything could be, not what came out."""
    options = _options(arguments)
    print(f"{machine()}\n")
    rows: list[Row] = []
    for name in options.only or FAMILIES:
        for row in _measured(name, quick=options.quick):
            print(f"{name}: {row.what}: {row.measured} ({row.verdict})", flush=True)
            rows.append(row)
    print(f"\n{table(rows)}")
    if options.write:
        write(RESULTS, rows)
        print(f"\nWritten to {RESULTS.name}.")
    return int(any(row.verdict == FAILED for row in rows))


def _measured(name: str, *, quick: bool) -> Iterator[Row]:
    """The rows of a family; where it breaks off, a row says why, and the others go on."""
    try:
        yield from FAMILIES[name](quick=quick)
    except Exception as error:  # noqa: BLE001 - a benchmark of whatever is broken today
        traceback.print_exc()
        reason = " ".join(str(error).split())[:LONGEST_REASON].replace("|", "/")
        yield Row(name, "", f"{type(error).__name__}: {reason}", FAILED, "")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--only", nargs="+", choices=FAMILIES, metavar="NAME", help=f"of {', '.join(FAMILIES)}"
    )
    parser.add_argument(
        "--quick", action="store_true", help="tiny sizes: whether it runs, not how fast"
    )
    parser.add_argument(
        "--write", action="store_true", help="write RESULTS.md; takes a whole, thorough run"
    )
    options = parser.parse_args(arguments)
    if options.write and (options.only or options.quick):
        parser.error("RESULTS.md holds one whole run: --write goes with neither --only nor --quick")
    return options
