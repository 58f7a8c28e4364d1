"""One request message in, one answer out: what every POST endpoint has in common.

An endpoint turns a loaded message into numbers and arrays. Everything else (media types, bodies,
streams, limits, turns, encoding) is here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

import orjson
from flask import Flask, Response, current_app, g, request

from autograd_core import Fault, InvalidError
from service.access.rates import RateLimit
from service.endpoints.endpoint import JSON, NDJSON, Endpoint, Picture, Terms
from service.messages.graph_cache import let_go
from service.messages.message import Message
from service.messages.message_cache import MessageReader
from service.problems import Problem, invalid, problem_of, response_of
from service.process import collector, memory, metrics
from service.process.access_log import CLIENT
from service.process.budget import FREE, Budget, Budgets
from service.process.received import hand_over
from service.process.stream_budget import StreamBudget
from service.settings import Settings
from service.transport import compression, json_size, long_text, ndjson, negotiation, wire
from service.transport.body import input_of, read_body
from service.transport.client import client_of

# A smaller message is read before the garbage collector would run once.
_WORTH_A_PAUSE: Final = 4 * 1024
# A message that could take less than this share of a process's memory, decoded, is not counted.
_SHARE: Final = 16
# Bytes of text that are reserved without a look at the answer.
_NOT_MEASURED: Final = 16 * 1024 * 1024
# Bytes that a loaded message takes for each byte of its text, at most: columns and arrays.
_KEPT: Final = 8
_UNREAD: Final = object()  # the label of a line that has not been decoded


def _unchanged(value: Any) -> Any:
    return value


@dataclass(frozen=True, slots=True)
class Exchange:
    """An endpoint in an app: with the app's limits, and its turns shared with the others."""

    endpoint: Endpoint
    reader: MessageReader
    settings: Settings
    budgets: Budgets
    rate: RateLimit | None = None

    def answer(
        self,
        body: bytes,
        budget: Budget,
        message_of: Callable[[Any], Any] = _unchanged,
        picture: Picture | None = None,
    ) -> bytes:
        """The answer to one message, whose last byte has just come, as JSON or as a picture; it
        holds its memory until the budget is released. Any exception is for `problem_of`.

        `message_of` takes the message out of the decoded value.
        """
        memory.handled(len(body))
        most, cheap = self.settings.decoded_limit, self.settings.memory_limit // _SHARE
        with budget.computing(len(body)):
            with _collector_paused(body):
                budget.decode(len(body) + json_size.decoded(body, most, cheap))
                # Nothing here keeps the value: a large graph is taken apart in the pause.
                message = self.reader.load(message_of(self._decoded(body)))
            return self._computed(message, len(body), budget, picture)

    def answer_line(self, stream: StreamBudget, line: bytes | Problem, number: int) -> bytes:
        """The answer to one line of a stream. It never raises."""
        try:
            return self._answer_line(stream, line, number)
        finally:
            memory.give_back()

    def _answer_line(self, stream: StreamBudget, line: bytes | Problem, number: int) -> bytes:
        label: Any = _UNREAD

        def unlabelled(value: Any) -> Any:
            nonlocal label
            label, message = _labelled(value)
            return message

        try:
            if isinstance(line, Problem):
                raise line
            try:
                result = self.answer(line, stream.new(), unlabelled)
            finally:
                self._keep(stream)
        except Exception as error:  # noqa: BLE001 - one bad line harms no other
            # The number of the line, not the request id: the same stream gets the same bytes.
            instance = f"#line-{number}"
            problem = problem_of(error, instance)
            if label is _UNREAD:
                label = None if isinstance(line, Problem) else ndjson.label(line)
            answer = {
                "id": label,
                "line": number,
                "status": problem.status,
                "problem": problem.body(instance),
            }
            return orjson.dumps(answer, default=str) + b"\n"
        start = b'{"id":%b,"line":%d,"status":200,"result":' % (orjson.dumps(label), number)
        return b"%b%b}\n" % (start, result)

    def _keep(self, stream: StreamBudget) -> None:
        """Hold memory for what the next lines may go on from, or hold nothing of it."""
        try:
            stream.keep(self.reader.held)
        except Problem as problem:
            self.reader.refused(problem)
            raise

    def _decoded(self, body: bytes) -> Any:
        try:
            return wire.decode(body)
        except Problem:
            self.reader.unreadable(body)
            raise

    def _computed(
        self, message: Message, length: int, budget: Budget, picture: Picture | None
    ) -> bytes:
        """The text of the answer to a message that was `length` bytes long."""
        budget.loaded(_KEPT * length)
        terms = Terms(self.settings.limits, budget)
        try:
            answer: Mapping[str, Any] | bytes
            if picture is None:
                answer = self.endpoint.answer(message, terms)
            else:
                answer = self.endpoint.drawn(picture, message, terms)
        except InvalidError as error:
            raise invalid(message.faults(error)) from None
        finally:
            let_go(message.graph)
        metrics.NODES.observe(len(message.graph))
        budget.check()
        if isinstance(answer, bytes):
            return answer
        longest, nulls = budget.longest_answer, message.nonfinite == "null"
        is_short = longest <= min(FREE, self.settings.answer_limit)
        if not is_short:
            self._make_room(answer, budget)
        if nulls:  # the warnings say what each null was
            answer = {**answer, "warnings": orjson.Fragment(wire.encode(answer["warnings"]))}
        if message.encoding is not None or longest <= _NOT_MEASURED:
            text = wire.encode(answer, message.encoding, nulls=nulls)
        else:
            text = long_text.encode(answer, budget.check, nulls=nulls)
        if not is_short:
            budget.reserve(len(text))
        return text

    def _make_room(self, answer: Mapping[str, Any], budget: Budget) -> None:
        """Reserve memory for an answer and its text; Problem invalid-message if it is too long."""
        if budget.longest_answer <= min(_NOT_MEASURED, self.settings.answer_limit):
            budget.reserve(2 * budget.longest_answer)
            return
        bounds = {name: wire.text_bound(part) for name, part in answer.items()}
        needed, limit = sum(bounds.values()), self.settings.answer_limit
        if needed > limit:
            largest = max(bounds, key=bounds.__getitem__)
            detail = (
                f"the answer may take {needed:,} bytes, over the limit of {limit:,}; the largest "
                f"part ({bounds[largest] / needed:.0%}) is {largest!r}"
            )
            raise invalid([Fault("limit_exceeded", detail)])
        budget.reserve(2 * needed)


