"""Which requests are answered in a thread of their own."""

from __future__ import annotations

import pytest

from service.process.health_requests import asks_for_health

PROBE = b"GET /readyz HTTP/1.1\r\nHost: x\r\nUser-Agent: kube-probe/1.31\r\n\r\n"


@pytest.mark.parametrize(
    "arrived",
    [
        PROBE,
        b"GET /livez HTTP/1.1\r\n\r\n",
        b"HEAD /livez HTTP/1.0\r\nConnection: close\r\n\r\n",
        b"GET /readyz?verbose&from=a HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
)
def test_a_whole_request_for_health_is_known(arrived: bytes) -> None:
    assert asks_for_health(arrived)


@pytest.mark.parametrize(
    "arrived",
    [
        b"",
        PROBE[:-1],
        PROBE[:30],
        PROBE + b"G",
        PROBE + PROBE,
        b"POST" + PROBE[3:],
        PROBE.replace(b"/readyz", b"/gradient"),
        PROBE.replace(b"/readyz", b"/readyz/x"),
        PROBE.replace(b"/readyz", b"//readyz"),
        PROBE.replace(b"HTTP/1.1", b"HTTP/2.0"),
        PROBE.replace(b"User-Agent", b"Content-Length"),
        PROBE.replace(b"User-Agent", b"content-length "),
        PROBE.replace(b"User-Agent", b"Transfer-Encoding"),
        PROBE.replace(b"User-Agent", b"EXPECT"),
        PROBE.replace(b"\r\n", b"\n"),
    ],
)
def test_anything_else_is_not(arrived: bytes) -> None:
    assert not asks_for_health(arrived)
