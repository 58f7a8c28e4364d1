"""The playground in a real browser: from a slider's move to the picture, and the first paint."""

from __future__ import annotations

import shutil
import statistics
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

from benchmarks.harness import Row, duration, judged, unmeasured
from benchmarks.servers import serving

NODES = 50
MOVES = 200
MOVED = "slider to picture, 50 nodes, 95th percentile over 200 moves"
PAINTED = "first paint"

# A move is over when the new gradient stands in the document and a frame with it was drawn.
MOVE = """
const [moves, done] = arguments;
const slider = document.querySelector('[aria-label="slider of x0"]');
const shown = document.querySelector('#inputs output');
const times = [];
const frame = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
const changed = () => new Promise((resolve) => {
  const watcher = new MutationObserver(() => { watcher.disconnect(); resolve(); });
  watcher.observe(document.getElementById('value'), {childList: true, subtree: true});
});
(async () => {
  for (let move = 0; move < moves; move += 1) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    const picture = changed();
    const begun = performance.now();
    slider.value = String(((move * 37) % 97) / 25 - 2);
    slider.dispatchEvent(new Event('input', {bubbles: true}));
    await picture;
    await frame();
    times.push(performance.now() - begun);
  }
  done(times);
})();
"""
PAINT = "return performance.getEntriesByName('first-contentful-paint')[0].startTime"


def function(nodes: int = NODES) -> str:
    """An expression with five inputs and, with them, this many nodes; every input matters."""
    lines = ["n0 = x0*x1"]
    for step in range(1, nodes - 5):
        operand = f"x{step % 5}"
        lines.append(
            f"n{step} = tanh(n{step - 1})"
            if step % 3 == 0
            else f"n{step} = n{step - 1} + {operand}"
        )
    return "\n".join([*lines, f"n{nodes - 6}"])


def measure(*, quick: bool = False) -> Iterator[Row]:
    """Every move waits for its picture; that requests do not pile up otherwise, tests say."""
    target, paint_target = "under 100 ms", "under 1 s"
    if find_spec("selenium") is None or not shutil.which("chromedriver"):
        reason = "no selenium or no chromedriver (make test-browser)"
        yield unmeasured(MOVED, target, reason)
        yield unmeasured(PAINTED, paint_target, reason)
        return
    times, paints = _in_a_browser(10 if quick else MOVES)
    percentile = statistics.quantiles(times, n=20)[-1]
    middle = statistics.median(times)
    figures = f"median {duration(middle)}, slowest {duration(max(times))}"
    yield judged(MOVED, target, percentile * 1e3, figures, at_most=100, form="{:.3g} ms")
    first = min(paints)
    figures = ", ".join(duration(paint) for paint in paints)
    yield judged(PAINTED, paint_target, first, f"each load: {figures}", at_most=1, form="{:.3g} s")


def _in_a_browser(moves: int) -> tuple[list[float], list[float]]:
    """Seconds of each move, and until the first paint of each of three loads."""
    from tests.browser.page import Page, chromium  # noqa: PLC0415 - selenium is optional

    with serving(WORKERS="2") as server, chromium() as driver:
        page: Any = Page(driver, server.url)
        page.look()
        paints = []
        for _ in range(3):
            page.open()
            paints.append(page.run(PAINT) / 1e3)
        page.paste(function())
        if len(page.nodes()) != NODES:
            raise RuntimeError(f"{len(page.nodes())} nodes were drawn, not {NODES}")
        driver.set_script_timeout(120)
        times = driver.execute_async_script(MOVE, moves)
    return [time / 1e3 for time in times], paints
