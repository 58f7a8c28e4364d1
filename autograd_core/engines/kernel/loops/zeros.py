"""Strong zeros in the loops: see operations/strong_zeros.py."""

from __future__ import annotations

import numpy as np

from autograd_core.jit.compiling import inner


@inner
def flow(flowing: float, partial: float) -> float:
    """What a tangent or adjoint brings along an edge; zeros are strong on both sides."""
    if flowing == 0 or partial == 0:
        return 0.0
    return flowing * partial


@inner
def stops(flowing: float, partial: float) -> bool:
    """Whether a zero on one side meets something that is not finite on the other."""
    return (flowing == 0 and not abs(partial) < np.inf) or (
        partial == 0 and not abs(flowing) < np.inf
    )
