"""What the engine says, in the words of who sends messages.

Its advice names addresses and members, where a caller of the library reads of functions and
arguments.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from autograd_core import Advice, Fault

_PRODUCTS: Final = (
    "; ask {} for products with it or, if it is sparse and the graph one of scalars, ask for "
    '"sparse": true'
)
ADVICE: Final[Mapping[Advice, str]] = {
    "jacobian_products": _PRODUCTS.format("/jvp or /vjp"),
    "hessian_products": _PRODUCTS.format("/hvp"),
    "other_derivatives": ", or ask /jacobian for all of its derivatives or /vjp for a combination",
    "sparse_alone": ": leave out 'map' and 'check'",
    "fewer_points": "; map fewer at a time",
    "numbers_of_arrays": "; ask /gradient or /jacobian for its numbers instead",
}


def worded(fault: Fault) -> Fault:
    """The fault with its advice at the end of its sentence."""
    if fault.advice is None:
        return fault
    return replace(fault, detail=fault.detail + ADVICE[fault.advice], advice=None)
