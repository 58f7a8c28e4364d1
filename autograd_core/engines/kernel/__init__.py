"""The compiled kernel of the tape: loops over scalar instructions, generated from the op table.

`load()` gives the generated module; its loops are those of the modules that source.LOOPS names,
and opcodes are in OPCODES. A loop is compiled when it is first called, or fetched from the cache
that an earlier process left beside the generated module; `warm()` does so for all of them.

The module's name has a hash of its text, of how it is compiled and of Numba's version, so that
a change in the op table never meets code compiled from an older one.
"""

from __future__ import annotations

import hashlib
import importlib.util
import sys
import threading
from functools import cache
from importlib.metadata import version
from pathlib import Path
from types import ModuleType

from autograd_core.engines.kernel.folders import close_to_others, keep
from autograd_core.engines.kernel.rules import OPCODES
from autograd_core.engines.kernel.source import LOOPS, text

__all__ = ["LOOPS", "OPCODES", "load", "warm"]

_loading = threading.Lock()


@cache
def load() -> ModuleType:
    """The generated module, imported once. Compiles nothing yet."""
    with _loading:  # two threads may get here at the same time
        return _load()


def warm() -> ModuleType:
    """The generated module with every loop compiled, or fetched from the cache."""
    module = load()
    for name in LOOPS:
        getattr(module, name).compile()
    return module


@cache
def _load() -> ModuleType:
    source = text()
    name = module_name(source)
    return _imported(name, keep(f"{name}.py", source))


def module_name(source: str) -> str:
    """A name that no other text, way of compiling it or version of Numba has."""
    options = Path(__file__).with_name("compiling.py").read_text(encoding="utf-8")
    key = f"{version('numba')}\n{options}\n{source}"
    return f"tape_kernel_{hashlib.sha256(key.encode()).hexdigest()[:16]}"


def _imported(name: str, path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"cannot import {path}")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # Numba looks modules up by name
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    close_to_others(path)
    return module
