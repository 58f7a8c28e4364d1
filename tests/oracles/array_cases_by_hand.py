"""Array cases that PyTorch does not settle: conventions at kinks, huge and tiny, empty tensors.

Every number here is pencil and paper.
"""

import math
from collections.abc import Sequence
from typing import Any

Recorded = dict[str, Any]
INF = "Infinity"
MINUS_INF = "-Infinity"


def single(
    name: str, op: str, args: Sequence[Any], attrs: dict[str, Any] | None = None
) -> Recorded:
    node = {"id": "f", "op": op, "args": list(args)} | ({"attrs": attrs} if attrs else {})
    return {"name": f"{op}/{name}", "graph": {"nodes": [node]}}


def weighted(
    name: str, op: str, args: Sequence[Any], attrs: dict[str, Any] | None = None
) -> Recorded:
    """sum(w * op(args)); the gradient of w is then the operation's result."""
    case = single(name, op, args, attrs)
    case["graph"]["nodes"][0]["id"] = "r"
    case["graph"]["nodes"] += [
        {"id": "p", "op": "mul", "args": ["r", "w"]},
        {"id": "f", "op": "sum", "args": ["p"]},
    ]
    return case


def says(
    case: Recorded, bindings: Recorded, value: Any, gradients: Recorded, rtol: float = 1e-12
) -> Recorded:
    return case | {
        "bindings": bindings,
        "value": value,
        "gradients": gradients,
        "rtol": rtol,
        "atol": 1e-300,
    }


def empty(*shape: int) -> Recorded:
    return {"shape": list(shape), "data": []}


