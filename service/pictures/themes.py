"""The colours of plots: those of the service's pages, light and dark."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Theme:
    """Colours. value, slope: of the two curves. low, high: of contours. arrow: of gradients."""

    paper: str
    ink: str
    faint: str
    line: str
    value: str
    slope: str
    low: str
    high: str
    arrow: str


THEMES: Final[Mapping[str, Theme]] = {
    "light": Theme(
        paper="#ffffff",
        ink="#1d2430",
        faint="#5b6675",
        line="#d8dce2",
        value="#0b5fa5",
        slope="#c2410c",
        low="#f4f8fc",
        high="#5d9fd4",
        arrow="#1d2430",
    ),
    "dark": Theme(
        paper="#14181f",
        ink="#e4e7ec",
        faint="#9aa5b4",
        line="#323a46",
        value="#79b8f2",
        slope="#ffb074",
        low="#18212c",
        high="#2f6fa8",
        arrow="#e4e7ec",
    ),
}
