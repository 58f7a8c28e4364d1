"""Array cases where float64 formulas lose digits: far tails, and determinants of all scales.

Computed in mpmath from the definitions, with 1,000 digits, because 1 - exp(-600) is to be told
from 1.
"""

from collections.abc import Sequence
from typing import Any

from array_cases_by_hand import Recorded, says, single, weighted
from mpmath import mp, mpf


def exact(row: Sequence[float]) -> list[Any]:
    return [mpf(x) for x in row]


def doubles(numbers: Sequence[Any]) -> list[float]:
    return [float(x) if abs(x) > mpf("1e-300") else 0.0 for x in numbers]


def log_sum_exp(z: Sequence[Any]) -> Any:
    top = max(z)
    return top + mp.log(sum(mp.exp(x - top) for x in z))


def probabilities(z: Sequence[Any]) -> list[Any]:
    total = log_sum_exp(z)
    return [mp.exp(x - total) for x in z]


def tail_log_sum_exp(name: str, row: Sequence[float]) -> Recorded:
    z = exact(row)
    case = single(name, "logsumexp", ["x"])
    return says(case, {"x": list(row)}, float(log_sum_exp(z)), {"x": doubles(probabilities(z))})


def tail_softmax(name: str, row: Sequence[float], weights: Sequence[float]) -> Recorded:
    """d sum(w*p)/dx_i = p_i * sum_j p_j (w_i - w_j)."""
    p, w = probabilities(exact(row)), exact(weights)
    slopes = [
        pi * sum(pj * (wi - wj) for pj, wj in zip(p, w, strict=True))
        for pi, wi in zip(p, w, strict=True)
    ]
    value = sum(pi * wi for pi, wi in zip(p, w, strict=True))
    case = weighted(name, "softmax", ["x"])
    return says(
        case,
        {"x": list(row), "w": list(weights)},
        float(value),
        {"x": doubles(slopes), "w": doubles(p)},
    )


def tail_log_softmax(name: str, row: Sequence[float], weights: Sequence[float]) -> Recorded:
    """d sum(w*log p)/dx_i = w_i - p_i sum(w)."""
    z, w = exact(row), exact(weights)
    result = [x - log_sum_exp(z) for x in z]
    slopes = [wi - pi * sum(w) for wi, pi in zip(w, probabilities(z), strict=True)]
    value = sum(wi * ri for wi, ri in zip(w, result, strict=True))
    case = weighted(name, "log_softmax", ["x"])
    return says(
        case,
        {"x": list(row), "w": list(weights)},
        float(value),
        {"x": doubles(slopes), "w": doubles(result)},
    )


def tail_cross_entropy(
    name: str, rows: Sequence[Sequence[float]], targets: Sequence[int]
) -> Recorded:
    total, slopes = mpf(0), []
    for row, target in zip(rows, targets, strict=True):
        z = exact(row)
        total += log_sum_exp(z) - z[target]
        slopes.append(
            doubles([(p - (k == target)) / len(rows) for k, p in enumerate(probabilities(z))])
        )
    case = single(name, "cross_entropy", ["z", list(targets)])
    return says(case, {"z": [list(row) for row in rows]}, float(total / len(rows)), {"z": slopes})


def tail_binary(name: str, row: Sequence[float], targets: Sequence[float]) -> Recorded:
    total, slopes = mpf(0), []
    for x, y in zip(exact(row), exact(targets), strict=True):
        total += mp.log(1 + mp.exp(-x)) * y + mp.log(1 + mp.exp(x)) * (1 - y)
        slopes.append((1 / (1 + mp.exp(-x)) - y) / len(row))
    case = single(name, "binary_cross_entropy", ["z", list(targets)])
    return says(case, {"z": list(row)}, float(total / len(row)), {"z": doubles(slopes)})


def determinant(rows: Sequence[Sequence[Any]]) -> Any:
    if not rows:
        return mpf(1)
    signed = (
        mpf((-1) ** k * rows[0][k]) * determinant(minor(rows, 0, k)) for k in range(len(rows))
    )
    return sum(signed)


def minor(rows: Sequence[Sequence[Any]], row: int, column: int) -> list[list[Any]]:
    return [[*r[:column], *r[column + 1 :]] for k, r in enumerate(rows) if k != row]


