"""Sampled functions as plots: curves over one input, contours and arrows over two.

matplotlib draws, through its objects: nothing here is a setting of the whole process but how SVG
is written. It is an option of the installation.
"""

from __future__ import annotations

import io
import threading
import warnings
from collections.abc import Mapping, Sequence
from typing import Final, Literal

import numpy as np

from autograd_core import Deadline, DeadlineExceeded
from service.pictures import ranges
from service.pictures.sampling import Samples
from service.pictures.themes import THEMES, Theme

try:
    import matplotlib as mpl
    from matplotlib.axes import Axes
    from matplotlib.colors import LinearSegmentedColormap
    from matplotlib.figure import Figure
    from matplotlib.text import Text
    from matplotlib.ticker import MaxNLocator
except ImportError:  # pragma: no cover - in tests it is there
    INSTALLED = False
else:
    INSTALLED = True
    # Names of clip paths come of their content and this; texts stay texts, to be read and found.
    mpl.rcParams.update(
        {"svg.hashsalt": "gradient", "svg.fonttype": "none", "font.sans-serif": ["DejaVu Sans"]}
    )

# Elementary operations that would take as long as a plot.
_WORK: Final = 1e8
_SIZE: Final = (7.2, 4.6)  # inches
_PAD: Final = 0.1
_DOTS: Final = 160  # an inch of PNG
_LEVELS: Final = 14
_ARROWS: Final = 16  # along each axis
# Whether there is something below the lowest level, and above the highest.
_EXTEND: Final[Mapping[tuple[bool, bool], Literal["neither", "min", "max", "both"]]] = {
    (False, False): "neither",
    (True, False): "min",
    (False, True): "max",
    (True, True): "both",
}
_ALIKE: Final = 4.0  # intervals of no more different lengths are drawn to one scale
_LONGEST: Final = 32  # characters of a name
# Fonts, their caches and the filters of warnings belong to the process.
_LOCK: Final = threading.Lock()


def missing() -> str | None:
    """What has to be installed before anything can be plotted, or None."""
    if INSTALLED:
        return None
    return "matplotlib, which is not installed here (pip install matplotlib)"


def svg(samples: Samples, theme: str, deadline: Deadline) -> bytes:
    """The plot as SVG, the same bytes for the same samples. Raises DeadlineExceeded."""
    return _drawn(samples, THEMES[theme], deadline, vector=True)


def png(samples: Samples, theme: str, deadline: Deadline) -> bytes:
    """The plot as PNG, the same bytes for the same samples. Raises DeadlineExceeded."""
    return _drawn(samples, THEMES[theme], deadline, vector=False)


def _drawn(samples: Samples, theme: Theme, deadline: Deadline, *, vector: bool) -> bytes:
    deadline.spend(_WORK)
    if not _LOCK.acquire(timeout=max(0.0, min(deadline.remaining, threading.TIMEOUT_MAX))):
        deadline.check()
        raise DeadlineExceeded("other plots were drawn for too long")
    try:
        deadline.check()
        figure = Figure(figsize=_SIZE, dpi=_DOTS, facecolor=theme.paper)
        figure.set_layout_engine("constrained", w_pad=_PAD, h_pad=_PAD)
        axes = figure.add_subplot(facecolor=theme.paper)
        (_curves if len(samples.names) == 1 else _contours)(figure, axes, samples, theme)
        _coloured(axes, theme)
        return _written(figure, vector=vector)
    finally:
        _LOCK.release()


def _written(figure: Figure, *, vector: bool) -> bytes:
    written = io.BytesIO()
    with warnings.catch_warnings():
        # A name in letters that the font lacks: a browser has another for it.
        warnings.filterwarnings("ignore", "Glyph .* missing from font", UserWarning)
        if vector:
            figure.savefig(written, format="svg", metadata={"Date": None, "Creator": None})
        else:
            figure.savefig(written, format="png", metadata={"Software": None})
    drawing = written.getvalue()
    # Without the lines before its root, it can stand in a page.
    return drawing[drawing.index(b"<svg") :] if vector else drawing


# Over one input ---------------------------------------------------------------------------


def _curves(figure: Figure, axes: Axes, samples: Samples, theme: Theme) -> None:
    """The function and its derivative, and where zero is."""
    (name,), (axis,), (slopes,) = samples.names, samples.axes, samples.slopes
    values, slopes = ranges.shown(samples.values), ranges.shown(slopes)
    called = _clipped(samples.output or "f")
    axes.axhline(0, color=theme.faint, linewidth=0.8, zorder=1)
    axes.plot(*ranges.broken(axis, values, slopes), color=theme.value, linewidth=2, label=called)
    label = f"∂{called}/∂{_clipped(name)}"
    axes.plot(axis, slopes, color=theme.slope, linewidth=2, linestyle=(0, (5, 2)), label=label)
    axes.set_xlim(axis[0], axis[-1])
    axes.set_ylim(*ranges.limits(values, slopes))
    axes.grid(visible=True, color=theme.line, linewidth=0.6)
    axes.set_xlabel(_clipped(name))
    axes.set_ylabel(f"{called} and {label}")
    _title(axes, samples, called)
    legend = axes.legend(facecolor=theme.paper, edgecolor=theme.line, framealpha=0.9)
    _plain(legend.get_texts(), theme.ink)
    if not np.isfinite(values).any():
        _say_that_nothing_is_finite(axes, theme)


