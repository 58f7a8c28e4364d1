"""What a student is told of a slip: plain English, one sentence, no number of the answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from service.grading.model import Diagnosis
from service.grading.slips.naming import Names
from service.grading.slips.slip import Slip

# By kind. {node}: where; {along}: the operand at the other end of the edge; {input}: the other
# name; {says}: a wrong rule, in words.
MESSAGES: Final[Mapping[str, str]] = {
    "sign": "The size is right, the sign is not.",
    "edge_sign": "What comes to {along} from {node} has the wrong sign.",
    "factor": "The answer is right but for a constant factor.",
    "shared_factor": "The answers are right but for one constant factor, the same in all of them.",
    "value": "This is the value of the function, not its derivative.",
    "input_value": "This is the value at hand, not the gradient with respect to it.",
    "own_value": "This is the value of {node}, not its gradient.",
    "gradient": "This is a derivative of the function, not its value.",
    "own_gradient": "This is the gradient at {node}, not its value.",
    "term": "{node} was kept as it is where its derivative belongs.",
    "variable": "This is the derivative by {input}.",
    "swapped": "The answers for {along} and {input} are exchanged.",
    "swapped_values": "The numbers of {along} and {input} are exchanged.",
    "swapped_operands": "The operands of {node} are in the wrong order.",
    "twice": "This is the second derivative: it was differentiated once too often.",
    "integrated": "This is an antiderivative: the function was integrated, not differentiated.",
    "rule": "At {node}: {says}.",
    "everywhere": "Wherever it comes up: {says}.",
    "outer": "At {node}: a factor of the chain rule is missing, the derivative by {along}.",
    "inner": "The inner derivative of the chain rule, that of {node}, is missing as a factor.",
    "dropped": "What comes to {along} from {node} is missing: all paths add up.",
    "overwritten": (
        "{node} is used more than once, but only one of its uses was counted: they add up "
        "(+=, not =)."
    ),
    "all_overwritten": (
        "What is used more than once kept only one of its contributions: they add up (+=, not =)."
    ),
    "local": (
        "This is the local derivative at {node}: it has to be multiplied by the gradient that "
        "arrives there."
    ),
    "inner_value": "This is the derivative of {node}, not that of the whole function.",
    "degrees": "The angles are in radians, not in degrees.",
    "transposed": "The matrix is transposed.",
    "edge_rule": "What comes to {along} from {node}: {says}.",
    "no_sum": "{along} was broadcast, so what comes to it from {node} has to be summed.",
    "nudged": "This is close, as a finite difference is, but it is not the exact derivative.",
    "rounded": "This is right as far as it goes, but it was rounded too early.",
}


def diagnosis(slip: Slip, names: Names, target: str | None = None) -> Diagnosis:
    """A slip as the caller sees it, in words about this graph; target: the claim's own name."""
    other = slip.along if slip.kind == "swapped" and slip.input == target else slip.input
    message = MESSAGES[slip.kind].format(
        node="" if slip.node is None else names.text(slip.node),
        along="" if slip.along is None else names.text(slip.along),
        input=slip.input,
        says=slip.says,
    )
    return Diagnosis(
        slip.code,
        message,
        node=slip.node,
        input=other,
        factor=slip.factor,
        step=slip.step,
        digits=slip.digits,
    )
