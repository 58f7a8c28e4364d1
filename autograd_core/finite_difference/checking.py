"""Verdicts: the gradient against numerical derivatives, entry by entry."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from autograd_core.finite_difference.evaluated import Evaluation, evaluations_of
from autograd_core.finite_difference.functions import Function, Glance
from autograd_core.finite_difference.judging import Entry, judge
from autograd_core.finite_difference.options import CheckOptions
from autograd_core.tensors import Array

# From bad to good: what is said of a whole is the first that is said of a part.
SEVERITY = ("fail", "nondifferentiable", "inconclusive", "pass")
_SEED = 20_260_101
# Evaluations that an entry usually takes, for judging the cost beforehand.
USUAL_EVALUATIONS = {"richardson": 10, "central": 16, "forward": 16, "backward": 16, "complex": 1}


@dataclass(frozen=True)
class InputCheck:
    """The check of one input. Arrays have its shape, or one entry a direction.

    analytic: the derivative that was checked. reason: what stands behind the verdict where
    it is not "pass". worst: index of the entry that decided, for tensors. evaluated: what the
    estimates are made of, where it was asked for.
    """

    verdict: str
    numeric: Array | float
    analytic: Array | float
    error_estimate: Array | float
    absolute_error: Array | float
    relative_error: Array | float
    step: Array | float
    reason: str | None = None
    worst: tuple[int, ...] | None = None
    along_directions: bool = False
    evaluated: tuple[Evaluation, ...] | None = None


@dataclass(frozen=True)
class CheckReport:
    """The check of a gradient: the worst verdict, and one for each input."""

    verdict: str
    method: str
    evaluations: int
    inputs: Mapping[str, InputCheck]


def planned_evaluations(sizes: Sequence[int], options: CheckOptions) -> int:
    """About how many evaluations a check of inputs with these numbers of elements takes."""
    entries = sum(
        size if options.directions is None else min(size, options.directions) for size in sizes
    )
    return 1 + entries * USUAL_EVALUATIONS[options.method]


def check_gradient(
    function: Function, gradients: Mapping[str, Array | float], options: CheckOptions
) -> CheckReport:
    """Check gradients of a scalar function at one point, by name."""
    made = 1
    inputs: dict[str, InputCheck] = {}
    scalars = {name: slope for name, slope in gradients.items() if isinstance(slope, float)}
    glances = function.glances(scalars, options) if options.method == "richardson" else {}
    for name, gradient in gradients.items():
        if isinstance(gradient, float):  # nearly every check: worth a way without arrays
            found, count = _of_scalar(function, name, gradient, glances.get(name), options)
        else:
            found, count = _of_tensor(function, name, np.asarray(gradient), options)
        inputs[name] = found
        made += count
    verdict = worst_of([each.verdict for each in inputs.values()])
    return CheckReport(verdict, options.method, made, inputs)


def _of_scalar(
    function: Function, name: str, claimed: float, glance: Glance | None, options: CheckOptions
) -> tuple[InputCheck, int]:
    """The check of one derivative, and how many evaluations it took."""
    settled = glance if glance is not None and glance.settled else None
    if settled is not None and not options.evaluations:
        return _check_of(Entry("pass", settled.estimate, claimed)), settled.evaluations
    line = function.line(name, ())
    if glance is not None:
        line.learn(glance.steps, glance.values)
    if settled is not None:
        entry, count = Entry("pass", settled.estimate, claimed), settled.evaluations
    else:
        entry = judge(line, claimed, options)
        count = line.evaluations
    evaluated = evaluations_of(line, entry.estimate.step, options) if options.evaluations else None
    return _check_of(entry, evaluated), count


def _of_tensor(
    function: Function, name: str, slopes: Array, options: CheckOptions
) -> tuple[InputCheck, int]:
    """The check of the derivatives by a tensor, and how many evaluations it took."""
    count = 0
    entries: list[Entry] = []
    evaluated: list[Evaluation] = []
    along = options.directions is not None and options.directions < slopes.size
    for direction in _directions(slopes.shape, options):
        line = function.line(name, direction)
        if isinstance(direction, tuple):
            analytic, place = float(slopes[direction]), direction
        else:
            analytic, place = float(np.sum(slopes * direction)), (len(entries),)
        entry = judge(line, analytic, options)
        entries.append(entry)
        count += line.evaluations
        if options.evaluations:
            evaluated += evaluations_of(line, entry.estimate.step, options, place)
    shape = (len(entries),) if along else slopes.shape
    found = _summary(entries, shape, along=along)
    return (replace(found, evaluated=tuple(evaluated)) if options.evaluations else found), count


def stack_reports(reports: Sequence[CheckReport]) -> CheckReport:
    """The reports of several points as one, every array with a leading axis of points."""
    inputs = {name: _stack([each.inputs[name] for each in reports]) for name in reports[0].inputs}
    verdict = worst_of([each.verdict for each in reports])
    evaluations = sum(each.evaluations for each in reports)
    return CheckReport(verdict, reports[0].method, evaluations, inputs)


def _stack(checks: Sequence[InputCheck]) -> InputCheck:
    verdict = worst_of([each.verdict for each in checks])
    point = next(k for k, each in enumerate(checks) if each.verdict == verdict)
    return InputCheck(
        verdict=verdict,
        numeric=np.stack([each.numeric for each in checks]),
        analytic=np.stack([each.analytic for each in checks]),
        error_estimate=np.stack([each.error_estimate for each in checks]),
        absolute_error=np.stack([each.absolute_error for each in checks]),
        relative_error=np.stack([each.relative_error for each in checks]),
        step=np.stack([each.step for each in checks]),
        reason=checks[point].reason,
        worst=None if verdict == "pass" else (point, *(checks[point].worst or ())),
        along_directions=checks[point].along_directions,
        evaluated=_joined([each.evaluated for each in checks]),
    )


def _joined(parts: Sequence[tuple[Evaluation, ...] | None]) -> tuple[Evaluation, ...] | None:
    """The evaluations at several points as one, the number of the point before each entry."""
    if None in parts:
        return None
    return tuple(
        replace(each, entry=(point, *(each.entry or ())))
        for point, part in enumerate(parts)
        for each in part or ()
    )


def worst_of(verdicts: Sequence[str]) -> str:
    """The verdict of a whole from those of its parts."""
    return min(verdicts, key=SEVERITY.index, default="pass")


def _directions(
    shape: tuple[int, ...], options: CheckOptions
) -> Iterable[tuple[int, ...]] | Iterable[Array]:
    """Every element's index, or random directions of signs, each made when its turn comes."""
    if options.directions is None or options.directions >= math.prod(shape):
        return np.ndindex(shape)
    generator = np.random.default_rng(_SEED)
    return (generator.choice([-1.0, 1.0], size=shape) for _ in range(options.directions))


