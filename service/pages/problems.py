"""GET /problems and /problems/<name>: the pages that a problem's `type` points to."""

from __future__ import annotations

from flask import Blueprint, render_template

from service.problem_types import CODES, KINDS
from service.problems import Problem

blueprint = Blueprint("problems", __name__)


@blueprint.get("/problems")
def index() -> str:
    """Every problem type."""
    return render_template("problems.html", kinds=KINDS)


@blueprint.get("/problems/<name>")
def page(name: str) -> str:
    """One problem type, explained; the codes it may list, where it lists any."""
    if name not in KINDS:
        raise Problem("not-found", f"there is no problem type {name!r}; /problems lists them")
    codes = CODES if name == "invalid-message" else {}
    return render_template("problem.html", name=name, kind=KINDS[name], codes=codes)
