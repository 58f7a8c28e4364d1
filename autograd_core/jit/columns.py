"""The types of the columns that the loops run over, in NumPy's words and in Numba's."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

Opcodes = npt.NDArray[np.uint8]
Slots = npt.NDArray[np.uint32]
Operands = npt.NDArray[np.int32]
Indices = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Points = npt.NDArray[np.float64]  # points x numbers
Flags = npt.NDArray[np.bool_]
Text = npt.NDArray[np.uint8]  # bytes that nobody may change
# What loops over a tape take first: opcodes, starts, a, b, c, first; the same for those that
# need partials, not values: starts, a, b, first.
Columns = tuple[Opcodes, Slots, Slots, Slots, Slots, int]
LinearColumns = tuple[Slots, Slots, Slots, int]

# How Numba calls them: contiguous arrays, and machine integers. Slots have no sign, so that
# Numba need not ask of each whether it counts from the end.
SIGNATURES: Final = {
    "Opcodes": "uint8[::1]",
    "Slots": "uint32[::1]",
    "Operands": "int32[::1]",
    "Indices": "int64[::1]",
    "Floats": "float64[::1]",
    "Points": "float64[:, ::1]",
    "Flags": "boolean[::1]",
    "Text": "Array(uint8, 1, 'C', readonly=True)",
    "int": "int64",
    "bool": "boolean",
    "float": "float64",
}
