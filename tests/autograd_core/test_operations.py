"""The op table as a catalogue: what is in it, what it is called, and what it says of itself."""

import math
from typing import Any

import pytest

from autograd_core import catalogue
from autograd_core.operations import (
    TABLE,
    ArrayOperation,
    Composite,
    Elementwise,
    find,
    unknown_operation,
)
from autograd_core.operations.operation import Operation
from tests.tables import table

# DESIGN.md, section 5, by the number of operands.
CATALOGUE = {
    1: """
        neg abs sign reciprocal square sqrt cbrt exp exp2 expm1 log log2 log10 log1p sin cos tan
        asin acos atan sinh cosh tanh asinh acosh atanh sinc deg2rad rad2deg floor ceil round
        sigmoid logit softplus relu leaky_relu elu gelu silu erf erfc erfinv gammaln digamma
        identity stop_gradient logical_not
        sum mean prod max min var std norm logsumexp softmax log_softmax cumsum transpose reshape
        squeeze expand_dims broadcast_to index take flip diagonal trace triu tril det logdet inv
        cholesky
    """,
    2: """
        add sub mul div pow maximum minimum mod atan2 hypot logaddexp copysign gt ge lt le eq ne
        logical_and logical_or matmul dot outer solve mse binary_cross_entropy cross_entropy
    """,
    3: "where clip",
}
OPERANDS = {name: count for count, names in CATALOGUE.items() for name in names.split()}
VARIADIC = {
    "add": (2, None),
    "mul": (2, None),
    "einsum": (1, 60),
    "concat": (1, None),
    "stack": (1, None),
}
REQUIRED = object()
TAKEN: dict[str, dict[str, Any]] = {
    "leaky_relu": {"alpha": 0.01},
    "elu": {"alpha": 1.0},
    "sum mean prod max min norm logsumexp": {"axis": None, "keepdims": False},
    "var std": {"axis": None, "keepdims": False, "ddof": 0},
    "softmax log_softmax": {"axis": -1},
    "cumsum concat stack flip expand_dims": {"axis": 0},
    "squeeze": {"axis": None},
    "take": {"indices": REQUIRED, "axis": 0},
    "index": {"spec": REQUIRED},
    "einsum": {"equation": REQUIRED},
    "transpose": {"axes": None},
    "reshape broadcast_to": {"shape": REQUIRED},
    "diagonal trace": {"offset": 0},
    "triu tril": {"k": 0},
}
ATTRIBUTES = {name: attributes for names, attributes in TAKEN.items() for name in names.split()}

each_row = table("row", TABLE.values(), ids=lambda row: row.name)


def test_the_catalogue_is_complete() -> None:
    assert set(TABLE) == {*OPERANDS, *VARIADIC}
    assert catalogue is TABLE


@each_row
def test_attributes_and_their_defaults(row: Operation) -> None:
    found = {
        attribute.name: REQUIRED if attribute.required else attribute.default
        for attribute in row.attributes
    }
    assert found == ATTRIBUTES.get(row.name, {})


@each_row
def test_arity(row: Operation) -> None:
    if row.name in VARIADIC:
        assert row.arity == VARIADIC[row.name]
    else:
        assert row.arity == (OPERANDS[row.name], OPERANDS[row.name])


@each_row
def test_a_row_says_what_it_is(row: Operation) -> None:
    assert TABLE[row.name] is row
    assert row.doc.strip() == row.doc
    assert row.doc.endswith(".")
    assert row.category
    assert isinstance(row, Elementwise | ArrayOperation | Composite)
    if isinstance(row, Elementwise):
        count = len(row.operands)
        assert len(row.first) == count
        assert len(row.second) == count * (count + 1) // 2
    for attribute in row.attributes:
        assert attribute.doc
        assert attribute.kind.words
        assert attribute.kind.schema


CATEGORIES = {"elementwise", "activation", "logic", "reduction", "linear algebra", "shape", "loss"}


def test_categories() -> None:
    assert {row.category for row in TABLE.values()} == CATEGORIES


@each_row
def test_kinks_are_not_analytic(row: Operation) -> None:
    """The complex-step check goes through analytic operations only."""
    kinked = ("relu", "elu", "leaky_relu", "abs", "sign", "max", "min", "floor", "mod", "where")
    if row.name in kinked or row.category == "logic":
        assert not row.analytic


# Names ------------------------------------------------------------------------------


