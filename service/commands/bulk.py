"""gradient-bulk: a stream of messages in, their answers out, by so many processes.

The same code answers as over HTTP, and with the same bytes, however many processes there are.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Sequence
from typing import Final

from autograd_core import did_you_mean
from service.commands.answering import Answering, LostError
from service.process.warm import warm
from service.settings import SettingError, Settings
from service.transport.bulk import STREAMED

ANSWERED, PROBLEMS, REFUSED = 0, 1, 2
INTERRUPTED, BROKEN_PIPE = 130, 141  # as a shell says it of what a signal has ended
_MOST: Final = 256  # processes
_DESCRIPTION: Final = """\
Answer a stream of messages to POST /ENDPOINT, one JSON text a line (NDJSON), from standard input
to standard output: a line each, in order, as the service answers it.
Exit status: 0 all lines have a result, 1 some have a problem, 2 refused."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program, and return its exit status."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    if asked.endpoint not in STREAMED:
        closest = did_you_mean(asked.endpoint, STREAMED)
        known = ", ".join(STREAMED)
        parser.error(f"no endpoint {asked.endpoint!r} takes lines{closest} (there are {known})")
    if sys.stdin is None or sys.stdout is None:  # a pipe to a process would take their numbers
        parser.error("standard input and output have to be open")
    try:
        settings = Settings.from_environment()
    except SettingError as error:
        parser.error(str(error))
    try:
        warm()  # once, and not in each process
        answering = Answering(STREAMED[asked.endpoint], settings, asked.jobs)
        try:
            _write(answering.answers(sys.stdin.fileno()))
        finally:
            answering.end()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # whoever was reading has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except (OSError, LostError) as error:
        what = error.strerror if isinstance(error, OSError) else "a process was ended from outside"
        print(f"gradient-bulk: {what}", file=sys.stderr)
        return REFUSED
    return PROBLEMS if answering.problems else ANSWERED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "gradient-bulk",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("endpoint", metavar="ENDPOINT", help=", ".join(STREAMED))
    parser.add_argument(
        "-j", "--jobs", metavar="N", type=_jobs, default=1, help="how many processes; 1 by default"
    )
    return parser


def _jobs(text: str) -> int:
    if text.isdecimal() and 1 <= int(text) <= _MOST:
        return int(text)
    raise argparse.ArgumentTypeError(f"expected a whole number from 1 to {_MOST}, found {text!r}")


def _write(answers: Iterable[bytes]) -> None:
    output = sys.stdout.buffer
    for piece in answers:
        output.write(piece)
        output.flush()


if __name__ == "__main__":
    sys.exit(main())
