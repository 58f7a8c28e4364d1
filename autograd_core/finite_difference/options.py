"""What a caller may ask of a check."""

from __future__ import annotations

import math
from dataclasses import dataclass

from autograd_core.errors import ArgumentError, Fault
from autograd_core.finite_difference.glances import tolerance
from autograd_core.names import did_you_mean, quoted

METHODS = ("richardson", "central", "forward", "backward", "complex")


@dataclass(frozen=True)
class CheckOptions:
    """How to check a gradient.

    step: None lets the method choose; a number is used as written (the first step of
    richardson). The tolerance of an entry is atol + rtol*max(|analytic|, |numeric|).
    directions: for tensors with more elements than this, that many random directions (from a
    fixed seed) instead of every element. evaluations: whether to report the function's values
    that each estimate is made of. Raises ArgumentError with paths ("check", ...).
    """

    method: str = "richardson"
    step: float | None = None
    rtol: float = 1e-6
    atol: float = 1e-9
    directions: int | None = None
    evaluations: bool = False

    def __post_init__(self) -> None:
        faults = []
        if self.method not in METHODS:
            detail = f"unknown method {quoted(self.method)}{did_you_mean(self.method, METHODS)}"
            faults.append(Fault("invalid_value", detail, ("check", "method")))
        if self.step is not None and not (self.step > 0 and math.isfinite(self.step)):
            detail = 'a step is a number above 0, or "auto"'
            faults.append(Fault("invalid_value", detail, ("check", "step")))
        for name in ("rtol", "atol"):
            tolerance = getattr(self, name)
            if not (tolerance >= 0 and math.isfinite(tolerance)):
                detail = f"{name} is a finite number, 0 or more"
                faults.append(Fault("invalid_value", detail, ("check", name)))
        if self.directions is not None and self.directions < 1:
            detail = "directions is a whole number, 1 or more"
            faults.append(Fault("invalid_value", detail, ("check", "directions")))
        if faults:
            raise ArgumentError(faults)

    def tolerance(self, analytic: float, numeric: float) -> float:
        """How far apart the two may be."""
        return tolerance(self.rtol, self.atol, analytic, numeric)
