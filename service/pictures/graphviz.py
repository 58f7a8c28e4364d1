"""Graphs drawn by Graphviz: its program `dot`, run on a text that is ours but for its labels."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import Final

from autograd_core import Deadline

_FONT: Final = "DejaVu Sans,Verdana,sans-serif"
_OPTIONS: Final = (
    "-Tsvg",
    *(f"-{part}fontname={_FONT}" for part in "GNE"),
    *("-Nfontsize=12", "-Gbgcolor=white"),
    # How many rounds layout looks for a better one: a tangle takes seconds, not minutes.
    *("-Gnslimit=1", "-Gnslimit1=1", "-Gmclimit=0.2"),
)
# Elementary operations that would take as long as a drawing.
_WORK: Final = 1e8


def missing() -> str | None:
    """What has to be installed before anything can be drawn, or None."""
    if shutil.which("dot") is not None:
        return None
    return "Graphviz, whose program dot is not installed here (apt-get install graphviz)"


def svg(text: str, deadline: Deadline) -> bytes:
    """A graph in DOT as SVG, without the lines before its root, so that it can stand in a page.

    Raises DeadlineExceeded, and OSError where there is no Graphviz.
    """
    deadline.spend(_WORK)
    deadline.check()
    try:
        done = subprocess.run(  # noqa: S603 - no shell, and no word of a caller's among the arguments
            [shutil.which("dot") or "dot", *_OPTIONS],
            input=text.encode(),
            capture_output=True,
            check=True,
            timeout=deadline.remaining,
            # With a SERVER_NAME, Graphviz opens no file that a graph names.
            env={"PATH": os.environ.get("PATH", os.defpath), "SERVER_NAME": "gradient"},
        )
    except subprocess.TimeoutExpired:
        deadline.check()
        raise
    return done.stdout[done.stdout.index(b"<svg") :]
