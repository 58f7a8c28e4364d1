"""Where the generated module and its compiled code are kept between processes.

In this order: $GRADIENT_KERNEL_CACHE, the user's cache folder, a temporary folder of this
process. A folder that has the module already is fine without being writable.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

VARIABLE = "GRADIENT_KERNEL_CACHE"


def keep(name: str, text: str) -> Path:
    """The path of a file of this name with exactly this text, in the first folder that will do.

    Another process may be doing the same: the file appears whole or not at all.
    """
    for folder in _folders():
        path = folder / name
        if _has(path, text) or _write(path, text):
            return path
    raise OSError(f"there is no folder for {name}: set {VARIABLE} to one")


def _folders() -> Iterator[Path]:
    chosen = os.environ.get(VARIABLE)
    if chosen:
        yield Path(chosen).absolute()
    cache = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if not cache.is_absolute():
        # Path.home() raises where there is no home.
        cache = Path(os.path.expanduser("~")) / ".cache"  # noqa: PTH111
    if cache.is_absolute():
        yield cache / "gradient-service" / "kernel"
    yield _temporary()


def _has(path: Path, text: str) -> bool:
    try:
        return path.read_bytes() == text.encode()
    except OSError:
        return False


def _write(path: Path, text: str) -> bool:
    draft = path.with_name(f"{path.name}.{uuid.uuid4().hex}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_bytes(text.encode())  # with the permissions that the process gives files
        draft.replace(path)
    except OSError:
        with suppress(OSError):
            draft.unlink()
        return False
    return True


def _temporary() -> Path:
    """A private folder that goes when this process does (not when a child of it does)."""
    folder, owner = tempfile.mkdtemp(prefix="gradient-kernel-"), os.getpid()

    def remove() -> None:
        if os.getpid() == owner:
            shutil.rmtree(folder, ignore_errors=True)

    atexit.register(remove)
    return Path(folder)
