"""Array cases in which part of a result is not finite and nothing depends on that part.

No gradient is not a zero gradient: sum(where(m, op(...), 0)) has the derivatives of the
entries that m lets through, and exactly 0 elsewhere, whatever the others' partials are. Every
number here is pencil and paper.
"""

from typing import Any

Recorded = dict[str, Any]
INF = "Infinity"
NAN = "NaN"

ROWS = [[0.0, 0.0], [1.0, 1.0]]  # lets the second row through
SECOND = [0.0, 1.0]
STACK = [[[0.0, 0.0], [0.0, 0.0]], [[1.0, 1.0], [1.0, 1.0]]]  # lets the second matrix through
NOTHING = [[0.0, 0.0], [0.0, 0.0]]
SINGULAR = [[1.0, 2.0], [2.0, 4.0]]
DIAGONAL = [[2.0, 0.0], [0.0, 4.0]]


def masked(
    op: str, bindings: Recorded, mask: Any, value: float, gradients: Recorded, **attrs: Any
) -> Recorded:
    node = {"id": "r", "op": op, "args": list(bindings)} | ({"attrs": attrs} if attrs else {})
    nodes = [
        node,
        {"id": "live", "op": "where", "args": [mask, "r", 0.0]},
        {"id": "f", "op": "sum", "args": ["live"]},
    ]
    rank = "-".join(attrs.get("equation", "").split("->")) or str(len(bindings))
    return {
        "name": f"{op}/dead-branch-{rank}",
        "graph": {"nodes": nodes},
        "bindings": bindings,
        "value": value,
        "gradients": gradients,
        "rtol": 1e-12,
        "atol": 0.0,
    }


def cases() -> list[Recorded]:
    return [
        masked(
            "matmul",
            {"a": [[INF, 1.0], [2.0, 3.0]], "b": [4.0, 5.0]},
            SECOND,
            23.0,
            {"a": [[0.0, 0.0], [4.0, 5.0]], "b": [2.0, 3.0]},
        ),
        masked(
            "dot",
            {"a": [[INF, 1.0], [2.0, 3.0]], "b": [[1.0, 0.0], [0.0, 1.0]]},
            ROWS,
            5.0,
            {"a": [[0.0, 0.0], [1.0, 1.0]], "b": [[2.0, 2.0], [3.0, 3.0]]},
        ),
        masked(
            "outer",
            {"a": [INF, 2.0], "b": [3.0, 4.0]},
            ROWS,
            14.0,
            {"a": [0.0, 7.0], "b": [2.0, 2.0]},
        ),
        masked(
            "mul",
            {"a": [[INF], [2.0]], "b": [3.0, 4.0]},
            ROWS,
            14.0,
            {"a": [[0.0], [7.0]], "b": [2.0, 2.0]},
        ),
        masked(
            "einsum",
            {"a": [[NAN, 1.0], [2.0, 3.0]], "b": [4.0, 5.0]},
            SECOND,
            23.0,
            {"a": [[0.0, 0.0], [4.0, 5.0]], "b": [2.0, 3.0]},
            equation="ij,j->i",
        ),
        masked(
            "einsum",
            {"a": [INF, 2.0], "b": [[1.0, 1.0], [1.0, 1.0]], "c": [3.0, 4.0]},
            SECOND,
            14.0,
            {"a": [0.0, 7.0], "b": [[0.0, 0.0], [6.0, 8.0]], "c": [2.0, 2.0]},
            equation="i,ij,j->i",
        ),
        masked(
            "prod",
            {"x": [[INF, 0.0], [2.0, 3.0]]},
            SECOND,
            6.0,
            {"x": [[0.0, 0.0], [3.0, 2.0]]},
            axis=1,
        ),
        masked(
            "max",
            {"x": [[NAN, 1.0], [2.0, 3.0]]},
            SECOND,
            3.0,
            {"x": [[0.0, 0.0], [0.0, 1.0]]},
            axis=1,
        ),
        masked(
            "min",
            {"x": [[NAN, 1.0], [2.0, 3.0]]},
            SECOND,
            2.0,
            {"x": [[0.0, 0.0], [1.0, 0.0]]},
            axis=1,
        ),
        masked(
            "norm",
            {"x": [[INF, 1.0], [3.0, 4.0]]},
            SECOND,
            5.0,
            {"x": [[0.0, 0.0], [0.6, 0.8]]},
            axis=1,
        ),
        masked(
            "var",
            {"x": [[INF, 1.0], [1.0, 3.0]]},
            SECOND,
            1.0,
            {"x": [[0.0, 0.0], [-1.0, 1.0]]},
            axis=1,
        ),
        masked(
            "std",
            {"x": [[INF, 1.0], [1.0, 3.0]]},
            SECOND,
            1.0,
            {"x": [[0.0, 0.0], [-0.5, 0.5]]},
            axis=1,
        ),
        masked(
            "logsumexp",
            {"x": [[NAN, 0.0], [0.0, 0.0]]},
            SECOND,
            0.6931471805599453,
            {"x": [[0.0, 0.0], [0.5, 0.5]]},
            axis=1,
        ),
        masked(
            "softmax",
            {"x": [[INF, 0.0], [0.0, 0.0]]},
            [[0.0, 0.0], [1.0, 0.0]],
            0.5,
            {"x": [[0.0, 0.0], [0.25, -0.25]]},
        ),
        masked(
            "log_softmax",
            {"x": [[INF, 0.0], [0.0, 0.0]]},
            [[0.0, 0.0], [1.0, 0.0]],
            -0.6931471805599453,
            {"x": [[0.0, 0.0], [0.5, -0.5]]},
        ),
        masked(
            "det",
            {"x": [[[INF, 1.0], [1.0, 1.0]], DIAGONAL]},
            SECOND,
            8.0,
            {"x": [NOTHING, [[4.0, 0.0], [0.0, 2.0]]]},
        ),
        masked(
            "logdet",
            {"x": [[[0.0, 1.0], [1.0, 0.0]], DIAGONAL]},
            SECOND,
            2.0794415416798357,
            {"x": [NOTHING, [[0.5, 0.0], [0.0, 0.25]]]},
        ),
        masked(
            "inv",
            {"x": [SINGULAR, DIAGONAL]},
            STACK,
            0.75,
            {"x": [NOTHING, [[-0.25, -0.125], [-0.125, -0.0625]]]},
        ),
        masked(
            "solve",
            {"a": [SINGULAR, DIAGONAL], "b": [[[1.0], [1.0]], [[2.0], [4.0]]]},
            [[[0.0], [0.0]], [[1.0], [1.0]]],
            2.0,
            {
                "a": [NOTHING, [[-0.5, -0.5], [-0.25, -0.25]]],
                "b": [[[0.0], [0.0]], [[0.5], [0.25]]],
            },
        ),
        masked(
            "cholesky",
            {"x": [[[-1.0, 0.0], [0.0, 1.0]], [[4.0, 0.0], [0.0, 9.0]]]},
            STACK,
            5.0,
            {"x": [NOTHING, [[0.25, 0.25], [0.25, 1 / 6]]]},
        ),
    ]