def register(app: Flask, endpoint: Endpoint) -> None:
    """Add POST /<name> to an app."""

    def view() -> Response:
        exchange: Exchange = current_app.extensions["exchanges"][endpoint.name]
        if exchange.rate is not None:
            exchange.rate.take(request.environ[CLIENT])
        if negotiation.is_stream(request, endpoint):
            return _stream(exchange)
        kind = negotiation.accepted(request, endpoint)
        picture = endpoint.offered[kind]
        asking = partial(_asking, endpoint.forms.get(kind, {}))
        settings, client = exchange.settings, client_of(request.environ)
        budget = exchange.budgets.new(client.left, hand_over(request.environ))
        try:
            body = read_body(request, settings.body_limit, settings.gzip_ratio, budget.arrive)
            answer = exchange.answer(body, budget, asking, picture)
            response = Response(answer, mimetype=kind)
        except Exception as error:  # noqa: BLE001 - answered as `problems.install` would
            refusal = response_of(problem_of(error, g.request_id), g.request_id)
        else:
            if picture is not None:
                _fence(response)
            if budget.is_held:
                response.call_on_close(budget.release)
            return response
        budget.release()  # only now: the error had the message, decoded, in hand
        return refusal

    view.__doc__ = endpoint.title
    app.add_url_rule(f"/{endpoint.name}", endpoint.name, view, methods=["POST"])


def _fence(picture: Response) -> None:
    """Opened on its own, a picture in SVG is a document: one that may load and run nothing."""
    picture.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
    picture.vary.add("Accept")


def _stream(exchange: Exchange) -> Response:
    negotiation.require_accepted(request, JSON, NDJSON)
    exchange = replace(exchange, reader=exchange.reader.in_stream())
    gzipped, client = compression.is_gzip(request), client_of(request.environ)
    budget = StreamBudget(exchange.budgets)
    stream: Iterator[bytes] = ndjson.answers(
        input_of(request.environ),
        partial(exchange.answer_line, budget),
        budget,
        limit=exchange.settings.body_limit,
        buffer=exchange.settings.stream_buffer,
        gzip_ratio=exchange.settings.gzip_ratio if gzipped else None,
        client=client,
    )
    response = Response(stream, mimetype=NDJSON)
    response.vary.add("Accept-Encoding")
    # A proxy that collects the answer before passing it on would undo the streaming.
    response.headers["X-Accel-Buffering"] = "no"
    if compression.accepts_gzip(request):
        response.response = compression.compressed(stream)
        response.headers["Content-Encoding"] = "gzip"
    return response


def _asking(members: Mapping[str, Any], value: Any) -> Any:
    """A decoded message with what Accept asks for. What it says itself has to be the same."""
    if members and isinstance(value, dict):
        faults = [
            Fault("invalid_value", f"Accept asks for {wanted!r}, and this does not", (name,))
            for name, wanted in members.items()
            if value.setdefault(name, wanted) != wanted
        ]
        if faults:
            raise invalid(faults)
    return value


def _labelled(value: Any) -> tuple[Any, Any]:
    """The `id` of a line and the message without it; no `id` is the same as null."""
    if not isinstance(value, dict) or "id" not in value:
        return None, value
    label = value.pop("id")
    if label is None or isinstance(label, str | int | float):
        return label, value
    detail = "an id is a string, a number, true, false or null"
    raise invalid([Fault("wrong_type", detail, ("id",))])


def _collector_paused(body: bytes) -> AbstractContextManager[None]:
    """The garbage collector's pause, for a body large enough to be worth one."""
    return collector.paused() if len(body) >= _WORTH_A_PAUSE else nullcontext()
