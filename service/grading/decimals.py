"""Short decimals: numbers that a student can put into a formula by hand."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import islice, zip_longest
from typing import Final

# Numbers of both signs and several sizes, the simplest first: for where nothing is known.
EVERYWHERE: Final = (
    2.0, -1.0, 0.5, 3.0, -2.0, 1.5, -0.5, -3.0, 0.7, -1.3, 1.2, -2.6, 2.3, -0.3, 4.1, -3.7,
    0.13, -0.17, 5.3, -5.9, 1.87, -1.43, 7.2, -6.8, 0.91, -0.83, 2.77, -4.6, 11.0, -12.0, 0.04,
)  # fmt: skip
# How far from the end of an interval without another end, the simplest first.
_BEYOND: Final = (1.0, 2.0, 0.5, 3.0, 1.5, 0.2, 5.0, 2.3, 0.7, 4.1, 7.2, 0.13, 11.0, 1.87, 0.04)
GOLDEN: Final = (math.sqrt(5) - 1) / 2
_MARGIN: Final = 0.02  # of an interval, at each of its ends
_WIDE: Final = 10.0  # an interval in which the simple numbers are not all over the place
_THINNEST: Final = 1e-10  # relative to the numbers in it


def inside(low: float, high: float, count: int) -> list[float]:
    """So many short decimals strictly inside an interval, as far as it has them, the simplest
    first; either end may be infinite. None in one too thin to tell its numbers apart.
    """
    return list(dict.fromkeys(islice(_inside(low, high), 4 * count)))[:count]


def _inside(low: float, high: float) -> Iterator[float]:
    width = high - low
    if math.isfinite(width) and width <= _THINNEST * max(abs(low), abs(high)):
        return
    if math.isinf(low) and math.isinf(high):
        yield from EVERYWHERE
    elif math.isinf(width):
        yield from _by_turns(_simple(low, high), _beyond(low, high))
    elif width > _WIDE:
        yield from _by_turns(_simple(low, high), _spread(low, high))
    else:
        yield from _spread(low, high)


def _simple(low: float, high: float) -> Iterator[float]:
    """The simple numbers in an interval."""
    return (number for number in EVERYWHERE if low < number < high)


def _beyond(low: float, high: float) -> Iterator[float]:
    """Ever further from the only end of an interval."""
    for step in _BEYOND:
        if math.isinf(high):
            yield _nearest(low + step, low + 0.9 * step, low + 1.1 * step)
        else:
            yield _nearest(high - step, high - 1.1 * step, high - 0.9 * step)


def _spread(low: float, high: float) -> Iterator[float]:
    """All over an interval with two ends."""
    width = high - low
    first, last = low + _MARGIN * width, high - _MARGIN * width
    yield from _multiples(first, last)
    fraction = 0.5
    while True:
        fraction = (fraction + GOLDEN) % 1
        at = first + fraction * (last - first)
        yield _nearest(at, max(first, at - width / 40), min(last, at + width / 40))


def _by_turns(first: Iterator[float], second: Iterator[float]) -> Iterator[float]:
    """One of the first and one of the second, as long as both last; then the others."""
    for pair in zip_longest(islice(first, len(EVERYWHERE)), islice(second, len(EVERYWHERE))):
        yield from (number for number in pair if number is not None)


def _multiples(low: float, high: float, most: int = 4) -> Sequence[float]:
    """Up to so many of the decimals in an interval that have the fewest digits."""
    digits = math.floor(-math.log10(high - low))
    first, last = 1, 0
    while first > last:
        digits += 1
        first, last = math.ceil(low * 10.0**digits), math.floor(high * 10.0**digits)
    step = max(1, (last - first + 1) // most)
    start = first + (last - first) % step // 2
    return [_decimal(count, digits) for count in range(start, last + 1, step)][:most]


def _nearest(at: float, low: float, high: float) -> float:
    """The decimal of fewest digits near a number, in an interval around it."""
    for digits in range(math.floor(-math.log10(high - low)), 18):
        near = _decimal(round(at * 10.0**digits), digits)
        if low <= near <= high:
            return near
    return at


def _decimal(count: int, digits: int) -> float:
    """count tens to the power -digits, as the nearest double."""
    return float(count * 10**-digits) if digits <= 0 else count / 10**digits
