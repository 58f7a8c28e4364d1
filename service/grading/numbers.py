"""Claims of numbers at the bindings: the value, gradients, nodes, and blocks of whole matrices."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np

from autograd_core import Array, Flags, Number
from service.grading.comparing import RIGHT, Bound, agree, compare, echo, read
from service.grading.matrix_rounding import bound_of_hessian, bound_of_jacobian
from service.grading.model import Judgement
from service.grading.reference import Reference
from service.grading.rounding import bounds_of
from service.grading.sparse_claims import shaped

Part = Literal["value", "gradient", "entries"]


@dataclass(frozen=True, slots=True)
class Claim:
    """A number or tensor that was claimed, and the truth.

    part, node: what of the function it is: the value or the gradient of which node or input, or
    of its entries otherwise. number: what was written, if it can be read; else `fault` says why.
    """

    path: str
    written: Any
    truth: Number
    bound: Bound
    part: Part
    node: str
    number: Number | None
    fault: str


def claimed(reference: Reference, claims: Mapping[str, Any]) -> Iterator[Claim]:
    """The numbers among the claims, in the order they were made."""
    for kind, written in claims.items():
        yield from _READERS[kind](reference, written) if kind in _READERS else ()


def judge(reference: Reference, claim: Claim) -> Judgement:
    """The judgement of a claim by the truth alone."""
    if claim.number is None:
        return unreadable(claim.path, claim.written, claim.fault)
    found = compare(claim.number, claim.truth, reference.tolerance, claim.bound)
    return Judgement(
        claim.path, found.verdict, found.credit, claim.number, claim.truth, reason=found.reason
    )


def judge_right(
    reference: Reference, claim: Claim, numbers: Array
) -> tuple[Judgement, Flags] | None:
    """The judgement of many numbers, one of which the claim has, where they are right, with the
    array of them for what was claimed; and which are. None where not only numbers are compared.
    """
    if type(claim.number) is not float or np.ndim(claim.truth):
        return None
    truth = float(claim.truth)
    of_all = Judgement(claim.path, RIGHT.verdict, RIGHT.credit, numbers, truth)
    right: Flags = agree(numbers, truth, reference.tolerance)
    return of_all, right


def unreadable(path: str, written: Any, fault: str) -> Judgement:
    """The judgement of a claim that cannot be read: nobody loses by it."""
    return Judgement(path, "ungradable", 0.0, echo(written), reason=fault)


def _value(reference: Reference, written: Any) -> Iterator[Claim]:
    truth, bound = reference.result.value, bounds_of(reference).value
    number, fault = read(written, reference.limits)
    yield Claim("value", written, truth, bound, "value", "", number, fault)


def _gradients(reference: Reference, claims: Mapping[str, Any]) -> Iterator[Claim]:
    limits, bounds = reference.limits, bounds_of(reference)
    for name, written in claims.items():
        truth, bound = reference.gradient_of(name), partial(bounds.gradient, name)
        number, fault = read(written, limits)
        yield Claim(f"gradients/{name}", written, truth, bound, "gradient", name, number, fault)


def _nodes(reference: Reference, claims: Mapping[str, Any]) -> Iterator[Claim]:
    limits, bounds = reference.limits, bounds_of(reference)
    for name, members in claims.items():
        for part, written in members.items():
            if part == "value":
                truth, bound = reference.value_of(name), partial(bounds.value, name)
            else:
                truth, bound = reference.gradient_of(name), partial(bounds.gradient, name)
            number, fault = read(written, limits)
            yield Claim(f"nodes/{name}/{part}", written, truth, bound, part, name, number, fault)


def _jacobian(reference: Reference, claims: Mapping[str, Any]) -> Iterator[Claim]:
    for output, row in claims.items():
        blocks = reference.jacobian_of(output, list(row))
        bound = partial(bound_of_jacobian, reference, reference.wanted(output), list(row))
        yield from _entries(reference, f"jacobian/{output}", row, blocks, bound)


def _hessian(reference: Reference, claims: Mapping[str, Any]) -> Iterator[Claim]:
    names = list(dict.fromkeys((*claims, *(name for row in claims.values() for name in row))))
    blocks = reference.hessian_by(names)
    for name, row in claims.items():
        bound = partial(bound_of_hessian, reference, names, name)
        yield from _entries(reference, f"hessian/{name}", row, blocks[name], bound)


def _entries(
    reference: Reference,
    path: str,
    row: Mapping[str, Any],
    blocks: Mapping[str, Number],
    bound: Callable[[str], Number],
) -> Iterator[Claim]:
    for name, block in row.items():
        truth, of_block = blocks[name], partial(bound, name)
        written = shaped(block, truth)
        number, fault = read(written, reference.limits)
        yield Claim(f"{path}/{name}", written, truth, of_block, "entries", name, number, fault)


_READERS = {
    "value": _value,
    "gradients": _gradients,
    "nodes": _nodes,
    "jacobian": _jacobian,
    "hessian": _hessian,
}
