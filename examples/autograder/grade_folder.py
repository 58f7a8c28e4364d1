"""Grades a folder of submissions in one stream, and writes a Gradescope results.json for each.

    python examples/autograder/grade_folder.py [URL [FOLDER [RESULTS]]]

The service reads the question once, from the first line of the stream; each line after it is what
one student claims, and is answered in its turn. The exit status is 1 if somebody has to look at a
submission.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

import requests

HERE = Path(__file__).parent
URL = "http://127.0.0.1:8000"
PATIENCE = 60.0

Results = Mapping[str, Any]
T = TypeVar("T")


class QuestionError(Exception):
    """The question is at fault, whatever students claim."""


def grade(question: Mapping[str, Any], folder: Path, url: str) -> Iterator[tuple[str, Results]]:
    """The name of each submission in a folder, and its results as Gradescope reads them.

    question: the reference, and in `blank` every claim that is asked for, with what stands for no
    answer. Raises QuestionError.
    """
    sent: list[str] = []
    unread: dict[str, Results] = {}
    with requests.post(
        f"{url}/grade",
        data=_lines(question, folder, sent, unread),
        headers={"Content-Type": "application/x-ndjson"},
        stream=True,
        timeout=PATIENCE,
    ) as response:
        answers = map(json.loads, response.iter_lines())
        first = next(answers)
        if first.get("status") != requests.codes.ok:
            raise QuestionError(first.get("problem", first)["detail"])
        for name, answer in zip(sent, answers, strict=True):
            yield name, _results(answer)
    yield from unread.items()


def claims(blank: Mapping[str, Any], answers: Any) -> dict[str, Any]:
    """What a student answered to what was asked, and nothing besides: an answer left out is wrong,
    and one that nobody asked for earns nothing.
    """
    found = {**blank, **_answered(blank, answers)}
    for kind, asked in blank.items():
        if isinstance(asked, Mapping):
            found[kind] = {**asked, **_answered(asked, found[kind])}
    return found


def _answered(asked: Mapping[str, Any], answers: Any) -> dict[str, Any]:
    """Of what was asked, the answers that there are."""
    given = answers if isinstance(answers, Mapping) else {}
    return {name: given[name] for name in asked if given.get(name) is not None}


def _lines(
    question: Mapping[str, Any], folder: Path, sent: list[str], unread: dict[str, Results]
) -> Iterator[bytes]:
    """The stream, made as it is sent. What is not JSON is left out, and goes to `unread`; the
    names of the others go to `sent`.
    """
    yield _line({"reference": question["reference"] | {"format": "gradescope"}})
    for path in sorted(folder.glob("*.json")):
        try:
            # NaN and Infinity, which Python writes and JSON does not know, as the service has them
            answers = json.loads(path.read_bytes(), parse_constant=str)
        except (ValueError, RecursionError) as error:
            unread[path.stem] = {"output": f"{path.name} could not be read: {error}"}
            continue
        sent.append(path.stem)
        yield _line({"claims": claims(question["blank"], answers)})


def _line(message: Mapping[str, Any]) -> bytes:
    return json.dumps(message).encode() + b"\n"


def _results(answer: Mapping[str, Any]) -> Results:
    """What was graded; or what was the matter, without a score, so that a person looks at it."""
    graded: Results | None = answer.get("result")
    return {"output": answer["problem"]["detail"]} if graded is None else graded


def _argument(place: int, otherwise: T) -> str | T:
    return sys.argv[place] if len(sys.argv) > place else otherwise


def main() -> int:
    """Write results/NAME/results.json for each submission, and print a line about it."""
    folder = Path(_argument(2, HERE / "submissions"))
    results = Path(_argument(3, "results"))
    question = json.loads((HERE / "question.json").read_text())
    is_open = False
    for name, found in grade(question, folder, _argument(1, URL).rstrip("/")):
        place = results / name / "results.json"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n")
        score = found.get("score")
        is_open |= score is None
        print(f"{name:8}{'open' if score is None else f'{score:.4f}'}  {found['output']}")
    return int(is_open)


if __name__ == "__main__":
    sys.exit(main())
