"""What the playground makes of errors, hostile names, nonsense and a service that is gone."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any
from urllib.parse import quote

import pytest
from selenium.webdriver import Chrome

from tests.browser.page import Page

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.mark.parametrize(
    "text, marked, said",
    [
        ("a*(b", ["("], "never closed"),
        ("a + foo(b)", ["foo"], "unknown operation 'foo'"),
        ("x = a\ny = x*sin(a, b)\ny", ["sin"], "sin takes 1 operand"),
        ("3a", ["a"], "a product is written"),
        ("a b", ["b"], "operator is missing"),
        ("a*b\n- a", ["a"], "has no effect"),
    ],
)
def test_an_error_is_shown_at_its_place(
    page: Page, text: str, marked: list[str], said: str
) -> None:
    page.type(text)
    assert [mark.get_property("textContent") for mark in page.all("#marks mark")] == marked
    assert said in page.text("#faults")
    assert page.one("#text").get_attribute("aria-invalid") == "true"
    assert page.nodes()  # the last picture stays
    page.type("a*b")
    assert page.all("#marks mark") == []
    assert page.text("#faults") == ""


def test_an_error_in_a_graph_is_shown_at_its_place(page: Page) -> None:
    page.paste('{"nodes": [{"id": "p", "op": "mull", "args": ["u", "v"]}]}')
    assert [mark.get_property("textContent") for mark in page.all("#marks mark")] == ['"mull"']
    assert "did you mean 'mul'" in page.text("#faults")
    page.paste('{"nodes": [}')
    assert "not JSON yet" in page.text("#faults")


def test_hostile_names_stay_text(page: Page) -> None:
    nodes = [
        {"id": HOSTILE, "op": "mul", "args": ["</text><script>alert(2)</script>", "${b}\\"]},
        {"id": "'\"&amp;", "op": "tanh", "args": [HOSTILE]},
    ]
    page.paste(json.dumps({"nodes": nodes}))
    assert len(page.nodes()) == 4
    for index in range(4):
        page.run(
            "document.querySelectorAll('.value')[arguments[0]]"
            ".dispatchEvent(new MouseEvent('click', {bubbles: true}))",
            index,
        )
    for tab in ("surface", "nudge", "request", "curve"):
        page.click(f"#tab-{tab}")
        page.settle()
    page.click("#step-first")
    page.click("#step-forward")
    assert HOSTILE in page.text("#step-text")
    page.click("#mode-fill")
    page.one("#fill-rows input").send_keys("1")
    page.click("#fill-form .primary")
    page.settle()
    assert page.all("main img") == []
    assert page.all("main script") == []


def test_a_link_restores_the_state(page: Page) -> None:
    page.type("p = x*y\nq = tanh(p)\nq")
    page.slide("x", 0.5)
    page.settle()
    page.click("#tab-nudge")
    page.node("p")
    page.keys()
    page.click("#step-back")
    page.settle()
    before = page.nodes(), page.text("#node-title"), page.text("#step-count"), page.text("#inputs")
    fragment = page.run("return location.hash.slice(1)")
    page.open(fragment)
    after = page.nodes(), page.text("#node-title"), page.text("#step-count"), page.text("#inputs")
    assert after == before
    assert page.one("#tab-nudge").get_attribute("aria-selected") == "true"
    assert not page.one("#notice").is_displayed()


@pytest.mark.parametrize(
    "fragment",
    [
        "nonsense",
        "%",
        "f=" + quote("a*b") + "&v={{{&step=-1&panel=x&mode=1&h=99&across=[1]&r=7",
        "f=" + quote("a*b") + "&v=" + quote('{"a": "1; DROP", "b": [[1], [2, "x"]]}'),
        "f=&v={}",
        "v=" + quote('{"a":2}'),
        "f=" + quote("a*b") + "&over=" + quote("__proto__") + "&node=" + quote("<b>"),
        "f=" + quote("__proto__ * constructor"),
        "&".join(["f=x"] * 1000),
    ],
)
def test_nonsense_in_a_link_does_no_harm(page: Page, fragment: str) -> None:
    page.open(fragment)
    assert page.nodes()
    assert page.text("#faults") == ""


def test_a_large_graph_is_summarised(page: Page) -> None:
    names = ["x", *(f"n{index}" for index in range(10_000))]
    nodes = [{"id": after, "op": "sin", "args": [before]} for before, after in pairwise(names)]
    page.paste(json.dumps({"nodes": nodes}))
    assert "10,001 nodes are too many to draw" in page.text("#figure")
    assert "sin 10,000" in page.text("#figure")
    assert "has 10,000 operations" in page.text("#figure")
    assert page.all("#figure svg") == []
    page.slide("x", 0)
    page.settle()
    assert page.gradients() == {"x": "1"}
    page.type("a*b")
    assert len(page.nodes()) == 3


def test_requests_never_pile_up(page: Page) -> None:
    page.choose("A small network: 2 inputs, 3 neurons, 1 output")
    page.run(
        "const slider = document.querySelector('[aria-label=\"slider of x1\"]');"
        "for (let index = 0; index < 500; index += 1) {"
        "  slider.value = String(index / 100);"
        "  slider.dispatchEvent(new Event('input', {bubbles: true}));"
        "}"
    )
    page.settle()
    counts = page.run("return playground.lane.counts")
    assert counts["asked"] > 500
    assert counts["sent"] < 30
    assert counts["mostInFlight"] == 1
    assert counts["mostWaiting"] <= 3  # the newest picture, curve and check
    assert page.nodes()["x1"].startswith("data 5,")


def test_a_dead_service_is_told_and_recovered_from(driver: Chrome, start: Any) -> None:
    with start() as server:
        page = Page(driver, server.url)
        page.look()
        page.open()
        assert not page.one("#gone").is_displayed()
    page.slide("a", 3)
    page.until(lambda: "does not answer" in page.text("#gone"))
    page.slide("a", 5)
    assert page.text("#value") == "4"  # still the last one
    with start(PORT=str(server.port)):
        page.until(lambda: not page.one("#gone").is_displayed())
        page.settle()
        assert page.text("#value") == "-5"
        page.complaints()


def test_a_busy_service_is_told_and_asked_again(driver: Chrome, start: Any) -> None:
    with start(GRADIENT_RATE_LIMIT="4", WORKERS="1") as server:
        page = Page(driver, server.url)
        page.look()
        page.open()
        for value in (3, 4, 5):
            page.slide("a", value)
            page.pause(100)
        page.until(lambda: "is busy" in page.text("#gone"))
        assert page.nodes()
        page.complaints()
