"""GET /problems and /problems/<name>: what a `type` points to. And problems as pages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from flask import Blueprint, Response, g, render_template

from autograd_core import did_you_mean
from service.answers.problem_types import PROBLEM_TYPE, PROBLEM_TYPES
from service.contract.exchanges import PAIRS, Pair
from service.pages import html
from service.problem_types import CODES, KINDS, Kind
from service.problems import Problem
from service.transport import wire

blueprint = Blueprint("problems", __name__)

_REQUEST_ID: Final = "3f1c7a52d0e94b6c8f5e2a9d4b7c1e06"


@dataclass(frozen=True)
class Explained:
    """A problem type as it is shown, with requests to this address."""

    name: str
    kind: Kind
    pair: Pair
    address: str

    @property
    def type(self) -> str:
        """The address of its page."""
        return f"/problems/{self.name}"

    @property
    def codes(self) -> Mapping[str, str] | None:
        """The codes it may list, where it lists any."""
        return CODES if self.name == "invalid-message" else None

    @property
    def example(self) -> Self:
        """Itself: the exchanges are members of their own, for programs."""
        return self

    @property
    def when(self) -> str | None:
        """What has to be so for the wrong request to get the problem; None if it always does."""
        return self.pair.when or None

    @property
    def wrong(self) -> str:
        """A request that gets it, for curl."""
        return self.pair.wrong.command(self.address)

    @property
    def problem(self) -> Mapping[str, Any]:
        """The answer to that."""
        return self.pair.problem.body(_REQUEST_ID)

    @property
    def right(self) -> str:
        """A request that does not."""
        return self.pair.right.command(self.address)


@blueprint.get("/problems")
def index() -> Response:
    """Every problem type."""
    found = [_explained(name) for name in KINDS]
    written = wire.encode(PROBLEM_TYPES.written(found))
    return html.either(written, "problems.html", page_first=True, kinds=KINDS)


@blueprint.get("/problems/<name>")
def page(name: str) -> Response:
    """One problem type, explained, with a wrong and a right request."""
    if name not in KINDS:
        hint = did_you_mean(name, KINDS) or "; /problems lists them"
        raise Problem("not-found", f"there is no problem type {name!r}{hint}")
    found = _explained(name)
    written = wire.encode(PROBLEM_TYPE.written(found))
    return html.either(
        written,
        "problem.html",
        page_first=True,
        of=found,
        problem=_indented(found.problem),
        answer=_indented(found.pair.answer),
    )


def _explained(name: str) -> Explained:
    return Explained(name, KINDS[name], PAIRS[name], html.address())


def shown(problem: Problem) -> Response | None:
    """A problem as a page, for clients that want one more than JSON."""
    if not html.is_wanted():
        return None
    text = render_template(
        "answered_problem.html",
        problem=problem,
        kind=KINDS[problem.kind],
        faults=problem.body(g.request_id).get("errors", []),
        request_id=g.request_id,
    )
    response = Response(text, status=problem.status, mimetype=html.PAGE)
    response.headers.update(problem.headers)
    return response


def _indented(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
