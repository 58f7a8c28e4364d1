"""A lone whole number is told only if a slip is likelier to have given it than an accident."""

import math

import pytest

from service.grading.slips.guesses import LONE, NONE, UNEXPLAINED, is_credible, least_odds
from service.grading.slips.slip import Slip

SIGN = Slip("sign_flipped", "sign", 1.0)
RULE = Slip("wrong_rule", "rule", 2.0)


@pytest.mark.parametrize(
    "claims, wrong, least",
    [
        (["gradients/a"], ["gradients/a"], LONE),
        (["gradients/a", "gradients/b"], ["gradients/a"], NONE),  # who is right does not guess
        (["gradients/a", "value"], ["gradients/a", "value"], UNEXPLAINED),
    ],
)
def test_how_sure_a_slip_has_to_be(claims, wrong, least):
    assert least_odds(claims, wrong) == least


@pytest.mark.parametrize(
    "slip, rivals, claim, truth, least, credible",
    [
        (SIGN, {"sign_flipped": 1}, 3.0, -3.0, LONE, True),
        (SIGN, {"sign_flipped": 9}, 3.0, -3.0, LONE, True),  # made too often to keep silent
        (SIGN, {"sign_flipped": 2}, 3.0, -3.0, UNEXPLAINED, False),
        (SIGN, {"sign_flipped": 1}, 3.0, -3.0, UNEXPLAINED, True),
        (RULE, {"wrong_rule": 5}, 3.0, 6.0, LONE, True),
        (RULE, {"wrong_rule": 15}, 3.0, 6.0, LONE, False),
        (RULE, {"wrong_rule": 5}, 160.0, 80.0, LONE, True),  # few of very many numbers
        (RULE, {"wrong_rule": 5}, 3.1, 6.2, LONE, True),
        (RULE, {"wrong_rule": 5}, 3.0, 6.2, LONE, True),  # what is right is not whole
        (RULE, {"wrong_rule": 5}, 3.0, 6.0, NONE, True),
        (RULE, {"wrong_rule": 5}, 3.0, math.nan, LONE, True),
        (RULE, {"wrong_rule": 5}, 3.0, math.inf, LONE, True),
        (RULE, {"wrong_rule": 5}, 5e-324, 3.0, LONE, True),
        (RULE, {"wrong_rule": 5}, 1e300, 3.0, LONE, True),
    ],
)
def test_whether_a_slip_is_likelier_than_an_accident(slip, rivals, claim, truth, least, credible):
    assert is_credible([slip], rivals, claim, truth, least) is credible
