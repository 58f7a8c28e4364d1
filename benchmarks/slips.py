"""Diagnoses of wrong answers: whether the slip that was made is named, and nothing where none was.

A slip that no numbers tell apart from another is the same slip by another name: the sole factor
from above left out is both a missing factor of the chain rule and a local derivative.
"""

from __future__ import annotations

import itertools
import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from autograd_core import Array, AutogradError, evaluate, gradient, parse, read_nodes
from benchmarks.harness import Row, duration, judged
from benchmarks.slip_formulas import random_formula, random_function, wrong_formula
from benchmarks.slip_injection import (
    Gradients,
    Posed,
    injected,
    is_wrong,
    random_tape,
    truth,
)
from benchmarks.slip_whole import whole_answers, whole_slips
from service.grading.model import Diagnosis
from service.grading.reference import Reference
from service.grading.slips import all_slips, diagnose_formula, diagnose_numbers
from service.grading.slips.tables import table_of

CASES, FEW = 10_000, 60
FIRST, NAMED, GUESSED, TOLD_APART = 0.95, 0.99, 0.01, 0.99
SHARE = "{:.2%}"
POINTS = np.sort(np.random.default_rng(1).uniform(0.4, 1.6, 20))


@dataclass
class Score:
    """How often the slip that was made was told first, at all, or first by another name."""

    first: int = 0
    same: int = 0
    named: int = 0
    claims: int = 0
    seconds: list[float] = field(default_factory=list)

    def add(self, code: str, found: Sequence[Diagnosis], *, same: bool = False) -> None:
        """One claim. same: whether the first is the slip by another name."""
        codes = [each.code for each in found]
        self.claims += 1
        self.named += code in codes
        self.first += codes[:1] == [code]
        self.same += codes[:1] == [code] or same

    def rows(self, what: str) -> Iterator[Row]:
        """What came out."""
        figures = (
            f"{self.claims} claims, a diagnosis in {duration(statistics.median(self.seconds))}"
        )
        for says, share, least in (
            ("the slip that was made comes first, by its very code", self.first, FIRST),
            ("it comes first, or is told by another name", self.same, FIRST),
            ("it is among those named", self.named, NAMED),
        ):
            yield judged(
                f"{what}: {says}",
                f">= {least:.0%}",
                share / self.claims,
                figures,
                at_least=least,
                form=SHARE,
            )


