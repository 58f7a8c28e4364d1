"""The sheet of a function on arrays: every entry of every gradient is a column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Final

import numpy as np

from autograd_core import Array, Graph, vjp
from service.grading.reference import Reference
from service.grading.slips.arrays import Backward, Change, changes_at
from service.grading.slips.costs import FACTOR, OTHER_VARIABLE, SIGN, SWAPPED, TRANSPOSED, VALUE
from service.grading.slips.slip import VALUE_TARGET, Rows, Shaped, Sheet, Slip
from service.grading.slips.whole import factors_of

# What a sheet may take: numbers in it, operations of all its reverse passes, and how many of these.
LARGEST: Final = 1_000_000
_WORK: Final = 100_000_000
_PASSES: Final = 400
_COMBINING: Final = frozenset(
    {"mean", "sum", "mse", "var", "cross_entropy", "binary_cross_entropy"}
)
_MANY: Final = 12


@np.errstate(all="ignore")
def array_sheet(reference: Reference, backward: Backward, targets: Sequence[str]) -> Sheet:
    """The sheet of the gradients by these inputs."""
    layout = _Layout(backward, targets)
    rows, shaped = Rows(), [*_transposed(backward, targets)]
    whole_rows(backward, layout, rows)
    if layout.length * 30 <= LARGEST:
        for change, moved in _moved(reference, backward, targets):
            if moved is not None:
                rows.add(change.slip, layout.truth + layout.flat(moved))
            elif change.instead is not None and change.slot in layout.columns:
                shaped.append(Shaped(change.slip, change.slot, change.instead))
    return rows.sheet(layout.columns, layout.truth, shaped)


@np.errstate(all="ignore")
def local_array_sheet(backward: Backward, slot: str) -> Sheet:
    """The sheet of the adjoint of one slot, as it follows from those of the nodes that use it."""
    passed = backward.to(slot)
    total = sum((each.right for each in passed), np.zeros(np.shape(backward.values[slot])))
    if not passed:
        total = np.asarray(backward.adjoints[slot], dtype=np.float64)
    here = Backward(
        backward.graph, backward.nodes, backward.values, {**backward.adjoints, slot: total}
    )
    layout = _Layout(here, [slot])
    rows, shaped = Rows(), [*_transposed(here, [slot])]
    whole_rows(here, layout, rows)
    for change in changes_at(here, slot):
        if change.change is not None:
            rows.add(change.slip, layout.truth + np.ravel(change.change))
        elif change.instead is not None:
            shaped.append(Shaped(change.slip, slot, change.instead))
    return rows.sheet(layout.columns, layout.truth, shaped)


def plain_sheet(graph: Graph, truth: Array) -> Sheet:
    """The sheet of an array of which nothing more is known than what it should be."""
    flat, rows = np.ravel(truth), Rows()
    rows.add(Slip("sign_flipped", "sign", SIGN, alone=True), -flat)
    for factor in factors_of(graph):
        slip = Slip("constant_factor", "factor", FACTOR, factor=factor, alone=True)
        rows.add(slip, factor * flat)
    if _is_square(truth):
        rows.add(Slip("transposed", "transposed", TRANSPOSED), np.ravel(truth.T))
    return rows.sheet({VALUE_TARGET: slice(0, flat.size)}, flat)


class _Layout:
    """Where the entries of each target are, and what is right there."""

    def __init__(self, backward: Backward, targets: Sequence[str]) -> None:
        self.right = {
            name: np.asarray(backward.adjoints[name], dtype=np.float64) for name in targets
        }
        ends = np.cumsum([each.size for each in self.right.values()])
        self.columns = {
            name: slice(int(end) - each.size, int(end))
            for (name, each), end in zip(self.right.items(), ends, strict=True)
        }
        self.length = int(ends[-1]) if len(ends) else 0
        self.truth = self.flat(self.right)

    def flat(self, by_target: Mapping[str, Array]) -> Array:
        """What there is for each target, one after another; NaN where there is nothing."""
        flat = np.full(self.length, np.nan)
        for name, each in by_target.items():
            flat[self.columns[name]] = np.ravel(each)
        return flat


def whole_rows(backward: Backward, layout: _Layout, rows: Rows) -> None:
    """Slips that show in a gradient as a whole."""
    truth, right = layout.truth, layout.right
    rows.add(Slip("sign_flipped", "sign", SIGN, alone=True), -truth)
    for factor in {**dict.fromkeys(factors_of(backward.graph)), **dict.fromkeys(_counts(backward))}:
        slip = Slip("constant_factor", "factor", FACTOR, factor=factor, alone=True)
        rows.add(slip, factor * truth)
    own = {
        name: each for name in right if np.shape(each := backward.values[name]) == right[name].shape
    }
    rows.add(Slip("value_not_gradient", "input_value", VALUE, alone=True), layout.flat(own))
    output = backward.nodes[-1].id if backward.nodes else None
    if output is not None:
        scalars = {name: backward.values[output] for name in right if not right[name].shape}
        rows.add(Slip("value_not_gradient", "value", VALUE, alone=True), layout.flat(scalars))
    if len(right) > _MANY:
        return
    for other in right:
        same = {
            name: right[other]
            for name in right
            if name != other and right[name].shape == right[other].shape
        }
        if same:
            slip = Slip("wrong_variable", "variable", OTHER_VARIABLE, input=other, alone=True)
            rows.add(slip, layout.flat(same))
    for one, other in combinations(right, 2):
        if right[one].shape == right[other].shape:
            exchanged = {**right, one: right[other], other: right[one]}
            slip = Slip("swapped_inputs", "swapped", SWAPPED, input=other, along=one)
            rows.add(slip, layout.flat(exchanged))
    squares = {name: each.T for name, each in right.items() if _is_square(each)}
    if squares:
        slip = Slip("transposed", "transposed", TRANSPOSED, alone=True)
        rows.add(slip, layout.flat(squares))


def _is_square(array: Array) -> bool:
    return array.ndim == 2 and array.shape[0] == array.shape[1]


def _transposed(backward: Backward, targets: Sequence[str]) -> Iterator[Shaped]:
    """Gradients that have another shape once they are transposed."""
    for name in targets:
        right = np.asarray(backward.adjoints[name], dtype=np.float64)
        if right.ndim == 2 and not _is_square(right):
            yield Shaped(Slip("transposed", "transposed", TRANSPOSED), name, right.T)


def _counts(backward: Backward) -> Iterator[float]:
    """How many entries its means and sums combine, and one over that."""
    for node in backward.nodes:
        if node.op in _COMBINING:
            size = backward.value_of(node.args[0]).size
            count = size / max(1, np.size(backward.values[node.id]))
            if count > 1:
                yield from (float(count), 1 / count)


def _moved(
    reference: Reference, backward: Backward, targets: Sequence[str]
) -> Iterator[tuple[Change, Mapping[str, Array] | None]]:
    """Each slip with how much it changes every target; None where its shape is another."""
    passes = min(_PASSES, _WORK // max(1, reference.result.cost.operations))
    reached = set(targets)
    for node in backward.nodes:
        if reached.intersection(arg for arg in node.args if isinstance(arg, str)):
            reached.add(node.id)
    for slot in [*targets, *(node.id for node in backward.nodes)]:
        if slot not in reached:
            continue
        for change in changes_at(backward, slot):
            if change.change is None:
                yield change, None
            elif slot in targets:
                nothing = {name: np.zeros_like(backward.adjoints[name]) for name in targets}
                yield change, {**nothing, slot: change.change}
            elif passes > 0:
                passes -= 1
                found = vjp(
                    reference.graph,
                    reference.bindings,
                    {slot: change.change},
                    wrt=targets,
                    limits=reference.limits,
                    deadline=reference.deadline,
                )
                yield change, {name: np.asarray(each) for name, each in found.products.items()}
