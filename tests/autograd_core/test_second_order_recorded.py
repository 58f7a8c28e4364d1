"""Second derivatives of operations and programs against numbers that are not ours.

tests/oracles/second_order.json was recorded from PyTorch in float64; tests/oracles/record_arrays.py
says how.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np

from autograd_core import read_nodes
from tests.autograd_core.curvature import Curvature
from tests.tables import table

ORACLES = Path(__file__).parent.parent / "oracles"
CASES: list[dict[str, Any]] = json.loads(
    (ORACLES / "second_order.json").read_text(encoding="utf-8")
)


@table("case", CASES, ids=lambda case: case["name"])
def test_hessians(case: dict[str, Any]) -> None:
    graph = read_nodes(case["graph"]["nodes"], case["bindings"])
    bindings = {name: np.array(bound, dtype=float) for name, bound in case["bindings"].items()}
    found = Curvature(graph, bindings)
    np.testing.assert_allclose(found.value, case["value"], rtol=1e-10, atol=1e-12)
    for row, blocks in case["hessian"].items():
        near = {"rtol": 1e-9, "atol": 1e-12, "err_msg": row}
        np.testing.assert_allclose(found.gradient(row), case["gradients"][row], **near)
        for column, recorded in blocks.items():
            np.testing.assert_allclose(found.hessian(row, column), recorded, **near)


def test_there_is_a_case_of_every_hessian_block() -> None:
    assert len(CASES) > 200
    for case in CASES:
        assert case["hessian"].keys() == case["bindings"].keys()
        assert all(blocks.keys() == case["bindings"].keys() for blocks in case["hessian"].values())
