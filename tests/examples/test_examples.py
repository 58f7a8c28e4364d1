"""The examples do what they say, against a running service."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

import moons
import newton_rosenbrock
import nist_misra1a

pytestmark = pytest.mark.live


def test_newton_finds_the_floor_of_the_valley_in_a_few_steps(server):
    iterates = newton_rosenbrock.run(server.url)
    last = iterates[-1]
    assert len(iterates) <= 8
    assert (last.x, last.y) == pytest.approx((1, 1), rel=1e-12)
    assert last.gradient_norm < 1e-10


def test_both_starts_of_misra1a_reach_what_nist_certifies(server):
    fits = nist_misra1a.run(server.url)
    assert len(fits) == 2
    for fit in fits:
        assert fit.parameters == pytest.approx((2.3894212918e02, 5.5015643181e-04), rel=1e-9)
        assert fit.sum_of_squares == pytest.approx(1.2455138894e-01, rel=1e-9)


def test_the_network_separates_the_moons_and_draws_where(server, tmp_path):
    path = tmp_path / "moons.svg"
    training = moons.run(server.url, path)
    assert training.accuracy == 1
    assert training.losses[-1] < 0.05 < training.losses[0]
    marks = [element.tag.rpartition("}")[2] for element in ET.parse(path).iter()]
    assert marks.count("rect") == 3600
    assert marks.count("circle") == 100
