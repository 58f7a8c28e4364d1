"""The tape's instruction set: an opcode for each row of formulas that fits into an instruction.

An instruction computes one number from the slots `a`, `b` and `c`, and has partials along a and
b only. A row fits if it has at most three operands and attributes together, all of them numbers,
at most two of them differentiable, and formulas that the kernel can compute. A row that does not
fit but has `links` is a chain of these; a program with any other runs on arrays.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from autograd_core.engines.kernel.translation import KNOWN
from autograd_core.operations.attributes import INTEGER, NUMBER, Attribute
from autograd_core.operations.elementwise import PARTS, TABLE
from autograd_core.operations.elementwise_row import Elementwise
from autograd_core.operations.formulas import names_in

NO_EDGE: Final = "0"
_SLOTS = 3
_DIFFERENTIABLE_SLOTS = 2


@dataclass(frozen=True)
class Rule:
    """One opcode.

    sources: what slots a, b, c hold: an operand, by position, or an attribute, by name.
    variables: what the formulas call these. first: partials along a and b. second: along
    (a, a), (a, b) and (b, b). guarded: whether there is a domain, outside of which partials
    are NaN.
    """

    name: str
    sources: tuple[int | str, ...]
    variables: tuple[str, ...]
    value: str
    first: tuple[str, str]
    second: tuple[str, str, str]
    guarded: bool


def _rule(row: Elementwise) -> Rule | None:
    """The rule of a row; None if it does not fit."""
    sources = _sources(row)
    known = KNOWN.union(row.operands, "z", (attribute.name for attribute in row.attributes))
    if sources is None or not all(names_in(formula) <= known for formula in row.formulas):
        return None
    a, b = (*sources, None)[:2]
    return Rule(
        name=row.name,
        sources=sources,
        variables=tuple(row.operands[at] if isinstance(at, int) else at for at in sources),
        value=row.value_formula,
        first=(_first(row, a), _first(row, b)),
        second=(_second(row, a, a), _second(row, a, b), _second(row, b, b)),
        guarded=bool(row.domain),
    )


def _sources(row: Elementwise) -> tuple[int | str, ...] | None:
    """What goes into which slot, differentiable operands first; None if there is no room."""
    count = len(row.operands)
    operands = list(range(count))
    differentiable = [at for at in operands if row.passes(at)]
    if (
        (row.arity != (count, count) and not row.chained)
        or not all(map(_is_number, row.attributes))
        or len(differentiable) > _DIFFERENTIABLE_SLOTS
        or count + len(row.attributes) > _SLOTS
    ):
        return None
    if any(at >= _DIFFERENTIABLE_SLOTS for at in differentiable):
        operands.sort(key=lambda at: not row.passes(at))
    return (*operands, *(attribute.name for attribute in row.attributes))


def _is_number(attribute: Attribute) -> bool:
    """Whether an attribute is a number in every node: not one that may be left out as None."""
    always = attribute.required or attribute.default is not None
    return always and attribute.kind in (NUMBER, INTEGER)


def _first(row: Elementwise, at: int | str | None) -> str:
    return row.first[at] if isinstance(at, int) else NO_EDGE


def _second(row: Elementwise, at: int | str | None, other: int | str | None) -> str:
    if not isinstance(at, int) or not isinstance(other, int):
        return NO_EDGE
    return row.second[row.place_of_second(at, other)]


RULES: tuple[Rule, ...] = tuple(
    rule for row in (*TABLE.values(), *PARTS) if (rule := _rule(row)) is not None
)
OPCODES: Mapping[str, int] = {rule.name: opcode for opcode, rule in enumerate(RULES)}
# The opcodes that the instructions of each operation's nodes have; of the last, all the rest.
STEPS: Mapping[str, tuple[int, ...]] = {
    name: tuple(OPCODES[link] for link in row.links or (name,))
    for name, row in TABLE.items()
    if row.links or name in OPCODES
}

# By opcode. EDGES: whether there is an edge along a, b: the partial is not 0 by its formula.
# STRAIGHT: whether the second partial along (a, a), (a, b), (b, b) is 0 by its formula.
EDGES_A, EDGES_B = (np.array([rule.first[at] != NO_EDGE for rule in RULES]) for at in range(2))
STRAIGHT_AA, STRAIGHT_AB, STRAIGHT_BB = (
    np.array([rule.second[at] == NO_EDGE for rule in RULES]) for at in range(3)
)
