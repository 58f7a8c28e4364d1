"""What a case of an operation on arrays is.

`expected` computes the value from the operands in another way than the operation does: NumPy or
SciPy called directly, or a definition written out.
"""

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Case:
    """An operand is a shape, to be filled, or an array. `kind`: what the first one has to be."""

    op: str
    operands: tuple[Any, ...]
    attributes: Mapping[str, Any]
    expected: Callable[..., Any] = field(repr=False)
    kind: str = ""

    def __str__(self) -> str:
        shapes = [list(x) if isinstance(x, tuple) else x.tolist() for x in self.operands]
        return f"{self.op}{shapes}{dict(self.attributes) or ''}".replace(" ", "")

    def drawn(self) -> list[np.ndarray]:
        """Operands of this case, the same every time."""
        rng = np.random.default_rng(zlib.crc32(str(self).encode()))
        operands = [
            rng.normal(size=operand) if isinstance(operand, tuple) else np.array(operand, float)
            for operand in self.operands
        ]
        if self.kind == "invertible":  # with a determinant above 0
            operands[0] += 4 * np.eye(operands[0].shape[-1])
        if self.kind == "positive":
            x = operands[0]
            operands[0] = x @ np.swapaxes(x, -1, -2) + 0.1 * x + np.eye(x.shape[-1])
        return operands


def cases(op: str, *rows: tuple[Any, ...], kind: str = "") -> list[Case]:
    return [
        Case(op, operands, attributes, expected, kind) for operands, attributes, expected in rows
    ]
