"""gradient-grade: claims in, a report out, without a server and without a network.

The same code answers as over HTTP, and with the same bytes.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, get_args

import orjson
from flask.testing import FlaskClient

from service.app import create_app
from service.grading.formats import Format
from service.settings import Settings

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
        claims, reference = _read(asked.claims), asked.reference and _read(asked.reference)
    except OSError as error:
        print(f"gradient-grade: {error.filename}: {error.strerror}", file=sys.stderr)
        return REFUSED
    settings = replace(Settings.from_environment(), access_log=False)
    client = create_app(settings).test_client()
    if asked.lines:
        return _lines(client, claims, reference, asked.format)
    return _one(client, claims, reference, asked.format)


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


def _read(name: str) -> bytes:
    return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()


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
    return _status(response.data)


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


def _lines(client: FlaskClient, claims: bytes, reference: bytes | None, asked: str | None) -> int:
    """Grade a stream, in order; the reference, if it is given, is its first line."""
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
    response = client.post("/grade", data=first + claims, content_type="application/x-ndjson")
    lines = response.data.splitlines()
    worst = GRADED
    for line in lines[1:] if first else lines:
        sys.stdout.write(line.decode() + "\n")
        answer = orjson.loads(line)
        found = _status(orjson.dumps(answer["result"])) if "result" in answer else REFUSED
        worst = max(worst, found)
    return worst


def _status(report: bytes) -> int:
    """Whether a report has a score, in whichever format."""
    found = orjson.loads(report)
    return GRADED if found.get("score") is not None else OPEN


if __name__ == "__main__":
    sys.exit(main())
