"""The POST endpoints, in the order they are documented."""

from __future__ import annotations

from typing import Final

from service.exchange import Endpoint
from service.routes import evaluate, gradient

ENDPOINTS: Final[tuple[Endpoint, ...]] = (gradient.ENDPOINT, evaluate.ENDPOINT)
