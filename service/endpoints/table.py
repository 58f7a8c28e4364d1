"""The POST endpoints, in the order they are documented."""

from __future__ import annotations

from typing import Final

from service.endpoints import (
    derive,
    evaluate,
    grade,
    gradient,
    hessian,
    hvp,
    jacobian,
    jvp,
    plot,
    slips,
    vjp,
)
from service.endpoints.endpoint import Endpoint

ENDPOINTS: Final[tuple[Endpoint, ...]] = (
    gradient.ENDPOINT,
    evaluate.ENDPOINT,
    jacobian.ENDPOINT,
    hessian.ENDPOINT,
    jvp.ENDPOINT,
    vjp.ENDPOINT,
    hvp.ENDPOINT,
    derive.ENDPOINT,
    grade.ENDPOINT,
    slips.ENDPOINT,
    plot.ENDPOINT,
)
