"""Node lists written from graphs, which read back as the same functions."""

from __future__ import annotations

import json
import math

import numpy as np

from autograd_core import evaluate, parse, read_nodes, write_nodes
from tests.tables import table


def test_nodes_are_listed_operands_first_with_an_id_each() -> None:
    assert write_nodes(parse("e = a*b; leaky_relu(e + 1, alpha=0.5)")) == [
        {"id": "e", "op": "mul", "args": ["a", "b"]},
        {"id": "%1", "op": "add", "args": ["e", 1.0]},
        {"id": "%2", "op": "leaky_relu", "args": ["%1"], "attrs": {"alpha": 0.5}},
    ]


@table(
    "text",
    [
        "pi*x + e",
        "inf*x",
        "x + [1, 2, 3]",
        'x + [1, "NaN", "Infinity", "-Infinity"]',
        "sum(x[1:, 0] + x[-1, 1], axis=[0], keepdims=true)",
        'einsum(x, x, equation="ij,jk->ik")',
        "x + reshape([], shape=[0, 1])",
    ],
)
def test_what_is_written_reads_back(text: str) -> None:
    graph = parse(text)
    written = json.loads(json.dumps(write_nodes(graph), allow_nan=False))
    x = np.array([[1.0, 2.0], [3.0, 4.0]]) if "x[" in text or "einsum" in text else 2.0
    (expected,) = evaluate(graph, {"x": x}).values.values()
    (found,) = evaluate(read_nodes(written), {"x": x}).values.values()
    assert np.array_equal(found, expected, equal_nan=True)


def test_a_bound_name_stays_a_name_where_it_is_no_constant() -> None:
    nodes = [{"id": "y", "op": "exp", "args": ["pi"]}]
    assert write_nodes(read_nodes(nodes)) == nodes
    assert write_nodes(parse("exp(pi)")) == [{"id": "%1", "op": "exp", "args": [math.pi]}]
