"""Finite-difference checks: numerical derivatives, error estimates, verdicts.

A check never replaces the gradient; it is a second opinion that knows how far it can be
trusted. options: what is asked. probes: a function seen along one line. estimates: slopes and
their errors. kinks: one-sided slopes that disagree. checking: verdicts for every input.
blocks: verdicts for a whole matrix.
"""

from autograd_core.finite_difference.blocks import MatrixReport, check_hessian, check_jacobian
from autograd_core.finite_difference.checking import CheckReport, InputCheck, check_gradient
from autograd_core.finite_difference.options import METHODS, CheckOptions

__all__ = [
    "METHODS",
    "CheckOptions",
    "CheckReport",
    "InputCheck",
    "MatrixReport",
    "check_gradient",
    "check_hessian",
    "check_jacobian",
]
