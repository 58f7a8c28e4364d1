"""A report as other systems read it: Gradescope's and PrairieLearn's results.json.

Gradescope: https://gradescope-autograders.readthedocs.io/en/latest/specs/, and the writer of
gradescope-utils. PrairieLearn: docs/externalGrading.md of PrairieLearn/PrairieLearn. Both read
numbers that are finite, so what is not is written as text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, Literal

import numpy as np

from autograd_core import Number
from service.grading.model import OPEN, Counterexample, Item, Judgement, Report
from service.grading.scoring import rounded

Format = Literal["native", "gradescope", "prairielearn"]
Results = Mapping[str, Any]
# PrairieLearn reads at most 1 MB; long tensors are cut in the text.
_LONGEST: Final = 200


def gradescope(report: Report) -> Results:
    """results.json for Gradescope, with a test an item.

    Gradescope knows no open score: such an item has none, and with it the whole has none, which
    Gradescope takes for a failed run, to be graded again by a person.
    """
    results: dict[str, Any] = {"output": _overall(report), "output_format": "text"}
    if report.score is not None:
        results["score"] = rounded(report.score)
    results["extra_data"] = {"verdict": report.verdict, "max_score": rounded(report.max_score)}
    results["tests"] = [_gradescope_test(n, item) for n, item in enumerate(report.items, start=1)]
    return results


def _gradescope_test(number: int, item: Item) -> Results:
    judgement = item.judgement
    test: dict[str, Any] = {"name": judgement.claim, "number": str(number)}
    if item.score is not None:
        passed = judgement.verdict in {"correct", "carried_forward"}
        test["score"] = rounded(item.score)
        test["status"] = "passed" if passed else "failed"
    test["max_score"] = rounded(item.max_score)
    test["output"] = "\n".join(_said(judgement))
    test["output_format"] = "text"
    test["tags"] = [diagnosis.code for diagnosis in judgement.diagnosis]
    test["extra_data"] = {"verdict": judgement.verdict}
    return test


def prairielearn(report: Report) -> Results:
    """results.json for PrairieLearn, with a test an item.

    What cannot be graded costs no attempt there: `gradable` is false, and `format_errors` say why.
    """
    if report.score is None:
        open_items = [item.judgement for item in report.items if item.judgement.verdict in OPEN]
        return {
            "gradable": False,
            "message": _overall(report),
            "format_errors": [f"{each.claim}: {' '.join(_said(each))}" for each in open_items],
        }
    return {
        "gradable": True,
        "score": rounded(report.score / report.max_score) if report.max_score else 0.0,
        "message": _overall(report),
        "tests": [_prairielearn_test(item) for item in report.items],
    }


def _prairielearn_test(item: Item) -> Results:
    judgement = item.judgement
    return {
        "name": judgement.claim,
        "description": judgement.verdict.replace("_", " "),
        "points": rounded(item.score or 0.0),
        "max_points": rounded(item.max_score),
        "message": "\n".join(_said(judgement)),
    }


WRITERS: Final[Mapping[str, Callable[[Report], Results]]] = {
    "gradescope": gradescope,
    "prairielearn": prairielearn,
}

# By the media type of an answer, the member of a message that asks for it.
MEDIA_TYPES: Final[Mapping[str, Mapping[str, str]]] = {
    f"application/vnd.{name}.results+json": {"format": name} for name in WRITERS
}


def _overall(report: Report) -> str:
    right = sum(item.judgement.verdict in {"correct", "carried_forward"} for item in report.items)
    text = f"{right} of {len(report.items)} right."
    if report.score is None:
        text += " Not everything could be graded, so there is no score: a person has to look."
    if report.first_error is not None:
        text += f" The first error is at {report.first_error.claim}."
    return text


def _said(judgement: Judgement) -> Iterator[str]:
    """What there is to tell of a claim, a line each; nothing that the report keeps back."""
    yield f"{judgement.verdict.replace('_', ' ').capitalize()}."
    if judgement.understood_as is not None:
        yield f"Understood as {judgement.understood_as}."
    if judgement.reason is not None:
        yield judgement.reason[:1].upper() + judgement.reason[1:].rstrip(".") + "."
    yield from (diagnosis.message for diagnosis in judgement.diagnosis)
    if judgement.counterexample is not None:
        yield _refuted(judgement.counterexample)
    elif judgement.expected is not None and judgement.verdict not in {"correct", *OPEN}:
        yield f"Expected {_written(judgement.expected)}."


def _refuted(found: Counterexample) -> str:
    where = ", ".join(f"{name} = {_written(value)}" for name, value in found.at.items())
    if found.claimed is None or found.expected is None:
        return f"It is wrong at {where}."
    what = "" if found.by is None else f"the derivative by {found.by}: "
    return (
        f"At {where}, {what}it gives {_written(found.claimed)}, and {_written(found.expected)} "
        "is right."
    )


def _written(number: Number) -> str:
    """A number as one writes it, or a tensor, cut where it is long."""
    if np.ndim(number) == 0:
        return f"{float(number):.10g}"
    text = np.array2string(np.asarray(number), separator=", ", threshold=20)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + " ..."
