"""A picture of a plane that a function divides, as an SVG: coloured cells, and points on them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

CELLS = 60  # along each side
MARGIN = 0.4  # around the points
SIDES = {True: ("#3b6fb5", "#1d4480"), False: ("#c8503c", "#8f2a1a")}  # of cells, of points

Array = NDArray[np.float64]


def grid(points: Array) -> Array:
    """The centres of the cells of a rectangle around the points: CELLS² x 2."""
    low, size = _frame(points)
    steps = (np.arange(CELLS) + 0.5) / CELLS
    return np.stack(np.meshgrid(*(low + np.outer(steps, size)).T), axis=-1).reshape(-1, 2)


def picture(points: Array, sides: Array, scores: Array) -> str:
    """The grid coloured by the sign and the size of its scores, and each point by its side."""
    low, size = _frame(points)
    width, height = size / CELLS
    marks = []
    for (x, y), score in zip(grid(points), scores, strict=True):
        marks.append(
            f'<rect x="{x - width / 2:.3f}" y="{-y - height / 2:.3f}" width="{width:.3f}" '
            f'height="{height:.3f}" fill="{SIDES[bool(score > 0)][0]}" '
            f'fill-opacity="{0.2 + 0.2 * min(abs(score), 2):.2f}"/>'
        )
    for (x, y), side in zip(points, sides, strict=True):
        marks.append(
            f'<circle cx="{x:.3f}" cy="{-y:.3f}" r="0.035" fill="{SIDES[bool(side > 0)][1]}" '
            'stroke="white" stroke-width="0.01"/>'
        )
    view = f"{low[0]:.3f} {-low[1] - size[1]:.3f} {size[0]:.3f} {size[1]:.3f}"
    header = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{view}" width="720" '
        'shape-rendering="geometricPrecision">'
    )
    return "\n".join([header, *marks, "</svg>\n"])


def _frame(points: Array) -> tuple[Array, Array]:
    """The lower left corner of the picture, and its width and height."""
    low = points.min(axis=0) - MARGIN
    return low, points.max(axis=0) + MARGIN - low
