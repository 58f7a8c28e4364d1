"""A 404 names the address that was meant, where one is near."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

MEANT = [
    ("/gradient/", "/gradient"),
    ("/operations//tanh", "/operations/tanh"),
    ("/limits/", "/limits"),
    ("/operations/tanh/", "/operations/tanh"),
    ("/problems/not-found/", "/problems/not-found"),
    ("/v1/gradient", "/gradient"),
    ("/api/v2.1/hessian/", "/hessian"),
    ("/V1/health", "/livez"),
    ("/gradients", "/gradient"),
    ("/Gradient", "/gradient"),
    ("/Operations/tanh", "/operations/tanh"),
    ("/jacobain", "/jacobian"),
    ("/eval", "/evaluate"),
    ("/openapi.yml", "/openapi.yaml"),
    ("/swagger", "/docs"),
]


@pytest.mark.parametrize("path, meant", MEANT)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_what_was_meant_is_named_and_leads_somewhere(
    client: FlaskClient, path: str, meant: str, method: str
) -> None:
    reply = client.open(path, method=method, json={} if method == "POST" else None)
    assert reply.status_code == 404
    assert reply.json is not None
    assert reply.json["detail"] == f"there is nothing at {path}; did you mean {meant!r}?"
    assert 404 not in {client.get(meant).status_code, client.post(meant, json={}).status_code}


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere",
        "/favicon.ico",
        "/wp-admin",
        "/no/such/address",
        "/static/nope.css",
        "/.env",
        "/x",
    ],
)
def test_where_nothing_is_near_nothing_is_named(client: FlaskClient, path: str) -> None:
    reply = client.get(path)
    assert reply.json is not None
    assert reply.json["detail"] == f"there is nothing at {path}"


def test_a_long_address_is_not_compared(client: FlaskClient) -> None:
    reply = client.get("/" + "gradient" * 500)
    assert reply.json is not None
    assert "did you mean" not in reply.json["detail"]
