"""How far each kind of slip is from simple: of those that fit a claim, the cheapest comes first.

What shows in a derivative as a whole is simpler than what was done at one place, and what can be
done at few places simpler than what can be done at many.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

ROUNDED: Final = 0.0
# of a derivative as a whole
SWAPPED: Final = 0.9
SIGN: Final = 1.0
TRANSPOSED: Final = 1.0
DEGREES: Final = 1.2
VALUE: Final = 1.3
OTHER_VARIABLE: Final = 1.5
INTEGRATED: Final = 1.7
# at one place
KNOWN_RULE: Final = 1.9  # the best known of all
RULE: Final = 2.0
GATE: Final = 2.0
BROADCAST: Final = 2.0
LOCAL: Final = 2.15
CHAIN: Final = 2.2
DROPPED: Final = 2.4
TERM_KEPT: Final = 2.4
LOCAL_FACTOR: Final = 2.5  # what arrives is a constant: of 5*sin(x) a factor is missing
DEGREES_AT_NODE: Final = 2.6
EDGE_INTEGRATED: Final = 2.6
SYSTEMATIC: Final = 0.3  # more, where one mistake was made at several nodes
# what fits too easily
TWICE: Final = 2.7
ODD_RULE: Final = 3.0
SHARED_FACTOR: Final = 3.4
FACTOR: Final = 3.5
NUDGED: Final = 4.0


@dataclass(frozen=True, slots=True)
class Costs:
    """Those that differ between numbers and formulas.

    edge_sign: of what comes along one edge. overwritten: = for +=. quotient: the quotient rule
    turned round, or with the other sign.
    """

    edge_sign: float
    overwritten: float
    quotient: float


OF_NUMBERS: Final = Costs(edge_sign=2.1, overwritten=1.6, quotient=RULE)
# A formula is no program, and a quotient is seen to be one.
OF_FORMULAS: Final = Costs(edge_sign=1.95, overwritten=3.0, quotient=0.95)
