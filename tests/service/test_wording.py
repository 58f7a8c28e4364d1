"""The core's advice in the words of the wire: addresses and members, never functions of Python."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

import autograd_core
from autograd_core import Fault
from service.endpoints.table import ENDPOINTS
from service.messages import wording

VECTOR = {"bindings": {"v": [0.5] * 4000}}
PRODUCTS = (
    "is 4,000 x 4,000, which is 16,000,000 numbers, over the limit of 10,000,000; ask {} for "
    'products with it or, if it is sparse and the graph one of scalars, ask for "sparse": true'
)


@pytest.mark.parametrize(
    "endpoint, message, detail",
    [
        (
            "gradient",
            {"expression": "2*x", "bindings": {"x": [1, 2]}},
            (
                "the output has shape [2], and a gradient is of a scalar: reduce it (sum, mean, "
                "...), or ask /jacobian for all of its derivatives or /vjp for a combination"
            ),
        ),
        (
            "jacobian",
            {"expression": "v*v", **VECTOR},
            f"the Jacobian {PRODUCTS.format('/jvp or /vjp')}",
        ),
        (
            "hessian",
            {"expression": "sum(v*v)", **VECTOR},
            f"the Hessian {PRODUCTS.format('/hvp')}",
        ),
        (
            "hessian",
            {"expression": "x*x", "bindings": {"x": [1, 2]}, "map": ["x"], "sparse": True},
            "a sparse answer is for one point, and is not checked: leave out 'map' and 'check'",
        ),
        (
            "evaluate",
            {
                "expression": "x*v",
                "bindings": {"x": [1.0] * 1000, "v": {"shape": [200_000], "data": [1.0] * 200_000}},
                "map": ["x"],
            },
            (
                "1,000 points of 400,001 numbers each are 400,001,000 numbers, over the "
                "100,000,000 held at once; map fewer at a time"
            ),
        ),
    ],
)
def test_advice_names_what_a_sender_knows(
    client: FlaskClient, endpoint: str, message: Any, detail: str
) -> None:
    reply = client.post(f"/{endpoint}", json=message)
    assert reply.status_code == 422
    assert [error["detail"] for error in reply.get_json()["errors"]] == [detail]


def test_every_advice_has_its_words_for_the_wire() -> None:
    assert wording.ADVICE.keys() == autograd_core.ADVICE.keys()
    addresses = {f"/{endpoint.name}" for endpoint in ENDPOINTS}
    for words in wording.ADVICE.values():
        assert {word for word in words.split() if word.startswith("/")} <= addresses


def test_a_fault_says_its_advice_to_each_caller() -> None:
    fault = Fault("limit_exceeded", "this is much", ("mapped",), advice="fewer_points")
    assert str(autograd_core.ArgumentError(fault)) == "this is much; map fewer points at a time"
    assert wording.worded(fault) == Fault(
        "limit_exceeded", "this is much; map fewer at a time", ("mapped",)
    )
