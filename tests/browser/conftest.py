from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:  # selenium is installed by `make test-browser` only
    from selenium.webdriver import Chrome

    from tests.browser.page import Page

os.environ["SE_AVOID_STATS"] = "true"


@pytest.fixture(scope="session")
def driver() -> Iterator[Chrome]:
    from tests.browser.page import chromium, missing

    if lacking := missing():
        pytest.exit(lacking, returncode=2)
    with chromium() as driver:
        yield driver


@pytest.fixture
def page(driver: Chrome, server: Any) -> Iterator[Page]:
    """The playground, just opened; afterwards it must have had nothing to complain about."""
    from tests.browser.page import Page

    page = Page(driver, server.url)
    page.look()
    page.open()
    yield page
    assert page.complaints() == []
    foreign = [
        url for url in page.requests() if not url.startswith((server.url, "data:", "about:"))
    ]
    assert foreign == []
