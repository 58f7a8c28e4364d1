"""What the loops are written with: the types of columns and three functions; tables by opcode.

The functions are declared only: where a loop calls one of them, the generated module has
branches made from the op table instead. The tables are for what works on whole tapes.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from autograd_core.engines.kernel.rules import RULES

Codes = npt.NDArray[np.uint8]
Slots = npt.NDArray[np.uint32]
Operands = npt.NDArray[np.int32]
Indices = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Points = npt.NDArray[np.float64]  # points x numbers
Flags = npt.NDArray[np.bool_]

# How Numba calls them: contiguous arrays, and machine integers. Slots have no sign, so that
# Numba need not ask of each whether it counts from the end.
SIGNATURES = {
    "Codes": "uint8[::1]",
    "Slots": "uint32[::1]",
    "Operands": "int32[::1]",
    "Indices": "int64[::1]",
    "Floats": "float64[::1]",
    "Points": "float64[:, ::1]",
    "Flags": "boolean[::1]",
    "int": "int64",
}

# By opcode. EDGES: whether there is an edge along a, b: the partial is not 0 by its formula.
# STRAIGHT: whether the second partial along (a, a), (a, b), (b, b) is 0 by its formula.
EDGES_A, EDGES_B = (np.array([rule.edges[at] for rule in RULES]) for at in range(2))
STRAIGHT_AA, STRAIGHT_AB, STRAIGHT_BB = (
    np.array([not rule.bends[at] for rule in RULES]) for at in range(3)
)


def value_of(code: int, x: float, y: float, w: float) -> float:
    """The value of one operation on the numbers in slots a, b and c, in that order."""
    raise NotImplementedError


def value_and_partials(code: int, x: float, y: float, w: float) -> tuple[float, float, float]:
    """The value z and the partials p and q along a and b."""
    raise NotImplementedError


def second_partials(
    code: int, x: float, y: float, w: float, z: float
) -> tuple[float, float, float]:
    """The second partials along (a, a), (a, b) and (b, b)."""
    raise NotImplementedError
