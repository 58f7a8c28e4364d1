"""Claims of whole matrices in the form that answers have with `sparse`."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from autograd_core import ArgumentError
from tests.service.grading.graded import graded, verdicts

SCALARS = {"expression": "x*y + x**2", "bindings": {"x": 1.5, "y": 2.0}}
TENSORS = {"expression": "sum(x**3)*y", "bindings": {"x": [1.0, 2.0], "y": 3.0}}
MATRIX = {
    "shape": [2, 2], "rows": [0, 0, 1], "columns": [0, 1, 0], "values": [2.0, 1.0, 1.0],
    "row_starts": {"x": 0, "y": 1}, "column_starts": {"x": 0, "y": 1},
}  # fmt: skip


@pytest.mark.parametrize("kind", ["jacobian", "hessian"])
@pytest.mark.parametrize("function", [SCALARS, TENSORS])
def test_a_sparse_answer_is_a_right_claim(
    client: FlaskClient, kind: str, function: dict[str, Any]
) -> None:
    answers = [
        client.post(f"/{kind}", json=function | {"sparse": sparse}).json[member]
        for sparse, member in ((True, "entries"), (False, kind))
    ]
    assert "values" in answers[0]
    reports = [client.post("/grade", json=function | {"claims": {kind: a}}) for a in answers]
    assert reports[0].data == reports[1].data
    assert reports[0].json["verdict"] == "correct"


def test_each_block_is_an_item() -> None:
    wrong = MATRIX | {"values": [3.0, 1.0, 1.0]}
    found = verdicts(graded("x*y + x**2", {"x": 1, "y": 2}, {"hessian": wrong}))
    expected = {"x/x": "incorrect", "x/y": "correct", "y/x": "correct", "y/y": "correct"}
    assert found == {f"hessian/{path}": verdict for path, verdict in expected.items()}


@pytest.mark.parametrize(
    "change, member",
    [
        ({"shape": [2]}, "shape"),
        ({"shape": [2, -2]}, "shape"),
        ({"shape": [100_000, 100_000]}, "shape"),
        ({"rows": [0, 0, 2]}, "rows"),
        ({"rows": [0, 0, 0.5]}, "rows"),
        ({"columns": ["NaN", 0, 0]}, "columns"),
        ({"values": [1.0]}, "values"),
        ({"values": [1.0, "one", 2.0]}, "values"),
        ({"row_starts": [0, 1]}, "row_starts"),
        ({"column_starts": {"x": 7}}, "column_starts"),
        ({"column_starts": {"x": 0, "q": 1}}, "x"),
    ],
)
def test_what_is_no_matrix_is_refused_with_its_place(change: Any, member: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        graded("x*y + x**2", {"x": 1, "y": 2}, {"hessian": MATRIX | change})
    assert caught.value.faults[0].path[:3] == ("claims", "hessian", member)