def cases() -> list[Recorded]:
    root14 = math.sqrt(14)
    near = [100000001.0, 100000002.0, 100000004.0]
    # their mean is 1e8 + 7/3; the deviations are -4/3, -1/3 and 5/3, the variance 14/9
    by_third = [-4.0, -1.0, 5.0]
    return [
        says(single("at-zero", "std", ["x"]), {"x": [2.0, 2.0, 2.0]}, 0.0, {"x": [0.0, 0.0, 0.0]}),
        says(single("of-one-number", "std", ["x"]), {"x": [3.5]}, 0.0, {"x": [0.0]}),
        says(single("rank-0", "std", ["x"]), {"x": 3.5}, 0.0, {"x": 0.0}),
        says(single("rank-0", "var", ["x"]), {"x": 3.5}, 0.0, {"x": 0.0}),
        says(
            weighted("zero-in-one-row", "std", ["x"], {"axis": 1}),
            {"x": [[1.0, 1.0], [1.0, 3.0]], "w": [2.0, 5.0]},
            5.0,
            {"x": [[0.0, 0.0], [-2.5, 2.5]], "w": [0.0, 1.0]},
        ),
        says(single("at-zero", "norm", ["x"]), {"x": [0.0, 0.0]}, 0.0, {"x": [0.0, 0.0]}),
        says(
            weighted("zero-in-one-row", "norm", ["x"], {"axis": 1}),
            {"x": [[0.0, 0.0], [3.0, 4.0]], "w": [2.0, 3.0]},
            15.0,
            {"x": [[0.0, 0.0], [1.8, 2.4]], "w": [0.0, 5.0]},
        ),
        says(single("huge", "norm", ["x"]), {"x": [3e200, -4e200]}, 5e200, {"x": [0.6, -0.8]}),
        says(single("tiny", "norm", ["x"]), {"x": [3e-200, -4e-200]}, 5e-200, {"x": [0.6, -0.8]}),
        says(
            single("near-overflow", "norm", ["x"]),
            {"x": [1e300, 1e300]},
            math.sqrt(2) * 1e300,
            {"x": [math.sqrt(0.5)] * 2},
        ),
        says(
            single("huge-and-tiny", "norm", ["x"], {"keepdims": False}),
            {"x": [[2.0], [1e-200]]},
            2.0,
            {"x": [[1.0], [5e-201]]},
        ),
        says(
            weighted("scales-by-row", "norm", ["x"], {"axis": -1}),
            {"x": [[3e200, 4e200], [3e-200, 4e-200]], "w": [1.0, 1.0]},
            5e200,
            {"x": [[0.6, 0.8], [0.6, 0.8]], "w": [5e200, 5e-200]},
        ),
        says(
            single("near-1e8", "var", ["x"]),
            {"x": near},
            14 / 9,
            {"x": [d * 2 / 9 for d in by_third]},
        ),
        says(
            single("near-1e8", "std", ["x"]),
            {"x": near},
            root14 / 3,
            {"x": [d / 3 / root14 for d in by_third]},
        ),
        says(
            single("near-1e8-ddof", "var", ["x"], {"ddof": 1}),
            {"x": near},
            7 / 3,
            {"x": [d / 3 for d in by_third]},
        ),
        says(single("huge", "std", ["x"]), {"x": [1e200, 3e200]}, 1e200, {"x": [-0.5, 0.5]}),
        says(single("tiny", "std", ["x"]), {"x": [1e-200, 3e-200]}, 1e-200, {"x": [-0.5, 0.5]}),
        says(
            single("huge-zero-tiny", "prod", ["x"]),
            {"x": [1e200, 0.0, 1e-200]},
            0.0,
            {"x": [0.0, 1.0, 0.0]},
        ),
        says(
            single("of-negative-determinant", "logdet", ["x"]),
            {"x": [[0.0, 1.0], [1.0, 0.0]]},
            "NaN",
            {},
        ),
        says(
            single("of-singular", "logdet", ["x"]), {"x": [[1.0, 2.0], [2.0, 4.0]]}, MINUS_INF, {}
        ),
        says(
            single("bound-targets", "cross_entropy", ["z", "t"]),
            {"z": [[0.0, 0.0]], "t": [1]},
            math.log(2),
            {"z": [[0.5, -0.5]], "t": [0.0]},
        ),
        says(
            single("infinity", "max", ["x"]), {"x": [1.0, INF, -2.0]}, INF, {"x": [0.0, 1.0, 0.0]}
        ),
        says(
            single("minus-infinity", "logsumexp", ["x"]),
            {"x": [MINUS_INF, 0.0]},
            0.0,
            {"x": [0.0, 1.0]},
        ),
        says(
            weighted("masked-by-minus-infinity", "softmax", ["x"]),
            {"x": [MINUS_INF, 1.0, 1.0], "w": [5.0, 1.0, 3.0]},
            2.0,
            {"x": [0.0, -0.5, 0.5], "w": [0.0, 0.5, 0.5]},
        ),
        # empty tensors
        says(single("empty", "sum", ["x"]), {"x": []}, 0.0, {"x": []}),
        says(single("empty", "prod", ["x"]), {"x": []}, 1.0, {"x": []}),
        says(single("empty", "norm", ["x"]), {"x": []}, 0.0, {"x": []}),
        says(
            weighted("empty-axis", "sum", ["x"], {"axis": 0}),
            {"x": empty(0, 2), "w": [1.0, 2.0]},
            0.0,
            {"x": empty(0, 2), "w": [0.0, 0.0]},
        ),
        says(
            weighted("empty-axis", "prod", ["x"], {"axis": 1}),
            {"x": {"shape": [2, 0], "data": []}, "w": [3.0, 2.0]},
            5.0,
            {"x": empty(2, 0), "w": [1.0, 1.0]},
        ),
        says(weighted("empty", "cumsum", ["x"]), {"x": [], "w": []}, 0.0, {"x": [], "w": []}),
        says(
            weighted("empty-inner-axis", "matmul", ["a", "b"]),
            {"a": empty(2, 0), "b": empty(0, 1), "w": [[1.0], [2.0]]},
            0.0,
            {"a": empty(2, 0), "b": empty(0, 1), "w": [[0.0], [0.0]]},
        ),
        says(
            weighted("with-an-empty-one", "concat", ["a", "b"]),
            {"a": [], "b": [1.5, -2.0], "w": [2.0, 3.0]},
            -3.0,
            {"a": [], "b": [2.0, 3.0], "w": [1.5, -2.0]},
        ),
        says(
            weighted("empty-range", "index", ["x"], {"spec": [[2, 1, None]]}),
            {"x": [1.0, 2.0, 3.0], "w": []},
            0.0,
            {"x": [0.0, 0.0, 0.0], "w": []},
        ),
        says(
            weighted("nothing", "take", ["x"], {"indices": []}),
            {"x": [1.0, 2.0], "w": []},
            0.0,
            {"x": [0.0, 0.0], "w": []},
        ),
    ]
