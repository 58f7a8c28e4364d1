"""The cheap gradient principle: a gradient costs a small multiple of the function itself.

Griewank & Walther, "Evaluating Derivatives", chapter 4: at most 5 operations for one, and
about 3 where multiplications prevail. Measured on both engines.
"""

from __future__ import annotations

from collections.abc import Iterator

from autograd_core import evaluate, gradient, parse, read_nodes
from benchmarks.graphs import mixed
from benchmarks.harness import Row, durations, judged, side_by_side
from benchmarks.network import LOSS, TINY, WEIGHTS, network

MOST = 3.0


def measure(*, quick: bool) -> Iterator[Row]:
    """A row for scalars, one for arrays."""
    size = 200 if quick else 100_000
    scalars = mixed(size)
    graph, numbers = read_nodes(scalars.nodes()), scalars.bindings(seed=1)
    times = side_by_side(
        {
            "gradient": lambda: gradient(graph, numbers),
            "value": lambda: evaluate(graph, numbers),
        },
        rounds=30,
        quick=quick,
    )
    yield _row(f"gradient over value, {size:,} scalar nodes", times)

    net = network(*TINY) if quick else network()
    loss, arrays = parse(LOSS), net.bindings
    times = side_by_side(
        {
            "gradient": lambda: gradient(loss, arrays, wrt=WEIGHTS),
            "value": lambda: evaluate(loss, arrays),
        },
        rounds=30,
        quick=quick,
    )
    yield _row(f"gradient over value, {net}", times)


def _row(what: str, times: dict[str, float]) -> Row:
    ratio = times["gradient"] / times["value"]
    return judged(what, f"at most {MOST:g}x the time", ratio, durations(times), at_most=MOST)