def scaled_determinant(name: str, rows: Sequence[Sequence[float]]) -> Recorded:
    """Rows or columns of very different sizes: every cofactor has its own."""
    matrix = [exact(row) for row in rows]
    slopes = [
        doubles([(-1) ** (i + k) * determinant(minor(matrix, i, k)) for k in range(len(matrix))])
        for i in range(len(matrix))
    ]
    value = doubles([determinant(matrix)])[0]
    bindings = {"x": [list(row) for row in rows]}
    return says(single(name, "det", ["x"]), bindings, value, {"x": slopes}, 1e-10)


def scales() -> list[Recorded]:
    return [
        scaled_determinant(
            "columns-of-all-scales", [[1.0, 2e6, 3e12], [4.0, 5e6, 6e12], [7.0, 8e6, 1e13]]
        ),
        scaled_determinant(
            "rows-of-all-scales", [[1.0, 2.0, 4.0], [4e7, -5e7, 6e7], [7e-9, 8e-9, 1e-8]]
        ),
        scaled_determinant("near-singular", [[1.0, 2.0], [2.0, 4.0000001]]),
        scaled_determinant(
            "tiny", [[2e-110, 1e-110, 0.0], [1e-110, 3e-110, 1e-110], [0.0, 1e-110, 4e-110]]
        ),
        scaled_determinant(
            "huge", [[2e100, 1e100, 0.0], [1e100, 3e100, 1e100], [0.0, 1e100, 4e100]]
        ),
    ]


def tails() -> list[Recorded]:
    with mp.workdps(1000):
        return [
            tail_log_sum_exp("tail-40", [0.0, -40.0]),
            tail_log_sum_exp("tail-40-reversed", [-40.0, 0.0, -37.5]),
            tail_log_sum_exp("tail-600", [0.0, -600.0]),
            tail_log_sum_exp("at-1000", [1000.0, 1000.0, 999.0]),
            tail_log_sum_exp("at-minus-1000", [-1000.0, -1001.0]),
            tail_log_sum_exp("at-1e300", [1e300, 0.0, -1e300]),
            tail_log_sum_exp("crossing-zero", [-0.7, -0.71]),
            tail_softmax("tail-40", [0.0, -40.0], [1.0, 2.0]),
            tail_softmax("tail-40-of-three", [-38.0, 2.0, -40.0], [0.75, -1.5, 2.0]),
            tail_softmax("at-1000", [1000.0, 0.0, -1000.0], [1.0, 2.0, 3.0]),
            tail_softmax("two-at-minus-1000", [-1000.0, -1001.0, -1400.0], [1.0, 2.0, -3.0]),
            tail_softmax("at-1e300", [1e300, -1e300], [1.0, 2.0]),
            tail_softmax("tail-300", [0.0, 300.0], [0.5, 0.25]),
            tail_log_softmax("tail-40", [0.0, -40.0], [1.0, 0.0]),
            tail_log_softmax("tail-40-all-weighted", [0.0, -40.0, -35.0], [1.0, 0.25, 0.0]),
            tail_log_softmax("tail-600", [600.0, 0.0], [1.0, 0.0]),
            tail_log_softmax("at-1000", [1000.0, 0.0, -1000.0], [0.5, -1.0, 2.0]),
            tail_log_softmax("at-minus-1000", [-1000.0, -1001.0], [0.5, -1.0]),
            tail_cross_entropy("sure-and-right", [[0.0, -40.0]], [0]),
            tail_cross_entropy(
                "sure-and-right-of-three", [[-2.0, 40.0, -5.0], [1.0, 0.5, -1.0]], [1, 2]
            ),
            tail_cross_entropy("sure-and-wrong", [[0.0, -1000.0, 3.0]], [1]),
            tail_cross_entropy("sure-to-600", [[600.0, 0.0], [0.0, 300.0]], [0, 1]),
            tail_binary("sure-and-right", [40.0, -40.0, 300.0], [1.0, 0.0, 1.0]),
            tail_binary("one-sure-and-right", [37.0], [1.0]),
            tail_binary("sure-and-wrong", [-800.0, 800.0], [1.0, 0.0]),
            tail_binary("sure-and-right-at-650", [650.0], [1.0]),
        ]


def cases() -> list[Recorded]:
    return [*scales(), *tails()]
