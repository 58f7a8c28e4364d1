"""Whose request it is: the address that connected or, of a proxy that is trusted, whom it names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Any

Network = IPv4Network | IPv6Network


def address_of(environ: Mapping[str, Any], proxies: Sequence[Network]) -> str:
    """The client's address.

    Each proxy adds to X-Forwarded-For, at its end, the address that connected to it. So the
    header is read from its end, for as long as the address that added an entry is a trusted
    proxy's; whatever stands before that anybody may have written.
    """
    address: str = environ.get("REMOTE_ADDR", "")
    if not proxies:
        return address
    entries = environ.get("HTTP_X_FORWARDED_FOR", "").split(",")
    while entries and _is_in(address, proxies):
        entry = entries.pop().strip()
        if not _is_address(entry):
            break
        address = entry
    return address


def _is_in(address: str, networks: Sequence[Network]) -> bool:
    if not _is_address(address):
        return False
    found = ip_address(address)
    return any(found in network for network in networks)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
