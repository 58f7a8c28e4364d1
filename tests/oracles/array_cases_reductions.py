"""Cases of the reductions, and of what else runs along an axis: softmax, cumsum, flip."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from array_case import Case, named


def over_axes(op: str, more: Sequence[tuple[Any, ...]] = ()) -> list[Case]:
    """A reduction, over everything, one axis, several, all of them listed, kept or not."""
    return named(
        op,
        [
            ("all", [(2, 3)]),
            ("all-rank-3-keepdims", [(2, 2, 3)], {"keepdims": True}),
            ("vector", [(4,)], {"axis": 0}),
            ("axis-0", [(3, 2)], {"axis": 0}),
            ("axis-1-keepdims", [(2, 4)], {"axis": 1, "keepdims": True}),
            ("axis-negative", [(2, 3, 2)], {"axis": -2}),
            ("axes-0-and-2", [(2, 3, 2)], {"axis": [0, 2]}),
            ("axes-negative-keepdims-rank-4", [(2, 2, 3, 2)], {"axis": [-1, 1], "keepdims": True}),
            ("size-1-axis", [(3, 1)], {"axis": 1})
            if op not in ("var", "std")
            else ("three-axes", [(2, 2, 2)], {"axis": [0, 1, 2]}),
            ("one-entry", [(1,)]) if op != "std" else ("two-entries", [(2,)]),
            ("rank-0", [()]) if op not in ("var", "std") else ("pair", [(2, 2)], {"axis": 0}),
            *more,
        ],
    )


def cases() -> list[Case]:
    a, tied = np.array, np.array([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0], [0.5, -1.0, 0.5]])
    ddof = [
        ("ddof-1", [(5,)], {"ddof": 1}),
        ("ddof-1-axis-keepdims", [(3, 4)], {"ddof": 1, "axis": 0, "keepdims": True}),
        ("ddof-2", [(2, 4)], {"ddof": 2, "axis": -1}),
    ]
    return [
        *over_axes("sum"),
        *over_axes("mean"),
        *over_axes(
            "prod",
            [
                ("one-zero", [a([2.0, 0.0, 3.0, -1.5])]),
                ("two-zeros", [a([2.0, 0.0, 3.0, 0.0])]),
                (
                    "three-zeros-axis",
                    [a([[2.0, 0.0, 3.0], [0.0, 0.0, 4.0], [0.0, 0.0, 0.0]])],
                    {"axis": 1},
                ),
                (
                    "zeros-axis-0",
                    [a([[2.0, 0.0, 3.0], [0.0, 0.0, 4.0]])],
                    {"axis": 0, "keepdims": True},
                ),
                ("negative-numbers", [a([-2.0, -0.5, -3.0])]),
            ],
        ),
        *over_axes(
            "max",
            [
                ("ties", [tied]),
                ("ties-axis", [tied], {"axis": 1}),
                ("ties-axis-0-keepdims", [tied], {"axis": 0, "keepdims": True}),
            ],
        ),
        *over_axes(
            "min",
            [
                ("ties", [tied]),
                ("ties-axis", [tied], {"axis": 1}),
                ("ties-two-axes", [np.stack([tied, tied])], {"axis": [0, 2]}),
            ],
        ),
        *over_axes("var", ddof),
        *over_axes("std", ddof),
        *over_axes("norm"),
        *over_axes("logsumexp"),
        *named(
            "softmax",
            [
                ("vector", [(4,)]),
                ("last-axis", [(2, 3)]),
                ("axis-0", [(3, 2)], {"axis": 0}),
                ("axis-middle-rank-3", [(2, 3, 2)], {"axis": 1}),
                ("axis-negative", [(2, 3, 2)], {"axis": -3}),
                ("size-1", [(2, 1)]),
            ],
        ),
        *named(
            "log_softmax",
            [
                ("vector", [(4,)]),
                ("last-axis", [(2, 3)]),
                ("axis-0", [(3, 2)], {"axis": 0}),
                ("axis-middle-rank-3", [(2, 3, 2)], {"axis": 1}),
                ("axis-negative", [(2, 2, 2)], {"axis": -2}),
            ],
        ),
        *named(
            "cumsum",
            [
                ("vector", [(4,)]),
                ("default-is-axis-0", [(3, 2)]),
                ("axis-1", [(2, 3)], {"axis": 1}),
                ("axis-negative", [(2, 2, 3)], {"axis": -1}),
            ],
        ),
        *named(
            "flip",
            [
                ("vector", [(4,)]),
                ("default-is-axis-0", [(3, 2)]),
                ("axis-1", [(2, 3)], {"axis": 1}),
                ("axis-negative-rank-3", [(2, 2, 3)], {"axis": -2}),
            ],
        ),
    ]
