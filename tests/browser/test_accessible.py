"""Keyboard, screen reader, light and dark, wide and narrow: looked over by axe-core."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from selenium.webdriver.common.keys import Keys

from tests.browser.page import Page

AXE = (Path(__file__).parent / "vendor/axe-core-4.14.1.min.js").read_text()


def faults(page: Page) -> list[str]:
    """What axe-core calls serious or critical."""
    page.run(AXE)
    found = page.driver.execute_async_script(
        "axe.run(document, {resultTypes: ['violations']}).then(arguments[0])"
    )
    return [
        f"{rule['id']}: {node['html'][:120]} {node['failureSummary']}"
        for rule in found["violations"]
        if rule["impact"] in {"serious", "critical"}
        for node in rule["nodes"]
    ]


def fill_in(page: Page) -> None:
    page.click("#mode-fill")
    for field, text in zip(page.all("#fill-rows input"), ["1", "2", "x"], strict=False):
        field.send_keys(text)
    page.click("#fill-form .primary")


def half_way(page: Page) -> None:
    page.click("#step-first")
    page.keys(*[Keys.ARROW_RIGHT] * 6)


def open_panel(name: str) -> Callable[[Page], None]:
    return lambda page: page.click(f"#tab-{name}")


STATES: dict[str, Callable[[Page], None]] = {
    "first": lambda page: None,
    "half way": half_way,
    "filled in": fill_in,
    "error": lambda page: page.type("a*(b"),
    "map": open_panel("surface"),
    "nudge": open_panel("nudge"),
    "formulas": open_panel("formula"),
    "request": open_panel("request"),
    "network": lambda page: page.choose("A small network: 2 inputs, 3 neurons, 1 output"),
    "kink": lambda page: page.choose("A kink"),
    "tensors": lambda page: page.choose("Tensors: a layer at once"),
    "summary": lambda page: page.paste("+".join(["sin(x)"] * 300)),
    "warning": lambda page: page.paste("1/(x - 2)"),
    "nonsense": lambda page: page.open("nonsense") and None,
}


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("state", STATES)
def test_axe_finds_no_serious_fault(page: Page, state: str, dark: bool) -> None:
    page.look(dark=dark)
    STATES[state](page)
    page.settle()
    assert faults(page) == []


@pytest.mark.parametrize("state", STATES)
def test_a_phone_never_scrolls_sideways(page: Page, state: str) -> None:
    page.look(390, 844)
    page.open()
    STATES[state](page)
    page.settle()
    assert page.run("return document.documentElement.scrollWidth") == 390
    assert faults(page) == []


def focused(page: Page) -> str:
    return str(
        page.run(
            "const here = document.activeElement; return here.id || here.dataset.id"
            " || here.getAttribute('aria-label') || here.textContent.trim()"
        )
    ).replace("−", "-")


def test_the_keyboard_alone_suffices(page: Page) -> None:
    seen = []
    for _ in range(60):
        page.keys(Keys.TAB)
        seen.append(focused(page))
        if seen[-1] == "slider of a":
            page.keys(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
        if seen[-1] == "e":
            page.keys(Keys.ARROW_RIGHT)
            seen.append(focused(page))
            page.keys(Keys.ARROW_LEFT)
        if seen[-1] == "tab-curve":
            page.keys(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
            break
    page.settle()
    for stop in (
        "gallery",
        "text",
        "slider of a",
        "slider of c",
        "mode-fill",
        "link",
        "step-back",
        "step",
        "tab-curve",
    ):
        assert stop in seen, seen
    assert "d" in seen
    assert page.gradients()["b"] == "2.1"
    assert page.one("#tab-nudge").get_attribute("aria-selected") == "true"
    assert page.one("#panel-nudge").is_displayed()


def test_the_fill_in_mode_needs_no_mouse(page: Page) -> None:
    page.one("#mode-fill").send_keys(Keys.ENTER)
    field = page.one("#fill-rows input")
    field.send_keys("1", Keys.TAB, "1", Keys.ENTER)
    page.settle()
    assert page.text("#fill-summary").startswith("100%")


@pytest.mark.parametrize("path", ["/", "/docs", "/operations", "/limits", "/problems"])
def test_no_page_breaks_its_own_policy(page: Page, path: str) -> None:
    page.driver.get(f"{page.url}{path}")
    page.pause(700)
    # Nothing inline is refused, because nothing is inline; the fixture looks at the rest.
    assert [text for text in page.complaints() if "Content Security Policy" in text] == []
