"""Special functions that neither the `math` module nor Numba has, in plain floats.

digamma and zeta are for x > 0: the op table's formulas reflect what is below. Each shifts x up
to where the asymptotic series is right to the last digit (Abramowitz & Stegun 6.3.18, 6.4.12
and 6.4.13, 6.3.5 for the shift).
"""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from autograd_core.jit.compiling import inner

# B20, B18, ... B2, the Bernoulli numbers B2k; for digamma B2k/2k; for zeta(3, x) B2k*(2k + 1)/2.
_BERNOULLI = "-174611/330 43867/798 -3617/510 7/6 -691/2730 5/66 -1/30 1/42 -1/30 1/6"
_TERMS = [*zip(range(20, 0, -2), map(Fraction, _BERNOULLI.split()), strict=True)]
BERNOULLI = tuple(float(b) for _, b in _TERMS)
DIGAMMA_SERIES = tuple(float(b / n) for n, b in _TERMS)
ZETA3_SERIES = tuple(float(b * (n + 1) / 2) for n, b in _TERMS)

# The positive zero of digamma, to twice the digits, and the Taylor coefficients there.
ROOT = 1.4616321449683622
ROOT_REST = 9.549995429965697e-17
# fmt: off
ROOT_TAYLOR = (
    0.002305126326734928, -0.003369801655439328, 0.004926781395729853, -0.007204534386356869,
    0.010538791616612175, -0.01542476590494896, 0.022597648232218104, -0.03316112647484736,
    0.04880428816414311, -0.07219956125645471, 0.10782405069126237, -0.16394270544240652,
    0.258499760955651, -0.4427631689835921, 0.9676722454476212,
)
# fmt: on

# M. J. Wichura, "Algorithm AS 241: The percentage points of the normal distribution",
# Applied Statistics 37 (1988), PPND16: (numerator, denominator) of three intervals.
NORMAL_CENTRE = (
    (2509.0809287301227, 5226.495278852855),
    (33430.57558358813, 28729.085735721943),
    (67265.7709270087, 39307.89580009271),
    (45921.95393154987, 21213.794301586597),
    (13731.69376550946, 5394.196021424751),
    (1971.5909503065513, 687.1870074920579),
    (133.14166789178438, 42.31333070160091),
    (3.3871328727963665, 1.0),
)
NORMAL_SIDE = (
    (0.0007745450142783414, 1.0507500716444169e-09),
    (0.022723844989269184, 0.0005475938084995345),
    (0.2417807251774506, 0.015198666563616457),
    (1.2704582524523684, 0.14810397642748008),
    (3.6478483247632045, 0.6897673349851),
    (5.769497221460691, 1.6763848301838038),
    (4.630337846156546, 2.053191626637759),
    (1.4234371107496835, 1.0),
)
NORMAL_TAIL = (
    (2.0103343992922881e-07, 2.0442631033899397e-15),
    (2.7115555687434876e-05, 1.4215117583164459e-07),
    (0.0012426609473880784, 1.8463183175100547e-05),
    (0.026532189526576124, 0.0007868691311456133),
    (0.29656057182850487, 0.014875361290850615),
    (1.7848265399172913, 0.1369298809227358),
    (5.463784911164114, 0.599832206555888),
    (6.657904643501103, 1.0),
)


@inner
def log_gamma(x: float) -> float:
    """log|Gamma(x)|; inf at 0, -1, -2, ..., and at -inf what SciPy has there."""
    return x if x == -np.inf else math.lgamma(x)


@inner
def digamma(x: float) -> float:
    """psi(x), x > 0."""
    offset = (x - ROOT) - ROOT_REST
    series = 0.0
    if abs(offset) < 0.1:
        for coefficient in ROOT_TAYLOR:
            series = series * offset + coefficient
        return offset * series
    shift = 0.0
    while x < 10:
        shift -= 1 / x
        x += 1
    y = 1 / x / x
    for coefficient in DIGAMMA_SERIES:
        series = (series * y) + coefficient
    return shift + math.log(x) - 0.5 / x - series * y


@inner
def zeta(order: float, x: float) -> float:
    """Hurwitz zeta of order 2 or 3: the sum of (x + n)**-order over n = 0, 1, ...; x > 0."""
    total, series = 0.0, 0.0
    if order == 2:
        while x < 10:
            total += 1 / x / x
            x += 1
        y = 1 / x / x
        for coefficient in BERNOULLI:
            series = series * y + coefficient
        return total + (1 + (0.5 / x + series * y)) / x
    while x < 10:
        total += 1 / x / x / x
        x += 1
    y = 1 / x / x
    for coefficient in ZETA3_SERIES:
        series = series * y + coefficient
    return total + (0.5 + (0.5 / x + series * y)) / x / x


@inner
def erfinv(x: float) -> float:
    """The z with erf(z) = x; inf at 1, NaN beyond."""
    size = abs(x)
    if not size < 1:
        return math.copysign(np.inf, x) if size == 1 else np.nan
    above, below = 0.0, 0.0
    if size <= 0.85:
        r = 0.180625 - 0.25 * x * x
        for numerator, denominator in NORMAL_CENTRE:
            above, below = above * r + numerator, below * r + denominator
        return 0.5 * x * above / below * math.sqrt(0.5)
    r = math.sqrt(-math.log(0.5 * (1 - size)))
    if r <= 5:
        for numerator, denominator in NORMAL_SIDE:
            above, below = above * (r - 1.6) + numerator, below * (r - 1.6) + denominator
    else:
        for numerator, denominator in NORMAL_TAIL:
            above, below = above * (r - 5) + numerator, below * (r - 5) + denominator
    return math.copysign(above / below * math.sqrt(0.5), x)
