"""The check's verdicts on exact gradients and on wrong ones, where differences are hard to take.

What counts is how often it is wrong: an exact gradient called wrong, a kink seen where there is
none, a wrong claim passed. numdifftools judges the same claims by the same rule, from its
derivative and its error estimate.
"""

from __future__ import annotations

import math
import statistics
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np

from autograd_core import CheckOptions, check, evaluate, gradient, parse
from autograd_core.graph import Graph
from benchmarks.hard_formulas import physical
from benchmarks.hard_functions import EASY, Case, kinks, smooth
from benchmarks.harness import Row, judged, unmeasured

OPTIONS = CheckOptions()
# A claim is wrong if it is off by more than this many tolerances.
CLEARLY = 10.0
FACTORS = (1.001, 0.999, 1.1, 0.5, 2.0, 30.0, 1000.0, -1.0)
# An estimate passes a claim if its own error is at most this many tolerances.
WITHIN = 10.0
MOST_PASSED, FEWEST_PASSED = 0.001, 0.9
# What the easy functions took when a check looked at one scale only, and how much more is fine.
ONCE, TIMES = 1872, 1.5
EVERY = 60  # of the cases, where it is only to be seen that it runs
PEER = "numdifftools"


@dataclass(frozen=True)
class Posed:
    """A case, read, with its exact derivative and claims that are wrong."""

    case: Case
    graph: Graph
    exact: float
    wrong: tuple[float, ...]

    @property
    def bindings(self) -> dict[str, float]:
        return {"x": self.case.x, **self.case.constants}


Judge = Callable[[Posed], Callable[[float], str]]


@dataclass(frozen=True)
class Verdicts:
    """How often each verdict was given: on exact gradients, and on wrong ones."""

    exact: Counter[str]
    wrong: Counter[str]

    @property
    def false(self) -> int:
        """How many contradict the truth."""
        return self.exact["fail"] + self.exact["nondifferentiable"] + self.wrong["pass"]

    @property
    def figures(self) -> str:
        return f"exact: {_counts(self.exact)}; wrong: {_counts(self.wrong)}"


def measure(*, quick: bool) -> Iterator[Row]:
    """Rows for the check, one for what it takes, and one beside numdifftools."""
    every = EVERY if quick else 1
    problems = [found for case in [*smooth(), *physical()][::every] if (found := posed(case))]
    verdicts = _verdicts(problems, ours)
    yield from _rows(verdicts)
    yield _kinks(list(kinks())[:: max(1, every // 10)])
    yield _evaluations()
    yield _beside(problems, verdicts)


def posed(case: Case) -> Posed | None:
    """The case with its claims, or None where value or derivative is not finite."""
    graph, bindings = parse(case.text), {"x": case.x, **case.constants}
    found = gradient(graph, bindings, wrt=["x"])
    exact = float(found.gradients["x"])
    if not (math.isfinite(float(found.value)) and math.isfinite(exact)):
        return None
    step = 0.02 * max(1.0, abs(case.x))
    right, left = (_value(graph, {**bindings, "x": case.x + h}) for h in (step, -step))
    claims = [exact * factor for factor in FACTORS] + [0.0, (right - left) / (2 * step)]
    return Posed(case, graph, exact, tuple(filter(partial(_is_wrong, exact), claims)))


def _value(graph: Graph, bindings: dict[str, float]) -> float:
    (value,) = evaluate(graph, bindings).values.values()
    return float(value)


def _is_wrong(exact: float, claim: float) -> bool:
    off = abs(claim - exact)
    return math.isfinite(claim) and off > CLEARLY * OPTIONS.tolerance(exact, claim)


def ours(problem: Posed) -> Callable[[float], str]:
    """The library's verdicts on claimed derivatives."""

    def verdict(claim: float) -> str:
        return check(problem.graph, problem.bindings, {"x": claim}, options=OPTIONS).verdict

    return verdict


def theirs(problem: Posed) -> Callable[[float], str]:
    """Verdicts by what numdifftools finds the derivative to be, and says of its error."""
    constants, graph = problem.case.constants, problem.graph

    def function(x: Any) -> Any:
        points = np.ravel(np.asarray(x, dtype=float))
        (values,) = evaluate(graph, {"x": points, **constants}, mapped=["x"]).values.values()
        return np.reshape(values, np.shape(x))

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        derivative = import_module(PEER).Derivative(function, full_output=True)
        result = derivative(problem.case.x)
    found, error = float(result.estimate), float(result.error_estimate)

    def verdict(claim: float) -> str:
        off, tolerance = abs(found - claim), OPTIONS.tolerance(found, claim)
        if off <= tolerance and error <= WITHIN * tolerance:
            return "pass"
        return "fail" if off > tolerance + error else "inconclusive"

    return verdict


def _verdicts(problems: Sequence[Posed], judge: Judge) -> Verdicts:
    exact: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for problem in problems:
        verdict = judge(problem)
        exact[verdict(problem.exact)] += 1
        wrong.update(map(verdict, problem.wrong))
    return Verdicts(exact, wrong)


def _rows(verdicts: Verdicts) -> Iterator[Row]:
    exact, wrong = verdicts.exact, verdicts.wrong
    functions = f"check of {exact.total():,} exact gradients"
    yield judged(f"{functions}, fail", "none", exact["fail"], _counts(exact), at_most=0, form="{}")
    yield judged(
        f"{functions}, nondifferentiable", "none", exact["nondifferentiable"], _counts(exact),
        at_most=0, form="{}",
    )  # fmt: skip
    yield judged(
        f"{functions}, pass", "at least 90 %", exact["pass"] / exact.total(), _counts(exact),
        at_least=FEWEST_PASSED, form="{:.1%}",
    )  # fmt: skip
    yield judged(
        f"check of {wrong.total():,} wrong claims, pass", "under 0.1 %",
        wrong["pass"] / wrong.total(), _counts(wrong), at_most=MOST_PASSED, form="{:.2%}",
    )  # fmt: skip


def _kinks(cases: Sequence[Case]) -> Row:
    found: Counter[str] = Counter()
    for case in cases:
        found[gradient(parse(case.text), {"x": case.x}, check=OPTIONS).check.verdict] += 1  # type: ignore[union-attr]  # asked for
    return judged(
        f"check at {len(cases)} kinks, pass or fail", "none", found["pass"] + found["fail"],
        _counts(found), at_most=0, form="{}",
    )  # fmt: skip


def _evaluations() -> Row:
    made = []
    for text, x in EASY:
        report = gradient(parse(text), {"x": x}, check=OPTIONS).check
        made.append(0 if report is None else report.evaluations)
    figures = f"{sum(made):,} evaluations, {statistics.median(made):g} in the median"
    return judged(
        f"check of {len(made)} easy gradients, evaluations", f"at most {TIMES}x those of one scale",
        sum(made) / ONCE, f"{figures}; of one scale {ONCE:,}", at_most=TIMES, form="{:.2f}x",
    )  # fmt: skip


def _beside(problems: Sequence[Posed], verdicts: Verdicts) -> Row:
    what, target = f"false verdicts, against {PEER}", "fewer"
    if find_spec(PEER) is None:
        return unmeasured(what, target, f"{PEER}: not installed")
    peer = _verdicts(problems, theirs)
    count = f"{verdicts.false} against {peer.false}"
    row = judged(what, target, verdicts.false - peer.false, f"{PEER}: {peer.figures}", at_most=-1)
    return Row(row.what, row.target, count, row.verdict, row.figures)


def _counts(counter: Counter[str]) -> str:
    return ", ".join(f"{count:,} {verdict}" for verdict, count in counter.most_common())
