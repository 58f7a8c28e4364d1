"""What the playground shows of a function, and that it follows what is moved."""

from __future__ import annotations

import pytest
from selenium.webdriver.common.keys import Keys

from tests.browser.page import Page


def test_the_first_function_shows_its_gradients(page: Page) -> None:
    assert page.text("#value") == "4"
    assert page.gradients() == {"a": "-3", "b": "2", "c": "1"}
    assert page.nodes() == {
        "a": "data 2, grad -3",
        "b": "data -3, grad 2",
        "c": "data 10, grad 1",
        "e": "data -6, grad 1",
        "d": "data 4, grad 1",
    }


def test_what_is_typed_is_drawn(page: Page) -> None:
    page.type("y = x*x + x\ny")
    assert list(page.gradients()) == ["x"]
    page.one("#inputs input[type=text]").send_keys(Keys.CONTROL, "a")
    page.one("#inputs input[type=text]").send_keys("3")
    page.settle()
    assert page.nodes()["y"] == "data 12, grad 1"
    assert page.gradients() == {"x": "7"}


def test_a_pasted_graph_is_drawn(page: Page) -> None:
    page.paste('{"nodes": [{"id": "p", "op": "mul", "args": ["u", "v"]}]}')
    assert list(page.nodes()) == ["u", "v", "p"]
    page.paste(
        '{"graph": {"nodes": [{"id": "p", "op": "mul", "args": ["u", "v"]}]},'
        ' "bindings": {"u": 5, "v": 7}}'
    )
    assert page.gradients() == {"u": "7", "v": "5"}


def test_a_slider_updates_everything(page: Page) -> None:
    page.slide("a", 4)
    page.settle()
    assert page.text("#value") == "-2"
    assert page.nodes()["e"] == "data -12, grad 1"
    assert page.gradients() == {"a": "-3", "b": "4", "c": "1"}
    assert "At a = 4 the value is -2 and the slope -3" in page.text("#curve-text")


def test_edges_are_as_wide_as_they_are_large_and_coloured_by_sign(page: Page) -> None:
    edges = page.run(
        "return [...document.querySelectorAll('.edge')].map(edge => [edge.classList[1],"
        " Number(edge.getAttribute('stroke-width'))])"
    )
    widest = max(edges, key=lambda edge: edge[1])
    assert widest[0] == "negative"  # along a: 1 · -3
    assert {kind for kind, _ in edges} == {"positive", "negative"}


def test_a_click_opens_the_chain_rule(page: Page) -> None:
    page.choose("A value used twice: b = a + a")
    page.node("b")
    assert page.text("#node-title") == "Node b"
    formula = page.text("#node-formula")
    assert "\\" not in formula
    for part in ("∂", "∑", "=", "6", "12"):
        assert part in formula
    rows = [row.text.replace("−", "-") for row in page.all("#node-uses tbody tr")]
    assert rows == ["c = mul 1 6 6", "c = mul 1 6 6"]


def test_the_stepper_walks_with_buttons_and_arrow_keys(page: Page) -> None:
    page.click("#step-first")
    assert page.nodes()["e"] == "data ?, grad ?"
    page.click("#step-forward")
    assert "not known yet" in page.text("#node-facts")
    assert page.nodes()["e"] == "data -6, grad ?"
    assert "e = a × b = 2 × (-3) = -6" in page.text("#step-text")
    page.keys(*[Keys.ARROW_RIGHT] * 4)
    assert page.nodes()["d"] == "data 4, grad 1"
    assert page.nodes()["c"] == "data 10, grad 1"
    page.keys(Keys.ARROW_RIGHT)
    assert "grad of a += grad of e × local partial = 1 · (-3) = -3" in page.text("#step-text")
    assert page.text("#node-title") == "Node a"
    assert "= -3" in " ".join(page.text("#node-formula").split()).replace("- 3", "-3")
    live = page.run("return document.querySelectorAll('.edge.live').length")
    assert live == 1
    assert [text.text.replace("−", "-") for text in page.all(".partial") if text.text] == ["× -3"]
    page.keys(Keys.ARROW_LEFT)
    assert page.nodes()["a"] == "data 2, grad ?"
    page.click("#step-last")
    assert page.nodes()["b"] == "data -3, grad 2"


def test_the_map_and_its_hessian(page: Page) -> None:
    page.choose("Rosenbrock's valley, with its Hessian")
    assert "x y\nx 402 400\ny 400 200" in page.text("#hessian")
    page.click("#surface-canvas")
    page.settle()
    assert page.nodes()["x"].startswith("data 0")  # the middle of -2 to 2


def test_the_nudge_shows_the_v_and_the_verdict(page: Page) -> None:
    page.choose("3x² − 4x + 5")
    page.click("#tab-nudge")
    page.settle()
    assert "pass" in page.text("#nudge-verdict")
    said = {}
    for exponent in (0, -7.5, -15):
        page.run(
            "const h = document.getElementById('nudge-h'); h.value = arguments[0];"
            "h.dispatchEvent(new Event('input', {bubbles: true}))",
            exponent,
        )
        said[exponent] = page.text("#nudge-text")
    assert "Truncation rules" in said[0]
    assert "off by 3." in said[0]  # 3 h², divided by h
    assert "Near the bottom" in said[-7.5]
    assert "Rounding rules" in said[-15]


def test_a_kink_is_called_one(page: Page) -> None:
    page.choose("A kink")
    assert "nondifferentiable" in page.text("#nudge-verdict")


@pytest.mark.parametrize(
    "language, part",
    [
        ("curl", "curl http"),
        ("Python", "urllib.request"),
        ("JavaScript", "await fetch("),
    ],
)
def test_the_request_can_be_copied(page: Page, language: str, part: str) -> None:
    page.click("#tab-request")
    page.run(
        "[...document.querySelectorAll('#request-languages button')]"
        ".find(button => button.textContent === arguments[0]).click()",
        language,
    )
    code = page.text("#request-code")
    assert part in code
    assert '"bindings": { "a": 2, "b": -3, "c": 10 }' in code


def test_every_function_of_the_gallery_is_drawn(page: Page) -> None:
    names = page.run(
        "return [...document.querySelectorAll('#gallery option:not([hidden])')]"
        ".map(option => option.text)"
    )
    assert len(names) >= 10
    for name in names:
        page.choose(name)
        assert page.text("#faults") == "", name
        assert len(page.nodes()) > 1, name
        assert page.run("return document.documentElement.scrollWidth <= innerWidth"), name


def test_derivatives_are_set_as_formulas(page: Page) -> None:
    page.choose("3x² − 4x + 5")
    page.click("#tab-formula")
    page.settle()
    assert "".join(page.text("#formulas").split()).endswith("=6x-4")
