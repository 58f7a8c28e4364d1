"""The library and the service as contestants."""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask
from werkzeug.test import EnvironBuilder

from autograd_core import Gradient, gradient, read_nodes
from benchmarks.graphs import ScalarGraph
from benchmarks.peers import Answer
from service.app import create_app
from service.settings import Settings

JSON, NDJSON = "application/json", "application/x-ndjson"


def library(graph: ScalarGraph, seeds: Iterable[int]) -> Callable[[], Gradient]:
    """Value and gradients by the library, the graph read once, with other numbers each time."""
    program = read_nodes(graph.nodes())
    points = itertools.cycle([graph.bindings(seed) for seed in seeds])
    return lambda: gradient(program, next(points))


def answer_of(result: Gradient) -> Answer:
    """The numbers of a result, as the peers give theirs."""
    return float(result.value), [float(slope) for slope in result.gradients.values()]


def service() -> Flask:
    """The service as an application in this process, with its default limits, not logging."""
    return create_app(Settings(access_log=False))


def wsgi_call(
    app: Callable[..., Iterable[bytes]], path: str, body: bytes, kind: str = JSON
) -> Callable[[], bytes]:
    """A POST to a WSGI application: from the bytes of the body to the bytes of the answer."""
    environment = EnvironBuilder(path, method="POST", content_type=kind).get_environ()
    environment["CONTENT_LENGTH"] = str(len(body))
    statuses: list[str] = []

    def start_response(status: str, headers: list[tuple[str, str]], info: Any = None) -> None:
        statuses[:] = [status]

    def call() -> bytes:
        answer = app({**environment, "wsgi.input": io.BytesIO(body)}, start_response)
        try:
            return b"".join(answer)
        finally:
            if close := getattr(answer, "close", None):
                close()

    answer = call()
    if statuses != ["200 OK"]:
        raise RuntimeError(f"{path} answered {statuses}: {answer[:500]!r}")
    return call
