"""The examples do what they say, against a running service."""

from __future__ import annotations

import pytest

import newton_rosenbrock

pytestmark = pytest.mark.live


def test_newton_finds_the_floor_of_the_valley_in_a_few_steps(server):
    iterates = newton_rosenbrock.run(server.url)
    last = iterates[-1]
    assert len(iterates) <= 8
    assert (last.x, last.y) == pytest.approx((1, 1), rel=1e-12)
    assert last.gradient_norm < 1e-10
