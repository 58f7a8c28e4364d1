"""How well a Gaussian mixture fits, and the gradient of that, in a request that checks itself.

The objective is the Gaussian mixture of the ADBench benchmark (see gmm_message.py): ten
statements on whole arrays. The same request asks for a check: finite differences along five
random directions, instead of one for every parameter.

    python examples/gmm.py [URL [D K N]]      # D dimensions, K Gaussians, N points: 2 3 200
"""

from __future__ import annotations

import sys
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from client import post, url_from_command_line
from gmm_message import message

DIRECTIONS = 5


@dataclass(frozen=True)
class Mixture:
    """The objective, its gradient by each parameter, and what the check said."""

    objective: float
    gradients: dict[str, NDArray[np.float64]]
    verdict: str

    @property
    def gradient_norm(self) -> float:
        """The length of the whole gradient."""
        parts = [gradient.ravel() for gradient in self.gradients.values()]
        return float(np.linalg.norm(np.concatenate(parts)))


def run(url: str, d: int = 2, k: int = 3, n: int = 200, seed: int = 0) -> Mixture:
    """Objective and gradient of a random problem, checked."""
    answer = post(url, "gradient", message(d, k, n, seed) | {"check": {"directions": DIRECTIONS}})
    gradients = {name: np.array(slopes) for name, slopes in answer["gradients"].items()}
    return Mixture(answer["value"], gradients, answer["check"]["verdict"])


def main() -> None:
    """Print the objective, the length of the gradient and the verdict."""
    found = run(url_from_command_line(), *map(int, sys.argv[2:5]))
    print(f"objective      {found.objective:.12g}")
    for name, gradient in found.gradients.items():
        print(f"  d/d {name:8} {gradient.size} numbers, the largest {abs(gradient).max():.6g}")
    print(f"|gradient|     {found.gradient_norm:.12g}")
    print(f"the check says {found.verdict}")


if __name__ == "__main__":
    main()
