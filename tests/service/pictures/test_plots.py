"""Plots: what they show, the same bytes every time, and numbers of every kind."""

from __future__ import annotations

import io
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from xml.etree import ElementTree as ET

import matplotlib.image
import numpy as np
import pytest

from autograd_core import Deadline, DeadlineExceeded, GraphBuilder, Limits, parse
from service.pictures import plots
from service.pictures.sampling import Samples, sample
from service.pictures.themes import THEMES

DEADLINE = Deadline(600)
ONE, TWO = {"x": (-5.0, 5.0)}, {"x": (-2.0, 2.0), "y": (-1.0, 3.0)}


def sampled(text: str, over: Any, **more: Any) -> Samples:
    return sample(parse(text), {}, over, limits=Limits(), deadline=DEADLINE, **more)


def words(svg: bytes) -> list[str]:
    root = ET.fromstring(svg)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    found = root.iter("{http://www.w3.org/2000/svg}text")
    return ["".join(each.itertext()).strip() for each in found]


def pixels(png: bytes) -> Any:
    return matplotlib.image.imread(io.BytesIO(png))


def test_a_curve_has_a_legend_labels_and_a_title() -> None:
    found = words(plots.svg(sampled("3*x**2 - 4*x + 5", ONE), "light", DEADLINE))
    for label in ("x", "f", "∂f/∂x", "f and ∂f/∂x", "f = 3*x**2 - 4*x + 5", "−4", "0", "100"):
        assert label in found


def test_contours_have_labels_and_a_bar() -> None:
    found = words(plots.svg(sampled("z = x*y; z", TWO), "light", DEADLINE))
    for label in ("x", "y", "z; arrows: ∇z, √ of its length", "z = x*y"):
        assert label in found


@pytest.mark.parametrize("over", [ONE, TWO], ids=["curves", "contours"])
@pytest.mark.parametrize("theme", THEMES)
def test_the_same_samples_give_the_same_bytes(over: Any, theme: str) -> None:
    samples = sampled("x**2 - 3*x", over) if over is ONE else sampled("x*y", over)
    svg, png = (draw(samples, theme, DEADLINE) for draw in (plots.svg, plots.png))
    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(lambda _: plots.svg(samples, theme, DEADLINE), range(2))) == {svg}
        assert set(pool.map(lambda _: plots.png(samples, theme, DEADLINE), range(2))) == {png}
    assert b"date>" not in svg
    corner = pixels(png)[0, 0, :3]
    paper = [int(THEMES[theme].paper[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    np.testing.assert_allclose(corner, paper, atol=0.01)
    assert THEMES[theme].paper in svg.decode()
    assert THEMES[theme].ink in svg.decode()


def test_nothing_in_it_is_from_elsewhere() -> None:
    svg = plots.svg(sampled("x*y", TWO), "light", DEADLINE).decode()
    assert not re.search(r'href="(?!#)', svg)
    assert "<image" not in svg
    assert "<script" not in svg


AWKWARD = [
    *("1/x", "tan(x)", "log(x)", "log(x - 9)", "sqrt(x)", "0*x", "0*x + 1e16", "floor(x)"),
    *("x*1e99", "x*1e101", "x*1e308*10", "x*1e-300", "x*5e-324", "1e308*exp(x)", "x/0", "inf*x"),
    *("where(x > 4.99, 1, inf - inf)", "sin(1000*x)", "1e9 + 1e-9*x", "exp(x**2*9)", "2.5 + 0*x"),
]  # fmt: skip


@pytest.mark.parametrize("text", AWKWARD)
@pytest.mark.parametrize("over", [ONE, ONE | {"y": (0.0, 1e-9)}], ids=["curves", "contours"])
def test_numbers_of_every_kind_are_drawn(text: str, over: Any) -> None:
    """Without a warning, too: those are errors here."""
    samples = sample(parse(text), {"y": 0.0}, over, points=20, limits=Limits(), deadline=DEADLINE)
    words(plots.svg(samples, "light", DEADLINE))


@pytest.mark.parametrize("over", [{"x": (-9.0, -1.0)}, {"x": (-9.0, -1.0), "y": (0.0, 1.0)}])
def test_where_nothing_is_finite_it_says_so(over: Any) -> None:
    samples = sample(parse("log(x)"), {"y": 0.0}, over, limits=Limits(), deadline=DEADLINE)
    assert "nothing here is a finite number" in words(plots.svg(samples, "light", DEADLINE))


@pytest.mark.parametrize(
    "ends", [(1e-100, 2e-100), (-1e100, 1e100), (1.0, 1.0 + 2e-9), (1e50, 1.1e50), (0.0, 1e-99)]
)
def test_axes_of_every_length_are_drawn(ends: tuple[float, float]) -> None:
    plots.svg(sampled("sin(x)", {"x": ends}), "light", DEADLINE)
    plots.svg(sampled("x + 0*y", {"y": (0.0, 1.0), "x": ends}, points=5), "light", DEADLINE)


@pytest.mark.parametrize(
    "name", ["$a$", "$\\frac$", "<b>&\"'", "θ", "數", "🙂", "x" * 256, "\ufffe", "_", "]]>", "%s{}"]
)
@pytest.mark.parametrize("over_two", [False, True])
def test_any_name_is_a_label(name: str, over_two: bool) -> None:
    builder = GraphBuilder()
    product = builder.apply("mul", [builder.input(name), builder.input("b")], name=f"{name}!")
    graph = builder.build(result=product)
    over = {name: (0.0, 1.0)} | ({"b": (0.0, 1.0)} if over_two else {})
    samples = sample(graph, {"b": 2.0}, over, points=5, limits=Limits(), deadline=DEADLINE)
    shown = name.replace("\ufffe", "\ufffd")
    shown = shown if len(shown) <= 32 else shown[:31] + "…"
    assert shown in words(plots.svg(samples, "light", DEADLINE))


def test_a_name_that_no_font_has_is_a_label_in_a_png_too() -> None:
    """Without a warning of matplotlib's, which measures and draws text in other ways there."""
    builder, name = GraphBuilder(), "數🙂$\\frac$"
    square = builder.apply("mul", [builder.input(name)] * 2, name="\ufffe")
    samples = sample(
        builder.build(result=square), {}, {name: (0.0, 1.0)},
        points=5, limits=Limits(), deadline=DEADLINE,
    )  # fmt: skip
    assert pixels(plots.png(samples, "light", DEADLINE)).ndim == 3


def test_a_deadline_ends_drawing_and_waiting_for_it() -> None:
    samples = sampled("x", ONE)
    with pytest.raises(DeadlineExceeded):
        plots.svg(samples, "light", Deadline(-1.0))
    with plots._LOCK, pytest.raises(DeadlineExceeded):
        plots.svg(samples, "light", Deadline(0.01))
    assert not plots._LOCK.locked()


def test_drawing_is_long_work() -> None:
    spent: list[float] = []

    class Counting(Deadline):
        def spend(self, operations: float) -> None:
            spent.append(operations)

    plots.svg(sampled("x", ONE), "light", Counting(60))
    assert sum(spent) >= 1e7
