"""Whether a lone number may be what some slip gives by accident.

A function of whole numbers has whole derivatives, and so has what slips make of them: among the
few that a wrong answer might be, one out of the air is a slip's in one case of seven. What one
kind of slip gives is then told only if there are many more numbers that it might have been. A
student who has another number right is not taken to guess.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from math import inf, isfinite
from typing import Final

from service.grading.slips.slip import Slip
from service.grading.slips.written import decimals

# How many numbers have to be possible for each that slips of one code give: of a claim that stands
# alone, and of one beside others that are wrong and not explained by the same slip.
NONE: Final = 0.0
LONE: Final = 3.0
UNEXPLAINED: Final = 12.0
# Of a claim that stands alone these are told in any case: they are made too often to keep silent.
_PLAIN: Final = frozenset(
    {
        *("sign", "value", "own_value", "input_value", "variable", "swapped", "swapped_values"),
        *("overwritten", "all_overwritten", "transposed", "no_sum"),
    }
)
# A wrong answer is no farther from 0 than so many units, or so many times the right one.
_UNITS: Final = 10
_TIMES: Final = 3
_SAME: Final = 1e-9
_MOST_PLACES: Final = 100


def least_odds(claims: Collection[str], wrong: Collection[str]) -> float:
    """How sure a slip has to be of which nothing but one wrong number tells."""
    if not all(path in wrong for path in claims):
        return NONE
    return LONE if len(claims) == 1 else UNEXPLAINED


def is_credible(
    slips: Iterable[Slip], rivals: Mapping[str, int], claim: float, truth: float, least: float
) -> bool:
    """Whether one of the slips that give a claim is likelier than an accident.

    rivals: by code, how many different numbers its slips give.
    """
    possible = _possible(claim, truth)
    return any(
        possible >= least * rivals.get(slip.code, 1) or (least <= LONE and _is_plain(slip))
        for slip in slips
    )


def _is_plain(slip: Slip) -> bool:
    return slip.kind in _PLAIN or slip.code == "gate_ignored"


def _possible(claim: float, truth: float) -> float:
    """How many numbers a wrong answer might be, with as many decimals as the claim has:
    infinitely many, if the right one has more.
    """
    places = decimals(claim)
    if not isfinite(truth) or abs(places) > _MOST_PLACES:
        return inf
    unit = 10.0**-places
    right, size = truth / unit, abs(claim) / unit
    if not abs(right - round(right)) <= _SAME * max(1.0, abs(right)):
        return inf
    return 2 * max(_UNITS, _TIMES * abs(right), size) + 1
