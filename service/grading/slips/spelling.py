"""Wrong derivatives as formulas: differentiation forward, on paper, with one slip in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from autograd_core import ExpressionError, parse
from service.grading.slips.network import Network
from service.grading.slips.partials import LEVEL, PARTIALS
from service.grading.slips.recipe import RIGHT, Recipe
from service.grading.slips.rules import ANY
from service.grading.slips.terms import ONE, ZERO, Term, applied, filled, name, number

LARGEST: Final = 60  # slots of a function whose derivatives anybody writes down
_ANGLES: Final = frozenset({"sin", "cos", "tan"})
_TO_ANGLES: Final = frozenset({"asin", "acos", "atan", "atan2"})
_OPERANDS: Final = ("x", "y", "w")
_TO_RADIANS, _TO_DEGREES = "pi/180*x", "180/pi*x"


class Unspelt(Exception):
    """There is no formula for this."""


class Spelling:
    """The slots of a network as terms of its inputs, and derivatives put together from these.

    degrees: whether angles are in degrees; of_degrees: and differentiated so.
    """

    def __init__(
        self, network: Network, *, degrees: bool = False, of_degrees: bool = False
    ) -> None:
        if len(network.names) > LARGEST or not all(map(_is_name, network.names[: network.inputs])):
            raise Unspelt
        self.network, self._degrees, self._of_degrees = network, degrees, of_degrees
        self._values: list[Term] = []
        self._partials: dict[int, Term] = {}  # right ones, by edge
        for slot, label in enumerate(network.names):
            self._values.append(name(label) if slot < network.inputs else self._value(slot))

    def derivative(self, target: str, recipe: Recipe = RIGHT) -> Term:
        """The derivative of the output by an input, right or with a slip in it. Raises Unspelt and
        TooLong.
        """
        network = self.network
        tangents: list[Term | None] = [None] * len(network.names)
        own = network.slots[target]
        tangents[own] = ONE
        if own == recipe.slot:
            tangents[own] = self._instead(own, tangents, recipe)
        for slot in range(network.inputs, len(network.names)):
            tangents[slot] = self._tangent(slot, tangents, recipe)
            if slot == recipe.slot and tangents[slot] is not None:
                if recipe.inner:
                    return tangents[slot] or ZERO
                right, tangents[slot] = tangents[slot], self._instead(slot, tangents, recipe)
                if recipe.local:
                    beside = self._rest(slot, tangents, recipe)
                    return applied("add", [beside, right or ZERO])
        return tangents[-1] or ZERO

    def term(self, slot: int) -> Term:
        """The value of a slot."""
        return self._values[slot]

    def _rest(self, slot: int, tangents: list[Term | None], recipe: Recipe) -> Term:
        for after in range(slot + 1, len(tangents)):
            tangents[after] = self._tangent(after, tangents, recipe)
        return tangents[-1] or ZERO

    def _instead(self, slot: int, tangents: Sequence[Term | None], recipe: Recipe) -> Term | None:
        """What stands for the tangent of the slot that the recipe is about."""
        network, own = self.network, tangents[slot]
        edges = [network.edges[each] for each in network.along[slot]]
        inner = [tangents[edge.operand] for edge in edges]
        if recipe.held is not None:
            held = network.operands[slot][recipe.held]
            if isinstance(held, int) and tangents[held] is not None:
                return own
        if recipe.both and any(each is None for each in inner):
            raise Unspelt
        names = {"t": own or ZERO, "v": self._values[slot], **self.operands(slot)}
        names |= {each: term or ZERO for each, term in zip(("f", "g"), inner, strict=False)}
        return filled(recipe.tangent, names)

    def _tangent(self, slot: int, tangents: Sequence[Term | None], recipe: Recipe) -> Term | None:
        total: Term | None = None
        for edge_number in self.network.along[slot]:
            edge = self.network.edges[edge_number]
            tangent = tangents[edge.operand]
            if tangent is None:
                continue
            partial = self._partial(edge_number, recipe.partials.get(edge_number))
            part = applied("mul", [partial, tangent])
            total = part if total is None else applied("add", [total, part])
        return total

    def _partial(self, edge_number: int, wrong: str | None) -> Term:
        """The local derivative along an edge; wrong: what it is taken for, p being the right."""
        known_one = self._partials.get(edge_number)
        if known_one is not None and wrong is None:
            return known_one
        network, edge = self.network, self.network.edges[edge_number]
        operation = network.operations[edge.node]
        known = PARTIALS.get(operation)
        names = self.operands(edge.node) | {"z": self._values[edge.node]}
        for label, given in network.attributes[edge.node].items():
            if isinstance(given, float | int):
                names[label] = number(given)
        if known is None and operation not in LEVEL:
            raise Unspelt
        formula = "0" if known is None else known.get(ANY, known.get(edge.place, "0"))
        if known is not None and ANY in known:
            names |= self._along_any(edge.node, edge.place)
        right = filled(formula, names)
        if self._of_degrees and operation in _ANGLES | _TO_ANGLES:
            factor = _TO_RADIANS if operation in _ANGLES else _TO_DEGREES
            right = filled(factor, {"x": right})
        self._partials[edge_number] = right
        return right if wrong is None else filled(wrong, {**names, "p": right})

    def _along_any(self, slot: int, place: int) -> dict[str, Term]:
        """Of a sum or product: the operand, and what the others come to."""
        operands = self.terms(slot)
        own, others = operands[place], operands[:place] + operands[place + 1 :]
        rest = others[0]
        for each in others[1:]:
            rest = applied(self.network.operations[slot], [rest, each])
        return {"x": own, "y": rest}

    def _value(self, slot: int) -> Term:
        operation, operands = self.network.operations[slot], self._angled(slot)
        given = self.network.attributes[slot]
        if operation in ("add", "mul"):
            found = operands[0]
            for each in operands[1:]:
                found = _joined(operation, found, each)
            return found
        found = _joined(operation, *operands, attributes=given)
        return filled(_TO_DEGREES, {"x": found}) if self._turns(operation) else found

    def _turns(self, operation: str) -> bool:
        return self._degrees and operation in _TO_ANGLES

    def terms(self, slot: int) -> list[Term]:
        """The operands of a slot."""
        return [
            self._values[each] if isinstance(each, int) else _constant(each)
            for each in self.network.operands[slot]
        ]

    def _angled(self, slot: int) -> list[Term]:
        operands = self.terms(slot)
        if self._degrees and self.network.operations[slot] in _ANGLES:
            return [filled(_TO_RADIANS, {"x": each}) for each in operands]
        return operands

    def operands(self, slot: int) -> dict[str, Term]:
        """Them by the names that formulas have for them, angles in radians."""
        return dict(zip(_OPERANDS, self._angled(slot), strict=False))


def _joined(
    operation: str, *operands: Term, attributes: Mapping[str, object] | None = None
) -> Term:
    """An operation of the function itself, as its author wrote it."""
    size = 1 + sum(each.size for each in operands)
    return Term(operation, operands, attributes=attributes or {}, size=size)


def _constant(value: object) -> Term:
    try:
        return number(float(value))  # type: ignore[arg-type]  # an array of one number
    except (TypeError, ValueError):
        raise Unspelt from None


def _is_name(text: str) -> bool:
    try:
        return parse(text).inputs == (text,)
    except ExpressionError:
        return False


def differentiated(term: Term, target: str) -> Term:
    """The derivative of a term by a name. Raises Unspelt and TooLong."""
    done: list[tuple[Term, Term | None]] = []
    waiting: list[tuple[Term, bool]] = [(term, False)]
    while waiting:
        each, is_ready = waiting.pop()
        if not each.operation:
            done.append((each, ONE if each.name == target else None))
        elif is_ready:
            first = len(done) - len(each.operands)
            operands = done[first:]
            del done[first:]
            done.append((each, _of_term(each, operands)))
        else:
            waiting.append((each, True))
            waiting.extend((operand, False) for operand in reversed(each.operands))
    return done[0][1] or ZERO


def _of_term(term: Term, operands: Sequence[tuple[Term, Term | None]]) -> Term | None:
    known, total = PARTIALS.get(term.operation), None
    if known is None and term.operation not in LEVEL:
        raise Unspelt
    terms = [each for each, _ in operands]
    for place, (own, tangent) in enumerate(operands):
        if tangent is None or known is None:
            continue
        names: dict[str, Term] = dict(zip(_OPERANDS, terms, strict=False))
        if ANY in known:
            names = {"x": own, "y": terms[1 - place]}
        for label, given in term.attributes.items():
            if isinstance(given, float | int):
                names[label] = number(given)
        partial = filled(known.get(ANY, known.get(place, "0")), names)
        part = applied("mul", [partial, tangent])
        total = part if total is None else applied("add", [total, part])
    return total
