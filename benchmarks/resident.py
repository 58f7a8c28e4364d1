"""How much memory a process takes and took at its peak, as Linux's /proc says it."""

from __future__ import annotations

from pathlib import Path

MISSING = "no /proc here"
_RESET_PEAK = "5"  # proc(5), /proc/pid/clear_refs


def known() -> bool:
    """Whether this system can say."""
    return Path("/proc/self/clear_refs").exists()


def resident(pid: int | str = "self") -> int:
    """Bytes in memory now."""
    return _status(pid, "VmRSS")


def peak(pid: int | str = "self") -> int:
    """The most bytes in memory since the start, or since `reset_peak`."""
    return _status(pid, "VmHWM")


def reset_peak(pid: int | str = "self") -> None:
    """Forget the peak so far."""
    Path(f"/proc/{pid}/clear_refs").write_text(_RESET_PEAK, encoding="ascii")


def _status(pid: int | str, field: str) -> int:
    text = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    (line,) = (line for line in text.splitlines() if line.startswith(f"{field}:"))
    return int(line.split()[1]) * 1024
