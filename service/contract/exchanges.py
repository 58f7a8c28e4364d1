"""For each type of problem, a request that gets it and one that does not, both with their answers.

Problem pages show them, the contract has the problems as examples, and a test sends every one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from autograd_core import Fault
from service.endpoints.endpoint import JSON
from service.problems import Problem

_TYPED: Final = {"Content-Type": JSON}
_X: Final = '{"expression": "x**2", "bindings": {"x": 3}}'
_ANSWER: Final = {"value": 9.0, "gradients": {"x": 6.0}, "warnings": []}


@dataclass(frozen=True)
class Sent:
    """A request. made_by: a command that prints a body too long to be shown."""

    path: str = "/gradient"
    body: str | None = None
    headers: Mapping[str, str] = field(default_factory=lambda: _TYPED)
    made_by: str | None = None

    def command(self, address: str) -> str:
        """The request as a command for curl."""
        lines = [f"curl -i {address}{self.path}"]
        if self.made_by is not None:
            lines[0] = f"{self.made_by} | {lines[0]}"
        if self.body is not None or self.made_by is not None:
            lines += [f"-H '{name}: {value}'" for name, value in self.headers.items()]
            lines.append("--data-binary @-" if self.body is None else f"-d '{self.body}'")
        return " \\\n     ".join(lines)


@dataclass(frozen=True)
class Pair:
    """wrong: a request that gets the problem, always or `when` something else is so. right: one
    that gets an answer.
    """

    wrong: Sent
    problem: Problem
    right: Sent
    answer: Any
    when: str = ""


def _posted(body: str, path: str = "/gradient", **headers: str) -> Sent:
    more = {name.replace("_", "-"): value for name, value in headers.items()}
    return Sent(path, body, _TYPED | more)


_FINE: Final = _posted(_X)
_SHORT_WAIT: Final = {"Retry-After": "1"}
PAIRS: Final[Mapping[str, Pair]] = {
    "bad-request": Pair(
        _posted(_X, Host="not a host"),
        Problem("bad-request", "the Host header 'not a host' is not a host and a port"),
        _FINE,
        _ANSWER,
    ),
    "malformed-json": Pair(
        _posted('{"expression": "x + 1", "bindings": {"x": NaN}}'),
        Problem(
            "malformed-json",
            'the body is not JSON: it has NaN (line 1, column 43); write "NaN", in quotes',
            line=1,
            column=43,
        ),
        _posted('{"expression": "x + 1", "bindings": {"x": "Infinity"}}'),
        {
            "value": "Infinity",
            "gradients": {"x": 1.0},
            "warnings": [
                {
                    "code": "nonfinite",
                    "node": "x",
                    "operation": None,
                    "operands": [],
                    "value": "Infinity",
                    "detail": "the input 'x' is inf",
                }
            ],
        },
    ),
    "malformed-encoding": Pair(
        _posted(_X, Content_Encoding="gzip"),
        Problem("malformed-encoding", "the body is not gzip"),
        _FINE,
        _ANSWER,
    ),
    "not-found": Pair(
        _posted(_X, "/gradients"),
        Problem("not-found", "there is nothing at /gradients; did you mean '/gradient'?"),
        _FINE,
        _ANSWER,
    ),
    "method-not-allowed": Pair(
        Sent(),
        Problem("method-not-allowed", "/gradient does not take GET; it takes OPTIONS, POST"),
        _FINE,
        _ANSWER,
    ),
    "not-acceptable": Pair(
        _posted(_X, "/evaluate", Accept="text/csv"),
        Problem(
            "not-acceptable",
            "this address answers with application/json, which Accept leaves out",
        ),
        _posted(_X, "/evaluate", Accept="text/csv, application/json;q=0.5"),
        {"values": {"value": 9.0}, "warnings": []},
    ),
    "request-timeout": Pair(
        Sent(body='{"expression": "x**2", "bindi'),
        Problem("request-timeout", "the body did not arrive in time"),
        _FINE,
        _ANSWER,
        when="the rest of the body that was announced does not come",
    ),
    "too-large": Pair(
        Sent(made_by="head -c 40000000 /dev/zero"),
        Problem("too-large", "the body is over the limit of 33,554,432 bytes"),
        _FINE,
        _ANSWER,
    ),
    "unsupported-media-type": Pair(
        Sent(body=_X, headers={"Content-Type": "text/plain"}),
        Problem(
            "unsupported-media-type",
            "Content-Type 'text/plain' is not understood; send application/json or "
            "application/x-ndjson in UTF-8",
        ),
        _FINE,
        _ANSWER,
    ),
    "invalid-message": Pair(
        _posted('{"expression": "3x + sin y", "bindings": {"x": 1, "y": 2}}'),
        Problem(
            "invalid-message",
            "an operator is missing: a product is written 3*x",
            (
                Fault(
                    "syntax_error",
                    "an operator is missing: a product is written 3*x",
                    ("expression",),
                    1,
                    2,
                ),
            ),
        ),
        _posted('{"expression": "3*x + y**2", "bindings": {"x": 1, "y": 2}}'),
        {"value": 7.0, "gradients": {"x": 3.0, "y": 4.0}, "warnings": []},
    ),
    "too-many-requests": Pair(
        _FINE,
        Problem(
            "too-many-requests",
            "more than 60 requests a minute; the next may come in 1 s",
            headers=_SHORT_WAIT,
        ),
        _FINE,
        _ANSWER,
        when="the same address has used up its requests of a minute",
    ),
    "internal-error": Pair(
        _FINE,
        Problem("internal-error", "something went wrong in the service; it has been logged"),
        _FINE,
        _ANSWER,
        when="there is a defect in the service",
    ),
    "not-installed": Pair(
        _posted('{"expression": "x**2", "over": {"x": [-2, 2]}}', "/plot"),
        Problem(
            "not-installed",
            "/plot needs matplotlib, which is not installed here (pip install matplotlib)",
        ),
        _posted('{"expression": "x**2", "bindings": {"x": [-2, 0, 2]}, "map": ["x"]}'),
        {"value": [4.0, 0.0, 4.0], "gradients": {"x": [-4.0, 0.0, 4.0]}, "warnings": []},
        when="matplotlib is missing",
    ),
    "overloaded": Pair(
        _FINE,
        Problem(
            "overloaded",
            "too many computations are under way; try again shortly",
            headers=_SHORT_WAIT,
        ),
        _FINE,
        _ANSWER,
        when="all places for computations stay taken for a while",
    ),
    "deadline-exceeded": Pair(
        _FINE,
        Problem(
            "deadline-exceeded",
            "the computation did not end within 10 s",
            headers={"Retry-After": "10"},
        ),
        _FINE,
        _ANSWER,
        when="the computation takes longer than the deadline",
    ),
    "shutting-down": Pair(
        Sent("/readyz"),
        Problem("shutting-down", "this instance is shutting down", headers=_SHORT_WAIT),
        Sent("/readyz"),
        {"status": "ok"},
        when="the instance has been told to stop",
    ),
}
