"""The op table as three functions of one instruction, with a branch for each opcode.

LLVM makes a jump table of the branches, and puts it into the loops that call these.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from autograd_core.engines.kernel.rules import NO_EDGE, RULES, Rule
from autograd_core.engines.kernel.translation import VOCABULARY, translated

Triple = tuple[float, float, float]


def _function(head: str, *results: str) -> str:
    """The text of a function that returns some results of `_formulas`."""
    lines = [f"{name} = {'nan' if name == 'z' else '0.0'}" for name in results]
    word = "if"
    for opcode, rule in enumerate(RULES):
        formulas = _formulas(rule)
        computed = [f"    {name} = {formulas[name]}" for name in results if name in formulas]
        if computed:
            slots = "abc"[: len(rule.variables)]
            named = f"    {', '.join(rule.variables)}, = {', '.join(slots)},"
            lines += [f"{word} opcode == {opcode}:  # {rule.name}", named, *computed]
            word = "elif"
    body = "\n    ".join([*lines, f"return {', '.join(results)}"])
    return f"@inner\ndef {head}:\n    {body}\n\n\n"


def _formulas(rule: Rule) -> Mapping[str, str]:
    """The value and the partials of a rule; not those that are 0 by their formula.

    Outside of the rule's domain there is no value, so no derivative either.
    """
    otherwise = "nan if z != z else " if rule.guarded else ""
    partials = zip((*_FIRST, *_SECOND), (*rule.first, *rule.second), strict=True)
    return {"z": translated(rule.value)} | {
        name: otherwise + translated(text) for name, text in partials if text != NO_EDGE
    }


_FIRST = ("along_a", "along_b")
_SECOND = ("along_aa", "along_ab", "along_bb")
_TEXT = (
    _function("value_of(opcode, a, b, c)", "z")
    + _function("value_and_partials(opcode, a, b, c)", "z", *_FIRST)
    + _function("second_partials(opcode, a, b, c, z)", *_SECOND)
)
_names = dict(VOCABULARY)
exec(_TEXT, _names)  # noqa: S102 - made of rows of our own table, never of what a caller sends

# (opcode, a, b, c) -> the value.
value_of: Callable[[int, float, float, float], float] = _names["value_of"]
# (opcode, a, b, c) -> the value and the partials along a and b.
value_and_partials: Callable[[int, float, float, float], Triple] = _names["value_and_partials"]
# (opcode, a, b, c, value) -> the second partials along (a, a), (a, b) and (b, b).
second_partials: Callable[[int, float, float, float, float], Triple] = _names["second_partials"]
