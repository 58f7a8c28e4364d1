"""Compiling every loop before one is called, on two processors where two are idle.

Numba compiles one function at a time, so a second process compiles from the other end and leaves
what it has where this one fetches it. Whatever becomes of it, this one goes through all of them.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from autograd_core.jit.compiling import LOOPS, folder


def warm() -> None:
    """Compile every loop, or fetch it."""
    with _help():
        for loop in LOOPS.values():
            loop.compile()


def warm_backwards() -> None:
    """The same from the other end: what the second process does."""
    for loop in reversed(LOOPS.values()):
        loop.compile()


@contextmanager
def _help() -> Iterator[None]:
    """Within this another process compiles, too, where nothing is compiled and it can be of use."""
    place = folder()
    helper = None
    if place is not None and not any(place.iterdir()) and _has_idle_processor():
        helper = _start()
    try:
        yield
    finally:
        if helper is not None:
            helper.terminate()
            helper.wait()


def _has_idle_processor() -> bool:
    """Whether one is left beside ours: else both processes take longer than one."""
    try:
        return os.getloadavg()[0] + 1 < (os.cpu_count() or 1)
    except (AttributeError, OSError):  # not on this system
        return False


def _start() -> subprocess.Popen[bytes] | None:
    """`warm_backwards`, of this package; None where there is no Python to run it."""
    roots = [str(Path(__file__).parents[3]), os.environ.get("PYTHONPATH", "")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, roots))}
    program = f"from {__name__} import warm_backwards; warm_backwards()"
    quiet = subprocess.DEVNULL
    try:
        return subprocess.Popen(  # noqa: S603 - ourselves
            [sys.executable, "-c", program],
            env=environment,
            stdin=quiet,
            stdout=quiet,
            stderr=quiet,
        )
    except OSError:
        return None
