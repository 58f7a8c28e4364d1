"""The examples do what they say, against a running service."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from scipy import special, stats

import client
import exercise
import gmm
import grade_folder
import moons
import newton_rosenbrock
import ninja
import nist_misra1a
import plane
import solution
from gmm_message import message

pytestmark = pytest.mark.live
PROGRAMS = Path(newton_rosenbrock.__file__).parent


@pytest.mark.slow
@pytest.mark.parametrize(
    "program, says",
    [
        ("newton_rosenbrock.py", "|gradient|"),
        ("nist_misra1a.py", "2.3894212918e+02  5.5015643181e-04  1.2455138894e-01"),
        ("moons.py", "accuracy 100%; the picture is moons.svg"),
        ("gmm.py", "the check says pass"),
        ("autograder/grade_folder.py", "blaise  0.8333  4 of 5 right."),
        ("backprop_ninja/ninja.py", "correct, 1.0000 of 1\n31 correct"),
    ],
)
def test_a_program_prints_what_it_found(server, tmp_path, program, says):
    command = [sys.executable, "-W", "error", PROGRAMS / program, server.url]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.stderr == ""
    assert says in run.stdout


def test_a_refusal_says_where_and_why(server):
    with pytest.raises(client.ProblemError, match=r"422 .*\n/expression: an operator is missing"):
        client.post(server.url, "gradient", {"expression": "3x", "bindings": {"x": 1}})


def test_newton_finds_the_floor_of_the_valley_in_a_few_steps(server):
    iterates = newton_rosenbrock.run(server.url)
    last = iterates[-1]
    assert len(iterates) <= 8
    assert (last.x, last.y) == pytest.approx((1, 1), rel=1e-12)
    assert last.gradient_norm < 1e-10


def test_both_starts_of_misra1a_reach_what_nist_certifies(server):
    fits = nist_misra1a.run(server.url)
    assert len(fits) == 2
    for fit in fits:
        assert fit.parameters == pytest.approx((2.3894212918e02, 5.5015643181e-04), rel=1e-9)
        assert fit.sum_of_squares == pytest.approx(1.2455138894e-01, rel=1e-9)


def test_the_network_separates_the_moons_and_draws_where(server, tmp_path):
    path = tmp_path / "moons.svg"
    training = moons.run(server.url, path)
    assert training.accuracy == 1
    assert training.losses[-1] < 0.05 < training.losses[0]
    marks = [element.tag.rpartition("}")[2] for element in ET.parse(path).iter()]
    assert marks.count("rect") == 3600
    assert marks.count("circle") == 100


def test_a_picture_colours_each_point_and_the_cell_below_it_alike():
    points = np.array([[0.0, 1.0], [2.0, 0.0]])
    sides = np.array([1.0, -1.0])
    scores = plane.grid(points) @ [-1.0, 1.0] + 0.5
    elements = list(ET.fromstring(plane.picture(points, sides, scores)))
    cells = [dict(e.items()) for e in elements if e.tag.endswith("rect")]
    for circle in (element for element in elements if element.tag.endswith("circle")):
        x, y = float(circle.get("cx")), float(circle.get("cy"))
        below = {cell["fill"] for cell in cells if covers(cell, x, y)}
        assert len(below) == 1
        assert (below.pop(), circle.get("fill")) in plane.SIDES.values()


@pytest.mark.parametrize("d, k, n", [(2, 3, 200), (1, 2, 50), (5, 2, 40)])
def test_the_mixture_is_adbenchs_and_so_is_its_gradient(server, d, k, n):
    found = gmm.run(server.url, d, k, n, seed=3)
    bound = message(d, k, n, seed=3)["bindings"]
    point = {name: decoded(tensor) for name, tensor in bound.items()}
    assert found.verdict == "pass"
    assert found.objective == pytest.approx(mixture(**point), rel=1e-12)
    assert set(found.gradients) == {"alphas", "means", "icf"}
    for name, gradient in found.gradients.items():
        assert gradient == pytest.approx(slopes(point, name), rel=1e-6, abs=1e-6)


def test_the_mixture_at_the_size_of_a_benchmark_is_as_large_as_it_says():
    large = message(10, 5, 1000)
    sizes = {name: decoded(tensor).size for name, tensor in large["bindings"].items()}
    assert sizes == {"alphas": 5, "means": 50, "icf": 275, "x": 10_000}
    assert len(json.dumps(large)) == pytest.approx(111_000, abs=1_000)
    assert large == message(10, 5, 1000)


def test_a_folder_is_graded_each_submission_in_its_place(server, tmp_path):
    question = json.loads((grade_folder.HERE / "question.json").read_text())
    blank, truth = question["blank"], {"a": -24, "b": 16, "c": 8}
    right = {"value": 16, "gradients": truth, "derivatives": {"a": "2*b*(a*b + c)"}}
    submissions = {
        "a right": json.dumps(right),
        "b empty": "{}",
        "c of another kind": "[1, 2]",
        "d more than asked": json.dumps(right | {"gradients": truth | {"L": 1}, "nodes": {}}),
        "e not a number": '{"value": NaN, "gradients": {"a": -24, "b": null, "c": Infinity}}',
        "f broken": '{"value": 16',
        "g deep": "[" * 100_000,
        "h half a letter": '{"derivatives": {"a": "\\ud800"}}',
        "i a tensor": '{"gradients": {"a": [-24]}}',
    }
    for name, text in submissions.items():
        (tmp_path / f"{name}.json").write_text(text)
    found = dict(grade_folder.grade(question, tmp_path, server.url))
    scores = {name: results.get("score") for name, results in found.items()}
    open_ones = dict.fromkeys(["f broken", "g deep", "h half a letter"])
    assert scores == open_ones | {
        "a right": 1,
        "b empty": 0,
        "c of another kind": 0,
        "d more than asked": 1,
        "e not a number": pytest.approx(1 / 6),
        "i a tensor": 0,
    }
    assert all(results["output"] for results in found.values())
    assert grade_folder.claims(blank, {}) == blank


def test_a_bad_question_is_the_authors_not_the_students(server, tmp_path):
    question = {"reference": {"expression": "a*("}, "blank": {"value": "NaN"}}
    with pytest.raises(grade_folder.QuestionError, match="never closed"):
        list(grade_folder.grade(question, tmp_path, server.url))


def test_a_backward_pass_by_hand_is_right_at_any_numbers(server):
    for seed in range(5):
        found = ninja.run(server.url, seed=seed)
        assert (found.verdict, found.score, found.first_error) == ("correct", 1, None)
        assert set(found.verdicts.values()) == {"correct"}


@pytest.mark.slow
@pytest.mark.parametrize("slip", solution.SLIPS)
def test_a_slip_costs_once_and_is_found_where_it_was_made(server, slip):
    found = ninja.run(server.url, slip)
    first = None if found.verdicts[slip] == "partially_correct" else slip
    assert (found.verdict, found.first_error) == ("partially_correct", first)
    wrong = {name for name, each in found.verdicts.items() if each != "correct"}
    assert {n for n in wrong if found.verdicts[n] != "carried_forward"} == {slip}
    right = solution.backward(solution.forward(exercise.exercise()))
    slipped = solution.backward(solution.forward(exercise.exercise()), slip)
    assert wrong == {name for name in right if not equal(right[name], slipped[name])}
    assert 30 / 31 <= found.score < 1


@pytest.mark.slow
@pytest.mark.parametrize(
    "slip, code",
    [
        ("logits", "constant_factor"),
        ("hpreact", "wrong_rule"),
        ("bndiff2", "wrong_rule"),
        ("bndiff", "dropped_path"),
        ("hprebn", "dropped_path"),
        ("b1", "missing_broadcast_sum"),
    ],
)
def test_a_slip_is_diagnosed_where_it_was_made_and_nowhere_else(server, slip, code):
    given = exercise.exercise()
    wrong = ninja.claims(given, solution.backward(solution.forward(given), slip))
    items = client.post(server.url, "grade", given.reference() | {"claims": wrong})["items"]
    found = {i["claim"].split("/")[1]: i["diagnosis"] for i in items if i["diagnosis"]}
    assert set(found) == {slip}
    assert code in [diagnosis["code"] for diagnosis in found[slip]]


@pytest.mark.slow
def test_a_slip_is_carried_only_if_the_course_wants_it(server):
    given = exercise.exercise()
    wrong = ninja.claims(given, solution.backward(solution.forward(given), "logits"))
    message = given.reference() | {"claims": wrong, "carry": False}
    found = ninja.graded(client.post(server.url, "grade", message))
    assert list(found.verdicts.values()).count("incorrect") == 23
    assert found.score == pytest.approx(8 / 31)


def equal(one, other):
    return one.shape == other.shape and np.allclose(one, other, rtol=1e-6, atol=1e-9)


def covers(cell, x, y):
    left, top, width, height = (float(cell[name]) for name in ("x", "y", "width", "height"))
    return left <= x <= left + width and top <= y <= top + height


def decoded(tensor):
    return np.frombuffer(base64.b64decode(tensor["base64"])).reshape(tensor["shape"])


def mixture(alphas, means, icf, x):
    """The objective from SciPy's densities: normal ones of x, Wishart ones of the precisions."""
    d = x.shape[1]
    logarithms, wishart = [], 0.0
    for mean, row in zip(means, icf, strict=True):
        factor, rest = np.diag(np.exp(row[:d])), iter(row[d:])
        for column in range(d):
            for line in range(column + 1, d):
                factor[line, column] = next(rest)
        precision = factor.T @ factor
        logarithms.append(
            np.atleast_1d(stats.multivariate_normal.logpdf(x, mean, np.linalg.inv(precision)))
        )
        wishart += stats.wishart.logpdf(precision, d + 1, np.eye(d))
    weighted = special.log_softmax(alphas)[:, None] + np.array(logarithms)
    return float(special.logsumexp(weighted, axis=0).sum() - wishart)


def slopes(point, name):
    """Central differences of fourth order."""
    numeric = np.empty(point[name].shape)
    for place in np.ndindex(numeric.shape):
        nudge = np.zeros(numeric.shape)
        nudge[place] = 1e-3
        at = [mixture(**point | {name: point[name] + j * nudge}) for j in (-2, -1, 1, 2)]
        numeric[place] = (at[0] - 8 * at[1] + 8 * at[2] - at[3]) / 12e-3
    return numeric
