"""Formulas for slips: what each of them makes of a derivative, written down."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from service.grading.slips.integrals import integral
from service.grading.slips.network import Network
from service.grading.slips.recipe import RIGHT
from service.grading.slips.slip import Slip
from service.grading.slips.spelling import Spelling, Unspelt, differentiated
from service.grading.slips.terms import Term, TooLong, applied, number


class Speller:
    """Formulas for slips, one derivative at a time."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._right = Spelling(network)

    def formula(self, slip: Slip, target: str) -> Term | None:
        """What a slip makes of the derivative by an input; None where there is no formula."""
        make = _WHOLE.get(slip.kind)
        try:
            if make is not None:
                return make(self._right, slip, target)
            if slip.kind == "degrees":
                spelling = Spelling(self._network, degrees=True, of_degrees=slip.recipe.of_degrees)
                return spelling.derivative(target)
            if slip.recipe is RIGHT:
                return None
            return self._right.derivative(target, slip.recipe)
        except (Unspelt, TooLong):
            return None

    def right(self, target: str) -> Term | None:
        """The right derivative."""
        try:
            return self._right.derivative(target)
        except (Unspelt, TooLong):
            return None


def _factor(spelling: Spelling, slip: Slip, target: str) -> Term:
    factor = number(1.0 if slip.factor is None else slip.factor)
    return applied("mul", [factor, spelling.derivative(target)])


def _swapped(spelling: Spelling, slip: Slip, target: str) -> Term:
    other = {slip.along: slip.input, slip.input: slip.along}.get(target)
    return spelling.derivative(target if other is None else other)


def _sign(spelling: Spelling, slip: Slip, target: str) -> Term:
    return applied("neg", [spelling.derivative(target)])


def _variable(spelling: Spelling, slip: Slip, target: str) -> Term:
    return spelling.derivative(target if slip.input is None else slip.input)


def _value(spelling: Spelling, slip: Slip, target: str) -> Term:
    return spelling.term(spelling.network.output)


def _twice(spelling: Spelling, slip: Slip, target: str) -> Term:
    return differentiated(spelling.derivative(target), target)


def _integrated(spelling: Spelling, slip: Slip, target: str) -> Term:
    return integral(spelling, target)


_WHOLE: Final[Mapping[str, Callable[[Spelling, Slip, str], Term]]] = {
    "sign": _sign,
    "factor": _factor,
    "swapped": _swapped,
    "variable": _variable,
    "value": _value,
    "twice": _twice,
    "integrated": _integrated,
}
