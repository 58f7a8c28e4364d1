"""What people see in a browser, where programs get JSON: the catalogue, limits, problems, /docs."""

from __future__ import annotations

import json
import re
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest
from flask.testing import FlaskClient

from autograd_core import describe
from autograd_core.operations import TABLE
from service.access.rates import RateLimit
from service.app import create_app
from service.contract.exchanges import PAIRS, Pair, Sent
from service.contract.limits import LIMITS
from service.pages import html
from service.pictures import plots
from service.problem_types import KINDS
from service.process import capacity
from service.settings import Settings

FIREFOX = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
CHROME = (
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;"
    "q=0.8,application/signed-exchange;v=b3;q=0.7"
)
BOTH = ["/operations", "/operations/add", "/operations/%2B", "/limits"]
PAGE_FIRST = ["/problems", *(f"/problems/{name}" for name in KINDS)]
PAGES = [*BOTH, *PAGE_FIRST, "/docs", "/"]


def browsed(client: FlaskClient, path: str, **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.get(path, headers={"Accept": FIREFOX} | named)


class Outline(HTMLParser):
    """What a page is made of: its tags with attributes, and its text."""

    VOID = frozenset({"meta", "link", "input", "br"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data.split()

    @property
    def text(self) -> str:
        return " ".join(self.words)


# Who gets a page ----------------------------------------------------------------------


@pytest.mark.parametrize("path", BOTH)
@pytest.mark.parametrize(
    "accept, kind",
    [
        (None, html.JSON),
        ("", html.JSON),
        ("*/*", html.JSON),
        ("application/json", html.JSON),
        ("application/json, text/html", html.JSON),
        ("application/json, text/html;q=0.9", html.JSON),
        ("image/png", html.JSON),
        ("text/html;q=0", html.JSON),
        (FIREFOX, html.PAGE),
        (CHROME, html.PAGE),
        ("text/html", html.PAGE),
        ("text/*", html.PAGE),
        ("application/json;q=0.5, text/html", html.PAGE),
    ],
)
def test_browsers_get_a_page_and_all_others_json(
    client: FlaskClient, path: str, accept: str | None, kind: str
) -> None:
    assert_offers(client, path, accept, kind)


@pytest.mark.parametrize("path", PAGE_FIRST)
@pytest.mark.parametrize(
    "accept, kind",
    [
        (None, html.PAGE),
        ("*/*", html.PAGE),
        (FIREFOX, html.PAGE),
        ("image/png", html.PAGE),
        ("application/json", html.JSON),
        ("application/problem+json, application/json;q=0.9", html.JSON),
        ("application/json, text/html;q=0.9", html.JSON),
    ],
)
def test_a_problem_is_explained_to_people_and_to_programs_that_ask(
    client: FlaskClient, path: str, accept: str | None, kind: str
) -> None:
    assert_offers(client, path, accept, kind)


def assert_offers(client: FlaskClient, path: str, accept: str | None, kind: str) -> None:
    """What an address answers to an Accept header; HEAD answers the same, without a body."""
    headers = {} if accept is None else {"Accept": accept}
    reply = client.get(path, headers=headers)
    assert (reply.status_code, reply.mimetype) == (200, kind)
    assert "Accept" in reply.headers["Vary"]
    head = client.head(path, headers=headers)
    assert (head.status_code, head.data) == (200, b"")
    for name in ("Content-Type", "ETag", "Vary", "Cache-Control", "Content-Length"):
        assert head.headers.get(name) == reply.headers.get(name), name


@pytest.mark.parametrize("path", PAGES)
def test_what_a_browser_has_it_need_not_load_again(client: FlaskClient, path: str) -> None:
    first = browsed(client, path)
    assert first.headers["Cache-Control"] == "no-cache"
    again = browsed(client, path, If_None_Match=first.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")
    assert browsed(client, path, If_None_Match='W/"other"').status_code == 200
    if path in BOTH or path in PAGE_FIRST:
        other = client.get(
            path, headers={"If-None-Match": first.headers["ETag"], "Accept": html.JSON}
        )
        assert (other.status_code, other.mimetype) == (200, html.JSON)


@pytest.mark.parametrize("path", ["/openapi.yaml", "/openapi.json", *BOTH])
def test_a_program_need_not_load_again_what_it_has(client: FlaskClient, path: str) -> None:
    with client.get(path) as first:
        assert first.headers["Cache-Control"] == "no-cache"
    with client.get(path, headers={"If-None-Match": first.headers["ETag"]}) as again:
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"] == first.headers["ETag"]


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics"])
def test_nobody_keeps_what_may_be_otherwise_a_moment_later(client: FlaskClient, path: str) -> None:
    assert client.get(path).headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("name", KINDS)
def test_a_type_of_problem_as_json(client: FlaskClient, name: str) -> None:
    found = client.get(f"/problems/{name}", headers={"Accept": "application/json"}).json
    kind, pair = KINDS[name], PAIRS[name]
    assert found["type"] == f"/problems/{name}"
    assert (found["status"], found["title"]) == (kind.status, kind.title)
    assert not re.search(r"<[a-z/]|&\w+;", found["description"])
    assert ("codes" in found) is (name == "invalid-message")
    assert found["example"]["problem"]["type"] == found["type"]
    assert found["example"]["wrong"] == pair.wrong.command("http://localhost")
    assert found["example"].get("when", "") == pair.when
    all_of_them = client.get("/problems", headers={"Accept": "application/json"}).json["problems"]
    assert found in all_of_them
    assert len(all_of_them) == len(KINDS)


# What pages are made of ---------------------------------------------------------------


@pytest.mark.parametrize("path", [*PAGES, "/nowhere", "/gradient"])
def test_a_page_is_whole_and_has_nothing_in_line(client: FlaskClient, path: str) -> None:
    """A strict policy of content allows no script and no style in a page."""
    reply = browsed(client, path)
    outline = Outline(reply.text)
    tags = [tag for tag, _ in outline.tags]
    assert tags.count("h1") == (0 if path == "/docs" else 1)
    assert "header" in tags
    assert ("a", {"class": "name", "href": "/"}) in outline.tags
    assert any(
        tag == "meta" and attributes.get("name") == "viewport" for tag, attributes in outline.tags
    )
    ids = [attributes["id"] for _, attributes in outline.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert "style" not in tags
    for tag, attributes in outline.tags:
        assert "style" not in attributes
        assert not any(name.startswith("on") for name in attributes)
        assert tag != "script" or str(attributes["src"]).startswith("/")


def test_a_browser_is_led_from_page_to_page(client: FlaskClient) -> None:
    waiting, seen = ["/operations", "/docs"], set[str]()
    while waiting:
        path = waiting.pop()
        reply = browsed(client, path)
        assert reply.status_code == 200, path
        seen.add(path)
        if reply.mimetype == html.PAGE:
            found = re.findall(r'(?:href|src)="(/[^"#]*)', reply.text)
            waiting.extend({unescape(each) for each in found} - seen - set(waiting))
        reply.close()
    assert {f"/operations/{name}" for name in TABLE} <= seen
    assert {"/", "/limits", "/static/catalogue.js", "/static/docs.js"} <= seen


# The catalogue ------------------------------------------------------------------------


def test_the_catalogue_has_every_operation_with_all_that_is_known_of_it(
    client: FlaskClient,
) -> None:
    page = browsed(client, "/operations").text
    outline = Outline(page)
    articles = [attributes for tag, attributes in outline.tags if tag == "article"]
    assert {attributes["id"] for attributes in articles} == set(TABLE)
    text = outline.text
    for row in TABLE.values():
        shown = describe(row)
        known = [row.name, *row.aliases, row.doc, shown.formula, row.domain, row.conventions]
        known += [attribute.doc for attribute in row.attributes]
        known += [*shown.derivatives.values(), shown.tangent, row.derivative]
        for words in known:
            assert " ".join(words.split()) in text, (row.name, words)


@pytest.mark.parametrize("name", TABLE)
def test_an_operation_has_its_page(client: FlaskClient, name: str) -> None:
    row = TABLE[name]
    text = Outline(browsed(client, f"/operations/{name}").text).text
    for words in (name, row.doc, describe(row).formula, row.domain, row.conventions, *row.aliases):
        assert " ".join(words.split()) in text


@pytest.mark.parametrize("name", [name for name, row in TABLE.items() if not row.attributes])
def test_the_call_on_an_operations_page_can_be_sent(client: FlaskClient, name: str) -> None:
    page = unescape(browsed(client, f"/operations/{name}").text)
    call = re.search(r"In infix text: <code>(.*?)</code>", page)
    assert call is not None
    square = [[2.0, 1.0], [1.0, 2.0]]
    for x, y in ((0.5, 0.5), ([1.0, 2.0], [1.0, 2.0]), (square, square), ([1.0, 2.0], 0.0)):
        bindings = {"x": x, "y": y, "w": y}
        reply = client.post("/evaluate", json={"expression": call[1], "bindings": bindings})
        if reply.status_code == 200:
            return
    pytest.fail(reply.text)


def test_the_search_finds_words_of_every_operation(client: FlaskClient) -> None:
    """The script looks in `data-words` only, for words in small letters."""
    found = dict(
        re.findall(r'id="(\w+)" data-words="([^"]*)"', browsed(client, "/operations").text)
    )
    assert set(found) == set(TABLE)
    for name, words in found.items():
        assert name in words
        assert words == words.lower()


# Limits -------------------------------------------------------------------------------


def test_limits_are_a_table_of_what_they_mean() -> None:
    client = create_app(Settings(body_limit=3 * 1024 * 1024, access_log=False)).test_client()
    text = Outline(browsed(client, "/limits").text).text
    assert "3,145,728 bytes (3 MiB)" in text
    values = client.get("/limits").json
    assert [*(limit.name for limit in LIMITS), "units"] == list(values)
    assert values["units"] == {limit.name: limit.unit for limit in LIMITS}
    for limit in LIMITS:
        assert limit.doc
        assert limit.unit
        assert f"{limit.name} {limit.shown(Settings(body_limit=3 * 1024 * 1024))}" in text
        if limit.variable:
            assert limit.variable in text


# Problems -----------------------------------------------------------------------------


def test_every_problem_has_its_pair() -> None:
    assert PAIRS.keys() == KINDS.keys()
    for name, pair in PAIRS.items():
        assert pair.problem.kind == name


def sent(client: FlaskClient, request: Sent, **environ: Any) -> Any:
    """The answer; the body and the Host header need ways of their own."""
    headers = dict(request.headers)
    if "Host" in headers:
        environ["HTTP_HOST"] = headers.pop("Host")
    body: str | bytes | None = request.body
    if request.made_by is not None:
        count = re.fullmatch(r"head -c (\d+) /dev/zero", request.made_by)
        assert count is not None
        body = b"\0" * int(count[1])
    return client.open(
        request.path,
        method="GET" if body is None else "POST",
        data=body,
        headers=headers,
        environ_overrides=environ,
    )


def assert_is_problem(reply: Any, pair: Pair, *, exactly: bool = True) -> None:
    assert reply.mimetype == "application/problem+json"
    expected = pair.problem.body(reply.json["instance"])
    if exactly:
        assert reply.json == expected
    else:
        assert (reply.status_code, reply.json["type"]) == (pair.problem.status, expected["type"])


@pytest.mark.parametrize("name", [name for name, pair in PAIRS.items() if not pair.when])
def test_a_wrong_request_gets_its_problem(client: FlaskClient, name: str) -> None:
    assert_is_problem(sent(client, PAIRS[name].wrong), PAIRS[name])


@pytest.mark.parametrize("name", PAIRS)
def test_a_right_request_gets_its_answer(client: FlaskClient, name: str) -> None:
    reply = sent(client, PAIRS[name].right)
    assert reply.status_code == 200, reply.text
    assert reply.json == PAIRS[name].answer


class Silent:
    """A body of which no more comes."""

    def read(self, size: int = -1) -> bytes:
        raise TimeoutError

    readline = read


def test_request_timeout(client: FlaskClient) -> None:
    surroundings = {"wsgi.input": Silent(), "wsgi.input_terminated": True}
    pair = PAIRS["request-timeout"]
    assert_is_problem(sent(client, pair.wrong, **surroundings), pair)


def test_too_many_requests() -> None:
    app, pair = create_app(Settings(rate_limit=60, access_log=False)), PAIRS["too-many-requests"]
    client = app.test_client()
    for _ in range(60):
        assert sent(client, pair.wrong).status_code == 200
    assert isinstance(app.extensions["exchanges"]["gradient"].rate, RateLimit)
    assert_is_problem(sent(client, pair.wrong), pair)


def test_internal_error(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.transport.exchange.wire.decode", lambda body: 1 / 0)
    pair = PAIRS["internal-error"]
    assert_is_problem(sent(client, pair.wrong), pair)


def test_not_installed(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    pair = PAIRS["not-installed"]
    monkeypatch.setattr(plots, "INSTALLED", False)
    assert_is_problem(sent(client, pair.wrong), pair)


def test_overloaded() -> None:
    app = create_app(Settings(concurrency=1, patience=0.01, access_log=False))
    places, pair = app.extensions["exchanges"]["gradient"].budgets, PAIRS["overloaded"]
    assert places.short.enter()
    assert_is_problem(sent(app.test_client(), pair.wrong), pair)


def test_deadline_exceeded() -> None:
    app, pair = create_app(Settings(deadline=1e-9, access_log=False)), PAIRS["deadline-exceeded"]
    assert_is_problem(sent(app.test_client(), pair.wrong), pair, exactly=False)


def test_shutting_down(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capacity, "stopping", lambda: True)
    assert_is_problem(sent(client, PAIRS["shutting-down"].wrong), PAIRS["shutting-down"])


@pytest.mark.parametrize("name", KINDS)
def test_a_problems_page_shows_both_requests_and_their_answers(
    client: FlaskClient, name: str
) -> None:
    page, pair = client.get(f"/problems/{name}"), PAIRS[name]
    shown = [unescape(each) for each in re.findall(r"<pre[^>]*>(.*?)</pre>", page.text, re.DOTALL)]
    assert pair.wrong.command("http://localhost") == shown[0]
    assert pair.right.command("http://localhost") in shown
    problem = json.loads(shown[1])
    assert problem == pair.problem.body(problem["instance"])
    assert json.loads(shown[-1]) == pair.answer


# A problem in a browser ---------------------------------------------------------------


@pytest.mark.parametrize(
    "path, status, kind, words",
    [
        ("/nowhere", 404, "not-found", "There is nothing at /nowhere."),
        ("/operations/tanhh", 404, "not-found", "did you mean 'tanh'?"),
        ("/problems/nope", 404, "not-found", "/problems lists them"),
        ("/problems/overload", 404, "not-found", "did you mean 'overloaded'?"),
        ("/gradient", 405, "method-not-allowed", "it takes OPTIONS, POST"),
        ("/static/nope.css", 404, "not-found", "nothing at"),
        ("/%3Cimg%20onerror=x%3E", 404, "not-found", "nothing at /<img onerror=x>"),
    ],
)
def test_a_problem_in_a_browser_is_a_page(
    client: FlaskClient, path: str, status: int, kind: str, words: str
) -> None:
    page, program = browsed(client, path), client.get(path)
    assert (page.status_code, page.mimetype) == (status, html.PAGE)
    assert words in Outline(page.text).text
    assert f'href="/problems/{kind}"' in page.text
    assert "<img" not in page.text
    assert page.headers["X-Request-Id"] in page.text
    assert (program.status_code, program.mimetype) == (status, "application/problem+json")
    assert page.headers.get("Allow") == program.headers.get("Allow")
    assert "Accept" in page.headers["Vary"]
    assert "Accept" in program.headers["Vary"]
    head = client.head(path, headers={"Accept": FIREFOX})
    assert head.data == b""
    assert head.status_code == (405 if path == "/gradient" else status)


def test_problems_of_the_service_keep_their_headers(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(capacity, "stopping", lambda: True)
    page = browsed(client, "/readyz")
    assert (page.status_code, page.mimetype) == (503, html.PAGE)
    assert page.headers["Retry-After"] == "1"


@pytest.mark.parametrize("accept", [None, "*/*", "application/json", "application/problem+json"])
def test_programs_get_problems_as_before(client: FlaskClient, accept: str | None) -> None:
    headers = {} if accept is None else {"Accept": accept}
    assert client.get("/nowhere", headers=headers).mimetype == "application/problem+json"


def test_what_is_posted_is_never_answered_with_a_page(client: FlaskClient) -> None:
    for path in ("/gradient", "/nowhere", "/operations"):
        reply = client.post(path, json={}, headers={"Accept": FIREFOX})
        assert reply.mimetype == "application/problem+json"


def test_a_host_that_is_none_gets_a_page_too(client: FlaskClient) -> None:
    reply = client.get("/", headers={"Accept": FIREFOX}, environ_overrides={"HTTP_HOST": "a b"})
    assert (reply.status_code, reply.mimetype) == (400, html.PAGE)


# /docs --------------------------------------------------------------------------------


def test_docs_opens_as_a_list(client: FlaskClient) -> None:
    page = browsed(client, "/docs").text
    for path in ("/docs/swagger-ui.css", "/docs/swagger-ui-bundle.js", "/static/docs.js"):
        assert f'"{path}"' in page
        with client.get(path) as file:
            assert file.status_code == 200
    with client.get("/static/docs.js") as script:
        assert 'docExpansion: "list"' in script.text
    assert "swagger-ui-bundle.js" in browsed(client, "/docs/").text
    assert client.get("/docs/../app.py").status_code == 404
