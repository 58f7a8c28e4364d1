"""The application factory, and what every request goes through on its way in and out."""

from __future__ import annotations

import re
import uuid

from flask import Flask, Request, Response, current_app, g, request
from flask.sessions import NullSession, SessionInterface, SessionMixin

from service import __version__, problems
from service.access.rates import RateLimit
from service.endpoints.table import ENDPOINTS
from service.pages import (
    catalogue as operations,
    contract,
    health,
    home,
    limits,
    metrics as measurements,
    problems as problem_pages,
)
from service.problems import Problem
from service.process import access_log as logging
from service.process.budget import Budgets
from service.process.warm import warm
from service.settings import Settings
from service.transport import compression
from service.transport.exchange import Exchange, register
from service.transport.needs import needs

_PAGES = (
    home.blueprint,
    operations.blueprint,
    limits.blueprint,
    health.blueprint,
    measurements.blueprint,
    problem_pages.blueprint,
    contract.blueprint,
)
_REQUEST_ID = re.compile(r"[\w.:/+=@-]{1,128}", re.ASCII)
# RFC 9112, section 3.2: any other is a 400. Names with `_` are common in container networks.
_HOST = re.compile(r"(?:[\w.-]+|\[[\da-fA-F:.]+\])(?::\d{0,5})?", re.ASCII)
# Scripts and styles are files of ours; nothing is inline, and nothing comes from elsewhere.
_PAGE_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; "
    "form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
)


class _NoSessions(SessionInterface):
    """Nobody has a session here, and no request pays for looking for one."""

    _none = NullSession()

    def open_session(self, app: Flask, request: Request) -> SessionMixin:
        return self._none


def create_app(settings: Settings | None = None) -> Flask:
    """The WSGI application. Without settings, they are read from the environment."""
    settings = Settings.from_environment() if settings is None else settings
    logging.configure(log_requests=settings.access_log)
    app = Flask(__name__)
    # An address is what it says: no redirects to a tidier one, which turn a POST into a GET.
    app.url_map.merge_slashes = False
    app.session_interface = _NoSessions()
    budgets = Budgets(
        settings.deadline, settings.concurrency, settings.memory_limit, settings.patience
    )
    rate = RateLimit(settings.rate_limit) if settings.rate_limit else None
    app.extensions["settings"] = settings
    app.extensions["budgets"] = budgets
    app.extensions["needs"] = needs
    app.extensions["exchanges"] = {
        endpoint.name: Exchange(endpoint, endpoint.reader(settings.limits), settings, budgets, rate)
        for endpoint in ENDPOINTS
    }
    app.before_request(_identify)
    app.after_request(_finish)
    problems.install(app, problem_pages.shown)
    for endpoint in ENDPOINTS:
        register(app, endpoint)
    for blueprint in _PAGES:
        app.register_blueprint(blueprint)
    app.wsgi_app = logging.Watch(app.wsgi_app, settings.trusted_proxies)  # type: ignore[method-assign]
    warm()
    return app


def _identify() -> None:
    """Give the request its id: the caller's own, if it is fit to be repeated."""
    environ, rule = request.environ, request.url_rule
    given = environ.get("HTTP_X_REQUEST_ID", "")
    g.request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
    environ[logging.REQUEST_ID] = g.request_id
    environ[logging.ROUTE] = rule.rule if rule is not None else "unknown"
    host = environ.get("HTTP_HOST")
    if host is not None and not _HOST.fullmatch(host):
        raise Problem("bad-request", f"the Host header {host!r} is not a host and a port")


def _finish(response: Response) -> Response:
    response.headers["X-Request-Id"] = g.request_id
    response.headers["API-Version"] = __version__
    response.headers["X-Content-Type-Options"] = "nosniff"
    _allow_origin(response)
    if request.method == "OPTIONS" and response.status_code == 200:
        response.status_code = 204
        del response.headers["Content-Type"]
        return response
    if response.mimetype == "text/html":
        response.headers["Content-Security-Policy"] = _PAGE_POLICY
    if response.direct_passthrough and response.status_code in {200, 304}:
        compression.load(response)
    if response.is_streamed:
        return response
    return compression.compress(response, request)


def _allow_origin(response: Response) -> None:
    """CORS, for the origins of the settings: no credentials are ever involved."""
    allowed: tuple[str, ...] = current_app.extensions["settings"].cors_origins
    origin = request.headers.get("Origin")
    if not allowed or origin is None:
        return
    if "*" in allowed:
        response.headers["Access-Control-Allow-Origin"] = "*"
    else:
        response.vary.add("Origin")
        if origin not in allowed:
            return
        response.headers["Access-Control-Allow-Origin"] = origin
    response.headers["Access-Control-Expose-Headers"] = "X-Request-Id, API-Version, Retry-After"
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = "GET, HEAD, POST, OPTIONS"
        response.headers["Access-Control-Allow-Headers"] = (
            "Content-Type, Content-Encoding, X-Request-Id"
        )
        response.headers["Access-Control-Max-Age"] = "86400"
