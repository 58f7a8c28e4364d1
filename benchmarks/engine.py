"""The engine alone: value and all gradients of a scalar graph, against every peer.

The graph was read beforehand; each call binds other numbers. What a peer can keep between two
sets of numbers it keeps too, which is nothing for those that run Python; CasADi is measured
both with its function built anew, as for a graph that has just arrived, and built beforehand.
"""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.graphs import mixed
from benchmarks.harness import (
    AS_FAST,
    Contestant,
    Row,
    durations,
    in_deep_thread,
    judged,
    side_by_side,
    unmeasured,
)
from benchmarks.ours import answer_of, library
from benchmarks.peers import CASADI_READY, MICROGRAD, PEERS, Answer, Peer

SIZES = {1_000: 150.0, 100_000: 1_000.0}
TINY = {20: 150.0}
SEEDS = (1, 2)
TOLERANCE = 1e-8


def measure(*, quick: bool) -> Iterator[Row]:
    """A row for each size and peer."""
    for size, target in (TINY if quick else SIZES).items():
        rows: list[Row] = []
        in_deep_thread(lambda: rows.extend(_rows(size, target, quick=quick)))  # noqa: B023 - called at once
        yield from rows


def _rows(size: int, target: float, *, quick: bool) -> Iterator[Row]:
    graph = mixed(size)
    points = [graph.numbers(seed) for seed in SEEDS]
    truth = answer_of(library(graph, SEEDS)())
    contestants: dict[str, Contestant] = {"engine": library(graph, SEEDS)}
    for peer in PEERS:
        if peer.installed:
            contestants[peer.name] = peer.prepare(graph, points)
            require_equal(truth, peer.prepare(graph, points)(), peer.name)
    times = side_by_side(contestants, quick=quick)
    for peer in PEERS:
        yield _row(peer, size, target, times)


def _row(peer: Peer, size: int, target: float, times: dict[str, float]) -> Row:
    what = f"engine, {size:,} nodes, against {peer.name}"
    needed: float | None = 1.0
    wording = "faster"
    if peer is MICROGRAD:
        needed, wording = target, f"at least {target:,.0f}x as fast"
    elif peer is CASADI_READY:
        needed, wording = None, ""
    if peer.name not in times:
        return unmeasured(what, wording, f"{peer.module}: not installed")
    ratio = times[peer.name] / times["engine"]
    figures = durations({name: times[name] for name in ("engine", peer.name)})
    return judged(what, wording, ratio, figures, at_least=needed, form=AS_FAST)


def require_equal(ours: Answer, theirs: Answer, name: str) -> None:
    """RuntimeError unless both found the same value and gradients."""
    if len(ours[1]) != len(theirs[1]):
        raise RuntimeError(f"{name}: {len(theirs[1])} gradients where we have {len(ours[1])}")
    scale = max(1.0, *(abs(slope) for slope in ours[1]))
    pairs = [(ours[0], theirs[0]), *zip(ours[1], theirs[1], strict=True)]
    worst = max(abs(mine - other) for mine, other in pairs)
    if not worst <= TOLERANCE * scale:
        raise RuntimeError(f"{name} disagrees with the engine by {worst:g}, of {scale:g}")
