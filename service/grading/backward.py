"""A backward pass judged node by node, so that one slip costs once.

Each number is judged twice: against the truth, and against what follows, by the right rule, from
the student's own numbers one step before it. A node's value follows from its operands' values, its
gradient from the values and gradients of the nodes that use it; the truth stands in for what was
not claimed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np

from autograd_core import Number
from service.grading import numbers
from service.grading.comparing import compare
from service.grading.model import FirstError, Judgement
from service.grading.numbers import Claim
from service.grading.reference import Reference
from service.grading.steps import Steps, steps_of

_FOLLOWS = "right for the numbers that were claimed before it, one of which is not right"


def judge(reference: Reference, claims: Sequence[Claim], *, carry: bool) -> list[Judgement]:
    """The judgement of each claim of a backward pass, in their order."""
    judgements = [numbers.judge(reference, claim) for claim in claims]
    if not carry or all(each.verdict == "correct" for each in judgements):
        return judgements
    followed = _Followed(reference, claims)
    return [
        each if each.verdict == "correct" else _second_look(reference, claim, each, followed)
        for claim, each in zip(claims, judgements, strict=True)
    ]


def placed(reference: Reference, claim: Claim) -> Claim:
    """A claim of the value alone as one of the node that the output is."""
    return claim if claim.node else replace(claim, node=reference.output_name)


def first_error(
    reference: Reference, claims: Sequence[Claim], judgements: Sequence[Judgement]
) -> FirstError | None:
    """The first claim that is incorrect in the order of computing: values forward, then gradients
    in reverse, the inputs' last.
    """
    place = {name: place for place, name in enumerate(reference.nodes)}

    def order(claim: Claim) -> tuple[int, int]:
        at = place.get(claim.node, -1)  # an input comes before every node
        return (0, at) if claim.part == "value" else (1, -at)

    found = (
        claim
        for claim, each in zip(claims, judgements, strict=True)
        if each.verdict == "incorrect" and claim.part != "entries"
    )
    first = min(found, key=order, default=None)
    return None if first is None else FirstError(first.path, first.node)


class _Followed:
    """What follows from a student's own numbers, computed when something turns out wrong."""

    def __init__(self, reference: Reference, claims: Iterable[Claim]) -> None:
        self._steps: Steps = steps_of(reference)
        self._values: dict[str, Number] = {}
        self._gradients: dict[str, Number] = {}
        mine = {"value": self._values, "gradient": self._gradients}
        for claim in claims:
            if claim.number is None or claim.part not in mine:
                continue
            if np.shape(claim.number) == np.shape(claim.truth):
                mine[claim.part].setdefault(claim.node, claim.number)

    @cached_property
    def _next_values(self) -> Mapping[str, Number]:
        return self._steps.values(self._values)

    @cached_property
    def _next_gradients(self) -> Sequence[Mapping[str, Number]]:
        return self._steps.gradients(self._values, self._gradients)

    def of(self, claim: Claim) -> list[Number]:
        """What a claim should be; more than one, where rules may use one number or another."""
        if claim.part == "value":
            return [self._next_values[claim.node]] if claim.node in self._next_values else []
        return [found[claim.node] for found in self._next_gradients if claim.node in found]


def _second_look(
    reference: Reference, claim: Claim, judgement: Judgement, followed: _Followed
) -> Judgement:
    if claim.number is None or claim.part == "entries":
        return judgement
    for truth in followed.of(claim):
        if not np.isfinite(truth).all():  # from NaN anything would follow
            continue
        found = compare(claim.number, truth, reference.tolerance, claim.bound)
        if found.verdict == "correct":
            return replace(judgement, verdict="carried_forward", credit=1.0, reason=_FOLLOWS)
    return judgement