def test_no_two_rows_share_a_name() -> None:
    names = [name for row in TABLE.values() for name in (row.name, *row.aliases)]
    assert len(names) == len(set(names))


@each_row
def test_every_name_and_alias_is_found(row: Operation) -> None:
    for name in (row.name, *row.aliases):
        assert find(name) is row


@pytest.mark.parametrize("name", ["", "Add", "relu ", "ln", "mull", "__add__", "axis"])
def test_other_names_are_not_found(name: str) -> None:
    assert find(name) is None


SYMBOLS = {"+": "add", "-": "sub", "*": "mul", "/": "div", "**": "pow", "^": "pow", "@": "matmul"}
LONG_NAMES = {
    "subtract": "sub",
    "multiply": "mul",
    "divide": "div",
    "power": "pow",
    "negative": "neg",
    "positive": "identity",
    "remainder": "mod",
    "greater": "gt",
    "greater_equal": "ge",
    "less": "lt",
    "less_equal": "le",
    "equal": "eq",
    "not_equal": "ne",
    "permute_dims": "transpose",
    "cumulative_sum": "cumsum",
    "concatenate": "concat",
}
ARC_NAMES = {
    f"arc{name}": f"a{name}" for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh", "tan2")
}


@pytest.mark.parametrize("alias, name", [*SYMBOLS.items(), *LONG_NAMES.items(), *ARC_NAMES.items()])
def test_aliases(alias: str, name: str) -> None:
    assert find(alias) is TABLE[name]


@pytest.mark.parametrize(
    "written, meant",
    [
        ("mull", "mul"),
        ("ln", "log"),
        ("reLU", "relu"),
        ("Relu", "relu"),
        ("sofmax", "softmax"),
        ("sigmod", "sigmoid"),
        ("ArcSin", "arcsin"),
        ("mutiply", "multiply"),
        ("matmult", "matmul"),
        ("cross-entropy", "cross_entropy"),
    ],
)
def test_the_closest_name_is_suggested(written: str, meant: str) -> None:
    fault = unknown_operation(written)
    assert fault.code == "unknown_operation"
    assert fault.detail == f"unknown operation {written!r}; did you mean {meant!r}?"


@pytest.mark.parametrize("written", ["", "zzzzzz", "qwertyuiop", "x" * 60])
def test_nothing_near_is_suggested(written: str) -> None:
    assert unknown_operation(written).detail == f"unknown operation {written!r}"


# Arity ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name, count, detail",
    [
        ("sin", 0, "sin takes 1 operand, not 0"),
        ("sin", 2, "sin takes 1 operand, not 2"),
        ("sub", 1, "sub takes 2 operands, not 1"),
        ("sub", 3, "sub takes 2 operands, not 3"),
        ("where", 2, "where takes 3 operands, not 2"),
        ("add", 1, "add takes at least 2 operands, not 1"),
        ("concat", 0, "concat takes at least 1 operand, not 0"),
    ],
)
def test_too_few_or_too_many_operands(name: str, count: int, detail: str) -> None:
    fault = TABLE[name].arity_fault(count)
    assert fault is not None
    assert (fault.code, fault.detail) == ("wrong_arity", detail)


@each_row
def test_the_right_number_of_operands(row: Operation) -> None:
    fewest, most = row.arity
    assert row.arity_fault(fewest) is None
    assert row.arity_fault(1000 if most is None else most) is None
    assert row.arity_fault(fewest - 1) is not None


# Cost -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name, shapes, attributes, least",
    [
        ("add", [(3,), (2, 1), ()], {}, 12),
        ("matmul", [(20, 30), (30, 40)], {}, 20 * 30 * 40),
        ("einsum", [(20, 30), (30, 40)], {"equation": "ij,jk->ik"}, 20 * 30 * 40),
        ("inv", [(50, 50)], {}, 50**3),
        ("sum", [(1000,)], {"axis": None, "keepdims": False}, 1000),
        ("broadcast_to", [()], {"shape": (1000,)}, 1000),
    ],
)
def test_cost_grows_as_the_work_does(
    name: str, shapes: list[tuple[int, ...]], attributes: dict[str, Any], least: int
) -> None:
    row = TABLE[name]
    cost = row.cost(shapes, row.shape(shapes, attributes), attributes)
    assert least <= cost <= 3 * least


def test_cost_is_exact_beyond_64_bits() -> None:
    shape = (2**40, 2**40)
    assert TABLE["exp"].cost([shape], shape, {}) == math.prod(shape)
