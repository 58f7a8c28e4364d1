"""Which single slip gives a wrong answer, found by trying what each of them would have given.

The gradient is linear in every local partial, so what one wrong partial makes of it takes no new
reverse pass. diagnose_numbers and diagnose_formula say of a claim which slips give it, all_slips
which wrong answers slips give.

From the ground up: costs, recipe, slip: a slip, how it is made, and a sheet of many. network: a
function of scalars as slots and edges; arrays: one of tensors. rules, array_rules, value_rules: the
tables of what is taken for what. edges, chains, systematic, whole: the hypotheses, kind by kind.
sheets, array_sheets, values: all of them at once. written, guesses, matching: what fits a claim,
and is no accident. messages: what is said of it. prepared: what a reference keeps. terms, partials,
spelling, integrals, speller: wrong derivatives written down. steps, numbers, formulas, authors: the
answers.
"""

from service.grading.slips.authors import AllSlips, WrongAnswer, all_slips
from service.grading.slips.formulas import diagnose_formula
from service.grading.slips.numbers import diagnose_numbers

__all__ = ["AllSlips", "WrongAnswer", "all_slips", "diagnose_formula", "diagnose_numbers"]
