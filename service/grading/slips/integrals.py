"""Antiderivatives as formulas: those that antiderivatives.py finds as numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from service.grading.slips.rules import RULES
from service.grading.slips.spelling import Spelling, Unspelt
from service.grading.slips.terms import ONE, ZERO, Term, applied, filled

_SIGNS: Final[Mapping[str, Sequence[str]]] = {"sub": ("add", "sub"), "neg": ("sub",)}
_SUMS: Final = frozenset({"add", "sub", "neg", "identity"})
# By operation, the antiderivative by its first operand.
_PRIMITIVES: Final[Mapping[str, str]] = {"exp": "z"} | {
    rule.operation: rule.partials[0] for rule in RULES if rule.code == "integrated_instead"
}


class _Part(NamedTuple):
    """A slot as a function of the variable: see antiderivatives.py."""

    integral: Term | None
    slope: Term | None = None
    is_held: bool = False


def integral(spelling: Spelling, target: str) -> Term:
    """The antiderivative of the function by an input. Raises Unspelt and TooLong."""
    network = spelling.network
    variable = spelling.term(network.slots[target])
    parts: list[_Part] = []
    for slot in range(len(network.names)):
        edges = [network.edges[number] for number in network.along[slot]]
        if slot == network.slots[target]:
            parts.append(_Part(filled("x**2/2", {"x": variable}), ONE))
        elif all(parts[edge.operand].is_held for edge in edges):
            whole = applied("mul", [spelling.term(slot), variable])
            parts.append(_Part(whole, ZERO, is_held=True))
        else:
            operands = [
                parts[operand]
                if isinstance(operand, int)
                else _Part(applied("mul", [term, variable]), ZERO, is_held=True)
                for operand, term in zip(network.operands[slot], spelling.terms(slot), strict=True)
            ]
            parts.append(_of_node(spelling, slot, operands))
    found = parts[-1]
    if found.is_held or found.integral is None:
        raise Unspelt
    return found.integral


def _of_node(spelling: Spelling, slot: int, operands: Sequence[_Part]) -> _Part:
    operation, terms = spelling.network.operations[slot], spelling.terms(slot)
    moving = [place for place, part in enumerate(operands) if not part.is_held]
    if operation in _SUMS:
        return _sum(operation, operands)
    if len(moving) > 1:
        return _Part(None)
    part = operands[moving[0]]
    if operation == "mul" or (operation == "div" and moving == [0]):
        others = [term for place, term in enumerate(terms) if place != moving[0]]
        return _Part(
            _scaled(operation, part.integral, others), _scaled(operation, part.slope, others)
        )
    if part.slope is None:
        return _Part(None)
    if operation == "div":  # c/(a*x + b)
        over = filled("x*log(abs(y))", {"x": terms[0], "y": terms[1]})
        return _Part(applied("div", [over, part.slope]))
    formula = _PRIMITIVES.get(operation)
    if formula is None or moving != [0]:
        return _Part(None)
    names = {**spelling.operands(slot), "z": spelling.term(slot)}
    return _Part(applied("div", [filled(formula, names), part.slope]))


def _sum(operation: str, operands: Sequence[_Part]) -> _Part:
    signs = _SIGNS.get(operation, ["add"] * len(operands))
    whole = _Part(ZERO, ZERO)
    for sign, part in zip(signs, operands, strict=True):
        whole = _Part(
            _joined(sign, whole.integral, part.integral), _joined(sign, whole.slope, part.slope)
        )
    return whole


def _joined(sign: str, left: Term | None, right: Term | None) -> Term | None:
    return None if left is None or right is None else applied(sign, [left, right])


def _scaled(operation: str, term: Term | None, others: Sequence[Term]) -> Term | None:
    for other in others:
        if term is not None:
            pair = [other, term] if operation == "mul" else [term, other]
            term = applied(operation, pair)
    return term
