"""Operations on whole arrays: reductions, linear algebra, shape."""

from __future__ import annotations

from collections.abc import Mapping

from autograd_core.operations.array_row import ArrayOperation
from autograd_core.operations.arrays import (
    cholesky,
    determinants,
    einsum,
    exponentials,
    linear_algebra,
    losses,
    matmul,
    reductions,
    selecting,
    shaping,
)

TABLE: Mapping[str, ArrayOperation] = {
    row.name: row
    for module in (
        reductions,
        exponentials,
        matmul,
        einsum,
        determinants,
        linear_algebra,
        cholesky,
        shaping,
        selecting,
        losses,
    )
    for row in module.ROWS
}