# Over two inputs --------------------------------------------------------------------------


def _contours(figure: Figure, axes: Axes, samples: Samples, theme: Theme) -> None:
    """The function as height, and its gradient as arrows."""
    (across, up), called = samples.axes, _clipped(samples.output or "f")
    values = ranges.shown(samples.values)
    colours = LinearSegmentedColormap.from_list("heights", [theme.low, theme.high])
    if np.isfinite(values).any():
        levels = MaxNLocator(_LEVELS).tick_values(*ranges.limits(values))
        heights = np.ma.masked_invalid(values)
        beyond = bool(heights.min() < levels[0]), bool(heights.max() > levels[-1])
        filled = axes.contourf(across, up, heights, levels, cmap=colours, extend=_EXTEND[beyond])
        axes.contour(across, up, heights, levels, colors=theme.paper, linewidths=0.6)
        label = f"{called}; arrows: ∇{called}, √ of its length"
        bar = figure.colorbar(filled, ax=axes, label=label)
        bar.outline.set_edgecolor(theme.line)
        _coloured(bar.ax, theme)
        _arrows(axes, samples, theme)
    else:
        _say_that_nothing_is_finite(axes, theme)
    axes.set_xlim(across[0], across[-1])
    axes.set_ylim(up[0], up[-1])
    ratio = (up[-1] - up[0]) / (across[-1] - across[0])
    if 1 / _ALIKE <= ratio <= _ALIKE:
        axes.set_aspect("equal")
        figure.set_figheight(min(max(5.0 * ratio + 1.0, 3.4), 6.0))
    axes.set_xlabel(_clipped(samples.names[0]))
    axes.set_ylabel(_clipped(samples.names[1]))
    _title(axes, samples, called)


def _arrows(axes: Axes, samples: Samples, theme: Theme) -> None:
    """The gradient at some of the points; an arrow four times as long stands for one that is
    sixteen times as large, so that small ones are seen.
    """
    columns, rows = (_some(len(axis)) for axis in samples.axes)
    along, upwards = (ranges.shown(slopes[np.ix_(rows, columns)]) for slopes in samples.slopes)
    sizes = np.hypot(along, upwards)
    seen = np.isfinite(sizes) & (sizes > 0)
    if not seen.any():
        return
    x, y = np.meshgrid(samples.axes[0][columns], samples.axes[1][rows])
    lengths = np.sqrt(sizes[seen] / sizes[seen].max())
    axes.quiver(
        x[seen],
        y[seen],
        along[seen] / sizes[seen] * lengths,
        upwards[seen] / sizes[seen] * lengths,
        angles="xy",
        scale=_ARROWS,
        width=0.003,
        pivot="mid",
        color=theme.arrow,
    )


def _some(count: int) -> list[int]:
    """About _ARROWS places of so many, at equal distances, away from the edges."""
    places = np.linspace(0, count - 1, min(count, 2 * _ARROWS + 1)).round().astype(int)
    found: list[int] = places[1::2].tolist()
    return found or [0]


# Of both ----------------------------------------------------------------------------------


def _title(axes: Axes, samples: Samples, called: str) -> None:
    formula = samples.formula
    if formula is not None and formula != called:
        named = formula if samples.output is not None else f"{called} = {formula}"
        axes.set_title(named, fontsize=11)


def _coloured(axes: Axes, theme: Theme) -> None:
    """Put ink on everything written beside the axes, none of it as mathematics between dollars."""
    axes.tick_params(colors=theme.faint, labelcolor=theme.ink)
    for spine in axes.spines.values():
        spine.set_edgecolor(theme.line)
    _plain([axes.title, axes.xaxis.label, axes.yaxis.label], theme.ink)


def _plain(texts: Sequence[Text], ink: str) -> None:
    for text in texts:
        text.set_parse_math(False)
        text.set_color(ink)


def _say_that_nothing_is_finite(axes: Axes, theme: Theme) -> None:
    words = "nothing here is a finite number"
    axes.text(0.5, 0.5, words, transform=axes.transAxes, ha="center", color=theme.faint)


def _clipped(name: str) -> str:
    """A name that fits beside an axis, without the two characters that XML cannot hold."""
    name = name.replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd")
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
