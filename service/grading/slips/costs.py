"""How far each kind of slip is from simple: of those that fit a claim, the cheapest comes first."""

from __future__ import annotations

from typing import Final

ROUNDED: Final = 0.0
SIGN: Final = 1.0  # of a whole derivative
SWAPPED: Final = 0.9
TRANSPOSED: Final = 1.0
SHARED_FACTOR: Final = 3.4
OVERWRITTEN: Final = 1.6
OVERWRITTEN_ON_PAPER: Final = 3.0  # a formula is no program
INTEGRATED: Final = 1.7
EDGE_INTEGRATED: Final = 2.6
VALUE: Final = 1.8
RULE: Final = 2.0
GATE: Final = 2.0
EDGE_SIGN: Final = 2.1
CHAIN: Final = 2.2
OTHER_VARIABLE: Final = 2.3
DROPPED: Final = 2.4
LOCAL: Final = 2.5
DEGREES: Final = 2.6
TWICE: Final = 2.7
BROADCAST: Final = 2.0
ODD_RULE: Final = 3.0
FACTOR: Final = 3.5
NUDGED: Final = 4.0
SYSTEMATIC: Final = 0.3  # more, where one mistake was made at several nodes
