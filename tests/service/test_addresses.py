"""Whose request it is, with and without proxies in front."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from service.access.addresses import address_of
from service.app import create_app
from service.settings import Settings

PROXIES = (ip_network("10.0.0.0/8"), ip_network("2001:db8::/32"), ip_network("192.0.2.1/32"))


@pytest.mark.parametrize(
    "peer, header, client",
    [
        ("10.1.1.1", "203.0.113.7", "203.0.113.7"),
        ("10.1.1.1", "203.0.113.7, 10.2.2.2", "203.0.113.7"),
        ("10.1.1.1", "203.0.113.7,192.0.2.1 , 2001:db8::5", "203.0.113.7"),
        ("2001:db8::1", "2001:4860::1", "2001:4860::1"),
        # What the client itself wrote stands before what a proxy added.
        ("10.1.1.1", "198.51.100.1, 203.0.113.7", "203.0.113.7"),
        ("10.1.1.1", "10.9.9.9, 203.0.113.7", "203.0.113.7"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("10.1.1.1", "10.2.2.2, 10.3.3.3", "10.2.2.2"),
        ("10.1.1.1", "203.0.113.7, unknown", "10.1.1.1"),
        ("10.1.1.1", "evil\n, 10.2.2.2", "10.2.2.2"),
        ("10.1.1.1", "", "10.1.1.1"),
        ("", "203.0.113.7", ""),
    ],
)
def test_only_what_trusted_proxies_added_is_believed(peer: str, header: str, client: str) -> None:
    environ = {"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_FOR": header}
    assert address_of(environ, PROXIES) == client
    assert address_of(environ, ()) == peer


def test_without_the_header_it_is_the_peer() -> None:
    assert address_of({"REMOTE_ADDR": "10.1.1.1"}, PROXIES) == "10.1.1.1"


def test_the_rate_limit_counts_clients_not_proxies() -> None:
    settings = Settings(rate_limit=1, trusted_proxies=PROXIES, access_log=False)
    client = create_app(settings).test_client()

    def ask(address: str) -> int:
        return client.post(
            "/gradient",
            json={"expression": "2"},
            headers={"X-Forwarded-For": address},
            environ_overrides={"REMOTE_ADDR": "10.0.0.1"},
        ).status_code

    assert [ask("203.0.113.1"), ask("203.0.113.2"), ask("203.0.113.1")] == [200, 200, 429]
