"""Newton's method down Rosenbrock's valley, with exact second derivatives.

One POST /hessian an iterate brings the value, the gradient and the Hessian; the step is the
solution of a 2 x 2 linear system. Plain Newton, without a line search: the second step climbs
the wall of the valley, and a few steps later every digit is right.

    python examples/newton_rosenbrock.py [URL]
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from client import post, url_from_command_line

FUNCTION = "(1 - x)**2 + 100*(y - x**2)**2"
START = (-1.2, 1.0)
TOLERANCE = 1e-10
MOST_STEPS = 20


@dataclass(frozen=True)
class Iterate:
    """A point on the way, and the function there."""

    x: float
    y: float
    value: float
    gradient_norm: float


def run(url: str) -> list[Iterate]:
    """The iterates, from START to the first whose gradient is shorter than TOLERANCE."""
    iterates: list[Iterate] = []
    point = np.array(START)
    for _ in range(MOST_STEPS + 1):
        x, y = point.tolist()
        answer = post(url, "hessian", {"expression": FUNCTION, "bindings": {"x": x, "y": y}})
        gradient = np.array([answer["gradients"][name] for name in "xy"])
        hessian = np.array([[answer["hessian"][a][b] for b in "xy"] for a in "xy"])
        iterates.append(Iterate(x, y, answer["value"], float(np.linalg.norm(gradient))))
        if iterates[-1].gradient_norm < TOLERANCE:
            return iterates
        point = point - np.linalg.solve(hessian, gradient)
    raise ArithmeticError(f"no minimum within {MOST_STEPS} steps; the last was {iterates[-1]}")


def main() -> None:
    """Print each iterate."""
    print(f"{'step':>4}  {'x':>19}  {'y':>19}  {'value':>9}  {'|gradient|':>10}")
    for step, at in enumerate(run(url_from_command_line())):
        print(f"{step:4}  {at.x:19.16f}  {at.y:19.16f}  {at.value:9.2e}  {at.gradient_norm:10.2e}")


if __name__ == "__main__":
    main()
