"""Where the generated module and its compiled code are kept between processes.

In this order: $GRADIENT_KERNEL_CACHE, the user's cache folder, a temporary folder of this
process. A folder that has the module already is fine without being writable.

What lies there is run, so a folder that another user owns or may write, or could put another
in the place of, is passed over, and a warning says so.
"""

from __future__ import annotations

import atexit
import logging
import os
import shutil
import stat
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

log = logging.getLogger("autograd_core")

OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
VARIABLE = "GRADIENT_KERNEL_CACHE"


def keep(name: str, text: str) -> Path:
    """The path of a file of this name with exactly this text, in the first folder that will do.

    Another process may be doing the same: the file appears whole or not at all.
    """
    for folder in _folders():
        path = folder / name
        reason = untrusted(path)
        if reason is not None:
            log.warning("the kernel is not kept in %s: %s", folder, reason)
        elif _has(path, text) or _write(path, text):
            return path
    path = _temporary() / name
    if _write(path, text):
        return path
    raise OSError(f"there is no folder for {name}: set {VARIABLE} to one")


def untrusted(path: Path) -> str | None:
    """Why a module and its compiled code must not be run, if they must not: its files, their
    folder and all above it belong to this user or root, and nobody else may write them. Others
    may write a folder above, if it is sticky as /tmp is: there they can replace only their own.
    """
    if not hasattr(os, "geteuid"):
        return None
    for place in (*_files(path), path.parent, *path.parent.parents):
        try:
            found = place.stat()
        except OSError:  # not there: then it will be ours
            continue
        if found.st_uid not in {0, os.geteuid()}:
            return f"{place} belongs to another user"
        above = place in path.parent.parents and found.st_mode & stat.S_ISVTX
        if found.st_mode & OTHERS_WRITE and not above:
            return f"others may write {place}"
    return None


def close_to_others(path: Path) -> None:
    """Let nobody else write the files of a module that are ours, whatever the umask."""
    for place in _files(path):
        with suppress(OSError):
            mode = place.stat().st_mode
            if mode & OTHERS_WRITE:
                place.chmod(mode & ~OTHERS_WRITE)


def _files(path: Path) -> list[Path]:
    """A module, its compiled code, and its byte code with the folder that Python keeps it in."""
    cache = path.parent / "__pycache__"
    return [*path.parent.glob(f"{path.stem}.*"), cache, *cache.glob(f"{path.stem}.*")]


def _folders() -> Iterator[Path]:
    chosen = os.environ.get(VARIABLE)
    if chosen:
        yield Path(chosen).resolve()
    cache = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if not cache.is_absolute():
        # Path.home() raises where there is no home.
        cache = Path(os.path.expanduser("~")) / ".cache"  # noqa: PTH111
    if cache.is_absolute():
        yield cache.resolve() / "gradient-service" / "kernel"


def _has(path: Path, text: str) -> bool:
    try:
        return path.read_bytes() == text.encode()
    except OSError:
        return False


def _write(path: Path, text: str) -> bool:
    draft = path.with_name(f"{path.name}.{uuid.uuid4().hex}")
    try:
        _make(path.parent)
        draft.write_bytes(text.encode())
        draft.chmod(draft.stat().st_mode & ~OTHERS_WRITE)
        draft.replace(path)
    except OSError:
        with suppress(OSError):
            draft.unlink()
        return False
    return True


def _make(folder: Path) -> None:
    """A folder and those above it that are missing, which only their owner may write."""
    for place in reversed((folder, *folder.parents)):
        if not place.exists():
            place.mkdir(mode=0o755, exist_ok=True)


def _temporary() -> Path:
    """A private folder that goes when this process does (not when a child of it does)."""
    folder, owner = tempfile.mkdtemp(prefix="gradient-kernel-"), os.getpid()

    def remove() -> None:
        if os.getpid() == owner:
            shutil.rmtree(folder, ignore_errors=True)

    atexit.register(remove)
    return Path(folder)
