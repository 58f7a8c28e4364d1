"""Whole messages to every POST endpoint: no defect, no trace of other requests, one derivative.

What is drawn is in messages.py; here is what has to hold of the answers.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import orjson
import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, assume, given, settings, strategies as st

from service.app import create_app
from service.endpoints.table import ENDPOINTS
from service.messages import graph_cache
from service.problem_types import CODES, KINDS
from service.problems import MEDIA_TYPE
from service.settings import Settings
from tests.contract.messages import MEMBERS, Message, Program, messages, programs, trees

pytestmark = pytest.mark.contract
SCHEMAS = {endpoint.name: endpoint.schema for endpoint in ENDPOINTS if endpoint.record is not None}
each_endpoint = pytest.mark.parametrize("endpoint", sorted(MEMBERS))
SUPPRESSED = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]


def examples(count: int) -> Any:
    return settings(max_examples=count, suppress_health_check=SUPPRESSED)


def written(message: Any) -> bytes:
    return json.dumps(message).encode()


def asked(client: FlaskClient, endpoint: str, body: bytes, kind: str = "application/json") -> Any:
    """The reply; the request id is always the same one, as a problem repeats it."""
    headers = {"Content-Type": kind, "X-Request-Id": "the-same"}
    return client.post(f"/{endpoint}", data=body, headers=headers)


def answered(client: FlaskClient, endpoint: str, message: Message) -> Any:
    """The answer. The example is dropped if it is refused, or if the answer says of itself that a
    zero was computed which may stand for anything.
    """
    reply = asked(client, endpoint, written(message))
    assume(reply.status_code == 200)
    answer = orjson.loads(reply.data)
    assume(all(warning["code"] != "indeterminate" for warning in answer["warnings"]))
    return answer


# The table is complete -----------------------------------------------------------------


def test_every_endpoint_has_its_messages() -> None:
    assert MEMBERS.keys() == SCHEMAS.keys(), "a new endpoint needs a row in MEMBERS"


@each_endpoint
def test_every_member_of_a_message_is_drawn(endpoint: str) -> None:
    fields = SCHEMAS[endpoint]().fields
    assert MEMBERS[endpoint].members == {field.data_key or name for name, field in fields.items()}


# Never a defect ------------------------------------------------------------------------


def assert_sound(reply: Any, message: Any) -> None:
    """An answer, or a problem that says what the caller did, and where."""
    assert reply.status_code in {200, 400, 422}, (reply.status_code, reply.text, message)
    body = orjson.loads(reply.data)
    if reply.status_code == 200:
        assert reply.mimetype == "application/json"
        return
    assert reply.mimetype == MEDIA_TYPE
    kind = KINDS[body["type"].rpartition("/")[2]]
    assert (body["status"], body["title"]) == (reply.status_code, kind.title)
    assert kind.status == reply.status_code
    assert body["detail"]
    assert 1 <= len(body["errors"]) <= 50
    for error in body["errors"]:
        assert error["code"] in CODES
        assert error["detail"]
        assert_points_into(error["pointer"], message)


def assert_points_into(pointer: str, message: Any) -> None:
    """A JSON Pointer to something in the message, or to a member that an object lacks."""
    assert pointer == "" or pointer.startswith("/"), pointer
    place = message
    tokens = [t.replace("~1", "/").replace("~0", "~") for t in pointer.split("/")[1:]]
    for depth, token in enumerate(tokens):
        if isinstance(place, list):
            assert token.isdigit(), pointer
            assert int(token) < len(place), (pointer, message)
            place = place[int(token)]
            continue
        assert isinstance(place, dict), (pointer, message)
        if token not in place:
            assert depth == len(tokens) - 1, (pointer, message)
            return
        place = place[token]


@pytest.mark.slow
@each_endpoint
def test_an_answer_or_a_problem_of_the_caller_s(client: FlaskClient, endpoint: str) -> None:
    @examples(30)
    @given(messages(endpoint))
    def holds(message: Message) -> None:
        assert_sound(asked(client, endpoint, written(message)), message)

    holds()


# Never a byte of another request -------------------------------------------------------

requests = st.sampled_from(sorted(MEMBERS)).flatmap(
    lambda endpoint: st.tuples(st.just(endpoint), messages(endpoint))
)


@pytest.fixture
def fresh() -> Callable[[], FlaskClient]:
    """Makes a client of an app that remembers nothing."""

    def made() -> FlaskClient:
        graph_cache._graphs.clear()
        return create_app(Settings(access_log=False)).test_client()

    return made


def renumbered(message: Message) -> Message:
    """The message with other numbers bound: what a cache of messages tells apart by its numbers."""
    other = dict(message)
    for member in ("bindings", "tangents", "cotangents", "vector"):
        numbers = message.get(member)
        if isinstance(numbers, dict):
            other[member] = {name: _moved(number) for name, number in numbers.items()}
    return other


def _moved(value: Any) -> Any:
    if isinstance(value, list):
        return [_moved(entry) for entry in value]
    return value / 2 + 0.125 if type(value) is float else value


def assert_no_trace(fresh: Callable[[], FlaskClient], asked_for: list[tuple[str, Message]]) -> None:
    client = fresh()
    bodies = [(endpoint, written(message)) for endpoint, message in asked_for]
    alone = []
    for endpoint, body in bodies:
        poison()
        alone.append(asked(fresh(), endpoint, body).data)
    for _ in range(2):  # unknown to the caches, and known
        for (endpoint, body), expected in zip(bodies, alone, strict=True):
            assert asked(client, endpoint, body).data == expected, (endpoint, body)
    for (endpoint, message), expected in zip(reversed(asked_for), reversed(alone), strict=True):
        asked(client, endpoint, written(renumbered(message)))
        poison()
        spaced = json.dumps(message, indent=1).encode()
        assert asked(client, endpoint, spaced).data == expected, (endpoint, message)
        line = asked(client, endpoint, written(message), "application/x-ndjson")
        assert _result(line.data) == _result_of(expected), (endpoint, message)


def _result(line: bytes) -> Any:
    """What a line of a stream says, without what it says of the line."""
    answer = orjson.loads(line)
    return answer["result"] if answer["status"] == 200 else _unplaced(answer["problem"])


def _result_of(body: bytes) -> Any:
    return _unplaced(orjson.loads(body))


def _unplaced(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name not in {"instance", "line"}}


def poison() -> None:
    """Leave a number that nobody computes in memory that is about to be handed out again."""
    for size in (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64, 128):
        held = [np.full(size, 1234.5) for _ in range(20)]
        del held


@pytest.mark.slow
@examples(30)
@given(st.lists(requests, min_size=1, max_size=3))
def test_a_message_is_answered_alike_whatever_came_before(
    fresh: Callable[[], FlaskClient], asked_for: list[tuple[str, Message]]
) -> None:
    assert_no_trace(fresh, asked_for)


TANGENTS = {"nodes": [{"id": "y", "op": "mul", "args": ["x", "tangents"]}]}


def test_names_under_one_member_are_not_those_under_another(
    fresh: Callable[[], FlaskClient],
) -> None:
    """One binds an input called `tangents`, the other has a tangent of that name."""
    bound = {"graph": TANGENTS, "bindings": {"x": 1, "tangents": 2}, "tangents": {}}
    moved = {"graph": TANGENTS, "bindings": {"x": 1}, "tangents": {"tangents": 2}}
    assert_no_trace(fresh, [("jvp", bound), ("jvp", moved)])
    assert_no_trace(fresh, [("jvp", moved), ("jvp", bound)])


# One derivative, whoever is asked ------------------------------------------------------


def numbers_of(value: Any) -> np.ndarray:
    """An answered tensor; "NaN" and the infinities are text that NumPy reads."""
    return np.array(value, dtype=object).astype(np.float64)


def largest(trace: list[dict[str, Any]]) -> float:
    """The largest finite number met on the way; drops examples that near the ends of binary64,
    where products overflow from one side and not from the other.
    """
    met = [numbers_of(node[what]).ravel() for node in trace for what in ("value", "gradient")]
    sizes = np.abs(np.concatenate(met)) if met else np.zeros(1)
    sizes = sizes[np.isfinite(sizes) & (sizes > 0)]
    assume(not len(sizes) or (sizes.max() < 1e60 and sizes.min() > 1e-60))
    return float(max(1.0, sizes.max(initial=0.0)))


def assert_agree(found: Any, expected: Any, size: float, what: str) -> None:
    """The same numbers, those that are not finite in the same places."""
    found, expected = numbers_of(found), numbers_of(expected)
    assert found.size == expected.size, what
    found = found.reshape(expected.shape)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-11 * size, err_msg=what)


def assert_agree_where_finite(found: Any, expected: Any, size: float, what: str) -> None:
    """The same; the example is dropped where something is not finite. Where several paths lead to
    a number, and what they bring cancels, inf - inf for one direction is 0*inf for the other.
    """
    assume(np.isfinite(numbers_of(found)).all() and np.isfinite(numbers_of(expected)).all())
    assert_agree(found, expected, size, what)


def message_of(program: Program) -> Message:
    return {
        "graph": {"nodes": program.nodes},
        "bindings": program.bindings,
        "output": program.last,
    }


tempers = st.sampled_from(["calm", "odd"])
scalar_programs = tempers.flatmap(
    lambda temper: programs(scalar=True, temper=temper, words=False)
).filter(lambda program: not program.mapped and program.shapes[program.last] == ())
MOST_DIRECTIONS = 6


def assert_one_gradient(client: FlaskClient, program: Program, agree: Callable[..., None]) -> None:
    """Whether /jacobian, /vjp and /jvp find what /gradient does."""
    message = message_of(program)
    reverse = answered(client, "gradient", {**message, "include": ["nodes"]})
    size = largest(reverse["nodes"]) ** 2
    gradients = reverse["gradients"]
    (block,) = answered(client, "jacobian", message)["jacobian"].values()
    vjp = answered(client, "vjp", {**message, "cotangents": {program.last: 1}})["vjp"]
    assert gradients.keys() == vjp.keys() == block.keys()
    for name, gradient in gradients.items():
        assert_agree(block[name], gradient, size, f"/jacobian and /gradient by {name}")
        assert_agree(vjp[name], gradient, size, f"/vjp and /gradient by {name}")
        entries = numbers_of(gradient).ravel()
        shape = list(program.shapes[name])
        for place in range(min(len(entries), MOST_DIRECTIONS)):
            unit = np.eye(len(entries))[place].tolist()
            tangents = {name: {"shape": shape, "data": unit}}
            (slope,) = answered(client, "jvp", {**message, "tangents": tangents})["jvp"].values()
            agree(slope, entries[place], size, f"/jvp and /gradient by {name}[{place}]")


@pytest.mark.slow
@examples(50)
@given(scalar_programs)
def test_every_endpoint_finds_the_same_gradient(client: FlaskClient, program: Program) -> None:
    assert_one_gradient(client, program, assert_agree_where_finite)


@pytest.mark.slow
@examples(50)
@given(tempers.flatmap(trees))
def test_where_no_paths_meet_it_is_the_same_at_nan_and_infinity(
    client: FlaskClient, program: Program
) -> None:
    assert_one_gradient(client, program, assert_agree)


@pytest.mark.parametrize(
    "text",
    ["mean(x[0:0])", "mse(x[0:0], x[1:1])", "binary_cross_entropy(x[0:0], x[1:1])"],
)
def test_a_mean_of_nothing_is_nan_and_depends_on_nothing(client: FlaskClient, text: str) -> None:
    message = {"expression": text, "bindings": {"x": [1.0, 2.0]}}
    found = orjson.loads(asked(client, "gradient", written(message)).data)
    assert found["gradients"] == {"x": [0.0, 0.0]}
    message |= {"tangents": {"x": [1.0, 0.0]}}
    moved = orjson.loads(asked(client, "jvp", written(message)).data)
    assert list(moved["jvp"].values()) == [0.0]


@pytest.mark.parametrize("text", ["sqrt(x - x)", "asin(x/x)"])
def test_a_tangent_that_cancels_before_an_infinite_partial_is_indeterminate(
    client: FlaskClient, text: str
) -> None:
    """/gradient answers NaN, inf - inf, where /jvp has 0*inf: the 0 is to be warned of."""
    message = {"expression": text, "bindings": {"x": 2.0}, "tangents": {"x": 1}}
    warnings = orjson.loads(asked(client, "jvp", written(message)).data)["warnings"]
    assert [warning["code"] for warning in warnings] == ["indeterminate"]


@pytest.mark.slow
@examples(30)
@given(scalar_programs)
def test_a_hessian_is_symmetric_and_its_rows_are_products(
    client: FlaskClient, program: Program
) -> None:
    message = message_of(program)
    traced = answered(client, "gradient", {**message, "include": ["nodes"]})
    hessian = answered(client, "hessian", message)["hessian"]
    lengths = {name: int(np.prod(program.shapes[name])) for name in hessian}
    blocks = {
        (a, b): numbers_of(hessian[a][b]).reshape(lengths[a], lengths[b])
        for a in hessian
        for b in hessian
    }
    entries = np.concatenate([block.ravel() for block in blocks.values()])
    finite = entries[np.isfinite(entries)]
    size = max(largest(traced["nodes"]), float(np.abs(finite).max(initial=0.0))) ** 2
    for (a, b), block in blocks.items():
        assert_agree(block.T, blocks[b, a], size, f"d2/d{a}d{b}")
    for a, length in lengths.items():
        for place in range(min(length, 2)):
            unit = np.eye(length)[place].tolist()
            vector = {a: {"shape": list(program.shapes[a]), "data": unit}}
            products = answered(client, "hvp", {**message, "vector": vector})["hvp"]
            for b in hessian:
                assert_agree_where_finite(
                    products[b], blocks[b, a][:, place], size, f"/hvp, {b} along {a}"
                )
