"""Text in student notation -> tokens, by the lexer of the strict language.

The text that the lexer is given is as long as the original, so that offsets are the same: a
left side such as `f'(x) =` is blanked out, and signs are replaced by signs that it knows.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from autograd_core.infix.lexer import ExpressionLexer, Token
from autograd_core.infix.student.vocabulary import LOOKALIKES

_AS_WRITTEN = frozenset({"UNKNOWN", "STRING"})

_NAME = r"[^\W\d_]\w*+"
_LEFT_SIDE = re.compile(
    rf"""\s*+
    (?: (?P<function>[^\W\d_])['’′]?\s*+ \(\s*+{_NAME}\s*+(?:,\s*+{_NAME}\s*+)*+\)  # f(x), f'(x, y)
      | {_NAME}['’′]                                                             # y'
      | [d∂](?:[^\W\d_])?\s*+/\s*+[d∂]{_NAME}                                    # dy/dx, d/dx
        (?:\s*+[^\W\d_](?:\s*+\(\s*+{_NAME}\s*+\))?)?                            # d/dx f(x)
    )?
    \s*+=(?!=)""",
    re.VERBOSE,
)


def lexed(text: str, lexer: ExpressionLexer, names: Collection[str] | None) -> list[Token]:
    """The tokens of a text; names: those that are known, if the caller knows any."""
    plain = text.translate(LOOKALIKES)
    left = _LEFT_SIDE.match(text)
    if left is not None and not (names is not None and left["function"] in names):
        plain = " " * left.end() + plain[left.end() :]
    tokens = list(lexer.tokens(plain))
    for token in tokens:
        if token.type in _AS_WRITTEN:
            token.value = text[token.start_pos : token.start_pos + len(token.value)]
    return tokens
