"""Records values and derivatives of every elementwise operation, from mpmath.

Run by hand, where mpmath is installed, after a change to `elementwise_points.py`:

    python tests/oracles/record_elementwise.py

It writes elementwise.json beside itself: a list of {"op", "operands", "attrs"?, "value",
"first", "second"}. `first` has one partial an operand; `second` is the upper triangle of the
matrix of second partials, row by row ([xx, xy, yy] for two operands). null stands for what is
not recorded. "NaN", "Infinity" and "-Infinity" stand for themselves.

No derivative formula is used. Partials are central differences at 700 digits or more with a
step some 60 digits below the operand, recorded only when a second pass with more digits and a
smaller step agrees to 20 digits. A number is left out when its true size is no normal double, and a
partial when it changes sign within a thousandth of the operand (its zero is then no
double, and relative accuracy there means little). The conventions at kinks are stated by hand
in `elementwise_conventions.py`.
"""

import json
import math
from itertools import combinations_with_replacement
from pathlib import Path

from elementwise_conventions import CONVENTIONS
from elementwise_functions import Number
from elementwise_points import Point, Row, rows
from mpmath import mp, mpf

Recorded = float | str | None
SMALLEST = mpf("1e-300")
UNDERFLOWS = mpf("1e-340")


def step(x: Number, bits: int) -> Number:
    """A step that is small beside x and beside 1."""
    size = min(abs(x), mpf(1)) if x else mpf(1)
    return mp.ldexp(size, -bits)


def moved(at: list[Number], *moves: tuple[int, Number]) -> list[Number]:
    changed = list(at)
    for i, by in moves:
        changed[i] += by
    return changed


def partials(row: Row, at: list[Number], bits: int) -> list[Number]:
    """First partials, then the upper triangle of second partials, by central differences."""
    f, h, n = row.function, [step(x, bits) for x in at], len(at)
    here = f(*at)
    up = [f(*moved(at, (i, h[i]))) for i in range(n)]
    down = [f(*moved(at, (i, -h[i]))) for i in range(n)]
    found = [(up[i] - down[i]) / (2 * h[i]) for i in range(n)]
    for i, j in combinations_with_replacement(range(n), 2):
        if i == j:
            found.append((up[i] - 2 * here + down[i]) / h[i] ** 2)
            continue
        corners = [
            s * t * f(*moved(at, (i, s * h[i]), (j, t * h[j]))) for s in (1, -1) for t in (1, -1)
        ]
        found.append(sum(corners) / (4 * h[i] * h[j]))
    return found


def at_precision(row: Row, point: Point, digits: int, bits: int) -> list[Number]:
    with mp.workdps(digits):
        at = [mpf(x) for x in point]
        return [row.function(*at), *partials(row, at, bits)]


def agree(a: Number, b: Number) -> bool:
    return abs(a - b) <= mpf("1e-20") * abs(a) or max(abs(a), abs(b)) < UNDERFLOWS


def near_a_zero(row: Row, point: Point, digits: int) -> list[bool]:
    """For the value and each partial: whether it changes sign near the point, but not at it."""
    count = 1 + len(point) + len(point) * (len(point) + 1) // 2
    found = [False] * count
    for i, x in enumerate(point):
        if not x:
            continue
        nearby = []
        for factor in ("0.999", "1.001"):
            with mp.workdps(digits):
                at = moved([mpf(y) for y in point], (i, mpf(x) * (mpf(factor) - 1)))
                try:
                    nearby.append([row.function(*at), *partials(row, at, 100)])
                except (TypeError, ValueError):  # complex: the neighbour lies outside the domain
                    continue
        for k, entries in enumerate(zip(*nearby, strict=True)):
            real = [entry for entry in entries if isinstance(entry, mpf)]
            found[k] |= min(real, default=0) < -UNDERFLOWS and max(real, default=0) > UNDERFLOWS
    return found


def as_double(number: Number) -> Recorded:
    if abs(number) < UNDERFLOWS:
        return 0.0
    if abs(number) < SMALLEST:
        return None
    double = float(number)
    return double if math.isfinite(double) else None


def recorded(row: Row, point: Point) -> dict[str, object] | None:
    tame = all(x == 0 or 1e-60 < abs(x) < 1e60 for x in point)
    digits = 700 if tame else 1500
    one = at_precision(row, point, digits, 200)
    two = at_precision(row, point, digits + 200, 260)
    entries: list[Recorded] = [
        as_double(b) if agree(a, b) else None for a, b in zip(one, two, strict=True)
    ]
    if any(entry is not None for entry in entries):
        for k, near in enumerate(near_a_zero(row, point, digits)):
            keep = row.keep_partials_near_root if k else not row.skip_value_near_root
            if near and not keep:
                entries[k] = None
    if all(entry is None for entry in entries):
        return None
    n = len(point)
    case: dict[str, object] = {"op": row.op, "operands": list(point)}
    if row.attrs:
        case["attrs"] = row.attrs
    return case | {"value": entries[0], "first": entries[1 : n + 1], "second": entries[n + 1 :]}


def main() -> None:
    cases = [case for row in rows() for point in row.points if (case := recorded(row, point))]
    cases += CONVENTIONS
    target = Path(__file__).with_name("elementwise.json")
    lines = ",\n".join(json.dumps(case) for case in cases)
    target.write_text(f"[\n{lines}\n]\n", encoding="utf-8")
    print(f"{len(cases)} points of {len({case['op'] for case in cases})} operations")  # noqa: T201 - run by hand


if __name__ == "__main__":
    main()
