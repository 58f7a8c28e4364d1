"""POST /plot: a function and its gradient, to look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from autograd_core import Deadline, Graph, Limits, NonfiniteWarning
from service.endpoints.endpoint import Endpoint, Example, Picture
from service.messages.plot import PlotSchema
from service.pictures import plots
from service.pictures.sampling import Intervals, Samples, sample


@dataclass(frozen=True)
class _Plot:
    """What is drawn, and in which colours."""

    samples: Samples
    theme: str

    @property
    def warnings(self) -> tuple[NonfiniteWarning, ...]:
        return self.samples.warnings


def _plot(
    graph: Graph,
    *,
    bindings: Mapping[str, Any],
    over: Intervals,
    output: str | None = None,
    points: int | None = None,
    theme: str = "light",
    limits: Limits,
    deadline: Deadline,
) -> _Plot:
    samples = sample(
        graph, bindings, over, output=output, points=points, limits=limits, deadline=deadline
    )
    return _Plot(samples, theme)


def _svg(graph: Graph, plot: _Plot, deadline: Deadline) -> bytes:
    return plots.svg(plot.samples, plot.theme, deadline)


def _png(graph: Graph, plot: _Plot, deadline: Deadline) -> bytes:
    return plots.png(plot.samples, plot.theme, deadline)


ENDPOINT: Final = Endpoint(
    name="plot",
    title="A function and its gradient, over one input or two, as a picture",
    schema=PlotSchema,
    function=_plot,
    record=None,
    pictures=(
        Picture(
            "image/svg+xml",
            "Over one input, the curves of the output and of its derivative, with gaps where they "
            "are not finite; over two, the output as contours and its gradient as arrows, whose "
            "lengths go with the square root of its size.",
            _svg,
            plots.missing,
        ),
        Picture("image/png", "The same as pixels.", _png, plots.missing),
    ),
    examples={
        "curve": Example(
            "A parabola and its slope",
            {"expression": "3*x**2 - 4*x + 5", "over": {"x": [-5.0, 5.0]}},
        ),
        "contours": Example(
            "Rosenbrock's valley, in dark colours",
            {
                "expression": "(1 - x)**2 + a*(y - x**2)**2",
                "bindings": {"a": 100.0},
                "over": {"x": [-2.0, 2.0], "y": [-1.0, 3.0]},
                "theme": "dark",
            },
        ),
    },
)
