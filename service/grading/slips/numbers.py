"""The slips behind claimed numbers: values, gradients, and every node of a backward pass."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import numpy as np

from autograd_core import ArgumentError, Array, GraphError
from service.grading.model import Diagnosis, Number, Tolerance
from service.grading.reference import Reference
from service.grading.slips.claims import Claims, claims_of
from service.grading.slips.costs import SHARED_FACTOR
from service.grading.slips.matching import Found, Matcher, of_another_shape, simplest_first
from service.grading.slips.messages import diagnosis
from service.grading.slips.nudges import nudge
from service.grading.slips.prepared import Prepared, prepared
from service.grading.slips.slip import VALUE_TARGET, Sheet, Slip
from service.grading.slips.steps import gradient_steps, value_steps
from service.grading.slips.written import rounded_slip

_SAME = 1e-9


def diagnose_numbers(
    reference: Reference, claims: Mapping[str, Number], wrong: Collection[str]
) -> Mapping[str, tuple[Diagnosis, ...]]:
    """For each of the wrong claims the slips that give it, the simplest first.

    claims: all of them, by path: "value", "gradients/a", "nodes/e/value", "nodes/e/gradient".
    Raises DeadlineExceeded.
    """
    read, found = claims_of(claims, wrong), {path: Found() for path in wrong}
    ready = prepared(reference)
    try:
        if any(path in wrong for path in read.gradients):
            _gradients(ready, read, found)
        if "value" in found or any(path in wrong for path in read.values):
            _values(ready, read, found)
    except (ArgumentError, GraphError):  # of an output with a shape there is no gradient
        return dict.fromkeys(found, ())
    return {
        path: tuple(
            diagnosis(slip, ready.names, read.gradients.get(path)) for slip in simplest_first(each)
        )
        for path, each in found.items()
    }


def _gradients(ready: Prepared, read: Claims, found: dict[str, Found]) -> None:
    """Of gradients by inputs and at nodes."""
    known = {path: name for path, name in read.gradients.items() if name in ready.adjoints}
    nodes = tuple(sorted({name for name in known.values() if not ready.is_input(name)}))
    matcher = ready.matcher(nodes)
    sheet = matcher.sheet
    for path in filter(known.__contains__, read.wrong):
        found[path] += of_another_shape(sheet, known[path], read.numbers[path])
    fitting = {
        path: name
        for path, name in known.items()
        if name in sheet.columns and read.numbers[path].shape == ready.adjoints[name].shape
    }
    flat = {path: np.ravel(read.numbers[path]) for path in fitting}
    tolerance = ready.reference.tolerance
    wrong = [
        path
        for path, name in fitting.items()
        if path in read.wrong and not _is_right(flat[path], sheet.of(name)[0], tolerance)
    ]
    for path, each in matcher.found(flat, fitting, wrong).items():
        found[path] += each
    for path, each in _shared_factor(sheet, flat, fitting, wrong):
        found[path] += each
    rounded = {path: rounded_slip(flat[path], sheet.of(fitting[path])[0]) for path in wrong}
    nudged = {
        path: nudge(ready, fitting[path], flat[path])
        for path in wrong
        if ready.is_input(fitting[path])
    }
    for several in (rounded, nudged):
        slips = {path: slip for path, slip in several.items() if slip is not None}
        for path, slip in slips.items():
            found[path].append((len(slips), slip))
    for path, each in gradient_steps(ready, read, known):
        found[path] += each


def _values(ready: Prepared, read: Claims, found: dict[str, Found]) -> None:
    """Of the function's value, and of nodes'."""
    if "value" in found:
        claim, truth = read.numbers["value"], np.asarray(ready.study.gradient.value)
        if claim.shape == truth.shape:
            found["value"] += _alone(ready.value_matcher(), np.ravel(claim))
    for path, each in value_steps(ready, read):
        found[path] += each


def _is_right(claim: Array, truth: Array, tolerance: Tolerance) -> bool:
    with np.errstate(all="ignore"):
        near = np.abs(claim - truth) <= tolerance.atol + tolerance.rtol * np.abs(truth)
    return bool(np.all(near))


def _alone(matcher: Matcher, claim: Array) -> Found:
    """A claim that is judged by itself."""
    truth = matcher.sheet.of(VALUE_TARGET)[0]
    found = matcher.found({VALUE_TARGET: claim}, {VALUE_TARGET: VALUE_TARGET}, [VALUE_TARGET])
    slip = rounded_slip(claim, truth)
    return found[VALUE_TARGET] + ([] if slip is None else [(1, slip)])


def _shared_factor(
    sheet: Sheet, flat: Mapping[str, Array], targets: Mapping[str, str], wrong: Collection[str]
) -> Iterator[tuple[str, Found]]:
    """One factor between truth and claim, in entries of at least two sizes."""
    ratios: dict[str, float] = {}
    for path in wrong:
        truth, claim = sheet.of(targets[path])[0], flat[path]
        nonzero = truth != 0
        if not nonzero.any() or claim[~nonzero].any() or not np.isfinite([truth, claim]).all():
            continue
        ratio = claim[nonzero] / truth[nonzero]
        if ratio[0] and np.ptp(ratio) <= _SAME * abs(ratio[0]):
            ratios[path] = float(ratio[0])
    for path, ratio in ratios.items():
        same = [other for other in ratios if abs(ratios[other] - ratio) <= _SAME * abs(ratio)]
        sizes = np.abs(np.concatenate([sheet.of(targets[other])[0] for other in same]))
        sizes = sizes[sizes > 0]
        if np.ptp(sizes) > 1e-6 * np.max(sizes) and abs(ratio + 1) > _SAME:
            slip = Slip("constant_factor", "shared_factor", SHARED_FACTOR, factor=ratio)
            yield path, [(len(same), slip)]
