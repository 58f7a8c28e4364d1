"""deploy/nginx.conf in front of the service: what passes through, and what nginx itself answers."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
CONFIGURATION = Path(__file__).parent.parent.parent / "deploy" / "nginx.conf"

pytestmark = pytest.mark.skipif(
    NGINX is None, reason="nginx is not installed (nginx-light will do)"
)


def configuration(folder: Path, port: int, service: int) -> str:
    """The file as it is, but for addresses and folders."""
    text = CONFIGURATION.read_text()
    for old, new in [
        ("@RESOLVER@", "127.0.0.1"),
        ("listen 8080;", f"listen 127.0.0.1:{port};"),
        ("http://$service:8000;", f"http://127.0.0.1:{service};"),
        ("/tmp/", f"{folder}/"),
    ]:
        assert old in text
        text = text.replace(old, new)
    return text


@pytest.fixture(scope="module")
def proxied(server: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of nginx in front of the service."""
    yield from serving(tmp_path_factory.mktemp("nginx"), server.port)


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of nginx in front of nothing."""
    yield from serving(tmp_path_factory.mktemp("nginx"), free_port())


def serving(folder: Path, service: int) -> Iterator[int]:
    port = free_port()
    (folder / "nginx.conf").write_text(configuration(folder, port, service))
    command = [str(NGINX), "-e", "stderr", "-p", str(folder), "-c", str(folder / "nginx.conf")]
    if os.geteuid() == 0:
        command += ["-g", "user root;"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            wait_for(port, process, folder / "log")
            yield port
        finally:
            process.terminate()
            process.wait(30)


def wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 30
    while process.poll() is None and time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail(f"nginx did not start:\n{log.read_text()}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answer(port: int, sent: bytes) -> tuple[int, dict[str, str], bytes]:
    """The status, headers and body of the answer to these bytes."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(sent)
        received = b""
        while piece := connection.recv(65536):
            received += piece
    head, _, body = received.partition(b"\r\n\r\n")
    line, *headers = head.decode("latin-1").split("\r\n")
    named = (header.split(": ", 1) for header in headers)
    return int(line.split()[1]), {name.lower(): value for name, value in named}, body


REST = b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"


@pytest.mark.parametrize(
    "sent, status, kind",
    [
        (b"GET /lim its" + REST + b"\r\n", 400, "/problems/bad-request"),
        (b"GET /%00" + REST + b"\r\n", 400, "/problems/bad-request"),
        (b"GET /%zz" + REST + b"\r\n", 400, "/problems/bad-request"),
        (b"GET /../.." + REST + b"\r\n", 400, "/problems/bad-request"),
        (b"nonsense\r\n\r\n", 400, "/problems/bad-request"),
        (b"GET / HTTP/1.1\r\n\r\n", 400, "/problems/bad-request"),
        (b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400, "/problems/bad-request"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400, "/problems/bad-request"),
        (b"CONNECT /" + REST + b"\r\n", 405, "/problems/method-not-allowed"),
        (b"GET /_/413" + REST + b"\r\n", 404, "/problems/not-found"),
        (b"GET /%5F/503" + REST + b"\r\n", 404, "/problems/not-found"),
        (b"TRACE /" + REST + b"\r\n", 405, "/problems/method-not-allowed"),
        (
            b"POST /gradient" + REST + b"Content-Length: 300000000\r\n\r\n",
            413,
            "/problems/too-large",
        ),
        (b"GET /" + b"x" * 40_000 + REST + b"\r\n", 414, "about:blank"),
        (b"GET /" + REST + b"A: " + b"x" * 40_000 + b"\r\n\r\n", 431, "about:blank"),
        (
            b"POST /gradient" + REST + b"Transfer-Encoding: gzip, chunked\r\n\r\n",
            501,
            "about:blank",
        ),
        (b"GET / HTTP/2.1\r\nHost: x\r\n\r\n", 505, "about:blank"),
    ],
)
def test_what_nginx_refuses_is_a_problem(proxied: int, sent: bytes, status: int, kind: str) -> None:
    found, headers, body = answer(proxied, sent)
    problem = json.loads(body)
    assert (found, problem["status"], problem["type"]) == (status, status, kind)
    assert headers["content-type"] == "application/problem+json"
    assert set(problem) == {"type", "title", "status", "detail", "instance"}
    assert len(problem["instance"]) == 32
    assert ("allow" in headers) is (status == 405)


def test_a_tunnel_is_refused(proxied: int) -> None:
    # Which of the two depends on the version of nginx.
    found, _, body = answer(proxied, b"CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n")
    assert found == json.loads(body)["status"]
    assert found in {400, 405}


def test_without_a_service_nginx_says_so(alone: int) -> None:
    found, headers, body = answer(alone, b"GET /limits" + REST + b"\r\n")
    assert (found, json.loads(body)["type"]) == (503, "/problems/overloaded")
    assert headers["content-type"] == "application/problem+json"
    assert headers["retry-after"] == "2"


@pytest.mark.parametrize(
    "path, status",
    [
        (b"/limits", 200),
        (b"//limits", 200),
        (b"/limits/", 404),
        (b"/operations/add", 200),
        (b"/operations/%2F", 404),
        (b"/operations/%40", 200),
        (b"/_/nothing", 404),
        (b"/operations//add", 404),
        (b"/x/../limits", 404),
    ],
)
def test_an_address_reaches_the_service_as_it_was_sent(
    proxied: int, server: Any, path: bytes, status: int
) -> None:
    sent = b"GET " + path + REST + b"Accept-Encoding: identity\r\nX-Request-Id: same\r\n\r\n"
    through = answer(proxied, sent)
    direct = answer(server.port, sent)
    assert (through[0], direct[0]) == (status, status)
    assert through[2] == direct[2]


def test_a_problem_of_the_service_passes_unchanged(proxied: int, server: Any) -> None:
    body = b'{"expression": "x +"}'
    head = b"POST /gradient" + REST + b"Content-Type: application/json\r\nX-Request-Id: same\r\n"
    sent = head + b"Content-Length: %d\r\n\r\n" % len(body) + body
    through, direct = answer(proxied, sent), answer(server.port, sent)
    assert (through[0], through[2]) == (direct[0], direct[2]) == (422, direct[2])
    assert through[1]["x-request-id"] == "same"


def test_the_log_names_the_client_of_a_trusted_proxy(
    start: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with start(GRADIENT_TRUSTED_PROXIES="127.0.0.1") as running:
        ports = serving(tmp_path_factory.mktemp("nginx"), running.port)
        port = next(ports)
        sent = b"GET /limits" + REST + b"X-Forwarded-For: 203.0.113.7\r\n\r\n"
        assert answer(port, sent)[0] == 200
        ports.close()  # type: ignore[attr-defined]  # it is a generator
        direct = b"GET /limits" + REST + b"X-Forwarded-For: 203.0.113.8\r\n\r\n"
        assert answer(running.port, direct)[0] == 200
        time.sleep(0.3)
        lines = [
            json.loads(line) for line in running.log.read_text().splitlines() if "/lim" in line
        ]
    # nginx adds its own client, this test, which is trusted as a proxy here.
    assert [line["client"] for line in lines] == ["203.0.113.7", "203.0.113.8"]
