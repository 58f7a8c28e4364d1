"""gradient-grade: claims in, a report out, without a server and without a network.

The same code answers as over HTTP, and with the same bytes.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from io import BufferedReader
from pathlib import Path
from typing import Any, Final, TextIO, cast, get_args

import orjson
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import create_environ, run_wsgi_app

from service.app import create_app
from service.endpoints.endpoint import NDJSON
from service.grading.formats import Format
from service.settings import SettingError, Settings

GRADED, OPEN, REFUSED = 0, 1, 2
_DESCRIPTION: Final = """\
Grade claims about a function and its derivatives. CLAIMS is a file, or - for standard input: a
message of POST /grade; with --reference only its claims; with --lines a message a line.
Exit status: 0 graded, 1 something could not be graded and has no score, 2 refused."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program, and return its exit status."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    if asked.lines and asked.format and not asked.reference:
        parser.error("--format goes with --lines only where there is a --reference")
    try:
        settings = replace(Settings.from_environment(), access_log=False)
    except SettingError as error:
        parser.error(str(error))
    try:
        reference = asked.reference and _read(asked.reference)
        if asked.lines:
            return _lines(create_app(settings), asked.claims, reference, asked.format)
        claims = _read(asked.claims)
    except OSError as error:
        where = error.filename or "the output"
        print(f"gradient-grade: {where}: {error.strerror}", file=sys.stderr)
        return REFUSED
    return _one(create_app(settings).test_client(), claims, reference, asked.format)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "gradient-grade",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("claims", metavar="CLAIMS", nargs="?", default="-")
    parser.add_argument("-r", "--reference", metavar="FILE", help="the author's part of a message")
    parser.add_argument(
        "-f", "--format", choices=get_args(Format), help="what to write; by default native"
    )
    parser.add_argument("-l", "--lines", action="store_true", help="one JSON text a line, NDJSON")
    return parser


def _opened(name: str) -> AbstractContextManager[BufferedReader]:
    if name == "-":
        return nullcontext(cast("BufferedReader", sys.stdin.buffer))
    return Path(name).open("rb")


def _read(name: str) -> bytes:
    with _opened(name) as source:
        return source.read()


def _one(client: FlaskClient, claims: bytes, reference: bytes | None, asked: str | None) -> int:
    """Grade one message."""
    body = claims
    if reference is not None or asked is not None:
        body = _joined(claims, reference, asked)
    response = client.post("/grade", data=body, content_type="application/json")
    if response.status_code != 200:
        print(response.text, file=sys.stderr)
        return REFUSED
    sys.stdout.write(response.text)
    sys.stdout.write("\n")
    return _status(orjson.loads(response.data))


def _joined(claims: bytes, reference: bytes | None, asked: str | None) -> bytes:
    """One message of a reference, claims and a format; what is not JSON is answered as such."""
    parts: list[Any] = []
    for text in (reference or b"{}", claims):
        try:
            parts.append(orjson.loads(text))
        except orjson.JSONDecodeError:
            return text
    author, student = parts
    if not isinstance(author, dict) or not isinstance(student, dict):
        return orjson.dumps(author if not isinstance(author, dict) else student)
    if reference is not None:  # of what a student hands in nothing but the claims counts
        student = {"claims": student.get("claims", student)}
    return orjson.dumps(author | student | ({} if asked is None else {"format": asked}))


def _lines(app: Flask, claims: str, reference: bytes | None, asked: str | None) -> int:
    """Grade a stream, in order and while it comes; the reference, if it is given, is its first
    line, and counted as such: the answers have the bytes of a stream over HTTP.
    """
    first = b""
    if reference is not None:
        try:
            author = orjson.loads(reference)
        except orjson.JSONDecodeError as error:
            print(f"gradient-grade: the reference is not JSON: {error}", file=sys.stderr)
            return REFUSED
        if isinstance(author, dict) and asked is not None:
            author["format"] = asked
        first = orjson.dumps({"reference": author}) + b"\n"
    with _opened(claims) as source:
        answers = _answers(app, _Stream(first, source))
        worst = _told(next(answers), None) if first else GRADED
        for answer in answers:
            worst = max(worst, _told(answer, sys.stdout))
    return worst


class _Stream:
    """A line, and what comes after it as it comes: all that a stream of NDJSON is read by."""

    def __init__(self, first: bytes, rest: BufferedReader) -> None:
        self._first, self._rest = first, rest

    def read1(self, size: int) -> bytes:
        """Up to so many bytes, as soon as there is one; none at the end."""
        if self._first:
            taken, self._first = self._first[:size], self._first[size:]
            return taken
        return self._rest.read1(size)


def _answers(app: Flask, stream: _Stream) -> Iterator[bytes]:
    """The lines that answer a stream, each as soon as it is made."""
    environ = create_environ("/grade", method="POST", content_type=NDJSON)
    environ |= {"wsgi.input": stream, "wsgi.input_terminated": True}
    pieces, _, _ = run_wsgi_app(app, environ)
    for piece in pieces:
        yield from piece.splitlines()
        sys.stdout.flush()


def _told(line: bytes, to: TextIO | None) -> int:
    """Write an answer where it is wanted; of one that is not, its problem. Its exit status."""
    answer = orjson.loads(line)
    if to is not None:
        to.write(line.decode() + "\n")
    elif "problem" in answer:
        print(orjson.dumps(answer["problem"]).decode(), file=sys.stderr)
    if "problem" in answer:
        return REFUSED
    return GRADED if to is None else _status(answer["result"])


def _status(report: Mapping[str, Any]) -> int:
    """Whether a report has a score, in whichever format."""
    return GRADED if report.get("score") is not None else OPEN


if __name__ == "__main__":
    sys.exit(main())
