"""Grading: claims about a function's values and derivatives, judged and explained.

Pure functions over autograd_core: nothing here knows HTTP. model: what the others speak of.
reference: the author's function, run once. comparing: one number or tensor with the truth.
numbers, backward, formulas: the claims, kind by kind. sampling: the points that formulas are
compared at. slips: which single mistake gives a wrong answer. scoring: weights and the whole.
formats: the report as other systems want it.
"""
