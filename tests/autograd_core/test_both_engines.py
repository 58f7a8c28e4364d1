"""Every row of formulas gives the same on the tape and on arrays, whatever its attributes."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from autograd_core import evaluate, gradient, hessian, read_nodes
from autograd_core.operations.attributes import BOOLEAN, INTEGER, NUMBER, Attribute
from autograd_core.operations.elementwise import TABLE

INF, NAN = math.inf, math.nan
SPECIAL = [0.0, -0.0, 0.25, -0.5, 1.0, -1.0, 2.0, 3.5, -7.0, 1e-300, 1e300, 5e-324, INF, -INF, NAN]
OPERANDS = st.one_of(st.sampled_from(SPECIAL), st.floats(-8, 8), st.floats())
DRAWN = {
    NUMBER.words: st.floats(-4, 4),
    INTEGER.words: st.integers(-4, 4),
    BOOLEAN.words: st.booleans(),
}


def attributes(rows: tuple[Attribute, ...]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({row.name: DRAWN[row.kind.words] for row in rows})


def close(one: Any, other: Any) -> None:
    """Equal but for rounding; inf and NaN in the same places."""
    np.testing.assert_allclose(one, other, rtol=1e-11, atol=1e-300)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(TABLE))
@settings(max_examples=25)
@given(st.data())
def test_a_row_gives_the_same_on_both_engines(name: str, data: st.DataObject) -> None:
    row = TABLE[name]
    count = data.draw(st.integers(2, 4)) if row.chained else len(row.operands)
    at = {f"x{k}": data.draw(OPERANDS) for k in range(count)}
    node = {"id": "f", "op": name, "args": list(at), "attrs": data.draw(attributes(row.attributes))}
    scalar = read_nodes([node])
    summed = read_nodes([node, {"id": "s", "op": "sum", "args": ["f"]}])
    vectors = {key: [value, value] for key, value in at.items()}

    on_tape, on_arrays = gradient(scalar, at), gradient(summed, vectors)
    assert on_tape.cost.engine == "tape"
    assert on_arrays.cost.engine == "arrays"
    close(on_tape.value, np.asarray(evaluate(summed, vectors, outputs=["f"]).values["f"])[0])
    second, blocks = hessian(scalar, at), hessian(summed, vectors).blocks
    for key in at:
        close(on_tape.gradients[key], np.asarray(on_arrays.gradients[key])[0])
        close(second.gradients[key], on_tape.gradients[key])
        for other in at:
            close(second.blocks[key][other], np.asarray(blocks[key][other])[0, 0])
