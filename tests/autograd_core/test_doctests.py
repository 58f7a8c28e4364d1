"""The examples in docstrings are what a reader tries first: they run, and give what they say."""

import doctest
import importlib
import pkgutil

import pytest

import autograd_core

FINDER = doctest.DocTestFinder()


def _with_examples() -> list[str]:
    names = [each.name for each in pkgutil.walk_packages(autograd_core.__path__, "autograd_core.")]
    return [
        name
        for name in names
        if any(found.examples for found in FINDER.find(importlib.import_module(name)))
    ]


WITH_EXAMPLES = _with_examples()


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_examples_give_what_they_say(name: str) -> None:
    failed, tried = doctest.testmod(importlib.import_module(name))
    assert tried
    assert not failed


def test_every_way_of_asking_has_an_example() -> None:
    wing = "autograd_core.derivatives."
    assert {wing + room for room in ("gradient", "products", "jacobian", "hessian")} <= set(
        WITH_EXAMPLES
    )
