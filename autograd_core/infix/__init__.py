"""Infix text -> Graph, and back: `expression.parse` and `formatting.format_expression`.

vocabulary: operators, constants. lexer: text -> tokens. actions: what the parser calls. building:
the graph while it is being read. semantic_errors: what to say of what cannot be understood.
syntax_errors, error_context and foreign_notation: what to say of what cannot be parsed.
"""
