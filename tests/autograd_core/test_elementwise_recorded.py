"""Elementwise operations against mpmath: value, first and second partials, tails included.

tests/oracles/elementwise.json has the points; tests/oracles/record_elementwise.py says how they
were computed (numerically, at 700 digits and more, with no derivative formula). All the points
of one operation are taken at once, and every one that is wrong is listed.
"""

import json
from collections.abc import Sequence
from itertools import combinations_with_replacement
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_core import Graph, evaluate, gradient, hessian, read_nodes
from autograd_core.operations.elementwise import TABLE
from tests.tables import table

RECORDED = Path(__file__).parent.parent / "oracles" / "elementwise.json"
NAMES = ("x", "y", "w")
RELATIVE = 1e-12
ABSOLUTE = 1e-300  # smaller than that is not recorded, but for what rounds to 0


class Points:
    """The recorded points of one operation with one choice of attributes."""

    def __init__(
        self, op: str, attributes: dict[str, float], cases: Sequence[dict[str, Any]]
    ) -> None:
        self.op, self.attributes, self.cases = op, attributes, cases
        self.names = NAMES[: len(cases[0]["operands"])]

    @property
    def bindings(self) -> dict[str, np.ndarray]:
        columns = zip(*(case["operands"] for case in self.cases), strict=True)
        return {
            name: np.array(column, dtype=np.float64)
            for name, column in zip(self.names, columns, strict=True)
        }

    def graph(self, *, summed: bool) -> Graph:
        node = {"id": "f", "op": self.op, "args": list(self.names), "attrs": self.attributes}
        total = {"id": "total", "op": "sum", "args": ["f"]}
        return read_nodes([node, total] if summed else [node], self.bindings)

    def wrong(self, what: str, found: Any, recorded: Sequence[Any]) -> list[str]:
        """A line for each point where `found` is not what was recorded (None is no matter)."""
        found = np.broadcast_to(found, len(self.cases))
        return [
            f"{what} of {self.op}{case['operands']}: {got!r}, not {float(want)!r}"
            for case, got, want in zip(self.cases, found.tolist(), recorded, strict=True)
            if want is not None
            and not np.isclose(got, float(want), rtol=RELATIVE, atol=ABSOLUTE, equal_nan=True)
        ]

    def column(self, member: str, place: int) -> list[Any]:
        return [case[member][place] for case in self.cases]


def everything() -> list[Points]:
    groups: dict[tuple[str, str, int], list[dict[str, Any]]] = {}
    for case in json.loads(RECORDED.read_text(encoding="utf-8")):
        attributes = json.dumps(case.get("attrs", {}))
        groups.setdefault((case["op"], attributes, len(case["operands"])), []).append(case)
    return [
        Points(op, json.loads(attributes), cases) for (op, attributes, _), cases in groups.items()
    ]


each_operation = table(
    "points",
    everything(),
    ids=lambda points: f"{points.op}{points.attributes or len(points.names)}",
)
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")


@each_operation
def test_one_point_at_a_time(points: Points) -> None:
    """Scalar programs, over all the points by `mapped`."""
    found = gradient(points.graph(summed=False), points.bindings, mapped=points.names)

    wrong = points.wrong("value", found.value, [case["value"] for case in points.cases])
    for place, name in enumerate(points.names):
        wrong += points.wrong(f"d/d{name}", found.gradients[name], points.column("first", place))
    assert not wrong, "\n".join(wrong)


@each_operation
def test_all_points_as_arrays(points: Points) -> None:
    values = evaluate(points.graph(summed=False), points.bindings).values["f"]
    found = gradient(points.graph(summed=True), points.bindings)

    wrong = points.wrong("value", values, [case["value"] for case in points.cases])
    for place, name in enumerate(points.names):
        wrong += points.wrong(f"d/d{name}", found.gradients[name], points.column("first", place))
    assert not wrong, "\n".join(wrong)


@each_operation
def test_second_partials(points: Points) -> None:
    row = TABLE[points.op]
    attributes, faults = row.check_attributes(points.attributes)
    assert not faults
    operands = list(points.bindings.values())
    result = None if row.chained else row.value(operands, attributes)

    wrong = []
    pairs = combinations_with_replacement(range(len(operands)), 2)
    blocks = hessian(points.graph(summed=False), points.bindings, mapped=points.names).blocks
    for place, (i, j) in enumerate(pairs):
        if row.chained:  # two at a time, by the program
            found = blocks[points.names[i]][points.names[j]]
        else:
            nonlinear = row.is_nonlinear(i, j)
            found = row.second_partial(i, j, operands, result, attributes) if nonlinear else 0.0
        what = f"d2/d{points.names[i]}d{points.names[j]}"
        wrong += points.wrong(what, found, points.column("second", place))
    assert not wrong, "\n".join(wrong)
