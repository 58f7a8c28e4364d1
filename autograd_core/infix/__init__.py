"""The parts of reading infix text; `autograd_core.expression` puts them together.

vocabulary: operators, constants. lexer: text -> tokens. reader: what the parser calls. draft:
the graph while it is being read. hints: what to say of what cannot be understood. scene and
habits: what to say of what cannot be parsed (the rest is in `autograd_core.syntax_help`).
"""
