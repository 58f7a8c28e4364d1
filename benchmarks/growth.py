"""Growth: twice the nodes take twice the time, whatever the shape, up to a million nodes."""

from __future__ import annotations

import gc
import itertools
from collections.abc import Iterator
from functools import partial

from autograd_core import gradient, read_nodes
from benchmarks.graphs import SHAPES, Nodes, Numbers
from benchmarks.harness import Row, duration, judged, side_by_side

MOST = 2.2
SIZES = (125_000, 250_000, 500_000, 1_000_000)
TINY = (200, 400)


def measure(*, quick: bool) -> Iterator[Row]:
    """A row for each shape: the worst of the ratios time(2N)/time(N)."""
    sizes = TINY if quick else SIZES
    for name, shape in SHAPES.items():
        functions = {str(size): shape(size) for size in sizes}
        times = side_by_side(
            {label: partial(differentiate, *f) for label, f in functions.items()},
            rounds=5,
            budget=120.0,
            quick=quick,
        )
        seconds = [times[str(size)] for size in sizes]
        worst = max(twice / once for once, twice in itertools.pairwise(seconds))
        figures = ", ".join(
            f"{size:,}: {duration(t)}" for size, t in zip(sizes, seconds, strict=True)
        )
        wording = f"time(2N)/time(N) at most {MOST:g}"
        yield judged(f"growth, {name}", wording, worst, figures, at_most=MOST, form="{:.2f}")


def differentiate(nodes: Nodes, bindings: Numbers) -> None:
    """From the decoded message to the gradient, the collector paused as the service does it."""
    gc.disable()
    try:
        gradient(read_nodes(nodes), bindings)
    finally:
        gc.enable()
