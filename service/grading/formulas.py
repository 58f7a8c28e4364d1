"""Claims of formulas: compared with the true derivative, or the function itself, at points.

Nothing is simplified and nothing is proved: a right formula agrees wherever it is looked at, a
wrong one is refuted by a point, and both take the same short time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from service.grading import refuting, slips
from service.grading.model import Diagnosis, Judgement, Options, Points
from service.grading.numbers import unreadable
from service.grading.quantities import Asked, Claimed
from service.grading.reading import Allowed, Formula, Unreadable, allowed_by, read_formula
from service.grading.reference import Reference

_NOWHERE: Final = "no point was found at which the reference and its derivatives are defined"


def judge_formulas(
    reference: Reference, claims: Mapping[str, Any], options: Options
) -> list[Judgement]:
    """The judgements of the claims `derivatives` and `function`.

    Names that are not bound are variables, and so is each that a claim is a derivative by; of a
    function without any, all inputs are. Raises GraphError and ArgumentError where the reference
    or the options are at fault, and DeadlineExceeded.
    """
    allowed = allowed_by(options, reference.limits.faults)
    by_name = claims.get("derivatives", {})
    moving = {*reference.free, *by_name} or {*reference.inputs}
    variables = [name for name in reference.inputs if name in moving]
    left, judged = _Left(), []
    for name, written in by_name.items():
        asked, path = Asked(reference, variables, name), f"derivatives/{name}"
        judged.append(_judge(asked, path, written, options, allowed, left))
    if "function" in claims:
        asked = Asked(reference, variables, None)
        judged.append(_judge(asked, "function", claims["function"], options, allowed, left))
    return judged


@dataclass
class _Left:
    """How much is still explained of what is wrong in one message: numbers of counterexamples, and
    nodes looked at for slips, a second or so. What comes after that is judged, and no more.
    """

    numbers: int = 100_000
    nodes: int = 5_000

    def take(self, asked: Asked) -> None:
        """Another claim was wrong."""
        self.numbers -= len(asked.variables)
        self.nodes -= len(asked.reference.graph)


def _judge(
    asked: Asked, path: str, written: Any, options: Options, allowed: Allowed, left: _Left
) -> Judgement:
    try:
        formula = read_formula(
            asked.reference, written, options, allowed, nodes=asked.name is not None
        )
    except Unreadable as fault:
        return unreadable(path, written, str(fault))
    try:
        outcome = _outcome(asked, Claimed(asked, formula.graph), shown=left.numbers > 0)
    except Unreadable as fault:
        outcome = refuting.Outcome("ungradable", None, str(fault))
    diagnosis = _diagnosed(asked, formula, outcome) if left.nodes > 0 else ()
    if outcome.verdict == "incorrect":
        left.take(asked)
    return Judgement(
        path,
        outcome.verdict,
        1.0 if outcome.verdict == "correct" else 0.0,
        written,
        reason=outcome.reason,
        understood_as=formula.understood_as,
        counterexample=outcome.counterexample,
        points=outcome.points,
        diagnosis=diagnosis,
    )


def _outcome(asked: Asked, claimed: Claimed, *, shown: bool) -> refuting.Outcome:
    if asked.variables and not len(asked.sample):
        return refuting.Outcome("ungradable", Points(0, 0, asked.sample.rejected), _NOWHERE)
    return refuting.compare(asked, claimed, shown=shown)


def _diagnosed(asked: Asked, formula: Formula, outcome: refuting.Outcome) -> Sequence[Diagnosis]:
    """The slips that give a wrong derivative, where its variables are numbers."""
    if asked.name is None or outcome.counterexample is None:
        return ()
    points = asked.sample.points
    if any(numbers.ndim > 1 for numbers in points.values()):
        return ()
    return slips.diagnose_formula(asked.reference, asked.name, formula.graph, points)
