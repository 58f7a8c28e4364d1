"""What may be the name of an input or a node."""

from __future__ import annotations

import unicodedata

from autograd_core.errors import Fault
from autograd_core.limits import DEFAULT_LIMITS, Limits


def name_fault(name: object, limits: Limits = DEFAULT_LIMITS) -> Fault | None:
    """What is wrong with a name, or None: a name has 1 to 256 characters, none a control."""
    if not isinstance(name, str):
        return Fault("wrong_type", "a name is a string")
    if not 0 < len(name) <= limits.name:
        return Fault("invalid_value", f"a name has 1 to {limits.name} characters, not {len(name)}")
    if name.isascii() and name.isprintable():
        return None
    if any(unicodedata.category(character) in _REFUSED for character in name):
        return Fault("invalid_value", f"the name {name!r} holds a control character")
    return None


def normalized(name: str, limits: Limits = DEFAULT_LIMITS) -> str:
    """A name as it is compared: in normal form C, so that an accent is the same typed twice.

    What is too long to be a name in any form is left alone: sorting many combining marks takes
    quadratic time. Form C has at least a quarter of a text's characters, as no character
    decomposes into more than four (UAX #15; U+1F82 does).
    """
    if name.isascii() or len(name) > _MOST_DECOMPOSED * limits.name:
        return name
    return unicodedata.normalize("NFC", name)


_MOST_DECOMPOSED = 4

# Cc: control characters; Cs: lone surrogates, which cannot be written as UTF-8.
_REFUSED = frozenset({"Cc", "Cs"})
