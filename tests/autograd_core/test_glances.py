"""The first glance of a check: when a far shorter step is asked for, and what it must show."""

import math

import pytest

from autograd_core.finite_difference.glances import confirmed, glance, noise, short_step

RTOL, ATOL = 1e-6, 1e-9
H = 2.0**-6


@pytest.mark.parametrize(
    "off, curvature, holds",
    [
        (0.0, 0.0, True),
        (1e-13, 0.0, False),  # a spike at x itself, which the wide steps do not see
        (-1e-13, 0.0, False),
        (1e-13, 1e4, True),  # a curve of this size makes the two sides as uneven
        (1e-20, 0.0, True),
    ],
)
def test_a_short_step_must_be_as_even_as_wide_ones_are(
    off: float, curvature: float, holds: bool
) -> None:
    step = 2.0**-27
    right, left, base = step, -step, off
    assert confirmed(right, left, base, step, step, curvature, 1.0, RTOL, ATOL) is holds


@pytest.mark.parametrize("claimed, holds", [(1.0, True), (1 + 9e-7, True), (1 + 1.1e-6, False)])
def test_a_short_step_must_bear_a_claim_out(claimed: float, holds: bool) -> None:
    step = 2.0**-27
    assert confirmed(step, -step, 0.0, step, step, 0.0, claimed, RTOL, ATOL) is holds


@pytest.mark.parametrize(
    "found, base, rise, h, scale, rtol, atol, exists",
    [
        (1.0, 1.0, H, H, 1.0, RTOL, ATOL, True),
        (0.0, 0.0, 0.0, H, 1.0, RTOL, ATOL, True),  # flat, and so it may well be
        (0.0, 1.0, 0.0, H, 0.0, RTOL, ATOL, True),
        (0.0, 0.0, 1e-20, H, 1.0, RTOL, ATOL, False),  # a step of this size would not be seen
        (1.0, 1e6, H, H, 1.0, RTOL, ATOL, False),  # the rounding of f hides it
        (1.0, 1.0, H, 2.0**-22, 1.0, RTOL, ATOL, False),  # the step is not far from a short one
        (1.0, 1.0, H, H, 1e9, RTOL, ATOL, False),  # beside x it is short already
        (1.0, 0.0, 1e-3, H, 1e-6, RTOL, ATOL, True),
        (1.0, 1.0, H, H, 1e-12, RTOL, ATOL, False),  # nothing shorter than x tells anything
        (0.0, 0.0, 0.0, H, 1.0, RTOL, 0.0, False),  # no tolerance at all
    ],
)
def test_whether_there_is_a_short_step(
    found: float, base: float, rise: float, h: float, scale: float, rtol: float, atol: float,
    exists: bool,
) -> None:  # fmt: skip
    short = short_step(found, base, rise, h, scale, rtol, atol)
    assert (short > 0) is exists
    assert short <= h / 64


@pytest.mark.parametrize("scale", [0.0, 2.0**-20, 1.0, 2.0**10])
def test_a_short_step_is_no_multiple_of_a_period_of_the_wide_ones(scale: float) -> None:
    short = short_step(1.0, 2.0**-10, H, H, scale, 2.0**-20, 2.0**-30)
    assert short > 0
    assert math.frexp(short)[0] != 0.5
    if scale != 2.0**-20:
        assert short >= 2.0**-27


def test_what_is_not_finite_has_no_part_in_the_bound_of_rounding() -> None:
    assert noise(math.inf, 1.0, 1.0, H, 0.0, 0.0) == 2.0**-52 / H
    assert noise(1.0, -3.0, 2.0, H, 0.0, 0.0) == 3 * 2.0**-52 / H
    assert noise(1.0, 1.0, 1.0, H, 0.0, 1e-9) == 1e-9 / H


@pytest.mark.parametrize(
    "seen, claimed, asked",
    [
        ((H, -H, H / 2, -H / 2), 1.0, True),
        ((H, -H, H / 2, -H / 2), 1.1, False),
        ((H, H, H / 2, H / 2), 0.0, False),  # a kink
        ((H, -H, H / 2, -H), 1.0, False),  # two estimates that differ
        ((math.nan, -H, H / 2, -H / 2), 1.0, False),
        ((math.inf, -math.inf, H / 2, -H / 2), 1.0, False),
    ],
)
def test_wide_steps_ask_for_a_short_one_where_they_bear_a_claim_out(
    seen: tuple[float, float, float, float], claimed: float, asked: bool
) -> None:
    short, found, _ = glance(*seen, 0.0, H, 1.0, claimed, RTOL, ATOL)
    assert (short > 0) is asked
    if asked:
        assert found == 1.0
