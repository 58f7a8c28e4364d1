"""The table of wrong values: what an operation is taken to be.

A row reads: operation, its wrong value as infix text over the operands x, y and w, and what that
is called.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from service.grading.slips.costs import DEGREES_AT_NODE, GATE, RULE, SWAPPED


@dataclass(frozen=True, slots=True)
class ValueRule:
    """One row; kind: of messages.MESSAGES."""

    operation: str
    value: str
    code: str
    kind: str
    cost: float
    says: str = ""


def _swapped(operation: str, value: str) -> ValueRule:
    return ValueRule(operation, value, "swapped_inputs", "swapped_operands", SWAPPED + 0.5)


def _gate(operation: str, value: str, says: str) -> ValueRule:
    return ValueRule(operation, value, "gate_ignored", "rule", GATE, says)


def _degrees(operation: str, value: str) -> ValueRule:
    says = f"the angle of {operation} is in radians, not in degrees"
    return ValueRule(operation, value, "degrees_for_radians", "rule", DEGREES_AT_NODE, says)


# fmt: off
VALUE_RULES: Final[tuple[ValueRule, ...]] = (
    _swapped("sub", "y - x"), _swapped("div", "y/x"), _swapped("pow", "y**x"),
    _swapped("atan2", "atan2(y, x)"), _swapped("mod", "mod(y, x)"),
    _gate("relu", "x", "relu is 0 where its operand is negative"),
    _gate("leaky_relu", "x", "leaky_relu is alpha times its operand where that is negative"),
    _gate("abs", "x", "|u| is -u where u is negative"),
    _gate("clip", "x", "clip does not go beyond its bounds"),
    _gate("maximum", "minimum(x, y)", "maximum is the larger of the two"),
    _gate("minimum", "maximum(x, y)", "minimum is the smaller of the two"),
    _gate("where", "where(x, w, y)", "where takes its first branch if the condition holds"),
    _degrees("sin", "sin(pi/180*x)"), _degrees("cos", "cos(pi/180*x)"),
    _degrees("tan", "tan(pi/180*x)"), _degrees("asin", "180/pi*asin(x)"),
    _degrees("acos", "180/pi*acos(x)"), _degrees("atan", "180/pi*atan(x)"),
    ValueRule("log", "log10(x)", "wrong_rule", "rule", RULE, "log is the natural logarithm"),
)
# fmt: on
