"""Slips in single steps of a backward or forward pass that a student claims node by node.

Each step is judged by what the student had before it, right or wrong.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from autograd_core import Array
from service.grading.slips.array_sheets import local_array_sheet, plain_sheet
from service.grading.slips.arrays import Backward
from service.grading.slips.backward import as_claimed, is_carried, local_sheet
from service.grading.slips.claims import Claims
from service.grading.slips.matching import Found, Matcher, of_another_shape
from service.grading.slips.network import Network
from service.grading.slips.prepared import Prepared
from service.grading.slips.slip import VALUE_TARGET, Sheet
from service.grading.slips.study import is_small
from service.grading.slips.values import local_value_sheet
from service.grading.slips.whole import factors_of
from service.grading.slips.written import rounded_slip


def gradient_steps(ready: Prepared, read: Claims, known: Mapping[str, str]) -> dict[str, Found]:
    """Of the gradients that are wrong: slips in what comes back from the nodes that use them."""
    if not is_small(ready.reference.graph) or not (read.node_gradients or read.node_values):
        return {}
    found: dict[str, Found] = {}
    network = ready.study.network
    taken = None if network is None else _claimed_network(ready, read, network)
    claimed = None if network is not None else _claimed_backward(ready, read)
    factors = list(factors_of(ready.study.graph))
    for path, name in known.items():
        if path not in read.wrong:
            continue
        if network is not None and taken is not None:
            is_scalar = not read.numbers[path].shape
            if is_scalar and name in network.slots and is_carried(network, taken, name):
                found[path] = _fitting(ready, local_sheet(taken, name, factors), name, read, path)
        elif claimed is not None:
            found[path] = _fitting(ready, local_array_sheet(claimed, name), name, read, path)
    return found


def value_steps(ready: Prepared, read: Claims) -> dict[str, Found]:
    """Of the nodes' values that are wrong: slips in how they come from their operands'."""
    if not is_small(ready.reference.graph) or read.wrong.isdisjoint(read.values):
        return {}
    found: dict[str, Found] = {}
    network = ready.study.network
    taken = None if network is None else _claimed_network(ready, read, network)
    for path, name in read.values.items():
        if path not in read.wrong or name not in ready.values:
            continue
        truth = ready.values[name]
        if read.numbers[path].shape != truth.shape:
            continue
        if taken is None or taken.slots.get(name, -1) < taken.inputs:
            sheet = plain_sheet(ready.study.graph, truth)
        else:
            sheet = local_value_sheet(ready.study, taken, name)
        found[path] = _fitting(ready, sheet, VALUE_TARGET, read, path)
        slip = rounded_slip(np.ravel(read.numbers[path]), np.ravel(truth))
        if slip is not None:
            found[path].append((1, slip))
    return found


def _fitting(ready: Prepared, sheet: Sheet, target: str, read: Claims, path: str) -> Found:
    claim = np.ravel(read.numbers[path])
    if claim.size != len(sheet.of(target)[0]):
        return of_another_shape(sheet, target, read.numbers[path])
    matcher = Matcher(sheet, ready.reference.tolerance)
    return matcher.found({path: claim}, {path: target}, [path], read.least)[path]


def _claimed_network(ready: Prepared, read: Claims, network: Network) -> Network:
    def claimed(paths: Mapping[str, str]) -> dict[str, float]:
        return {
            name: float(read.numbers[path])
            for name, path in paths.items()
            if name in network.slots and not read.numbers[path].shape
        }

    return as_claimed(network, claimed(read.node_values), claimed(read.node_gradients))


def _claimed_backward(ready: Prepared, read: Claims) -> Backward:
    def claimed(truth: Mapping[str, Array], paths: Mapping[str, str]) -> dict[str, Array]:
        fitting = {
            name: read.numbers[path]
            for name, path in paths.items()
            if name in truth and read.numbers[path].shape == np.shape(truth[name])
        }
        return {**truth, **fitting}

    right = ready.backward
    return Backward(
        right.graph,
        right.nodes,
        claimed(right.values, read.node_values),
        claimed(right.adjoints, read.node_gradients),
    )
