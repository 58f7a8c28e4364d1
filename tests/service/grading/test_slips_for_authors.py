"""What authors are told: wrong answers that graders recognise, and numbers that tell them apart."""

import random

import numpy as np
import pytest

from autograd_core import ArgumentError, parse, read_nodes
from benchmarks.slip_injection import is_wrong, random_tape
from benchmarks.slips import diagnosed
from service.grading.reference import Reference
from service.grading.slips import all_slips


def made(expression, bindings, **more):
    return all_slips(Reference(parse(expression), bindings, **more))


def test_a_product():
    found = made("a*b + c", {"a": 2.0, "b": -3.0, "c": 10.0})
    assert found.value == 4.0
    assert found.gradients == {"a": -3.0, "b": 2.0, "c": 1.0}
    slips = [(slip.code, dict(slip.gradients)) for slip in found.slips]
    assert ("swapped_inputs", {"a": 2.0, "b": -3.0, "c": 1.0}) in slips
    assert ("sign_flipped", {"a": 3.0, "b": 2.0, "c": 1.0}) in slips
    assert ("missing_chain_factor", {"a": 1.0, "b": 2.0, "c": 1.0}) in slips


def test_slips_that_agree_at_these_numbers_are_named():
    found = made("x**2", {"x": 2.0})
    by_code = {slip.code: place for place, slip in enumerate(found.slips)}
    twice = found.slips[by_code["differentiated_twice"]]
    assert twice.gradients == {"x": 2.0}
    assert {found.slips[other].code for other in twice.coincides_with} == {
        "wrong_rule",
        "constant_factor",
    }
    for place, slip in enumerate(found.slips):
        assert place not in slip.coincides_with
        assert all(found.slips[other].gradients == slip.gradients for other in slip.coincides_with)


def test_bindings_tell_apart_what_given_ones_do_not():
    proposed = made("x**2", {"x": 2.0}).bindings
    assert proposed != {"x": 2.0}
    there = made("x**2", proposed)
    coinciding = [slip for slip in there.slips if slip.coincides_with]
    assert len(coinciding) < 3
    assert made("x**2", {"x": 2.0}).bindings == proposed  # the same for the same question


def test_bindings_that_cannot_be_bettered_stay():
    assert made("sin(3*x)", {"x": 0.4}).bindings == {"x": 0.4}


def test_bindings_stay_in_the_domain():
    found = made("x**2*y", {"x": 2.0, "y": 1.0}, domain={"x": (1.95, 2.05), "y": (0.5, 3)})
    assert 1.95 <= found.bindings["x"] <= 2.05
    assert 0.5 <= found.bindings["y"] <= 3


@pytest.mark.parametrize("seed", range(12))
def test_a_slip_posted_back_gets_its_own_code_first(seed):
    rng = random.Random(seed)
    tape = random_tape(rng, lambda: round(rng.uniform(0.3, 2.5), 1), 2 + seed % 6)
    reference = Reference(read_nodes(tape.nodes()), tape.bindings)
    found = all_slips(reference)
    assert found.slips
    for slip in found.slips:
        claims = {name: float(slope) for name, slope in slip.gradients.items()}
        wrong = [name for name in claims if is_wrong(claims[name], found.gradients[name])]
        assert wrong, "it equals the truth"
        codes = {slip.code, *(found.slips[other].code for other in slip.coincides_with)}
        for each in diagnosed(reference, claims, wrong).values():
            assert each[0].code in codes


def test_arrays():
    bindings = {"W": np.array([[1.0, 2.0], [3.0, 4.0]]), "x": np.array([-1.0, 2.0]), "b": 0.5}
    found = made("mean(relu(W@x + b)**2)", bindings)
    assert {"sign_flipped", "transposed", "missing_broadcast_sum"} <= {
        slip.code for slip in found.slips
    }
    for slip in found.slips:
        assert {name: np.shape(each) for name, each in slip.gradients.items()} == {
            "W": (2, 2),
            "x": (2,),
            "b": (),
        }
    assert np.shape(found.bindings["W"]) == (2, 2)


def test_there_is_nothing_to_tell_where_the_gradient_is_no_number():
    found = made("log(x)", {"x": -2.0})
    assert found.slips == []
    assert found.warnings


def test_an_output_with_a_shape_is_refused():
    with pytest.raises(ArgumentError, match="shape"):
        made("x*2", {"x": np.array([1.0, 2.0])})


def test_a_function_of_nothing_has_no_slips():
    assert made("2*3", {}).slips == []
