"""You fill in the gradients: verdicts, what was carried, and the diagnosis."""

from __future__ import annotations

from tests.browser.page import Page


def fill(page: Page, **claims: str) -> dict[str, str]:
    """Type gradients and check them; the verdict on each."""
    rows = {
        row.text.split("\n")[0].removeprefix("grad of "): row for row in page.all("#fill-rows li")
    }
    for name, text in claims.items():
        field = rows[name].find_element("css selector", "input")
        field.clear()
        field.send_keys(text)
    page.click("#fill-form .primary")
    page.settle()
    return {name: row.find_element("css selector", ".verdict").text for name, row in rows.items()}


def test_the_gradients_are_hidden(page: Page) -> None:
    page.click("#mode-fill")
    assert all("grad ?" in said for said in page.nodes().values())
    assert set(page.gradients().values()) == {""}
    assert "yours to find" in page.text("#node-facts")
    assert not page.one("#about").is_displayed()


def test_a_planted_slip_is_named(page: Page) -> None:
    page.click("#mode-fill")
    verdicts = fill(page, d="1", e="1", c="1", b="2", a="3")
    assert "✗" in verdicts["a"]
    assert "The size is right, the sign is not." in verdicts["a"]
    assert all("✓" in verdicts[name] for name in "decb")
    assert "The first slip is at a" in page.text("#fill-summary")
    assert page.nodes()["a"].endswith("✗")
    assert page.nodes()["b"] == "data -3, grad 2 ✓"


def test_a_slip_costs_once(page: Page) -> None:
    page.choose("A value used twice: b = a + a")
    page.click("#mode-fill")
    verdicts = fill(page, c="1", b="6", a="12")
    assert "only one of its uses was counted" in verdicts["b"]
    assert "carried on" in verdicts["a"]


def test_right_answers_are_right(page: Page) -> None:
    page.click("#mode-fill")
    fill(page, d="1", e="1.0", c="1", b="2", a="−3")
    assert "The whole backward pass is right" in page.text("#fill-summary")


def test_what_is_no_number_is_marked(page: Page) -> None:
    page.click("#mode-fill")
    fill(page, d="one", e="1")
    invalid = page.all("#fill-rows input[aria-invalid=true]")
    assert [field.get_property("value") for field in invalid] == ["one"]
