"""Servers that are started for a measurement, on a free port, and always stopped."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 120.0
SERVICE = "service.app:create_app()"
BARE = "benchmarks.bare:app"


@dataclass(frozen=True)
class Server:
    """A running server; `started` says how long it took from its start to its first answer."""

    port: int
    process: subprocess.Popen[bytes]
    started: float

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def worker(self) -> int:
        """Process id of the first worker; needs Linux's /proc."""
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
        return int(children.split()[0])


@contextmanager
def serving(application: str = SERVICE, folder: Path = ROOT, **variables: str) -> Iterator[Server]:
    """gunicorn with the service's configuration, of this commit or of another's folder, and one
    worker; keywords are settings.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    private = ("GRADIENT_", "PROMETHEUS_")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(private)} | {
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "WORKERS": "1",
        "LOG_LEVEL": "warning",
        "GRADIENT_ACCESS_LOG": "false",
        **variables,
    }
    command = [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py", application]
    with tempfile.TemporaryFile() as log:
        begun = time.perf_counter()
        with subprocess.Popen(
            command, cwd=folder, env=environment, stdout=log, stderr=log
        ) as process:
            try:
                _wait_until_ready(process, port)
                yield Server(port, process, time.perf_counter() - begun)
            except _NeverReadyError:
                log.seek(0)
                text = log.read().decode(errors="replace")
                raise RuntimeError(f"{application} did not start:\n{text}") from None
            finally:
                _stop(process)


class _NeverReadyError(Exception):
    """The server ended, or the patience did."""


def _wait_until_ready(process: subprocess.Popen[bytes], port: int) -> None:
    """Return with the first answer to /readyz: for the service a 200, for others any."""
    end = time.perf_counter() + PATIENCE
    while process.poll() is None and time.perf_counter() < end:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        try:
            connection.request("GET", "/readyz")
            if connection.getresponse().status != http.client.SERVICE_UNAVAILABLE:
                return
        except OSError:
            pass
        finally:
            connection.close()
        time.sleep(0.01)
    raise _NeverReadyError


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
