"""The tape's instruction set: a rule for each opcode, made from the op table's rows.

An instruction computes one number from the slots `a`, `b` and `c`, and has partials along a and
b only. A row fits if it has at most three operands and attributes together, all of them numbers,
at most two of them differentiable, and formulas that the kernel can compute. A program with a
row that does not fit runs on arrays. A few rows take more than one rule:

- add and mul, which take any number of operands, are chains of instructions.
- clip(x, low, high) is clip_high(clip_low(x, low), high).
- pow with a constant exponent is pow_constant, without the partial along b, or square, or cube.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from autograd_core.engines.kernel.translation import is_expressible
from autograd_core.operations.attributes import INTEGER, NUMBER, Attribute
from autograd_core.operations.elementwise import TABLE
from autograd_core.operations.elementwise_row import Elementwise

NO_EDGE = "0"
# The names that formulas of slots a, b and c have in the loops.
_SLOTS = ("x", "y", "w")
_DIFFERENTIABLE_SLOTS = 2


@dataclass(frozen=True)
class Rule:
    """One opcode.

    sources: what slots a, b, c hold: an operand, by position, or an attribute, by name. names:
    the formulas' variables -> where they are: x is slot a, y b, w c. first: partials along a
    and b. second: along (a, a), (a, b) and (b, b). guarded: whether the row has a `domain`,
    outside of which partials are NaN.
    """

    name: str
    value: str
    first: tuple[str, str]
    second: tuple[str, str, str]
    names: Mapping[str, str]
    sources: tuple[int | str, ...] = (0, 1)
    guarded: bool = False

    @property
    def edges(self) -> tuple[bool, bool]:
        """Along a and b: whether the partial is anything but 0 by its formula."""
        return self.first[0] != NO_EDGE, self.first[1] != NO_EDGE

    @property
    def bends(self) -> tuple[bool, bool, bool]:
        """Along (a, a), (a, b), (b, b): whether the second partial is anything but 0."""
        aa, ab, bb = self.second
        return aa != NO_EDGE, ab != NO_EDGE, bb != NO_EDGE


def rules_of(row: Elementwise) -> tuple[Rule, ...]:
    """The rules that a row's nodes are laid out with, in order; none if it does not fit."""
    if row.name == "clip":
        return _clip(row)
    rule = _single(row)
    return () if rule is None else (rule,)


def _single(row: Elementwise) -> Rule | None:
    sources = _sources(row)
    if sources is None or not all(map(is_expressible, row.formulas)):
        return None
    variables = [row.operands[at] if isinstance(at, int) else at for at in sources]
    a, b = (*sources, NO_EDGE)[:2]
    return Rule(
        row.name,
        row.value_formula,
        (_first(row, a), _first(row, b)),
        (_second(row, a, a), _second(row, a, b), _second(row, b, b)),
        dict(zip(variables, _SLOTS, strict=False)),
        sources,
        bool(row.domain),
    )


def _sources(row: Elementwise) -> tuple[int | str, ...] | None:
    """What goes into which slot, differentiable operands first; None if there is no room."""
    count = len(row.operands)
    if row.arity != (count, count) and not row.chained:
        return None
    if not all(map(_is_number, row.attributes)):
        return None
    differentiable = [at for at in range(count) if row.passes(at)]
    held = [at for at in range(count) if not row.passes(at)]
    if len(differentiable) > _DIFFERENTIABLE_SLOTS or count + len(row.attributes) > len(_SLOTS):
        return None
    in_order = all(at < _DIFFERENTIABLE_SLOTS for at in differentiable)
    operands = list(range(count)) if in_order else [*differentiable, *held]
    return (*operands, *(attribute.name for attribute in row.attributes))


def _is_number(attribute: Attribute) -> bool:
    """Whether an attribute is a number in every node: not one that may be left out as None."""
    always = attribute.required or attribute.default is not None
    return always and attribute.kind in (NUMBER, INTEGER)


def _first(row: Elementwise, at: int | str) -> str:
    return row.first[at] if isinstance(at, int) else NO_EDGE


def _second(row: Elementwise, at: int | str, other: int | str) -> str:
    if not isinstance(at, int) or not isinstance(other, int):
        return NO_EDGE
    return row.second[row.place_of_second(at, other)]


def _clip(row: Elementwise) -> tuple[Rule, ...]:
    names = {"x": "x", "y": "y"}
    low = ("select(x >= y, 1, 0)", "select(x < y, 1, 0)")
    high = ("select(x <= y, 1, 0)", "select(x > y, 1, 0)")
    straight = (NO_EDGE, NO_EDGE, NO_EDGE)
    return (
        Rule("clip_low", "maximum(x, y)", low, straight, names),
        Rule("clip_high", "minimum(x, y)", high, straight, names),
    )


def _powers(full: Rule) -> tuple[Rule, Rule]:
    xx = full.second[0]
    first, second = (full.first[0], NO_EDGE), (xx, NO_EDGE, NO_EDGE)
    constant = replace(full, name="pow_constant", first=first, second=second)
    cube = Rule("cube", "x*x*x", ("3*x*x", NO_EDGE), ("6*x", NO_EDGE, NO_EDGE), {"x": "x"}, (0,))
    return constant, cube


_BY_ROW: Mapping[str, tuple[Rule, ...]] = {
    name: rules for name, row in TABLE.items() if (rules := rules_of(row))
}

RULES: tuple[Rule, ...] = (
    *(rule for rules in _BY_ROW.values() for rule in rules),
    *_powers(_BY_ROW["pow"][0]),
)
OPCODES: Mapping[str, int] = {rule.name: code for code, rule in enumerate(RULES)}
# The opcodes that each operation's nodes are laid out with; of a chain, the one repeated.
STEPS: Mapping[str, tuple[int, ...]] = {
    name: tuple(OPCODES[rule.name] for rule in rules) for name, rules in _BY_ROW.items()
}
