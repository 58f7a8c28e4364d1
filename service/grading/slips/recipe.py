"""How a slip is made, for whoever wants to make it: with numbers or in a formula."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True, slots=True)
class Recipe:
    """What is done wrongly where a function is differentiated forward.

    partials: by edge, what its partial is taken for: infix text over the operands x, y and w, the
    result z and the right partial p. slot, tangent: what the derivative of one slot is taken for:
    text over its right derivative t, its value v, its operands, and their derivatives f and g;
    held: only if this operand does not depend on the variable; both: only if both do. local: the
    derivative of the slot is added to what comes along other paths; inner: it is all there is.
    of_degrees: of angles in degrees, whether the function is one of degrees.
    """

    partials: Mapping[int, str] = field(default_factory=dict)
    slot: int | None = None
    tangent: str = "0"
    held: int | None = None
    both: bool = False
    local: bool = False
    inner: bool = False
    of_degrees: bool = False


RIGHT: Final = Recipe()
