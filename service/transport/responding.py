"""A request to a POST endpoint: what it sends, what it wants back, and the answer to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final

from flask import Flask, Request, Response, g, request

from autograd_core import Fault
from service.endpoints.endpoint import JSON, NDJSON
from service.problems import invalid, problem_of, response_of
from service.process.access_log import CLIENT
from service.process.budget import Budget
from service.process.stream_budget import StreamBudget
from service.transport import compression, ndjson, negotiation
from service.transport.body import input_of, read_body
from service.transport.exchange import Exchange, unchanged
from service.transport.lines import Lines
from service.worker.environment import hand_over, has_left_of

# Bytes that an open stream holds: its connection, its request, what answers it.
_OPEN: Final = 32 * 1024


def respond(exchange: Exchange, request: Request, request_id: str) -> Response | bytes:
    """The answer to a request, or the problem with it; bytes are JSON, of a 200."""
    budget = exchange.budgets.new(has_left_of(request.environ))
    try:
        answer = _responded(exchange, request, budget)
    except Exception as error:  # noqa: BLE001 - answered as `problems.install` would
        refusal = response_of(problem_of(error, request_id), request_id)
    else:
        if budget.is_held:
            answer = answer if isinstance(answer, Response) else json_response(answer)
            answer.call_on_close(budget.release)
        return answer
    budget.release()  # only now: the error had the message, decoded, in hand
    return refusal


def _responded(exchange: Exchange, request: Request, budget: Budget) -> Response | bytes:
    endpoint, settings = exchange.endpoint, exchange.settings
    if exchange.rate is not None:
        exchange.rate.take(request.environ[CLIENT])
    if negotiation.is_stream(request, endpoint):
        return _stream(exchange, request)
    kind = negotiation.accepted(request, endpoint)
    asked, picture = endpoint.forms.get(kind), endpoint.offered[kind]
    budget.take_over(hand_over(request.environ))
    body = read_body(request, settings.body_limit, settings.gzip_ratio, budget.arrive)
    message_of = unchanged if asked is None else partial(_asking, asked)
    answer = exchange.answer(body, budget, message_of, picture)
    if kind == JSON:
        return answer
    response = Response(answer, mimetype=kind)
    if picture is not None:
        _fence(response)
    return response


def json_response(text: bytes) -> Response:
    """An answer whose text is JSON."""
    return Response(text, mimetype=JSON)


def register(app: Flask, exchange: Exchange) -> None:
    """Add POST /<name> to an app."""
    endpoint = exchange.endpoint

    def view() -> Response:
        answer = respond(exchange, request, g.request_id)
        return answer if isinstance(answer, Response) else json_response(answer)

    view.__doc__ = endpoint.title
    app.add_url_rule(f"/{endpoint.name}", endpoint.name, view, methods=["POST"])


def _fence(picture: Response) -> None:
    """Opened on its own, a picture in SVG is a document: one that may load and run nothing."""
    picture.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
    picture.vary.add("Accept")


def _stream(exchange: Exchange, request: Request) -> Response:
    negotiation.require_accepted(request, JSON, NDJSON)
    exchange = replace(exchange, reader=exchange.reader.in_stream())
    gzipped, gzips = compression.is_gzip(request), compression.accepts_gzip(request)
    size = _OPEN + gzipped * compression.DECOMPRESSING + gzips * compression.COMPRESSING
    budget = StreamBudget(exchange.budgets, size)
    stream: Iterator[bytes] = ndjson.answers(
        input_of(request.environ),
        Lines(exchange, budget).answers,
        budget,
        limit=exchange.settings.body_limit,
        gzip_ratio=exchange.settings.gzip_ratio if gzipped else None,
        has_left=has_left_of(request.environ),
    )
    response = Response(stream, mimetype=NDJSON)
    response.vary.add("Accept-Encoding")
    # A proxy that collects the answer before passing it on would undo the streaming.
    response.headers["X-Accel-Buffering"] = "no"
    if gzips:
        response.response = compression.compressed(stream)
        response.headers["Content-Encoding"] = "gzip"
    return response


def _asking(members: Mapping[str, Any], value: Any) -> Any:
    """A decoded message with what Accept asks for. What it says itself has to be the same."""
    if isinstance(value, dict):
        faults = [
            Fault("invalid_value", f"Accept asks for {wanted!r}, and this does not", (name,))
            for name, wanted in members.items()
            if value.setdefault(name, wanted) != wanted
        ]
        if faults:
            raise invalid(faults)
    return value
