"""Claims about numbers, by their paths."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from autograd_core import Array
from service.grading.model import Number


@dataclass(frozen=True, eq=False)
class Claims:
    """What a student claims, by path.

    numbers: all of them. wrong: the paths that were judged so. gradients, values: the name that a
    path is about, a variable's or a node's. node_gradients, node_values: the paths by name.
    """

    numbers: Mapping[str, Array]
    wrong: Collection[str]
    gradients: Mapping[str, str]
    values: Mapping[str, str]
    node_gradients: Mapping[str, str]
    node_values: Mapping[str, str]


def claims_of(claims: Mapping[str, Number], wrong: Collection[str]) -> Claims:
    """The claims, read by their paths: "gradients/a", "nodes/e/value", "nodes/e/gradient"."""
    gradients: dict[str, str] = {}
    values: dict[str, str] = {}
    node_gradients: dict[str, str] = {}
    for path in claims:
        section, _, rest = path.partition("/")
        if section == "gradients":
            gradients[path] = rest
        elif section == "nodes":
            name, _, what = rest.rpartition("/")
            (gradients if what == "gradient" else values)[path] = name
            if what == "gradient":
                node_gradients[name] = path
    return Claims(
        numbers={path: np.asarray(each, dtype=np.float64) for path, each in claims.items()},
        wrong=wrong,
        gradients=gradients,
        values=values,
        node_gradients=node_gradients,
        node_values={name: path for path, name in values.items()},
    )
