"""GET /problems and /problems/<name>: what a `type` points to. And problems as pages."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, g, render_template

from service.contract.exchanges import PAIRS
from service.pages import html
from service.problem_types import CODES, KINDS
from service.problems import Problem

blueprint = Blueprint("problems", __name__)


@blueprint.get("/problems")
def index() -> Response:
    """Every problem type."""
    return html.page("problems.html", kinds=KINDS)


@blueprint.get("/problems/<name>")
def page(name: str) -> Response:
    """One problem type, explained, with a wrong and a right request; the codes it may list, where
    it lists any.
    """
    if name not in KINDS:
        raise Problem("not-found", f"there is no problem type {name!r}; /problems lists them")
    pair, address = PAIRS[name], html.address()
    return html.page(
        "problem.html",
        name=name,
        kind=KINDS[name],
        codes=CODES if name == "invalid-message" else {},
        when=pair.when,
        wrong=pair.wrong.command(address),
        problem=_indented(pair.problem.body("3f1c7a52d0e94b6c8f5e2a9d4b7c1e06")),
        right=pair.right.command(address),
        answer=_indented(pair.answer),
    )


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