def measure(*, quick: bool) -> Iterator[Row]:
    """Rows for slips in numbers and in formulas, for wrong answers without one, for /slips."""
    cases = FEW if quick else CASES
    rng = random.Random(7)
    yield from numbers(rng, cases).rows("gradients")
    yield from formulas(rng, cases).rows("formulas")
    for lone, what in ((True, "one whole number"), (False, "whole numbers")):
        yield from whole(rng, cases, lone=lone).rows(what)
        yield _guesses(f"{what}, random", random_wholes(rng, cases, lone=lone))
    yield _guesses("random gradients", random_numbers(rng, cases))
    yield _guesses("random formulas", random_formulas(rng, cases))
    yield _never(right_answers(rng, cases))
    yield from authors(rng, cases // 10)


def uniform(rng: random.Random) -> Callable[[], float]:
    """Numbers for inputs."""
    return lambda: rng.uniform(0.3, 2.5)


def diagnosed(
    reference: Reference, claims: Gradients, wrong: Sequence[str]
) -> dict[str, tuple[Diagnosis, ...]]:
    """The diagnoses by name."""
    paths = {f"gradients/{name}": claim for name, claim in claims.items()}
    found = diagnose_numbers(reference, paths, [f"gradients/{name}" for name in wrong])
    return {name: found[f"gradients/{name}"] for name in wrong}


def numbers(rng: random.Random, cases: int) -> Score:
    """Slips built into backward passes of random graphs."""
    return _scored((injected(rng, uniform(rng)) for _ in itertools.count()), cases)


def whole(rng: random.Random, cases: int, *, lone: bool) -> Score:
    """The same of functions of whole numbers; lone: one derivative is claimed, and not all."""
    return _scored(whole_slips(rng, lone=lone), cases)


def _scored(all_posed: Iterator[Posed], cases: int) -> Score:
    score = Score()
    while score.claims < cases:
        posed = next(all_posed)
        reference = Reference(read_nodes(posed.tape.nodes()), posed.tape.bindings)
        start = time.perf_counter()
        found = diagnosed(reference, posed.claimed, posed.wrong)
        score.seconds.append(time.perf_counter() - start)
        for name in posed.wrong:
            first = found[name][0].code if found[name] else ""
            same = first not in {posed.code, ""} and are_one(
                reference, posed.claimed, posed.code, first
            )
            score.add(posed.code, found[name], same=same)
    return score


def are_one(reference: Reference, claims: Gradients, code: str, other: str) -> bool:
    """Whether two slips that both give these claims agree wherever else they are looked at."""
    table = table_of(reference)
    here = np.array([claims.get(name, np.nan) for name in table.columns])
    off = np.abs(table.wrong[:, 0] - here)
    near = np.all((off <= 1e-9 * np.abs(here)) | np.isnan(here), axis=1)
    signatures: dict[str, set[bytes]] = {code: set(), other: set()}
    for row in np.flatnonzero(near).tolist():
        if table.slips[row].code in signatures:
            signatures[table.slips[row].code].add(table.signatures[row])
    return not signatures[code].isdisjoint(signatures[other])


def formulas(rng: random.Random, cases: int) -> Score:
    """Slips in derivatives put together on paper."""
    score = Score()
    while score.claims < cases:
        posed = wrong_formula(rng)
        points = {"x": POINTS}
        if "y" in posed.function:
            points["y"] = POINTS[::-1].copy()
        if not differs(posed.function, posed.by, posed.claim, points):
            continue
        reference, claim = Reference(parse(posed.function), {}), parse(posed.claim)
        start = time.perf_counter()
        found = diagnose_formula(reference, posed.by, claim, points)
        score.seconds.append(time.perf_counter() - start)
        score.add(posed.code, found, same=bool(found))  # at every point the claim is the same
    return score


def differs(function: str, by: str, claim: str, points: dict[str, Array]) -> bool:
    """Whether a claim is wrong, and both are defined at most of the points."""
    mapped = list(points)
    right = gradient(parse(function), points, wrt=[by], mapped=mapped).gradients[by]
    (claimed,) = evaluate(parse(claim), points, mapped=mapped).values.values()
    valid = np.isfinite(right) & np.isfinite(claimed)
    off = np.abs(right - claimed) > 1e-9 + 1e-6 * np.abs(right)
    return bool(np.sum(valid) > 10 and np.any(off & valid))


def random_numbers(rng: random.Random, cases: int) -> list[bool]:
    """Whether wrong numbers that come from no slip were given a diagnosis."""
    told: list[bool] = []
    while len(told) < cases:
        tape = random_tape(rng, uniform(rng), rng.randint(2, 8))
        right = truth(tape)
        reference = Reference(read_nodes(tape.nodes()), tape.bindings)
        for digits in (17, 5, 3):
            claims = {
                name: float(f"{rng.uniform(-3, 3) * (abs(slope) or 1):.{digits}g}")
                for name, slope in right.items()
            }
            wrong = [name for name in claims if is_wrong(claims[name], right[name])]
            told += map(bool, diagnosed(reference, claims, wrong).values())
    return told


def random_wholes(rng: random.Random, cases: int, *, lone: bool) -> list[bool]:
    """The same of whole numbers, claimed of functions of whole numbers."""
    told: list[bool] = []
    answers = whole_answers(rng, lone=lone)
    while len(told) < cases:
        posed = next(answers)
        reference = Reference(read_nodes(posed.tape.nodes()), posed.tape.bindings)
        told += map(bool, diagnosed(reference, posed.claimed, posed.wrong).values())
    return told


def random_formulas(rng: random.Random, cases: int) -> list[bool]:
    """Whether wrong formulas that come from no slip were given a diagnosis."""
    told: list[bool] = []
    points = {"x": POINTS}
    while len(told) < cases:
        function, claim = random_function(rng), random_formula(rng)
        try:
            if not differs(function, "x", claim, points):
                continue
        except AutogradError:  # nothing depends on x
            continue
        found = diagnose_formula(Reference(parse(function), {}), "x", parse(claim), points)
        told.append(bool(found))
    return told


def right_answers(rng: random.Random, cases: int) -> list[bool]:
    """Whether right answers, even if they were taken for wrong ones, were given a diagnosis."""
    told: list[bool] = []
    while len(told) < cases:
        tape = random_tape(rng, uniform(rng), rng.randint(2, 8))
        reference = Reference(read_nodes(tape.nodes()), tape.bindings)
        right = {name: slope * (1 + 1e-9) for name, slope in truth(tape).items()}
        told += map(bool, diagnosed(reference, right, list(right)).values())
    return told


def authors(rng: random.Random, cases: int) -> Iterator[Row]:
    """Rows for what authors are told: posted back, and told apart."""
    own = posted = apart = pairs = 0
    for _ in range(cases):
        tape = random_tape(rng, lambda: round(rng.uniform(0.3, 2.5), 1), rng.randint(2, 8))
        reference = Reference(read_nodes(tape.nodes()), tape.bindings)
        found = all_slips(reference)
        for slip in found.slips:
            claims = {name: float(slope) for name, slope in slip.gradients.items()}
            wrong = [name for name in claims if is_wrong(claims[name], found.gradients[name])]
            codes = {slip.code, *(found.slips[other].code for other in slip.coincides_with)}
            for each in diagnosed(reference, claims, wrong).values():
                own += bool(each) and each[0].code in codes
                posted += 1
        at, all_pairs = table_of(reference).told_apart(found.bindings)
        apart, pairs = apart + at, pairs + all_pairs
    figures = f"{cases} graphs, {posted} claims"
    yield judged(
        "/slips: posted back, a slip comes first, or one that coincides with it",
        f">= {NAMED:.0%}",
        own / posted,
        figures,
        at_least=NAMED,
        form=SHARE,
    )
    yield judged(
        "/slips: the bindings proposed tell apart what can be",
        f">= {TOLD_APART:.0%}",
        apart / pairs,
        f"{pairs} pairs of slips that some bindings tell apart",
        at_least=TOLD_APART,
        form=SHARE,
    )


def _guesses(what: str, told: Sequence[bool]) -> Row:
    return judged(
        f"{what}: a diagnosis where there was no slip",
        f"<= {GUESSED:.0%}",
        statistics.fmean(told),
        f"{len(told)} claims",
        at_most=GUESSED,
        form=SHARE,
    )


def _never(told: Sequence[bool]) -> Row:
    return judged(
        "right answers: a diagnosis",
        "never",
        statistics.fmean(told),
        f"{len(told)} claims",
        at_most=0.0,
        form=SHARE,
    )
