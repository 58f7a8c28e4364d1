"""The table, the machine it was measured on, and RESULTS.md."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from benchmarks.harness import FAILED, MISSED, UNMEASURED, Row

PACKAGES = ("numpy", "numba", "orjson", "flask", "gunicorn")
PEERS = ("micrograd", "autograd", "casadi", "torch", "numdifftools")
NOTES = "## Notes"
INTRODUCTION = (
    "Written by `python -m benchmarks --write`. The ratios are what counts: the two sides of "
    "each were measured in turns. The figures are those of the best turn, on this machine:"
)
HEAD = ("what", "target", "measured", "verdict", "figures")


def table(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table that can be read as it stands."""
    cells = [HEAD, *((r.what, r.target, r.measured, r.verdict, r.figures) for r in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(HEAD))]
    lines = [f"| {' | '.join(map(str.ljust, line, widths))} |" for line in cells]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def machine() -> str:
    """The processor, the system and the versions that matter, as lines of text."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return "\n".join(
        (
            f"- {_processor()}, {cores} cores{_memory()}",
            f"- {platform.system()} {platform.machine()}, Python {platform.python_version()}",
            f"- {', '.join(_installed(name) for name in PACKAGES)}",
            f"- peers: {', '.join(_installed(name) for name in PEERS)}",
        )
    )


def write(path: Path, rows: Sequence[Row]) -> None:
    """Write the results; what a person wrote under the heading Notes is kept."""
    notes = NOTES + "\n"
    if path.exists() and NOTES in (text := path.read_text(encoding="utf-8")):
        notes = text[text.index(NOTES) :]
    unmet = [f"- {row.what}: {row.measured}" for row in rows if row.verdict in {MISSED, FAILED}]
    unknown = [f"- {row.what}: {row.measured}" for row in rows if row.verdict == UNMEASURED]
    parts = [
        "# Results",
        INTRODUCTION,
        machine() + f"\n- {datetime.now(UTC):%Y-%m-%d}",
        table(rows),
        "## Missed targets",
        "\n".join(unmet) or "None.",
    ]
    if unknown:
        parts += ["## Not measured", "\n".join(unknown)]
    path.write_text("\n\n".join([*parts, notes]), encoding="utf-8")


def _installed(name: str) -> str:
    try:
        return f"{name} {version(name)}"
    except PackageNotFoundError:
        return f"{name}: not installed"


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown processor"


def _memory() -> str:
    if "SC_PHYS_PAGES" not in os.sysconf_names:
        return ""
    size = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return f", {size / 2**30:.0f} GiB"
