"""Finite-difference checks: numerical derivatives, error estimates, verdicts.

A check never replaces the gradient; it is a second opinion that knows how far it can be
trusted. options: what is asked. functions, probes: a function seen along one line. shaking:
what its roundings may come to. estimates: slopes and their errors. interior: what a function
computes on the way. weighing: what many slopes say of a claim. kinks: one-sided slopes that
disagree. judging: the verdict on one derivative. evaluated: the values behind it. checking: on
every input. blocks: on every entry of a matrix.
"""

from autograd_core.finite_difference.blocks import (
    MatrixReport,
    check_hessian,
    check_jacobian,
    stack_matrix_reports,
)
from autograd_core.finite_difference.checking import (
    CheckReport,
    InputCheck,
    check_gradient,
    planned_evaluations,
    stack_reports,
)
from autograd_core.finite_difference.evaluated import (
    MOST_GIVEN,
    MOST_OF_ONE,
    Evaluation,
    require_few,
)
from autograd_core.finite_difference.functions import of_output, require_analytic
from autograd_core.finite_difference.options import METHODS, CheckOptions

__all__ = [
    "METHODS",
    "MOST_GIVEN",
    "MOST_OF_ONE",
    "CheckOptions",
    "CheckReport",
    "Evaluation",
    "InputCheck",
    "MatrixReport",
    "check_gradient",
    "check_hessian",
    "check_jacobian",
    "of_output",
    "planned_evaluations",
    "require_analytic",
    "require_few",
    "stack_matrix_reports",
    "stack_reports",
]
