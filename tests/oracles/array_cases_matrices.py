"""Cases of products, linear algebra and losses."""

import numpy as np
from array_case import Case, Constant, named


def products() -> list[Case]:
    return [
        *named(
            "matmul",
            [
                ("2x2", [(2, 3), (3, 2)]),
                ("vector-vector", [(3,), (3,)]),
                ("matrix-vector", [(2, 3), (3,)]),
                ("vector-matrix", [(3,), (3, 2)]),
                ("batch", [(2, 2, 3), (2, 3, 2)]),
                ("batch-by-matrix", [(2, 2, 3), (3, 2)]),
                ("matrix-by-batch", [(2, 3), (2, 3, 2)]),
                ("batch-by-vector", [(2, 2, 3), (3,)]),
                ("vector-by-batch", [(3,), (2, 3, 2)]),
                ("broadcast-batches", [(2, 1, 2, 2), (1, 3, 2, 2)]),
                ("rank-4-by-rank-3", [(2, 3, 2, 1), (3, 1, 2)]),
                ("inner-size-1", [(2, 1), (1, 3)]),
            ],
        ),
        *named(
            "dot",
            [
                ("vectors", [(3,), (3,)]),
                ("matrices", [(2, 3), (3, 2)]),
                ("matrix-vector", [(2, 3), (3,)]),
                ("vector-matrix", [(2,), (2, 3)]),
                ("scalars", [(), ()]),
                ("scalar-matrix", [(), (2, 2)]),
            ],
        ),
        *named("outer", [("vectors", [(2,), (3,)]), ("flattens", [(2, 2), (3,)])]),
        *named(
            "einsum",
            [
                (label, shapes, {"equation": equation})
                for label, shapes, equation in [
                    ("matrix-product", [(2, 3), (3, 2)], "ij,jk->ik"),
                    ("bilinear", [(2,), (2, 3), (3,)], "i,ij,j->"),
                    ("trace", [(3, 3)], "ii->"),
                    ("diagonal", [(3, 3)], "ii->i"),
                    ("row-sums", [(2, 3)], "ij->i"),
                    ("transpose", [(2, 3)], "ij->ji"),
                    ("batch", [(2, 2, 3), (2, 3, 2)], "bij,bjk->bik"),
                    ("outer", [(2,), (3,)], "i,j->ij"),
                    ("hadamard-sum", [(2, 3), (2, 3)], "ij,ij->"),
                    ("attention-scores", [(1, 2, 2, 3), (1, 2, 2, 3)], "bqhd,bkhd->bhqk"),
                    ("three-operands", [(2, 3), (3, 2), (2, 2)], "ij,jk,kl->il"),
                    ("repeated-and-kept", [(2, 2, 3), (2,)], "iij,i->j"),
                    ("broadcast-one", [(2, 3), (3,)], "ij,j->ij"),
                    ("summed-out-alone", [(2, 3), (4,)], "ij,k->i"),
                    ("same-operand-index", [(3, 3), (3, 3)], "ii,jj->ij"),
                    ("four-axes", [(2, 1, 2, 2)], "abcd->dbca"),
                ]
            ],
        ),
    ]


def linear_algebra() -> list[Case]:
    singular = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]])
    return [
        *named(
            "det",
            [
                ("1x1", [(1, 1)]),
                ("2x2", [(2, 2)]),
                ("3x3", [(3, 3)]),
                ("4x4", [(4, 4)]),
                ("batch", [(2, 3, 3)]),
                ("rank-4", [(2, 1, 2, 2)]),
                ("singular-rank-2-of-3", [singular]),
                ("singular-rank-1-of-2", [np.array([[1.0, 2.0], [2.0, 4.0]])]),
                ("singular-rank-1-of-3", [np.outer([1.0, 2.0, -1.0], [3.0, 0.5, 2.0])]),
                ("zero-2x2", [np.zeros((2, 2))]),
                ("zero-3x3", [np.zeros((3, 3))]),
                ("zero-row", [np.array([[1.0, -2.0, 0.5], [0.0, 0.0, 0.0], [3.0, 1.0, 2.0]])]),
                ("batch-with-a-singular-one", [np.stack([singular, np.eye(3) * 2 + 0.25])]),
            ],
        ),
        *named(
            "logdet",
            [("2x2", [(2, 2)]), ("3x3", [(3, 3)]), ("batch", [(2, 3, 3)])],
            "positive definite",
        ),
        *named(
            "logdet",
            [
                ("not-symmetric", [np.array([[2.0, 1.0], [-3.0, 1.5]])]),
                ("two-negative-pivots", [np.array([[-2.0, 0.5], [0.25, -1.5]])]),
            ],
        ),
        *named(
            "inv",
            [
                ("1x1", [(1, 1)]),
                ("2x2", [(2, 2)]),
                ("3x3", [(3, 3)]),
                ("batch", [(2, 2, 2)]),
                ("rank-4", [(2, 1, 2, 2)]),
            ],
            "invertible",
        ),
        *named(
            "solve",
            [
                ("vector", [(3, 3), (3,)]),
                ("matrix", [(3, 3), (3, 2)]),
                ("batch", [(2, 2, 2), (2, 2, 3)]),
                ("shared-matrix", [(2, 2), (3, 2, 1)]),
                ("shared-right-hand-side", [(2, 2, 2), (2, 2)]),
                ("batch-by-vector", [(3, 2, 2), (2,)]),
                ("broadcast-batches", [(2, 1, 2, 2), (3, 2, 1)]),
                ("1x1", [(1, 1), (1,)]),
            ],
            "invertible",
        ),
        *named(
            "cholesky",
            [("1x1", [(1, 1)]), ("2x2", [(2, 2)]), ("3x3", [(3, 3)]), ("batch", [(2, 2, 2)])],
            "positive definite",
        ),
        *named(
            "cholesky",
            [("symmetrised", [np.array([[4.0, 1.0, 0.5], [-0.5, 3.0, 1.0], [0.25, -2.0, 5.0]])])],
        ),
    ]


def losses() -> list[Case]:
    targets = np.array([[1.0, 0.0], [0.25, 1.0], [0.0, 0.6]])
    return [
        *named(
            "mse",
            [
                ("vectors", [(3,), (3,)]),
                ("matrices", [(2, 3), (2, 3)]),
                ("rank-0", [(), ()]),
                ("constant-targets", [(2, 2), Constant([[1.0, 0.5], [-2.0, 0.0]])]),
            ],
        ),
        *named(
            "binary_cross_entropy",
            [
                ("vector", [(3,), Constant([1.0, 0.0, 1.0])]),
                ("soft-bound-targets", [(3, 2), targets]),
                ("rank-0", [(), Constant(1.0)]),
            ],
        ),
        *named(
            "cross_entropy",
            [
                ("matrix", [(2, 3), Constant([2, 0])]),
                ("vector", [(4,), Constant(3)]),
                ("rank-3", [(2, 2, 3), Constant([[0, 1], [2, 2]])]),
                ("one-class", [(2, 1), Constant([0, 0])]),
            ],
        ),
    ]


def cases() -> list[Case]:
    return [*products(), *linear_algebra(), *losses()]
