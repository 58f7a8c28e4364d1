from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

BODY_LIMIT = 100_000


@pytest.fixture(scope="session")
def small(start: Any) -> Iterator[Any]:
    """A service with a small body limit, that gives up on silent clients after a second."""
    with start("tests/live/impatient.conf.py", GRADIENT_BODY_LIMIT=str(BODY_LIMIT)) as running:
        yield running


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/live/" in item.nodeid:
            item.add_marker(pytest.mark.live)
