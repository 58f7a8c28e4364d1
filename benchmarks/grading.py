"""Verdicts on claims: how often they are right, and how long they take.

Right answers in other algebraic forms and wrong ones come from right_answers.py. A rate is that of
a stream in this process, from the bytes of the lines to the bytes of their answers.
"""

from __future__ import annotations

import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import NamedTuple

import orjson

from autograd_core import parse
from benchmarks.graphs import LESSON
from benchmarks.harness import Row, judged, side_by_side
from benchmarks.ours import service, wsgi_call
from benchmarks.right_answers import Answer, on_paper, right_answers, wrong_answers
from service.endpoints.endpoint import NDJSON
from service.grading.grading import grade
from service.grading.model import Options
from service.grading.reference import Reference

ANSWERS, FEW = 10_000, 40
MOST_OPEN = 0.005
MOST_MILLISECONDS = 10.0
LEAST_SHARE, LEAST_RATE = 0.5, 5_000
LINES = 1_000
SHOWN = 3  # of those that came out otherwise


def measure(*, quick: bool) -> Iterator[Row]:
    """Rows for verdicts, for the time that one takes, and for a stream of them."""
    count = FEW if quick else ANSWERS
    for kind, answers in (("right", right_answers(count)), ("wrong", wrong_answers(count))):
        times = Times([], [])
        found = list(_verdicts(answers, times))
        yield from _right_rows(found) if kind == "right" else [_wrong_row(found)]
        yield _time_row(f"one {kind} formula, its reference known", times.known)
        yield _time_row(f"one {kind} formula, its reference included", times.included)
    yield _rate_row(quick=quick)


class Times(NamedTuple):
    """Seconds for each verdict: with all of its reference, and where that was run for another."""

    included: list[float]
    known: list[float]


def verdict(answer: Answer, times: Times | None = None) -> str:
    """The verdict on a claimed derivative, the reference read and sampled for it alone."""
    options, claims = Options(notation=answer.notation), {"derivatives": {"x": answer.claim}}
    begun = time.process_time()  # what else a shared machine does is none of a verdict's
    reference = Reference(parse(answer.function), {})
    (item,) = grade(reference, claims, options).items
    if times is not None:
        times.included.append(time.process_time() - begun)
        reference = Reference(parse(answer.function), {})
        grade(reference, {"derivatives": {"x": f"1 + ({answer.claim})"}}, options)
        begun = time.process_time()
        grade(reference, claims, options)
        times.known.append(time.process_time() - begun)
    return item.judgement.verdict


def _verdicts(answers: Iterator[Answer], times: Times) -> Iterator[tuple[Answer, str]]:
    """Every other answer is put on paper."""
    for number, answer in enumerate(answers):
        put = on_paper(answer) if number % 2 else answer
        yield put, verdict(put, times)


def _right_rows(found: list[tuple[Answer, str]]) -> Iterator[Row]:
    counts = Counter(each for _, each in found)
    lost = counts["incorrect"] + counts["ungradable"]
    figures = _figures(found, {"correct", "undetermined"})
    yield judged(
        "right answers in other forms: not found right",
        "none",
        lost / len(found),
        figures,
        at_most=0,
        form="{:.3%}",
    )
    yield judged(
        "right answers in other forms: left open by rounding",
        f"under {MOST_OPEN:.1%}",
        counts["undetermined"] / len(found),
        figures,
        at_most=MOST_OPEN,
        form="{:.3%}",
    )


def _wrong_row(found: list[tuple[Answer, str]]) -> Row:
    right = sum(each == "correct" for _, each in found)
    figures = _figures(found, {"incorrect"})
    return judged(
        "wrong answers: found right", "none", right / len(found), figures, at_most=0, form="{:.3%}"
    )


def _figures(found: list[tuple[Answer, str]], expected: set[str]) -> str:
    counts = Counter(each for _, each in found)
    others = [f"d/dx {a.function} = {a.claim}" for a, each in found if each not in expected]
    listed = "; ".join(others[:SHOWN]).replace("|", "/")
    totals = ", ".join(f"{count:,} {each}" for each, count in counts.most_common())
    return f"{totals}; {listed}" if others else totals


def _time_row(what: str, times: list[float]) -> Row:
    percentiles = statistics.quantiles(times, n=20)
    return judged(
        f"{what}: 95th percentile",
        f"under {MOST_MILLISECONDS:g} ms",
        percentiles[-1] * 1e3,
        f"median {percentiles[9] * 1e3:.3g} ms, longest {max(times) * 1e3:.3g} ms",
        at_most=MOST_MILLISECONDS,
        form="{:.3g} ms",
    )


def _rate_row(*, quick: bool) -> Row:
    app = service()
    reference = {"reference": LESSON}
    claims = [
        {"id": k, "claims": {"gradients": {"a": -3.0, "b": 2.0, "c": 1.0 + k % 2}}}
        for k in range(LINES)
    ]
    plain = [{**LESSON, "id": k, "bindings": {"a": 2.0 + k, "b": -3.0, "c": 10.0}}
             for k in range(LINES)]  # fmt: skip
    contestants: dict[str, Callable[[], object]] = {
        "claims": wsgi_call(app, "/grade", _lines([reference, *claims]), NDJSON),
        "gradients": wsgi_call(app, "/gradient", _lines(plain), NDJSON),
    }
    best = side_by_side(contestants, quick=quick)
    rates = {name: LINES / seconds for name, seconds in best.items()}
    figures = ", ".join(f"{name} {rate:,.0f}/s" for name, rate in rates.items())
    return judged(
        "NDJSON, gradient claims on d = a*b + c",
        f"at least {LEAST_SHARE:g}x the plain gradients/s, and {LEAST_RATE:,}/s",
        rates["claims"] / rates["gradients"],
        figures,
        at_least=max(LEAST_SHARE, LEAST_RATE / rates["gradients"]),
        form="{:.2f}x",
    )


def _lines(messages: list[object]) -> bytes:
    return b"\n".join(map(orjson.dumps, messages)) + b"\n"
