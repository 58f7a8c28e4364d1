"""Rules along many directions at once: what they are along each of them alone."""

import string
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from autograd_core.operations import TABLE, ArrayOperation, Elementwise
from autograd_core.operations.directions import along
from tests.autograd_core.array_case import Case
from tests.autograd_core.array_cases import CASES
from tests.autograd_core.linearised import attributes_of
from tests.tables import table

ROWS = {name: row for name, row in TABLE.items() if isinstance(row, ArrayOperation | Elementwise)}
NEAR = {"rtol": 1e-11, "atol": 1e-13}
COUNTS = 1, 3  # of one, lengths are all alike


class Setting:
    """An operation at operands, and seeds for several directions; nothing moves classes."""

    def __init__(self, name: str, operands: Sequence[Any], attributes: Any, count: int) -> None:
        self.count = count
        self.row: Any = ROWS[name]
        self.attributes = attributes_of(name, attributes)
        self.operands = [np.asarray(x, dtype=float)[()] for x in operands]
        self.result = self.row.value(self.operands, self.attributes)
        self.rng = np.random.default_rng(7)
        self.moving = [at for at in range(len(operands)) if self.row.passes(at)]

    def drawn(self, like: Any) -> np.ndarray:
        return self.rng.normal(size=(self.count, *np.shape(like)))

    def tangents(self, places: Sequence[int]) -> list[np.ndarray | None]:
        return [self.drawn(x) if at in places else None for at, x in enumerate(self.operands)]


def _hold(setting: Setting, rules: Any) -> None:
    """Every rule along all directions is, direction by direction, the row's own."""
    row, at = setting.row, (setting.operands, setting.result, setting.attributes)
    cotangents, held = setting.drawn(setting.result), setting.drawn(setting.result)[0][()]
    for index, sent in rules.vjps(setting.moving, cotangents, *at):
        alone = [row.vjp(index, g[()], *at) for g in cotangents]
        np.testing.assert_allclose(sent, np.stack(alone), **NEAR)
    for places in {(place,) for place in setting.moving} | {tuple(setting.moving)}:
        tangents = setting.tangents(places)
        each = [[t if t is None else t[k] for t in tangents] for k in range(setting.count)]
        pushed = rules.jvp(tangents, *at)
        np.testing.assert_allclose(pushed, np.stack([row.jvp(t, *at) for t in each]), **NEAR)
        for index in setting.moving:
            bent = rules.vjp_tangent(index, held, tangents, *at)
            alone = [row.vjp_tangent(index, held, t, *at) for t in each]
            assert (bent is None) == (alone[0] is None)
            if bent is not None:
                np.testing.assert_allclose(bent, np.stack(alone), **NEAR)


@table("case", [case for case in CASES if case.op in ROWS], ids=str)
def test_an_operation_on_arrays(case: Case) -> None:
    for count in COUNTS:
        setting = Setting(case.op, case.drawn(), case.attributes, count)
        _hold(setting, along(setting.row, count))


@pytest.mark.parametrize(
    "shapes", [((), ()), ((3,), ()), ((), (2, 3)), ((2, 3), (3,)), ((2, 1), (1, 3)), ((3,), (1, 1))]
)
@pytest.mark.parametrize("name", ["mul", "pow", "sub", "maximum", "hypot", "tanh", "where"])
def test_an_elementwise_operation(name: str, shapes: Any) -> None:
    rng = np.random.default_rng(3)
    count = len(ROWS[name].operands)
    operands = [rng.uniform(0.5, 2, size=shape) for shape in (*shapes, (1,))[:count]]
    for each in COUNTS:
        setting = Setting(name, operands, {}, each)
        _hold(setting, along(setting.row, each))


@pytest.mark.parametrize("name", ["softmax", "matmul", "concat"])
def test_a_row_that_says_nothing_of_stacks_goes_one_by_one(name: str) -> None:
    for case in (case for case in CASES if case.op == name):
        setting = Setting(case.op, case.drawn(), case.attributes, 3)
        _hold(setting, along(replace(setting.row, stack_rule=None), 3))


def test_an_equation_without_a_letter_to_spare_goes_one_by_one() -> None:
    letters = string.ascii_letters
    equation = ",".join(letters) + "->" + letters[:2]
    setting = Setting("einsum", [[2.0] * (1 + k % 2) for k in range(52)], {"equation": equation}, 3)
    setting.moving = setting.moving[:2]
    _hold(setting, along(setting.row, 3))


@pytest.mark.parametrize(
    "name", sorted(n for n, r in ROWS.items() if isinstance(r, ArrayOperation))
)
def test_every_row_says_how_it_is_done_in_stacks(name: str) -> None:
    assert ROWS[name].stack_rule is not None
