"""Array operations and programs of them against numbers that are not ours.

tests/oracles/arrays.json was recorded from PyTorch in float64; conventions in it are pencil and
paper and far tails are mpmath (tests/oracles/record_arrays.py says which and how).
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd_core import catalogue, gradient, read_nodes
from tests.tables import table

ORACLES = Path(__file__).parent.parent / "oracles"
CASES: list[dict[str, Any]] = json.loads((ORACLES / "arrays.json").read_text(encoding="utf-8"))


def numbers(recorded: Any) -> np.ndarray:
    """A number, a nested list or a tensor object; "NaN" and "Infinity" are numbers too."""
    if isinstance(recorded, dict):
        return np.array(recorded["data"], dtype=np.float64).reshape(recorded["shape"])
    return np.array(recorded, dtype=np.float64)


@table("case", CASES, ids=lambda case: case["name"])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_value_and_gradients(case: dict[str, Any]) -> None:
    graph = read_nodes(case["graph"]["nodes"], case["bindings"])
    bindings = {name: numbers(bound) for name, bound in case["bindings"].items()}
    near = {"rtol": case.get("rtol", 1e-10), "atol": case.get("atol", 1e-12)}

    found = gradient(graph, bindings)

    np.testing.assert_allclose(found.value, numbers(case["value"]), **near)
    for name, recorded in case["gradients"].items():
        expected = numbers(recorded)
        assert np.shape(found.gradients[name]) == expected.shape
        np.testing.assert_allclose(found.gradients[name], expected, **near, err_msg=name)


def test_every_operation_is_recorded() -> None:
    points = json.loads((ORACLES / "elementwise.json").read_text(encoding="utf-8"))
    elementwise = {point["op"] for point in points}
    arrays = {case["name"].split("/")[0] for case in CASES} - {"program"}
    assert set(catalogue) == elementwise | arrays
