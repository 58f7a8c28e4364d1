"""Which single slip gives a wrong answer."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from autograd_core import Array, Graph
from service.grading.model import Diagnosis, Number
from service.grading.reference import Reference


def diagnose_numbers(
    reference: Reference, claims: Mapping[str, Number], wrong: Collection[str]
) -> Mapping[str, tuple[Diagnosis, ...]]:
    """Nothing yet."""
    return {}


def diagnose_formula(
    reference: Reference, name: str, claim: Graph, points: Mapping[str, Array]
) -> tuple[Diagnosis, ...]:
    """Nothing yet."""
    return ()
