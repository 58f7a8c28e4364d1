"""Slips that show in a derivative as a whole: its sign, a factor, something else in its place."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Final

import numpy as np

from autograd_core import Array, Graph
from service.grading.slips.costs import (
    DEGREES,
    FACTOR,
    INTEGRATED,
    OTHER_VARIABLE,
    SIGN,
    SWAPPED,
    TWICE,
    VALUE,
)
from service.grading.slips.recipe import Recipe
from service.grading.slips.slip import Rows, Slip
from service.grading.slips.study import Study

# Factors that a lone wrong number may be off by, beside the constants of the function itself.
FACTORS: Final = (2.0, 0.5, -0.5, math.pi / 180, 180 / math.pi, math.log(10), 1 / math.log(10))
_ANGLES: Final = frozenset({"sin", "cos", "tan", "asin", "acos", "atan", "deg2rad", "rad2deg"})
_LOGARITHMS: Final = frozenset({"log", "log10"})
_ONLY_WITH: Final[Mapping[float, frozenset[str]]] = {
    **dict.fromkeys((math.pi / 180, 180 / math.pi), _ANGLES),
    **dict.fromkeys((math.log(10), 1 / math.log(10)), _LOGARITHMS),
}
_MANY: Final = 12  # variables, or constants, beyond which they are not looked at one by one


def whole_rows(study: Study, targets: Sequence[str], rows: Rows) -> None:
    """Slips in the derivatives by variables, and in the adjoints of nodes."""
    truth = np.array([study.slope(name) for name in targets])
    rows.add(Slip("sign_flipped", "sign", SIGN, alone=True), -truth)
    for factor in factors_of(study.graph):
        slip = Slip("constant_factor", "factor", FACTOR, factor=factor, alone=True)
        rows.add(slip, factor * truth)
    variables = [name for name in targets if study.is_variable(name)]
    value = Slip("value_not_gradient", "value", VALUE, alone=True)
    _add(study, targets, rows, value, dict.fromkeys(variables, study.value))
    for name in sorted(set(targets).difference(variables)):
        own = Slip("value_not_gradient", "own_value", VALUE, name, alone=True)
        _add(study, targets, rows, own, {name: study.value_at(name)})
    _other_variables(study, targets, truth, rows)
    if 0 < len(variables) <= _MANY:
        twice = Slip("differentiated_twice", "twice", TWICE, alone=True)
        _add(study, targets, rows, twice, study.seconds(variables))


def degree_rows(study: Study, targets: Sequence[str], rows: Rows) -> None:
    """Angles taken in degrees."""
    for of_degrees, (_, slopes) in enumerate(study.degrees):
        recipe, cost = Recipe(of_degrees=bool(of_degrees)), DEGREES + 0.1 * of_degrees
        slip = Slip("degrees_for_radians", "degrees", cost, alone=True, recipe=recipe)
        _add(study, targets, rows, slip, slopes)


def integral_rows(study: Study, targets: Sequence[str], rows: Rows) -> None:
    """An antiderivative in the place of the derivative."""
    variables = [name for name in targets if study.is_variable(name)]
    if len(variables) <= _MANY:
        slip = Slip("integrated_instead", "integrated", INTEGRATED, alone=True)
        _add(study, targets, rows, slip, {name: study.integral(name) for name in variables})


def _add(
    study: Study,
    targets: Sequence[str],
    rows: Rows,
    slip: Slip,
    wrong: Mapping[str, Array | None],
) -> None:
    """A row of what there is by target."""
    found = [wrong.get(name) for name in targets]
    if any(each is not None for each in found):
        nothing = study.row(np.nan)
        rows.add(slip, np.array([nothing if each is None else each for each in found]))


def _other_variables(study: Study, targets: Sequence[str], truth: Array, rows: Rows) -> None:
    """The derivative by another variable; two of them exchanged."""
    others = list(filter(study.is_variable, study.variables))
    if len(others) > _MANY:
        return
    variables = [name for name in targets if study.is_variable(name)]
    for other in others:
        slip = Slip("wrong_variable", "variable", OTHER_VARIABLE, input=other, alone=True)
        slopes = {name: study.slope(other) for name in variables if name != other}
        _add(study, targets, rows, slip, slopes)
    for first, second in combinations(variables, 2):
        at, beside = targets.index(first), targets.index(second)
        wrong = truth.copy()
        wrong[[at, beside]] = truth[[beside, at]]
        rows.add(Slip("swapped_inputs", "swapped", SWAPPED, input=second, along=first), wrong)


def factors_of(graph: Graph) -> Iterator[float]:
    """The factors of the short list, and the function's own constants."""
    seen = {1.0}
    for factor in (*FACTORS, *_constants(graph)):
        if factor not in seen:
            seen.add(factor)
            yield factor


def is_likely(factor: float, graph: Graph) -> bool:
    """Whether a factor has to do with a function, as pi/180 has with one of angles."""
    needed = _ONLY_WITH.get(factor)
    if needed is None or factor in _constants(graph):
        return True
    return not needed.isdisjoint(graph.operations)


def _constants(graph: Graph) -> list[float]:
    """The numbers written in a function, and one over them; of a function of many numbers none, as
    any ratio might be one of these.
    """
    leaves = [leaf for leaf in graph.leaves if isinstance(leaf, float)]
    numbers = {abs(leaf) for leaf in (*leaves, *graph.defaults.values()) if leaf}
    if len(numbers) > _MANY:
        return []
    inverses = [factor for number in sorted(numbers) for factor in (number, 1 / number)]
    return [factor for factor in inverses if math.isfinite(factor)]
