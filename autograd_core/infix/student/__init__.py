"""Student notation: formulas as they are written on paper, turned into the strict infix language.

Between the lexer and the parser, the tokens of a text are rewritten: `6x` to `6*x`, `sin^2(x)` to
`(sin(x)**2)`, `|x|` to `abs(x)`. Every new token keeps the offset of what it was made from, so that
the grammar, the parser and the places in error messages stay what they are. What can be read in
two ways is refused, with both.

reading: the way through. lexing: text -> tokens. pieces, words: tokens -> pieces, which are tokens
whose role is known. bars: which | opens and which closes. rewriting, over frames: pieces -> tokens
of the strict language. readings: what to say of two readings. vocabulary: functions and signs.
"""
