"""The application factory, and what every request goes through on its way in and out."""

from __future__ import annotations

from flask import Flask, Request, Response, current_app, g, request
from flask.sessions import NullSession, SessionInterface, SessionMixin

from service import problems
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
from service.process import access_log as logging
from service.process.budget import Budgets
from service.process.warm import warm
from service.settings import Settings
from service.transport.direct import Direct
from service.transport.exchange import Exchange
from service.transport.needs import needs
from service.transport.passage import finish, identify, require_host
from service.transport.responding import register

_PAGES = (
    home.blueprint,
    operations.blueprint,
    limits.blueprint,
    health.blueprint,
    measurements.blueprint,
    problem_pages.blueprint,
    contract.blueprint,
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
    app.extensions["exchanges"] = exchanges = {
        endpoint.name: Exchange(endpoint, endpoint.reader(settings.limits), settings, budgets, rate)
        for endpoint in ENDPOINTS
    }
    app.before_request(_identify)
    app.after_request(_finish)
    problems.install(app, problem_pages.shown)
    for exchange in exchanges.values():
        register(app, exchange)
    for blueprint in _PAGES:
        app.register_blueprint(blueprint)
    watched = logging.Watch(Direct(app.wsgi_app, exchanges, settings), settings.trusted_proxies)
    app.wsgi_app = watched  # type: ignore[method-assign]  # as Flask has middleware put in
    warm()
    return app


def _identify() -> None:
    rule = request.url_rule
    g.request_id = identify(request.environ, rule.rule if rule is not None else "unknown")
    require_host(request.environ)


def _finish(response: Response) -> Response:
    settings: Settings = current_app.extensions["settings"]
    return finish(response, request, g.request_id, settings)
