"""Records smooth elementwise operations at the ends of binary64, from mpmath.

Run by hand, after a change to `tests/autograd_core/extremes.py` or a new smooth operation:

    python -m tests.oracles.record_extremes

It writes extremes.json beside itself: by operation, a list of {"at", "exact"}: the operands, then
the value, first and second partials as doubles, null where mpmath knows none. No derivative
formula is used: partials are differences at up to 1500 digits.
"""

import json
from pathlib import Path

from tests.autograd_core.extremes import SMOOTH, exactly, points

FILE = Path(__file__).parent / "extremes.json"


def recorded(name: str) -> str:
    """A line for each point."""
    lines = []
    for point in points(name):
        exact = [None if number is None else float(number) for number in exactly(name, point)]
        lines.append(json.dumps({"at": point, "exact": exact}, allow_nan=False))
    return f"{json.dumps(name)}: [\n" + ",\n".join(lines) + "\n]"


if __name__ == "__main__":
    FILE.write_text("{\n" + ",\n".join(map(recorded, SMOOTH)) + "\n}\n", encoding="utf-8")
