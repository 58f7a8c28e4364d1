"""Where the kernel's compiled code is kept between processes: a folder for each kernel.

It lies in $GRADIENT_KERNEL_CACHE or, where that will not do, in the user's cache folder. A
folder that is there already is fine without being writable.

What lies there is run, so a folder that another user owns or may write, or could put another
in the place of, is passed over, and a warning says so.
"""

from __future__ import annotations

import hashlib
import logging
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

log = logging.getLogger("autograd_core")

OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
VARIABLE = "GRADIENT_KERNEL_CACHE"


def chosen(*made_of: str) -> Path | None:
    """The folder for a kernel that is made of some texts, in the first place that will do."""
    key = hashlib.sha256("\0".join(made_of).encode()).hexdigest()[:16]
    for place in _places():
        folder = place / key
        reason = untrusted(folder)
        if reason is not None:
            log.warning("the kernel is not kept in %s: %s", place, reason)
        elif _made(folder):
            return folder
    return None


def untrusted(folder: Path) -> str | None:
    """Why compiled code must not be run, if it must not: its files, their folder and all above
    it belong to this user or root, and nobody else may write them. Others may write a folder
    above, if it is sticky as /tmp is: there they can replace only their own.
    """
    if not hasattr(os, "geteuid"):
        return None
    for place in (*_files(folder), folder, *folder.parents):
        try:
            found = place.stat()
        except OSError:  # not there: then it will be ours
            continue
        if found.st_uid not in {0, os.geteuid()}:
            return f"{place} belongs to another user"
        above = place in folder.parents and found.st_mode & stat.S_ISVTX
        if found.st_mode & OTHERS_WRITE and not above:
            return f"others may write {place}"
    return None


def close_to_others(folder: Path) -> None:
    """Let nobody else write the files in a folder that are ours, whatever the umask."""
    for path in _files(folder):
        with suppress(OSError):
            mode = path.stat().st_mode
            if mode & OTHERS_WRITE:
                path.chmod(mode & ~OTHERS_WRITE)


def _files(folder: Path) -> Sequence[Path]:
    try:
        return list(folder.iterdir())
    except OSError:  # not there, or not to be looked into
        return ()


def _places() -> Iterator[Path]:
    variable = os.environ.get(VARIABLE)
    if variable:
        yield Path(variable).resolve()
    cache = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if not cache.is_absolute():
        # Path.home() raises where there is no home.
        cache = Path(os.path.expanduser("~")) / ".cache"  # noqa: PTH111 - see above
    if cache.is_absolute():
        yield cache.resolve() / "gradient-service" / "kernel"


def _made(folder: Path) -> bool:
    """Whether a folder is there, or could be made: it and those above it that are missing, which
    only their owner may write.
    """
    try:
        for place in reversed((folder, *folder.parents)):
            if not place.exists():
                place.mkdir(mode=0o755, exist_ok=True)
        return folder.is_dir()
    except OSError:  # nor where one above it may not be looked into
        return False
