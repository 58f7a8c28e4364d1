"""What a recorded case of one array operation is, and the numbers it is given.

A case is a name, an operation, its operands and its attributes. An operand is a shape (numbers
are drawn, of the kind that the case names), an array (taken as it is), or `Constant` (written
into the graph, so that nothing is differentiated with respect to it). The recorder reduces the
result R to a scalar, sum(R*w) with bound weights w, so that the gradient of w is R itself.
"""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Constant:
    value: Any


@dataclass(frozen=True)
class Case:
    name: str
    op: str
    operands: tuple[Any, ...]
    attrs: dict[str, Any] = field(default_factory=dict)
    kind: str = "normal"


def draw(name: str, kind: str, shape: Shape, place: int) -> np.ndarray:
    """Numbers of four decimals that depend on nothing but these arguments."""
    rng = np.random.default_rng(zlib.crc32(f"{name}/{place}".encode()))
    x = rng.uniform(-2, 2, shape)
    if kind == "invertible" and place == 0:
        x += 3 * np.eye(shape[-1])
    if kind == "positive definite":
        x = x @ np.swapaxes(x, -1, -2) + np.eye(shape[-1])
    return np.round(x, 4) + 0.0


def named(op: str, rows: Iterable[tuple[Any, ...]], kind: str = "normal") -> list[Case]:
    """Rows are (label, operands, attributes?)."""
    return [
        Case(f"{op}/{label}", op, tuple(operands), *rest, kind=kind)
        for label, operands, *rest in rows
    ]
