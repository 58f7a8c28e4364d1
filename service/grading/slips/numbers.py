"""The slips behind claimed numbers: values, gradients, and every node of a backward pass."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import islice
from typing import Final

import numpy as np

from autograd_core import ArgumentError, Array, GraphError, Number
from service.grading.model import Diagnosis
from service.grading.reference import Reference
from service.grading.slips.array_sheets import plain_sheet
from service.grading.slips.claims import Claims, claims_of
from service.grading.slips.costs import SHARED_FACTOR, TRANSPOSED
from service.grading.slips.matching import Found, Matcher, of_another_shape, simplest_first
from service.grading.slips.messages import diagnosis
from service.grading.slips.nudges import nudge
from service.grading.slips.prepared import Prepared, prepared
from service.grading.slips.slip import VALUE_TARGET, Sheet, Slip
from service.grading.slips.steps import gradient_steps, value_steps
from service.grading.slips.study import LARGEST, work_of
from service.grading.slips.written import rounded_slip

_SAME: Final = 1e-9
_KEPT: Final = 32  # claims up to which a diagnosis is kept for who makes the same ones
_FEW: Final = 10  # rows of the sheet of a block, or a few more
_MANY: Final = 100  # wrong claims, beyond which it is not looked at what the others come of


def diagnose_numbers(
    reference: Reference, claims: Mapping[str, Number], wrong: Collection[str]
) -> Mapping[str, tuple[Diagnosis, ...]]:
    """For each of the wrong claims, or the first of very many, the slips that give it, the simplest
    first; nothing where the function is too large.

    claims: all of them, by path: "value", "gradients/a", "nodes/e/value", "nodes/e/gradient".
    Raises DeadlineExceeded.
    """
    ready = prepared(reference)
    if len(claims) > _KEPT or not all(isinstance(each, float | int) for each in claims.values()):
        return _diagnosed(ready, claims, wrong)
    key = tuple(claims.items()), frozenset(wrong)  # whole courses make the same mistake
    return ready.told(key, lambda: _diagnosed(ready, claims, wrong))


@np.errstate(all="ignore")
def _diagnosed(
    ready: Prepared, claims: Mapping[str, Number], wrong: Collection[str]
) -> Mapping[str, tuple[Diagnosis, ...]]:
    looked_at = [*islice(wrong, _MANY)]
    read = claims_of(claims, looked_at, ready.reference.bindings)
    found: dict[str, Found] = {path: [] for path in looked_at}
    try:
        of_gradients = any(path in read.wrong for path in read.gradients)
        of_values = "value" in found or any(path in read.wrong for path in read.values)
        if (of_gradients or of_values) and work_of(ready.reference) > LARGEST:
            return {}
        if of_gradients:
            _gradients(ready, read, found)
        if of_values:
            _values(ready, read, found)
        _blocks(ready.reference, read, found)
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
    for path in known.keys() & read.wrong:
        found[path] += of_another_shape(matcher.sheet, known[path], read.numbers[path])
    fitting = {
        path: name
        for path, name in known.items()
        if name in matcher.sheet.columns and read.numbers[path].shape == ready.adjoints[name].shape
    }
    flat = {path: np.ravel(read.numbers[path]) for path in fitting}
    wrong = [
        path
        for path, name in fitting.items()
        if path in read.wrong and not matcher.is_right(name, flat[path])
    ]
    if len(flat) > _MANY:  # what is right no longer counts, nor does all that is wrong
        flat = {path: flat[path] for path in wrong}
    for several in (
        matcher.found(flat, fitting, wrong, read.least),
        _shared_factor(matcher.sheet, flat, fitting, wrong),
        _near_right(ready, flat, fitting, wrong),
        gradient_steps(ready, read, known),
    ):
        for path, each in several.items():
            found[path] += each


def _near_right(
    ready: Prepared, flat: Mapping[str, Array], targets: Mapping[str, str], wrong: Sequence[str]
) -> dict[str, Found]:
    """Numbers that were rounded, and finite differences."""
    found: dict[str, Found] = {path: [] for path in wrong}
    rounded = {
        path: rounded_slip(flat[path], np.ravel(ready.adjoints[targets[path]])) for path in wrong
    }
    nudged = {
        path: nudge(ready, targets[path], flat[path])
        for path in wrong
        if ready.is_input(targets[path])
    }
    for several in (rounded, nudged):
        slips = {path: slip for path, slip in several.items() if slip is not None}
        for path, slip in slips.items():
            found[path].append((len(slips), slip))
    return found


def _values(ready: Prepared, read: Claims, found: dict[str, Found]) -> None:
    """Of the function's value, and of nodes'."""
    if "value" in found:
        claim, truth = read.numbers["value"], np.asarray(ready.study.gradient.value)
        if claim.shape == truth.shape:
            found["value"] += _alone(ready.value_matcher(), np.ravel(claim), read.least)
    for path, each in value_steps(ready, read).items():
        found[path] += each


def _blocks(reference: Reference, read: Claims, found: dict[str, Found]) -> None:
    """Of whole matrices: what can be seen of a block without knowing how it came about."""
    for path, (row, column) in (read.hessians | read.jacobians).items():
        if path not in read.wrong:
            continue
        if path in read.hessians:
            truth = np.asarray(reference.hessian_by([row, column])[row][column])
        else:
            truth = np.asarray(reference.jacobian_of(row, [column])[column])
        claim = read.numbers[path]
        if claim.shape == truth.shape and truth.size <= LARGEST // _FEW:
            sheet = plain_sheet(reference.graph, truth)
            found[path] += _alone(Matcher(sheet, reference.tolerance), np.ravel(claim), read.least)
        elif claim.ndim == 2 and claim.shape == truth.T.shape and np.array_equal(claim, truth.T):
            found[path].append((1, Slip("transposed", "transposed", TRANSPOSED)))


def _alone(matcher: Matcher, claim: Array, least: float) -> Found:
    """A claim that is judged by itself."""
    if matcher.is_right(VALUE_TARGET, claim):
        return []
    truth = matcher.sheet.of(VALUE_TARGET)[0]
    name = VALUE_TARGET
    found = matcher.found({name: claim}, {name: name}, [name], least)
    slip = rounded_slip(claim, truth)
    return found[name] + ([] if slip is None else [(1, slip)])


def _shared_factor(
    sheet: Sheet, flat: Mapping[str, Array], targets: Mapping[str, str], wrong: Collection[str]
) -> dict[str, Found]:
    """One factor between truth and claim, in entries of at least two sizes."""
    if sum(len(flat[path]) for path in wrong) < 2:
        return {}
    ratios: dict[str, float] = {}
    for path in wrong:
        truth, claim = sheet.of(targets[path])[0], flat[path]
        nonzero = truth != 0
        if not nonzero.any() or claim[~nonzero].any() or not np.isfinite([truth, claim]).all():
            continue
        ratio = claim[nonzero] / truth[nonzero]
        if ratio[0] and np.ptp(ratio) <= _SAME * abs(ratio[0]):
            ratios[path] = float(ratio[0])
    found: dict[str, Found] = {}
    for path, ratio in ratios.items():
        same = [other for other in ratios if abs(ratios[other] - ratio) <= _SAME * abs(ratio)]
        sizes = np.abs(np.concatenate([sheet.of(targets[other])[0] for other in same]))
        sizes = sizes[sizes > 0]
        if np.ptp(sizes) > 1e-6 * np.max(sizes) and abs(ratio + 1) > _SAME:
            slip = Slip("constant_factor", "shared_factor", SHARED_FACTOR, factor=ratio)
            found[path] = [(len(same), slip)]
    return found
