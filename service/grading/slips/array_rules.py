"""The table of wrong rules of operations on arrays: what they pass back, wrongly.

A row reads: operation, operand, what is passed back to it, what it is called. The formulas are
infix text over the operands x, y and w, the result z, the adjoint g of the result, what is rightly
passed back, c, and n, how many entries are combined into one. A row whose shapes do not fit, or
whose result has not the operand's shape, is passed over.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from service.grading.slips.costs import GATE, RULE, TRANSPOSED


@dataclass(frozen=True, slots=True)
class ArrayRule:
    """One row."""

    operation: str
    operand: int
    passed: str
    says: str
    code: str = "wrong_rule"
    cost: float = RULE


_NOT_MEAN: Final = "a sum passes its gradient on as it is, without 1/n"
_MEAN: Final = "a mean passes 1/n of its gradient on to each entry"
_CHOSEN: Final = "only the entry that was chosen passes the gradient on"
_TURNED: Final = "the other factor has to be transposed"

# fmt: off
ARRAY_RULES: Final[tuple[ArrayRule, ...]] = (
    ArrayRule("sum", 0, "c/n", _NOT_MEAN),
    ArrayRule("mean", 0, "c*n", _MEAN),
    *(ArrayRule(operation, 0, passed, says) for operation in ("mse", "var") for passed, says in (
        ("c*n", _MEAN), ("c/2", "the 2 of the square comes down as a factor"),
        ("c*n/2", "it is a mean of squares: 2/n times the difference"),
    )),
    ArrayRule("mse", 1, "-c", "the second operand is subtracted, so it has the other sign"),
    ArrayRule("mse", 1, "c*n", _MEAN),
    ArrayRule("mse", 1, "c/2", "the 2 of the square comes down as a factor"),
    ArrayRule("cross_entropy", 0, "c*n", _MEAN),
    ArrayRule("cross_entropy", 0, "-c", "it is softmax - target, not the other way round"),
    ArrayRule("binary_cross_entropy", 0, "c*n", _MEAN),
    ArrayRule("binary_cross_entropy", 0, "-c", "it is sigmoid - target, not the other way round"),
    ArrayRule("norm", 0, "c*z", "the derivative of a norm is the vector divided by it"),
    ArrayRule("norm", 0, "2*c*z", "that is the derivative of the norm squared"),
    ArrayRule("norm", 0, "c/2", "the 2 of the square and the 1/2 of the root cancel"),
    ArrayRule("logsumexp", 0, "c*exp(z)", "exp has to be divided by the sum: it is the softmax"),
    ArrayRule("softmax", 0, "g*z*(1 - z)", "each entry depends on all: the others count too"),
    ArrayRule("softmax", 0, "g*z", "its derivative is diag(s) - s*s', not s"),
    ArrayRule("log_softmax", 0, "g", "the gradient of its normalisation, -softmax, is missing"),
    ArrayRule("log_softmax", 0, "g*(1 - exp(z))", "each entry depends on all: others count too"),
    ArrayRule("prod", 0, "g + 0*x", "each entry is multiplied by the product of the others"),
    *(ArrayRule(operation, 0, "g + 0*x", _CHOSEN, "gate_ignored", GATE)
      for operation in ("max", "min")),
    ArrayRule("matmul", 0, "g @ y", _TURNED, "transposed", TRANSPOSED),
    ArrayRule("matmul", 1, "x @ g", _TURNED, "transposed", TRANSPOSED),
    ArrayRule("matmul", 0, "transpose(y) @ g", "the order of the factors is turned round"),
    ArrayRule("matmul", 1, "g @ transpose(x)", "the order of the factors is turned round"),
    ArrayRule("dot", 0, "x*g", "the derivative by one factor is the other, not that factor"),
    ArrayRule("dot", 1, "y*g", "the derivative by one factor is the other, not that factor"),
    ArrayRule("inv", 0, "-g", "the derivative of an inverse is -inv(x)*dx*inv(x)"),
    ArrayRule("inv", 0, "-c", "the derivative of an inverse has a minus"),
    ArrayRule("logdet", 0, "transpose(c)", "it is the transposed inverse", "transposed",
              TRANSPOSED),
    ArrayRule("det", 0, "transpose(c)", "it is det times the transposed inverse", "transposed",
              TRANSPOSED),
    ArrayRule("det", 0, "c/z", "it is det times the transposed inverse: the factor det is missing"),
)
# fmt: on
