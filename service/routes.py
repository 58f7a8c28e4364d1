"""The address that somebody meant who asked for one at which there is nothing."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from typing import Final

from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter

# What other services put before their addresses.
_PREFIX: Final = re.compile(r"/+(?:(?:api|rest|v\d+(?:\.\d+)*)(?:/+|$))+", re.IGNORECASE)
# What other services call the same.
_ELSEWHERE: Final[Mapping[str, str]] = {
    "/health": "/livez",
    "/healthz": "/livez",
    "/ping": "/livez",
    "/ready": "/readyz",
    "/swagger": "/docs",
    "/redoc": "/docs",
    "/swagger.json": "/openapi.json",
    "/openapi.yml": "/openapi.yaml",
    "/grad": "/gradient",
}
# How much alike two addresses have to be; how long one is that may be a slip of another.
_ALIKE: Final = 0.65
_LONGEST: Final = 40
# Of the rules with a part that is free, these stand for one thing each, and others for files.
_NAMED: Final = {"name"}


def suggestion(path: str, routes: MapAdapter) -> str:
    """The end of a sentence that there is nothing at a path: "; did you mean '/limits'?", or
    nothing.

    A slash too many, a prefix, capitals and what other services say are seen through; of what is
    left the nearest address is taken, if one is near.
    """
    prefix = _PREFIX.match(path)
    rest = path[prefix.end() :] if prefix is not None else path
    bare = "/" + "/".join(part for part in rest.split("/") if part)
    small = bare.lower()
    for meant in (bare, small, _ELSEWHERE.get(small, small)):
        if meant != path and _leads_somewhere(meant, routes):
            return f"; did you mean {meant!r}?"
    known = {rule.rule.strip("/") for rule in routes.map.iter_rules() if not rule.arguments}
    name = small[1 : _LONGEST + 1]
    near = difflib.get_close_matches(name, sorted(known - {""}), n=1, cutoff=_ALIKE)
    return f"; did you mean '/{near[0]}'?" if near else ""


def _leads_somewhere(path: str, routes: MapAdapter) -> bool:
    for method in ("GET", "POST"):
        try:
            rule, _ = routes.match(path, method=method, return_rule=True)
        except HTTPException:
            continue
        return _NAMED.issuperset(rule.arguments)
    return False
