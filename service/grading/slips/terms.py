"""Formulas in the making: just as much simplified as one would not write otherwise."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from autograd_core import Graph, GraphBuilder, format_expression, parse

LONGEST: Final = 150  # operations in a formula that anybody reads


class TooLong(Exception):
    """A formula that nobody would read."""


@dataclass(frozen=True, eq=False, slots=True)
class Term:
    """A number (operation "", with a value), a name (operation "", with a name), or an operation.

    size: how many operations it has.
    """

    operation: str = ""
    operands: tuple[Term, ...] = ()
    value: float | None = None
    name: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict)
    size: int = 0

    def is_number(self, value: float) -> bool:
        """Whether it is just this number."""
        return self.value == value


def number(value: float) -> Term:
    """A number."""
    return Term(value=float(value))


def name(text: str) -> Term:
    """An input, by its name."""
    return Term(name=text)


ZERO: Final = number(0.0)
ONE: Final = number(1.0)


def applied(
    operation: str, operands: Sequence[Term], attributes: Mapping[str, Any] | None = None
) -> Term:
    """An operation on terms, or what is simpler and the same. Raises TooLong."""
    simpler, arity = _SIMPLER.get(operation, (None, 0))
    found = simpler(*operands) if simpler is not None and len(operands) == arity else None
    return found or _node(operation, operands, attributes)


def _node(
    operation: str, operands: Sequence[Term], attributes: Mapping[str, Any] | None = None
) -> Term:
    size = 1 + sum(each.size for each in operands)
    if size > LONGEST:
        raise TooLong
    return Term(operation, tuple(operands), attributes=attributes or {}, size=size)


def negated(term: Term) -> Term:
    """Minus a term."""
    return applied("neg", [term])


def _neg(term: Term) -> Term | None:
    if term.value is not None:
        return number(-term.value)
    if term.operation == "mul" and term.operands[0].value is not None:
        return applied("mul", [number(-term.operands[0].value), term.operands[1]])
    return term.operands[0] if term.operation == "neg" else None


def _add(left: Term, right: Term) -> Term | None:
    if left.value is not None and right.value is not None:
        return number(left.value + right.value)
    if left.is_number(0):
        return right
    if right.is_number(0):
        return left
    if right.operation == "neg":
        return _node("sub", [left, right.operands[0]])
    if right.value is not None and right.value < 0:
        return _node("sub", [left, number(-right.value)])
    return None


def _sub(left: Term, right: Term) -> Term | None:
    if left.value is not None and right.value is not None:
        return number(left.value - right.value)
    if left.is_number(0):
        return negated(right)
    if right.is_number(0):
        return left
    return _node("add", [left, right.operands[0]]) if right.operation == "neg" else None


def _mul(left: Term, right: Term) -> Term | None:
    if left.value is not None and right.value is not None:
        return number(left.value * right.value)
    if left.is_number(0) or right.is_number(0):
        return ZERO
    if left.is_number(1):
        return right
    if right.value is not None:
        return applied("mul", [right, left])
    if left.is_number(-1):
        return negated(right)
    if left.value is not None and right.operation == "mul":
        factor = right.operands[0].value
        if factor is not None:
            return applied("mul", [number(left.value * factor), right.operands[1]])
    if left.operation == "neg":
        return negated(applied("mul", [left.operands[0], right]))
    if right.operation == "neg":
        return negated(applied("mul", [left, right.operands[0]]))
    return None


def _div(left: Term, right: Term) -> Term | None:
    if left.is_number(0) or right.is_number(1):
        return left
    if left.operation == "neg":
        return negated(applied("div", [left.operands[0], right]))
    return None


def _pow(left: Term, right: Term) -> Term | None:
    if right.is_number(0):
        return ONE
    return left if right.is_number(1) else None


def _eq(left: Term, right: Term) -> Term | None:
    if left.value is None or right.value is None:
        return None
    return ONE if left.value == right.value else ZERO


def _where(condition: Term, then: Term, otherwise: Term) -> Term | None:
    if condition.value is None:
        return None
    return then if condition.value else otherwise


# By operation: what makes it simpler, and of how many operands.
_SIMPLER: Final[Mapping[str, tuple[Callable[..., Term | None], int]]] = {
    "neg": (_neg, 1),
    "add": (_add, 2),
    "sub": (_sub, 2),
    "mul": (_mul, 2),
    "div": (_div, 2),
    "pow": (_pow, 2),
    "eq": (_eq, 2),
    "where": (_where, 3),
}


def filled(formula: str, terms: Mapping[str, Term]) -> Term:
    """A formula of ours with terms in the places of its names. Raises TooLong."""
    graph = _parsed(formula)
    leaves = [
        terms[leaf] if isinstance(leaf, str) and leaf in terms
        else name(leaf) if isinstance(leaf, str)
        else number(float(leaf))
        for leaf in graph.leaves
    ]  # fmt: skip
    nodes: list[Term] = []
    for place, operation in enumerate(graph.operations):
        operands = [
            nodes[code] if code >= 0 else leaves[~code] for code in graph.operands_of(place)
        ]
        known = operation == "identity"  # of a text that is a single leaf
        nodes.append(
            operands[0] if known else applied(operation, operands, graph.attributes.get(place))
        )
    code = graph.result if graph.result is not None else graph.sinks[0]
    return nodes[code] if code >= 0 else leaves[~code]


@cache
def _parsed(formula: str) -> Graph:
    return parse(formula)


def text_of(term: Term) -> str:
    """Infix text, in one line."""
    builder = GraphBuilder()
    built: list[int] = []
    waiting: list[tuple[Term, bool]] = [(term, False)]
    while waiting:
        each, is_ready = waiting.pop()
        if not each.operation:
            value = each.value
            built.append(builder.input(each.name) if value is None else builder.constant(value))
        elif is_ready:
            first = len(built) - len(each.operands)
            operands = built[first:]
            del built[first:]
            built.append(builder.apply(each.operation, operands, each.attributes or None))
        else:
            waiting.append((each, True))
            waiting.extend((operand, False) for operand in reversed(each.operands))
    return format_expression(builder.build(built[0]))