def _check_of(entry: Entry, evaluated: tuple[Evaluation, ...] | None = None) -> InputCheck:
    # Python's floats, as an infinity over an infinity is no warning there.
    numeric, analytic = float(entry.estimate.numeric), float(entry.analytic)
    absolute = abs(analytic - numeric)
    size = max(abs(analytic), abs(numeric))
    return InputCheck(
        verdict=entry.verdict,
        numeric=numeric,
        analytic=analytic,
        error_estimate=entry.estimate.error,
        absolute_error=absolute,
        relative_error=absolute / size if size else 0.0,
        step=entry.estimate.step,
        reason=entry.reason,
        evaluated=evaluated,
    )


def _summary(entries: Sequence[Entry], shape: tuple[int, ...], *, along: bool) -> InputCheck:
    numeric = np.array([entry.estimate.numeric for entry in entries])
    analytic = np.array([entry.analytic for entry in entries])
    with np.errstate(all="ignore"):
        absolute = np.abs(analytic - numeric)
        size = np.maximum(np.abs(analytic), np.abs(numeric))
        relative = np.where(size == 0, 0.0, absolute / np.where(size == 0, 1.0, size))
    verdict = worst_of([entry.verdict for entry in entries])
    decisive = next((k for k, entry in enumerate(entries) if entry.verdict == verdict), None)
    reason = None if decisive is None else entries[decisive].reason
    worst = None
    if decisive is not None and verdict != "pass" and shape:
        worst = tuple(int(axis) for axis in np.unravel_index(decisive, shape))
    return InputCheck(
        verdict=verdict,
        numeric=numeric.reshape(shape),
        analytic=analytic.reshape(shape),
        error_estimate=np.array([entry.estimate.error for entry in entries]).reshape(shape),
        absolute_error=absolute.reshape(shape),
        relative_error=relative.reshape(shape),
        step=np.array([entry.estimate.step for entry in entries]).reshape(shape),
        reason=reason,
        worst=worst,
        along_directions=along,
    )
