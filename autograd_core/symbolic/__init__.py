"""Derivatives as graphs, and graphs as formulas: infix text, LaTeX, MathJSON.

derivative: the reverse sweep, whose adjoints are expressions. expressions: what those are, each
kept once; simplifying: how they are made; partials: what the op table's formulas make of them.
describing: the same for one row, as text. lowering: expressions -> Graph. statements: where a
formula gives a name to what it says twice.
"""
