"""Claims about numbers, by their paths."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import numpy as np

from autograd_core import Array, Number
from service.grading.slips.guesses import least_odds


@dataclass(frozen=True, eq=False)
class Claims:
    """What a student claims, by path.

    numbers: all of them. wrong: the paths that were judged so. least: how sure a slip has to be
    that explains but one number (guesses.least_odds). gradients, values: the name that a
    path is about, a variable's or a node's. node_gradients, node_values: the paths of what is
    claimed node by node, by name. hessians, jacobians: the row and the column of a block.
    """

    numbers: Mapping[str, Array]
    wrong: frozenset[str]
    least: float
    gradients: dict[str, str] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    node_gradients: dict[str, str] = field(default_factory=dict)
    node_values: dict[str, str] = field(default_factory=dict)
    hessians: dict[str, tuple[str, str]] = field(default_factory=dict)
    jacobians: dict[str, tuple[str, str]] = field(default_factory=dict)


def claims_of(
    claims: Mapping[str, Number], wrong: Collection[str], inputs: Collection[str]
) -> Claims:
    """The claims, read by their paths: "gradients/a", "nodes/e/value", "hessian/a/b"."""
    numbers = {path: np.asarray(each, dtype=np.float64) for path, each in claims.items()}
    read = Claims(numbers, frozenset(wrong), least_odds(claims, frozenset(wrong)))
    for path in claims:
        section, _, rest = path.partition("/")
        if section == "gradients":
            read.gradients[path] = rest
        elif section == "nodes":
            name, _, what = rest.rpartition("/")
            of_gradient = what == "gradient"
            (read.gradients if of_gradient else read.values)[path] = name
            (read.node_gradients if of_gradient else read.node_values)[name] = path
        elif section in {"hessian", "jacobian"}:
            # Names may have a slash in them: the column is the longest input that the path ends in.
            slashes = (at for at, each in enumerate(rest) if each == "/")
            column = next((rest[at + 1 :] for at in slashes if rest[at + 1 :] in inputs), None)
            if column is not None:
                pair = rest[: -len(column) - 1], column
                (read.hessians if section == "hessian" else read.jacobians)[path] = pair
    return read
