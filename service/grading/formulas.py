"""Claims of formulas: compared with the true derivative, or the function itself, at points.

Nothing is simplified and nothing is proved: a right formula agrees at every point, and a wrong one
is refuted by one of them, so that it takes the same short time whatever was claimed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from autograd_core import Array, Graph, InvalidError, evaluate, gradient
from service.grading import slips
from service.grading.comparing import agree
from service.grading.model import Counterexample, Judgement, Options, Points, Tolerance
from service.grading.numbers import unreadable
from service.grading.reading import (
    Allowed,
    Formula,
    Unreadable,
    allowed_by,
    limits_of_claims,
    read_formula,
)
from service.grading.reference import Reference
from service.grading.sampling import Sample, sample

_LEAST: Final = 4  # points that have to count, where there are so many
_SHIFTS: Final = (1e-3, -1e-3, 1e-5, -1e-5)  # relative steps to the neighbours of a point
_DIGITS: Final = 7
_NOWHERE: Final = "no point was found at which the reference and its derivatives are defined"
_ROUNDED: Final = (
    "at too few points can it be told: rounding alone could make the difference at the others"
)
# Operations that overflow, where these operands are not what makes them infinite by rights.
_OVERFLOWING: Final[Mapping[str, int | None]] = {
    **dict.fromkeys(("exp", "exp2", "expm1", "sinh", "cosh", "square", "add", "sub", "mul")),
    "pow": 0,
    "div": 1,
}


def judge_formulas(
    reference: Reference, claims: Mapping[str, Any], options: Options
) -> list[Judgement]:
    """The judgements of the claims `derivatives` and `function`.

    Names that are not bound are variables, and so is each that a claim is a derivative by; of a
    function none of whose names is one, all are. Raises GraphError and ArgumentError where the
    reference is at fault or the options are, and DeadlineExceeded.
    """
    reference.check()
    allowed = allowed_by(options)
    by_name = claims.get("derivatives", {})
    moved = {*reference.free, *by_name} or {*reference.inputs}
    variables = tuple(name for name in reference.inputs if name in moved)
    judged = []
    for name, written in by_name.items():
        path = f"derivatives/{name}"
        judged.append(_judge(_Asked(reference, variables, name), path, written, options, allowed))
    if "function" in claims:
        asked = _Asked(reference, variables, None)
        judged.append(_judge(asked, "function", claims["function"], options, allowed))
    return judged


@dataclass(frozen=True)
class _Asked:
    """What a formula is to be: the derivative by `name`, or the function itself (None)."""

    reference: Reference
    variables: Sequence[str]
    name: str | None

    @property
    def sample(self) -> Sample:
        """Where it is compared."""
        return sample(self.reference, self.variables)

    @property
    def by(self) -> Sequence[str | None]:
        """Of each of its quantities the variable that it is the derivative of a function by."""
        return (None,) if self.name is not None else (None, *self.variables)

    def truths(self, at: Sample | Gradient) -> Sequence[Array]:
        """The quantities that are compared: the derivative; or the value and each derivative."""
        if self.name is not None:
            return [np.asarray(at.gradients[self.name])]
        return [np.asarray(at.value), *(np.asarray(at.gradients[v]) for v in self.variables)]


class _Claimed:
    """A formula's quantities at points."""

    def __init__(self, asked: _Asked, graph: Graph) -> None:
        self._asked, self.graph = asked, graph
        self._limits = limits_of_claims(asked.reference.limits)

    def at(self, points: Mapping[str, Array]) -> Sequence[Array]:
        """Each with an axis of points. Raises Unreadable for what cannot be computed."""
        reference, used = self._asked.reference, self.graph.inputs
        length = len(next(iter(points.values())))
        numbers = {name: value for name, value in reference.bindings.items() if name in used}
        numbers |= {name: value for name, value in points.items() if name in used}
        ways = {
            "mapped": [name for name in points if name in used],
            "limits": self._limits,
            "deadline": reference.deadline,
        }
        try:
            if self._asked.name is not None:
                (value,) = evaluate(self.graph, numbers, **ways).values.values()
                found = [value]
            else:
                ...
        except InvalidError as error:
            raise Unreadable(error.faults[0].detail) from None
        return [self._with_axis(each, length, ...) for each in found]
