"""Cases of the operations that rearrange, select and join elements."""

import numpy as np

from tests.autograd_core.array_case import cases

SHAPING = [
    *cases(
        "transpose",
        (((2, 3),), {}, np.transpose),
        (((2, 3, 4),), {}, np.transpose),
        (((2, 3, 4),), {"axes": [1, -1, 0]}, lambda x: np.transpose(x, (1, 2, 0))),
        (((),), {}, np.transpose),
    ),
    *cases(
        "reshape",
        (((2, 3),), {"shape": [3, 2]}, lambda x: x.reshape(3, 2)),
        (((2, 3),), {"shape": [-1]}, np.ravel),
        (((2, 3, 2),), {"shape": [4, -1]}, lambda x: x.reshape(4, 3)),
        (((1, 1),), {"shape": []}, lambda x: x[0, 0]),
        (((0, 3),), {"shape": [3, 0, 2]}, lambda x: np.zeros((3, 0, 2))),
    ),
    *cases(
        "squeeze",
        (((1, 3, 1),), {}, np.squeeze),
        (((1, 3, 1),), {"axis": -1}, lambda x: x[:, :, 0]),
        (((1, 3, 1),), {"axis": [0, 2]}, lambda x: x[0, :, 0]),
    ),
    *cases(
        "expand_dims",
        (((3,),), {}, lambda x: x[None]),
        (((2, 3),), {"axis": -1}, lambda x: x[..., None]),
        (((2, 3),), {"axis": [0, 2]}, lambda x: x[None, :, None, :]),
    ),
    *cases(
        "broadcast_to",
        (((3,),), {"shape": [2, 3]}, lambda x: np.stack([x, x])),
        (((2, 1),), {"shape": [2, 3]}, lambda x: np.hstack([x, x, x])),
        (((),), {"shape": [2, 2]}, lambda x: np.full((2, 2), x)),
        (((1, 3),), {"shape": [0, 3]}, lambda x: np.zeros((0, 3))),
    ),
    *cases(
        "concat",
        (((2,), (3,)), {}, lambda x, y: np.hstack([x, y])),
        (((2, 1), (2, 3), (2, 2)), {"axis": -1}, lambda *each: np.hstack(each)),
        (((2, 3),), {}, lambda x: x),
        (((2, 3), (0, 3)), {}, lambda x, y: x),
    ),
    *cases(
        "stack",
        (((), ()), {}, lambda x, y: np.array([x, y])),
        (((2, 3), (2, 3)), {}, lambda x, y: np.array([x, y])),
        (((2, 3), (2, 3), (2, 3)), {"axis": -1}, lambda *each: np.dstack(each)),
    ),
    *cases(
        "index",
        (((4,),), {"spec": [-1]}, lambda x: x[3]),
        (((3, 4),), {"spec": [1]}, lambda x: x[1]),
        (((3, 4),), {"spec": [[None, None, -1], [1, 3]]}, lambda x: x[::-1][:, 1:3]),
        (((3, 4),), {"spec": [[2], 0]}, lambda x: x[2:, 0]),
        (((3, 4),), {"spec": []}, lambda x: x),
        (((5,),), {"spec": [[9, None, -2]]}, lambda x: x[[4, 2, 0]]),
    ),
    *cases(
        "take",
        (((4,),), {"indices": [0, 2, 2, -1]}, lambda x: x[[0, 2, 2, 3]]),
        (((3, 4),), {"indices": [3, 3], "axis": 1}, lambda x: x[:, [3, 3]]),
        (((3, 4),), {"indices": [[0, 1], [1, 1]], "axis": -2}, lambda x: x[[[0, 1], [1, 1]]]),
        (((3, 4),), {"indices": 2}, lambda x: x[2]),
        (((3,),), {"indices": []}, lambda x: np.zeros(0)),
    ),
    *cases(
        "flip",
        (((3,),), {}, lambda x: x[::-1]),
        (((2, 3),), {"axis": 1}, np.fliplr),
        (((2, 3),), {"axis": [0, 1]}, lambda x: np.rot90(x, 2)),
    ),
    *cases(
        "diagonal",
        (((3, 3),), {}, np.diag),
        (((2, 3, 4),), {"offset": 1}, lambda x: np.diagonal(x, 1, 1, 2)),
        (((4, 2),), {"offset": -3}, lambda x: np.diag(x, -3)),
        (((2, 3),), {"offset": 9}, lambda x: np.zeros(0)),
    ),
    *cases(
        "trace",
        (((3, 3),), {}, np.trace),
        (((2, 3, 4),), {"offset": -1}, lambda x: np.trace(x, -1, 1, 2)),
    ),
    *(
        case
        for op, function in (("triu", np.triu), ("tril", np.tril))
        for case in cases(
            op,
            (((3, 3),), {}, function),
            (((2, 3, 4),), {"k": 1}, lambda x, f=function: f(x, 1)),
            (((3, 2),), {"k": -1}, lambda x, f=function: f(x, -1)),
        )
    ),
]
