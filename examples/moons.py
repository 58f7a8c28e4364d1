"""A network learns two moons: micrograd's demonstration, by post.

A 2-16-16-1 network of relu units is trained on 100 points with the max-margin loss and L2
regularisation of micrograd's demo notebook. The whole batch is one expression, the weights
are bindings, and each step of Adam is one POST /gradient. At the end one POST /evaluate
colours the plane, and the picture is written as an SVG.

    python examples/moons.py [URL]          # writes moons.svg
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from client import post, url_from_command_line
from plane import Array, grid, picture

NETWORK = """
    first = relu(X @ W1 + b1)
    second = relu(first @ W2 + b2)
    score = reshape(second @ W3 + b3, shape=[-1])
"""
LOSS = """
    margin = mean(relu(1 - y*score))
    size = sum(W1**2) + sum(b1**2) + sum(W2**2) + sum(b2**2) + sum(W3**2) + sum(b3**2)
    loss = margin + 1e-4*size
"""
PICTURE = Path("moons.svg")

Weights = Mapping[str, Array]


@dataclass(frozen=True)
class Training:
    """The loss at each step, the share of points on their side at the end, and the weights."""

    losses: list[float]
    accuracy: float
    weights: Weights


def moons(n: int, noise: float, generator: np.random.Generator) -> tuple[Array, Array]:
    """Two interleaving half circles: points (n x 2), and 1 or -1 for the one each is on."""
    angle = np.linspace(0, np.pi, n // 2)
    upper = np.column_stack([np.cos(angle), np.sin(angle)])
    lower = np.column_stack([1 - np.cos(angle), 0.5 - np.sin(angle)])
    points = np.concatenate([upper, lower])
    sides = np.repeat([-1.0, 1.0], n // 2)
    return points + noise * generator.standard_normal(points.shape), sides


def initial_weights(generator: np.random.Generator, sizes: tuple[int, ...]) -> Weights:
    """Weights scaled for relu units (He et al. 2015), and biases of 0."""
    weights: dict[str, Array] = {}
    for layer, (rows, columns) in enumerate(pairwise(sizes), start=1):
        scale = np.sqrt(2 / rows)
        weights[f"W{layer}"] = scale * generator.standard_normal((rows, columns))
        weights[f"b{layer}"] = np.zeros(columns)
    return weights


def bindings(**tensors: Array) -> dict[str, object]:
    """Tensors as nested lists."""
    return {name: tensor.tolist() for name, tensor in tensors.items()}


def scores(url: str, weights: Weights, points: Array) -> Array:
    """What the network makes of each point: its sign is the side."""
    message = {"expression": NETWORK, "bindings": bindings(X=points, **weights)}
    return np.array(post(url, "evaluate", message | {"outputs": ["score"]})["values"]["score"])


def train(url: str, points: Array, sides: Array, weights: Weights, steps: int) -> Training:
    """Adam (Kingma and Ba 2015), with a step size that falls to a tenth."""
    losses = []
    weights = dict(weights)
    mean = {name: np.zeros_like(weight) for name, weight in weights.items()}
    square = {name: np.zeros_like(weight) for name, weight in weights.items()}
    for step in range(1, steps + 1):
        message = {
            "expression": NETWORK + LOSS,
            "bindings": bindings(X=points, y=sides, **weights),
            "output": "loss",
            "wrt": list(weights),
        }
        answer = post(url, "gradient", message)
        losses.append(answer["value"])
        rate = 0.05 * (1 - 0.9 * step / steps)
        for name, slope in answer["gradients"].items():
            mean[name] = 0.9 * mean[name] + 0.1 * np.array(slope)
            square[name] = 0.99 * square[name] + 0.01 * np.array(slope) ** 2
            typical = np.sqrt(square[name] / (1 - 0.99**step)) + 1e-8
            weights[name] = weights[name] - rate * mean[name] / (1 - 0.9**step) / typical
    accuracy = float(np.mean(scores(url, weights, points) * sides > 0))
    return Training(losses, accuracy, weights)


def run(url: str, path: Path = PICTURE, steps: int = 100, seed: int = 1337) -> Training:
    """Train on moons that are the same every time, and draw what was learnt."""
    generator = np.random.default_rng(seed)
    points, sides = moons(100, 0.1, generator)
    weights = initial_weights(generator, (2, 16, 16, 1))
    training = train(url, points, sides, weights, steps)
    svg = picture(points, sides, scores(url, training.weights, grid(points)))
    path.write_text(svg, encoding="utf-8")
    return training


def main() -> None:
    """Print the loss as it falls, and the accuracy."""
    training = run(url_from_command_line())
    for step, loss in enumerate(training.losses):
        if step % 10 == 0 or step == len(training.losses) - 1:
            print(f"step {step:3}  loss {loss:.6f}")
    print(f"accuracy {training.accuracy:.0%}; the picture is {PICTURE}")


if __name__ == "__main__":
    main()
