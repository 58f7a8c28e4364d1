from __future__ import annotations

from pathlib import Path

import pytest


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Compilers are started where they were asked for by name, as `make test-clients` does."""
    asked = any("tests/clients" in str(word) for word in config.invocation_params.args)
    return None if asked else True


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/clients/" in item.nodeid:
            item.add_marker(pytest.mark.clients)
            item.add_marker(pytest.mark.no_cover)
