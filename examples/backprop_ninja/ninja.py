"""A backward pass of 31 gradients, written by hand, graded in one request.

    python examples/backprop_ninja/ninja.py [URL [SLIP]]

SLIP plants a mistake: logits, hpreact, bndiff2, bndiff, hprebn, b1 or C. What follows from it by
the right rules is not held against the student.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import requests

from exercise import Array, Exercise, exercise
from solution import backward, forward

URL = "http://127.0.0.1:8000"
PATIENCE = 60.0


@dataclass(frozen=True)
class Graded:
    """What the service says of a backward pass. verdicts: by name of what the gradient is by."""

    verdict: str
    score: float
    first_error: str | None
    verdicts: dict[str, str]
    reasons: dict[str, str]


def run(url: str, slip: str | None = None, seed: int = 0) -> Graded:
    """Solve an exercise by hand, with a slip or without, and have it graded."""
    given = exercise(seed)
    message = given.reference() | {"claims": claims(given, backward(forward(given), slip))}
    response = requests.post(f"{url}/grade", json=message, timeout=PATIENCE)
    response.raise_for_status()
    return graded(response.json())


def claims(given: Exercise, gradients: Mapping[str, Array]) -> dict[str, Any]:
    """Gradients as claims: those of steps are claims of nodes, those of parameters stand apart."""
    by_parameter = {
        n: np.asarray(g).tolist() for n, g in gradients.items() if n in given.parameters
    }
    by_step = {
        name: {"gradient": np.asarray(gradient).tolist()}
        for name, gradient in gradients.items()
        if name not in given.parameters
    }
    return {"nodes": by_step, "gradients": by_parameter}


def graded(report: Mapping[str, Any]) -> Graded:
    """What is wanted of a report."""
    verdicts, reasons = {}, {}
    for item in report["items"]:
        name = item["claim"].split("/")[1]  # nodes/h/gradient, gradients/W1
        verdicts[name] = item["verdict"]
        hints = [item.get("reason", ""), *(each["message"] for each in item["diagnosis"])]
        reasons[name] = "; ".join(filter(None, hints))
    first = report.get("first_error")
    return Graded(
        report["verdict"],
        report["score"],
        None if first is None else first["node"],
        verdicts,
        reasons,
    )


def main() -> None:
    """Print the verdict, how often each verdict was given, and where the first error is."""
    arguments = dict(enumerate(sys.argv[1:]))
    found = run(arguments.get(0, URL).rstrip("/"), arguments.get(1))
    counts = Counter(found.verdicts.values())
    print(f"{found.verdict}, {found.score:.4f} of 1")
    print(", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items())))
    if found.first_error is not None:
        reason = found.reasons[found.first_error]
        print(f"the first error is in d{found.first_error}{reason and ': ' + reason}")


if __name__ == "__main__":
    main()
