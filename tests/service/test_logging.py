"""The log: what a line says, and that one which cannot be written harms nothing."""

from __future__ import annotations

import json
import logging
import os
import sys
import time
from io import StringIO
from typing import IO

import pytest

from service.app import create_app
from service.process.access_log import JsonLines, StandardError
from service.settings import Settings


@pytest.fixture
def handler() -> logging.Handler:
    made = StandardError()
    made.setFormatter(JsonLines())
    return made


def record(text: str = "hello") -> logging.LogRecord:
    return logging.LogRecord("service", logging.INFO, "", 0, text, None, None)


def test_a_line_names_the_client(monkeypatch: pytest.MonkeyPatch) -> None:
    client = create_app(Settings()).test_client()
    monkeypatch.setattr(sys, "stderr", StringIO())
    with client.get("/livez", environ_overrides={"REMOTE_ADDR": "203.0.113.7"}):
        pass
    line = json.loads(sys.stderr.getvalue())  # type: ignore[attr-defined]
    assert (line["client"], line["path"]) == ("203.0.113.7", "/livez")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full")  # noqa: PTH110
def test_a_full_disk_is_no_error(handler: logging.Handler, monkeypatch: pytest.MonkeyPatch) -> None:
    full = open("/dev/full", "w", buffering=1)  # noqa: PTH123, SIM115 - closing it fails
    monkeypatch.setattr(sys, "stderr", full)
    for _ in range(3):
        handler.handle(record())
    monkeypatch.undo()
    with pytest.raises(OSError, match="No space left"):
        full.close()


def test_a_closed_log_is_no_error(
    handler: logging.Handler, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = StringIO()
    closed.close()
    monkeypatch.setattr(sys, "stderr", closed)
    handler.handle(record())


def pipe() -> tuple[IO[bytes], IO[str]]:
    ends = os.pipe()
    return os.fdopen(ends[0], "rb", buffering=0), os.fdopen(ends[1], "w", buffering=1)


def test_a_pipe_that_nobody_empties_holds_nobody_up(
    handler: logging.Handler, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading, writing = pipe()
    with reading, writing:
        monkeypatch.setattr(sys, "stderr", writing)
        begun = time.monotonic()
        for _ in range(3000):
            handler.handle(record("x" * 100))
        assert time.monotonic() - begun < 2
        while reading.read(65536).count(b"\n") > 400:
            pass
        os.set_blocking(reading.fileno(), False)
        while reading.read(65536):
            pass
        handler.handle(record("heard again"))
        assert b"heard again" in reading.read(65536)
