"""Fixtures for everything that talks to the service, in this process or over a socket."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import hypothesis
import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient

from service.app import create_app
from service.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 60.0

# The same examples on every run and machine, and no time limit for one: shared cores stall.
hypothesis.settings.register_profile("project", derandomize=True, deadline=None, database=None)
hypothesis.settings.load_profile("project")


# What runs only where its folder is named, as `make test-FOLDER` does: it wants programs that not
# every machine has, or all of the machine, or minutes.
ASKED_FOR = ("browser", "clients", "fuzz", "load", "benchmarks")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out the folders that were not asked for."""
    folder = collection_path.relative_to(ROOT).as_posix()
    for name in ASKED_FOR:
        asked = any(f"tests/{name}" in str(word) for word in config.invocation_params.args)
        if folder == f"tests/{name}" and not asked:
            return True
    return None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Slow tests go first, so that workers end together."""
    for item in items:
        for name in ASKED_FOR:
            if item.nodeid.startswith(f"tests/{name}/"):
                item.add_marker(name)
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


@dataclass(frozen=True)
class Server:
    """A running service: where it listens and what it logs."""

    port: int
    log: Path
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def connect(self) -> socket.socket:
        """A raw connection."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)


Start = Callable[..., AbstractContextManager[Server]]


@pytest.fixture(scope="session")
def app() -> Flask:
    """The application with its default settings."""
    return create_app(Settings(access_log=False))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client of it."""
    return app.test_client()


@pytest.fixture(scope="session")
def start(tmp_path_factory: pytest.TempPathFactory) -> Start:
    """Start the service behind a gunicorn of its own; keywords are environment variables."""

    @contextmanager
    def started(config: str = "gunicorn.conf.py", **variables: str) -> Iterator[Server]:
        log = tmp_path_factory.mktemp("server") / "log"
        port = int(variables.get("PORT") or _free_port())
        command = [sys.executable, "-m", "gunicorn", "--config", config]
        environment = _environment(port, variables)
        with (
            log.open("wb") as sink,
            subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=sink, stderr=sink
            ) as process,
        ):
            server = Server(port, log, process)
            try:
                _wait_until_ready(server)
                yield server
            finally:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(PATIENCE)
                finally:
                    process.kill()

    return started


@pytest.fixture(scope="session")
def server(start: Start) -> Iterator[Server]:
    """The service as it is run: its defaults, and two workers."""
    with start() as running:
        yield running


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _environment(port: int, variables: dict[str, str]) -> dict[str, str]:
    """This process's environment, without what would change how the service behaves."""
    private = ("GRADIENT_", "PROMETHEUS_", "COV_", "COVERAGE_")
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(private)}
    return inherited | {
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "WORKERS": "2",
        "LOG_LEVEL": "warning",
        **variables,
    }


def _wait_until_ready(server: Server) -> None:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            if requests.get(f"{server.url}/readyz", timeout=PATIENCE).status_code == 200:
                return
        except requests.ConnectionError:
            pass
        if server.process.poll() is not None or time.monotonic() > end:
            pytest.fail(f"the service did not start:\n{server.log.read_text()}")
        time.sleep(0.05)
