"""POST requests, answered without Flask.

Of what Flask does for a request (contexts, routing, hooks, signals) a message needs nothing: its
address is one of a dozen, and what answers it takes the request as an argument. All of that takes
twice as long as answering a small message. Whatever is no POST to an endpoint goes on to Flask,
which has pages, and says what is not allowed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask import Request, Response

from service.problems import problem_of, response_of
from service.process.access_log import StartResponse, Wsgi
from service.settings import Settings
from service.transport.exchange import Exchange
from service.transport.passage import finish, identify, is_plain, plain_head, require_host
from service.transport.responding import json_response, respond


class Direct:
    """WSGI middleware. exchanges: by the name of their endpoint, which is its address."""

    def __init__(self, app: Wsgi, exchanges: Mapping[str, Exchange], settings: Settings) -> None:
        self._app = app
        self._exchanges = exchanges
        self._settings = settings

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        path: str = environ.get("PATH_INFO", "")
        exchange = self._exchanges.get(path[1:]) if path[:1] == "/" else None
        if exchange is None or environ["REQUEST_METHOD"] != "POST" or "HTTP_UPGRADE" in environ:
            return self._app(environ, start_response)
        # Not in the environment, which it refers to: the collector alone would free them.
        request = Request(environ, populate_request=False)
        request_id = identify(environ, path)
        try:
            require_host(environ)
            answer = respond(exchange, request, request_id)
            if type(answer) is bytes and is_plain(answer, self._settings):
                start_response("200 OK", plain_head(answer, request_id))
                return [answer]
            response = answer if isinstance(answer, Response) else json_response(answer)
            finished = finish(response, request, request_id, self._settings)
        except Exception as error:  # noqa: BLE001 - answered as `problems.install` would
            problem = response_of(problem_of(error, request_id), request_id)
            finished = finish(problem, request, request_id, self._settings)
        return finished(environ, start_response)
