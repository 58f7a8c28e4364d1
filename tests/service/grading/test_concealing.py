"""Hints for students who are to try again: what to look at, and nothing of what is expected."""

import re

import pytest

from service.grading.concealing import HINTS
from service.grading.slips.array_rules import ARRAY_RULES
from service.grading.slips.rules import RULES
from tests.service.grading.graded import graded, of_formula, only


def test_a_hint_is_one_sentence_without_a_number():
    for hint in HINTS.values():
        assert hint.endswith(".")
        assert hint.count(". ") == 0
        assert not re.search(r"\d", hint)


def test_every_code_that_a_rule_may_have_has_a_hint():
    assert {rule.code for rule in (*RULES, *ARRAY_RULES)} <= HINTS.keys()


@pytest.mark.parametrize(
    "function, claim, code, right",
    [
        ("tanh(x)", "1 - x**2", "wrong_rule", "tanh(u)**2"),
        ("sin(x)", "-cos(x)", "sign_flipped", "cos(u)"),
        ("log(x)*relu(x - 1)", "relu(x - 1)/x + log(x)", "gate_ignored", "negative"),
        ("5*sin(x) + 3*x", "5*cos(x) - 3", "sign_flipped", "3*x"),
    ],
)
def test_a_message_tells_what_to_look_at_and_not_what_is_right(function, claim, code, right):
    domain = {"domain": {"x": (0.3, 2.0)}}
    told = of_formula(function, claim, **domain).diagnosis
    kept = of_formula(function, claim, **domain, reveal=False).diagnosis
    assert code in [each.code for each in told]
    assert [each.code for each in kept] == [each.code for each in told]
    assert right in " ".join(each.message for each in told)
    for each in kept:
        assert right not in each.message
        assert not re.search(r"\d", each.message)
        assert " " in each.message.strip()


def test_a_hint_says_at_which_node_if_its_author_named_it():
    claims = {"gradients": {"x": (1 - 0.4**2) * 2.0}}
    report = graded("t = tanh(x); t*y", {"x": 0.4, "y": 2.0}, claims, reveal=False)
    (first, *_) = only(report).diagnosis
    assert first.message == "Look up the rule for the derivative at t."


def test_numbers_that_go_with_a_diagnosis_are_kept_back():
    report = graded("x**3", {"x": 2.5}, {"gradients": {"x": 2 * 3 * 2.5**2}}, reveal=False)
    found = only(report).diagnosis
    assert "constant_factor" in [each.code for each in found]
    assert {(each.factor, each.step, each.digits) for each in found} == {(None, None, None)}
