"""Verdicts on claims: how often they are right, and how long they take.

Right answers in other algebraic forms and wrong ones come from right_answers.py. A rate is that of
a stream in this process, from the bytes of the lines to the bytes of their answers.
"""

from __future__ import annotations

import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator

import orjson

from autograd_core import parse
from benchmarks.graphs import LESSON
from benchmarks.harness import Row, judged, side_by_side
from benchmarks.ours import service, wsgi_call
from benchmarks.right_answers import Answer, right_answers, wrong_answers
from service.grading.grading import grade
from service.grading.model import Options
from service.grading.reference import Reference
from service.transport.exchange import NDJSON

ANSWERS, FEW = 10_000, 40
MOST_OPEN = 0.005
MOST_MILLISECONDS = 10.0
LEAST_SHARE, LEAST_RATE = 0.5, 5_000
LINES = 1_000
OPTIONS = Options(notation="strict")
SHOWN = 3  # of those that came out otherwise


def measure(*, quick: bool) -> Iterator[Row]:
    """Two rows for verdicts, one for the time of a verdict, one for a stream of them."""
    count = FEW if quick else ANSWERS
    times: list[float] = []
    yield from _right_rows(list(_verdicts(right_answers(count), times)))
    yield _wrong_row(list(_verdicts(wrong_answers(count), times)))
    yield _time_row(times)
    yield _rate_row(quick=quick)


def verdict(answer: Answer) -> str:
    """The verdict on a claimed derivative, the reference read and sampled for it alone."""
    reference = Reference(parse(answer.function), {})
    (item,) = grade(reference, {"derivatives": {"x": answer.claim}}, OPTIONS).items
    return item.judgement.verdict


def _verdicts(answers: Iterator[Answer], times: list[float]) -> Iterator[tuple[Answer, str]]:
    for answer in answers:
        begun = time.process_time()  # what else a shared machine does is none of a verdict's
        found = verdict(answer)
        times.append(time.process_time() - begun)
        yield answer, found


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


def _time_row(times: list[float]) -> Row:
    percentiles = statistics.quantiles(times, n=20)
    return judged(
        "one formula claim, its reference included: 95th percentile",
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
