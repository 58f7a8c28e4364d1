"""Cases of the operations that move entries about and compute nothing."""

from array_case import Case, named


def cases() -> list[Case]:
    return [
        *named(
            "transpose",
            [
                ("default-reverses", [(2, 3)]),
                ("rank-3-default", [(2, 1, 3)]),
                ("axes", [(2, 3, 2)], {"axes": [2, 0, 1]}),
                ("axes-negative", [(2, 3, 2)], {"axes": [0, -1, 1]}),
                ("rank-4", [(1, 2, 3, 2)], {"axes": [3, 1, 0, 2]}),
                ("vector", [(3,)]),
            ],
        ),
        *named(
            "reshape",
            [
                ("explicit", [(2, 3)], {"shape": [3, 2]}),
                ("flatten", [(2, 3)], {"shape": [-1]}),
                ("one-inferred", [(2, 3, 2)], {"shape": [2, -1, 2, 1]}),
                ("to-rank-0", [(1, 1)], {"shape": []}),
                ("from-rank-0", [()], {"shape": [1, 1]}),
            ],
        ),
        *named(
            "squeeze",
            [
                ("all", [(1, 3, 1)]),
                ("axis", [(1, 3, 1)], {"axis": 0}),
                ("axis-negative", [(1, 3, 1)], {"axis": -1}),
                ("axes", [(1, 2, 1, 2)], {"axis": [0, 2]}),
            ],
        ),
        *named(
            "expand_dims",
            [
                ("first", [(2, 3)], {"axis": 0}),
                ("last", [(2, 3)], {"axis": -1}),
                ("middle", [(2, 3)], {"axis": 1}),
                ("rank-0", [()], {"axis": 0}),
            ],
        ),
        *named(
            "broadcast_to",
            [
                ("rows", [(3,)], {"shape": [2, 3]}),
                ("columns", [(2, 1)], {"shape": [2, 3]}),
                ("rank-0", [()], {"shape": [2, 2]}),
                ("new-and-stretched", [(2, 1)], {"shape": [3, 2, 2]}),
                ("unchanged", [(2, 2)], {"shape": [2, 2]}),
            ],
        ),
        *named(
            "concat",
            [
                ("two", [(2, 2), (1, 2)]),
                ("three", [(1, 2), (2, 2), (1, 2)]),
                ("axis-1", [(2, 1), (2, 3)], {"axis": 1}),
                ("three-axis-negative", [(2, 1, 1), (2, 1, 2), (2, 1, 1)], {"axis": -1}),
                ("vectors", [(2,), (3,)]),
                ("one", [(2, 2)]),
            ],
        ),
        *named(
            "stack",
            [
                ("two", [(3,), (3,)]),
                ("axis-1", [(3,), (3,)], {"axis": 1}),
                ("three-axis-negative", [(2, 2)] * 3, {"axis": -1}),
                ("scalars", [(), (), ()]),
                ("one", [(2,)]),
            ],
        ),
        *named(
            "index",
            [
                (label, [shape], {"spec": spec})
                for label, shape, spec in [
                    ("entry", (3,), [1]),
                    ("last-entry", (3,), [-1]),
                    ("matrix-entry", (2, 3), [1, -2]),
                    ("row", (3, 2), [1, [None, None, None]]),
                    ("column", (3, 2), [[None, None, None], -1]),
                    ("range", (5,), [[1, 4, None]]),
                    ("step", (5,), [[None, None, 2]]),
                    ("reversed", (4,), [[None, None, -1]]),
                    ("negative-step-within", (6,), [[-2, 0, -2]]),
                    ("all-but-last", (4,), [[None, -1, None]]),
                    ("past-the-end", (3,), [[1, 10, None]]),
                    ("two-ranges", (4, 4), [[1, 3, None], [None, None, -3]]),
                    ("rank-3", (2, 3, 4), [0, [1, None, None], [None, None, 2]]),
                    ("fewer-entries", (3, 2), [-1]),
                ]
            ],
        ),
        *named(
            "take",
            [
                ("repeated", [(3,)], {"indices": [0, 2, 0]}),
                ("axis-1", [(2, 3)], {"indices": [2, 0], "axis": 1}),
                ("negative", [(3, 2)], {"indices": [-1, 0, -1]}),
                ("two-dimensional", [(4,)], {"indices": [[0, 3], [1, 1], [3, 0]]}),
                ("two-dimensional-axis-1", [(2, 3)], {"indices": [[0, 2], [2, 2]], "axis": 1}),
                ("rank-3-axis-negative", [(2, 2, 3)], {"indices": [1, 1, 0, 2], "axis": -1}),
                ("embedding", [(4, 2)], {"indices": [3, 1, 3]}),
            ],
        ),
        *named(
            "diagonal",
            [("square", [(3, 3)]), ("wide", [(2, 3)]), ("tall", [(3, 2)]), ("batch", [(2, 2, 2)])],
        ),
        *named("trace", [("square", [(3, 3)]), ("wide", [(2, 3)]), ("batch", [(2, 2, 2)])]),
        *named("triu", [("square", [(3, 3)]), ("wide", [(2, 3)]), ("batch", [(2, 2, 2)])]),
        *named("tril", [("square", [(3, 3)]), ("tall", [(3, 2)]), ("batch", [(2, 2, 2)])]),
    ]
