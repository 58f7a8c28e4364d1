"""What grading speaks of: verdicts, judgements of single claims, diagnoses, and the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from autograd_core import Number

ItemVerdict = Literal[
    "correct",
    "carried_forward",
    "partially_correct",
    "incorrect",
    "undetermined",
    "ungradable",
]
Verdict = Literal["correct", "partially_correct", "incorrect", "ungradable"]
# Verdicts that leave a score open: the caller decides, and nobody loses by it.
OPEN: frozenset[str] = frozenset({"undetermined", "ungradable"})


@dataclass(frozen=True)
class Tolerance:
    """How far a claim may be from the truth: atol + rtol*|truth|, entry by entry."""

    rtol: float = 1e-6
    atol: float = 1e-9

    def allows(self, claimed: Any, truth: Any) -> Any:
        """Whether they are that close: finite numbers, or arrays of them, entry by entry."""
        return abs(claimed - truth) <= self.atol + self.rtol * abs(truth)


@dataclass(frozen=True)
class Options:
    """How claims are judged and what is said of them.

    weights: by the path of a claim; 1 for any other. carry: whether what follows rightly from an
    earlier slip is right. reveal: whether the answer may hold what is expected. notation: how
    formulas given as text are read. allow, deny: operations that formulas may and may not use, by
    name; the four operators, powers and signs are allowed unless denied.
    """

    weights: Mapping[str, float] = field(default_factory=dict)
    carry: bool = True
    reveal: bool = True
    notation: Literal["student", "strict"] = "student"
    allow: Sequence[str] | None = None
    deny: Sequence[str] = ()


@dataclass(frozen=True)
class Diagnosis:
    """A slip that gives just the claim that was made, and not the right answer.

    code: one of section "Diagnosis" of docs/grading.md. message: for the student, in plain words.
    node: where it was made; input: the name it confuses with; factor, step, digits: the number
    that goes with constant_factor, finite_difference_estimate and rounded.
    """

    code: str
    message: str
    node: str | None = None
    input: str | None = None
    factor: float | None = None
    step: float | None = None
    digits: int | None = None


@dataclass(frozen=True)
class Counterexample:
    """A point, in short decimals, at which a claimed formula is wrong, and both values there;
    None where they are kept back. by: of a claimed function whose values are right, the variable
    whose derivative is not.
    """

    at: Mapping[str, Number]
    claimed: Number | None = None
    expected: Number | None = None
    by: str | None = None


@dataclass(frozen=True)
class Points:
    """How many points a formula was compared at.

    skipped: at which nothing could be told: rounding, or the claim is undefined at that single
    point. rejected: which were tried first, and where the reference is undefined or has a kink.
    """

    compared: int
    skipped: int
    rejected: int


@dataclass(frozen=True)
class Judgement:
    """What is said of one claim, before it has a weight.

    claim: its path, "gradients/a". credit: from 0 to 1; of a claim whose verdict is in OPEN it
    counts for nothing. claimed: as the caller wrote it. expected: None where it is unknown.
    """

    claim: str
    verdict: ItemVerdict
    credit: float
    claimed: Any
    expected: Number | None = None
    reason: str | None = None
    understood_as: str | None = None
    counterexample: Counterexample | None = None
    points: Points | None = None
    diagnosis: Sequence[Diagnosis] = ()


@dataclass(frozen=True)
class Item:
    """A judgement with its share of the whole score; score is None where it stays open."""

    judgement: Judgement
    score: float | None
    max_score: float


@dataclass(frozen=True)
class FirstError:
    """The first incorrect item in the order of computing, and its node."""

    claim: str
    node: str


@dataclass(frozen=True)
class Report:
    """The verdict on all claims together; score is None where an item stays open."""

    verdict: Verdict
    score: float | None
    items: Sequence[Item]
    max_score: float = 1.0
    first_error: FirstError | None = None
