r"""Names as LaTeX: x, \theta, x_{1}, \mathit{loss}; and of functions, upright."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

_GREEK: Final = frozenset(
    {"alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa"}
    | {"lambda", "mu", "nu", "xi", "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi"}
    | {"omega", "Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi"}
    | {"Omega"}
)
_ESCAPED: Final[Mapping[str, str]] = {
    **{sign: rf"\{sign}" for sign in "{}$&#_%"},
    "\\": r"\textbackslash{}",
    "^": r"\textasciicircum{}",
    "~": r"\textasciitilde{}",
}
_PARTS: Final = re.compile(r"([^\W\d_]+)_?(\d+|[^\W_]+)?")


def symbol(name: str) -> str:
    """A variable, whatever it is called: what is no name of the language stands as text."""
    parts = _PARTS.fullmatch(name)
    if parts is None:
        return rf"\text{{{_escaped(name)}}}"
    base, below = _word(parts[1]), parts[2]
    if below is None:
        return base
    return f"{base}_{{{below if below.isdigit() else _word(below)}}}"


def upright(name: str) -> str:
    """The name of a function that LaTeX does not have."""
    return rf"\operatorname{{{_escaped(name)}}}"


def _word(word: str) -> str:
    if len(word) == 1:
        word = _spelt(word)
        if len(word) == 1:
            return word
    return rf"\{word}" if word in _GREEK else rf"\mathit{{{_escaped(word)}}}"


def _spelt(letter: str) -> str:
    """A Greek letter by its name; any other as it is."""
    match unicodedata.name(letter, "").split():
        case ["GREEK", "SMALL", "LETTER", name]:
            spelt = name.lower().replace("lamda", "lambda")
        case ["GREEK", "CAPITAL", "LETTER", name]:
            spelt = name.capitalize().replace("Lamda", "Lambda")
        case _:
            return letter
    return spelt if spelt in _GREEK else letter


def _escaped(text: str) -> str:
    return "".join(_ESCAPED.get(character, character) for character in text)
