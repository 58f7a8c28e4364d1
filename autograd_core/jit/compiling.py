"""How Numba compiles a loop, and where it keeps the result between processes.

Numba's own cache wants a folder that it can write to, even to read from it, and does not notice
when what a function calls has changed. This one may be read-only, built by another user, and has
a folder for each text of the loops, each version of what compiles it and each kind of processor
(Numba's `NUMBA_CPU_NAME` and `NUMBA_CPU_FEATURES`, if set; else the one at hand), so that
machines that share it do not run each other's code. An image that is built on one machine and
runs on others is built and run with NUMBA_CPU_NAME=generic.
"""

# mypy: disable-error-code=no-untyped-call
# (Numba has types for some of itself.)
from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from pickle import UnpicklingError
from typing import Any, TypeVar, cast

import numba
from numba.core.caching import CompileResultCacheImpl, FunctionCache, _CacheLocator
from numba.core.registry import cpu_target
from numba.core.sigutils import normalize_signature
from numba.core.types import unliteral
from numba.extending import register_jitable

from autograd_core.jit import folders
from autograd_core.jit.columns import SIGNATURES

Function = TypeVar("Function", bound=Callable[..., Any])

# IEEE arithmetic to the letter, and no exceptions: 1/0 is inf.
_ARITHMETIC: dict[str, Any] = {"error_model": "numpy"}

# What reading or writing a cache file may come to, if it is cut short as well.
_UNREADABLE = (OSError, EOFError, UnpicklingError)

njit: Any = numba.njit  # it takes more options than it says

# Every loop, by name.
LOOPS: dict[str, Any] = {}


def inner(function: Function) -> Function:
    """A function that becomes part of the loops that call it; Python calls it as it is."""
    return register_jitable(**_ARITHMETIC, forceinline=True)(function)


def loop(function: Function) -> Function:
    """Compile a function that Python calls, once, for the types that its parameters are
    annotated with (see columns.py): when first called or warmed. It lets other threads run.

    Calling it with anything else, such as an array that is not contiguous, is a TypeError; left
    to itself Numba would take seconds to compile another variant, for a literal 0, too.
    """
    names = [name for key, name in function.__annotations__.items() if key != "return"]
    declared, _ = normalize_signature(f"({', '.join(SIGNATURES[name] for name in names)})")
    dispatcher = njit(**_ARITHMETIC, nogil=True)(function)
    compile_types = dispatcher.compile

    def compile_declared(given: tuple[Any, ...] = declared) -> Any:
        if tuple(map(unliteral, given)) != declared:
            raise TypeError(f"{function.__name__} takes {declared}, not {given}")
        if folder() is not None:
            dispatcher._cache = _Cache(function)  # noqa: SLF001 - as enable_caching() does
        return compile_types(declared)

    dispatcher.compile = compile_declared
    LOOPS[function.__name__] = dispatcher
    return cast("Function", dispatcher)


@cache
def folder() -> Path | None:
    """Where compiled code is kept; None if nowhere. It has a name that nothing else would give."""
    package = Path(__file__).parents[1]
    files = [
        *(package / "jit").glob("*.py"),
        *(package / "engines/kernel").rglob("*.py"),
        *(package / "operations").glob("*.py"),
    ]
    texts = [file.read_text(encoding="utf-8") for file in sorted(files)]
    processor = repr(cpu_target.target_context.codegen().magic_tuple())
    return folders.chosen(numba.__version__, str(sys.version_info[:2]), processor, *texts)


class _Kept(_CacheLocator):
    """Says that compiled code is in that folder."""

    def __init__(self, file: str) -> None:
        self._file = Path(file)

    @classmethod
    def from_function(cls, function: Any, file: str) -> _Kept:
        return cls(file)

    def get_cache_path(self) -> str:
        return str(folder())

    def get_source_stamp(self) -> str:
        return self._file.read_text(encoding="utf-8")  # for loops that are not the kernel's own

    def get_disambiguator(self) -> str:
        return ""


class _Implementation(CompileResultCacheImpl):
    _locator_classes = [_Kept]  # type: ignore[list-item]  # noqa: RUF012 - as Numba has it


class _Cache(FunctionCache):
    """A cache that nobody has to be able to write, or even to read."""

    _impl_class = _Implementation

    def load_overload(self, *arguments: Any) -> Any:
        try:
            return super().load_overload(*arguments)
        except _UNREADABLE:
            return None

    def save_overload(self, *arguments: Any) -> None:
        with suppress(*_UNREADABLE):  # else it is compiled for this process alone
            super().save_overload(*arguments)
            folders.close_to_others(Path(self.cache_path))
