"""Nonlinear least squares with a certified answer: Misra1a of the NIST StRD.

The Levenberg-Marquardt method needs the Jacobian of the residuals, and one POST /jacobian a
trial brings both. The data, the two starting points and the certified values are those of the
Statistical Reference Datasets of the National Institute of Standards and Technology (monomolecular
adsorption of a dental research problem; https://www.itl.nist.gov/div898/strd/nls/data/misra1a.shtml).

    python examples/nist_misra1a.py [URL]
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from client import post, url_from_command_line

MODEL = "r = b1*(1 - exp(-b2*x)) - y"
PARAMETERS = ("b1", "b2")
Y = [10.07, 14.73, 17.94, 23.93, 29.61, 35.18, 40.02, 44.82, 50.76, 55.05, 61.01, 66.40, 75.47]
Y += [81.78]
X = [77.6, 114.9, 141.1, 190.8, 239.9, 289.0, 332.8, 378.4, 434.8, 477.3, 536.8, 593.1, 689.1]
X += [760.0]
STARTS = ((500.0, 0.0001), (250.0, 0.0005))
CERTIFIED = (2.3894212918e02, 5.5015643181e-04)
CERTIFIED_SUM_OF_SQUARES = 1.2455138894e-01

SMALLEST_STEP = 1e-11  # relative to each parameter
MOST_TRIALS = 100

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Fit:
    """Where the method ended, and how many requests it took."""

    parameters: tuple[float, ...]
    sum_of_squares: float
    requests: int


def residuals(url: str, parameters: Array) -> tuple[Array, Array]:
    """The residuals (14), and their derivatives by the parameters (14 x 2)."""
    bindings = {"x": X, "y": Y, **dict(zip(PARAMETERS, parameters.tolist(), strict=True))}
    message = {"expression": MODEL, "bindings": bindings, "wrt": list(PARAMETERS)}
    answer = post(url, "jacobian", message)
    columns = [answer["jacobian"]["r"][name] for name in PARAMETERS]
    return np.array(answer["values"]["r"]), np.array(columns).T


def damped_step(jacobian: Array, residual: Array, damping: float) -> Array:
    """The s that minimises |J s + r|² + damping |D s|², D being the lengths of J's columns."""
    lengths = np.linalg.norm(jacobian, axis=0)
    matrix = np.vstack([jacobian / lengths, np.sqrt(damping) * np.eye(len(lengths))])
    target = np.concatenate([-residual, np.zeros(len(lengths))])
    return np.asarray(np.linalg.lstsq(matrix, target)[0] / lengths)


def fit(url: str, start: tuple[float, ...]) -> Fit:
    """Levenberg-Marquardt: twice the damping after a step that climbs, a third after another.

    Factors as small as these follow the bottom of a bent valley, where larger ones bounce
    between its walls (Transtrum and Sethna 2012).
    """
    at, damping = np.array(start), 1e-3
    residual, jacobian = residuals(url, at)
    for trial in range(1, MOST_TRIALS):
        step = damped_step(jacobian, residual, damping)
        new_residual, new_jacobian = residuals(url, at + step)
        finished = bool(np.all(np.abs(step) < SMALLEST_STEP * np.abs(at)))
        if finished or new_residual @ new_residual <= residual @ residual:
            at, residual, jacobian = at + step, new_residual, new_jacobian
            damping /= 3
        else:
            damping *= 2
        if finished:
            return Fit(tuple(at.tolist()), float(residual @ residual), trial + 1)
    raise ArithmeticError(f"no minimum within {MOST_TRIALS} requests, from {start}")


def run(url: str) -> list[Fit]:
    """A fit from each starting point."""
    return [fit(url, start) for start in STARTS]


def main() -> None:
    """Print each fit, and below it what NIST certifies."""
    print(f"{'':>20}  {'b1':>16}  {'b2':>16}  {'sum of squares':>16}")
    for start, found in zip(STARTS, run(url_from_command_line()), strict=True):
        numbers = "  ".join(f"{p:16.10e}" for p in (*found.parameters, found.sum_of_squares))
        print(f"from {start!s:>15}  {numbers}  {found.requests} requests")
    numbers = "  ".join(f"{p:16.10e}" for p in (*CERTIFIED, CERTIFIED_SUM_OF_SQUARES))
    print(f"{'certified':>20}  {numbers}")


if __name__ == "__main__":
    main()
