"""What can go wrong, as values and as exceptions.

AutogradError
├── InvalidError          what the caller said means nothing; carries every fault found
│   ├── GraphError        paths relative to the graph: ("nodes", 3, "op")
│   │   └── ExpressionError   infix text: faults carry line and column instead of a path
│   ├── TensorError       paths relative to the tensor: (0, 2)
│   └── ArgumentError     paths relative to the call: ("bindings", "x"), ("wrt", 0)
└── DeadlineExceeded      the caller's time ran out while computing
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

Path = tuple[str | int, ...]

# What a caller can do about a fault. How that is said depends on the caller: whoever puts
# faults into other words has a table of the same keys.
Advice = Literal[
    "jacobian_products",
    "hessian_products",
    "other_derivatives",
    "sparse_alone",
    "fewer_points",
    "numbers_of_arrays",
]
ADVICE: Final[Mapping[Advice, str]] = {
    "jacobian_products": "; ask jvp or vjp for products with it or, if it is sparse and the graph "
    "one of scalars, for sparse=True",
    "hessian_products": "; ask hvp for products with it or, if it is sparse and the graph one of "
    "scalars, for sparse=True",
    "other_derivatives": ", or ask jacobian for all of its derivatives or vjp for a combination",
    "sparse_alone": ": leave out mapped and check",
    "fewer_points": "; map fewer points at a time",
    "numbers_of_arrays": "; ask gradient or jacobian for its numbers instead",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: a stable code, a sentence for a person, and where it is.

    `line` and `column` count from 1 and are set for faults in infix text only. `advice` is the key
    of what ends the sentence, in ADVICE for callers of this package.
    """

    code: str
    detail: str
    path: Path = ()
    line: int | None = None
    column: int | None = None
    advice: Advice | None = None

    @property
    def sentence(self) -> str:
        """The whole sentence, for a caller of this package."""
        return self.detail if self.advice is None else self.detail + ADVICE[self.advice]

    def under(self, *prefix: str | int) -> Fault:
        """The same fault, seen from further out."""
        return replace(self, path=(*prefix, *self.path))


class AutogradError(Exception):
    """Base of everything this package raises on purpose."""


class InvalidError(AutogradError, ValueError):
    """The caller's input means nothing. `faults` is never empty."""

    def __init__(self, faults: Fault | Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = (faults,) if isinstance(faults, Fault) else tuple(faults)
        super().__init__("; ".join(fault.sentence for fault in self.faults))


class GraphError(InvalidError):
    """The graph itself is malformed, or its shapes do not fit the bindings."""


class ExpressionError(GraphError):
    """Infix text that cannot be read."""


class TensorError(InvalidError):
    """A value that is not a rectangular tensor of numbers."""


class ArgumentError(InvalidError):
    """An argument of a call (bindings, output, wrt, mapped, check) does not fit the graph."""


class DeadlineExceeded(AutogradError, TimeoutError):
    """The time allowed for a computation ran out before it ended."""
