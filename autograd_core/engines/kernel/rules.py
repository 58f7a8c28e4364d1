"""The tape's instruction set: a rule for each opcode, made from the op table's rows.

An instruction computes one number from the slots `a`, `b` and `c`. Partials exist along a and
b only, so a few rows take another shape here:

- add and mul take two operands: longer ones are chains of instructions.
- An attribute is an operand: leaky_relu and elu have alpha's slot in b, and no partial there.
- where(c, x, y) has the condition in c, x in a and y in b.
- clip(x, low, high) is clip_high(clip_low(x, low), high).
- pow_constant is pow without the partial along b, for exponents that are constants; cube is
  pow(x, 3), as square is pow(x, 2).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from autograd_core.operations.elementwise import TABLE
from autograd_core.operations.formula_row import Elementwise

NO_EDGE = "0"


@dataclass(frozen=True)
class Rule:
    """One opcode. names: the formulas' variables -> where they are: x is slot a, y b, w c.

    first: partials along a and b. second: along (a, a), (a, b) and (b, b). gate, guarded: as
    the row's `gate`, and whether it has a `domain`, outside of which partials are NaN.
    """

    name: str
    value: str
    first: tuple[str, str]
    second: tuple[str, str, str]
    names: Mapping[str, str]
    gate: bool = False
    guarded: bool = False

    @property
    def edges(self) -> tuple[bool, bool]:
        """Along a and b: whether the partial is anything but 0 by its formula."""
        return self.first[0] != NO_EDGE, self.first[1] != NO_EDGE

    @property
    def shut(self) -> tuple[bool, bool]:
        """Along a and b: whether a partial of exactly 0 stops an infinite adjoint, too."""
        edge_a, edge_b = self.edges
        return self.gate or not edge_a, self.gate or not edge_b

    @property
    def bends(self) -> tuple[bool, bool, bool]:
        """Along (a, a), (a, b), (b, b): whether the second partial is anything but 0."""
        aa, ab, bb = self.second
        return aa != NO_EDGE, ab != NO_EDGE, bb != NO_EDGE


def _of(row: Elementwise) -> tuple[Rule, ...]:
    if row.name in _SPECIAL:
        return _SPECIAL[row.name](row)
    if len(row.operands) == 1:
        attributes = [attribute.name for attribute in row.attributes]
        names = dict(zip(("x", *attributes), ("x", "y"), strict=False))
        first, second = (row.first[0], NO_EDGE), (row.second[0], NO_EDGE, NO_EDGE)
    else:
        names = {"x": "x", "y": "y"}
        first, second = (row.first[0], row.first[1]), (row.second[0], row.second[1], row.second[2])
    guarded = bool(row.domain)
    return (Rule(row.name, row.value_formula, first, second, names, row.gate, guarded),)


def _where(row: Elementwise) -> tuple[Rule, ...]:
    names = {"x": "w", "y": "x", "w": "y"}
    first = row.first[1], row.first[2]
    return (Rule(row.name, row.value_formula, first, _STRAIGHT, names, row.gate),)


def _clip(row: Elementwise) -> tuple[Rule, ...]:
    names = {"x": "x", "y": "y"}
    low = ("select(x >= y, 1, 0)", "select(x < y, 1, 0)")
    high = ("select(x <= y, 1, 0)", "select(x > y, 1, 0)")
    return (
        Rule("clip_low", "maximum(x, y)", low, _STRAIGHT, names, row.gate),
        Rule("clip_high", "minimum(x, y)", high, _STRAIGHT, names, row.gate),
    )


def _pow(row: Elementwise) -> tuple[Rule, ...]:
    names = {"x": "x", "y": "y"}
    dx, dy = row.first
    xx, xy, yy = row.second
    full = Rule(row.name, row.value_formula, (dx, dy), (xx, xy, yy), names)
    constant = replace(
        full, name="pow_constant", first=(dx, NO_EDGE), second=(xx, NO_EDGE, NO_EDGE)
    )
    cube = Rule("cube", "x*x*x", ("3*x*x", NO_EDGE), ("6*x", NO_EDGE, NO_EDGE), {"x": "x"})
    return full, constant, cube


_STRAIGHT = (NO_EDGE, NO_EDGE, NO_EDGE)
_SPECIAL = {"where": _where, "clip": _clip, "pow": _pow}

RULES: tuple[Rule, ...] = tuple(rule for row in TABLE.values() for rule in _of(row))
OPCODES: Mapping[str, int] = {rule.name: code for code, rule in enumerate(RULES)}
