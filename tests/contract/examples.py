"""The examples of the contract as parameters: an endpoint, and a message with its answer."""

from __future__ import annotations

import pytest

from service.endpoints.table import ENDPOINTS

EXAMPLE_PARAMS = [
    pytest.param(endpoint.name, example, id=f"{endpoint.name}/{name}")
    for endpoint in ENDPOINTS
    if endpoint.record is not None
    for name, example in endpoint.examples.items()
]
