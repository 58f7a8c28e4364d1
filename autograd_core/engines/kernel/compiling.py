"""How Numba compiles the kernel, and where it keeps the result: beside the generated module.

Numba's own cache wants a folder that it can write to, even to read from it; this one is built
once, perhaps by another user, and may be read-only. Its files have a name for each kind of
processor (Numba's `NUMBA_CPU_NAME` and `NUMBA_CPU_FEATURES`, if set; else the one at hand), so
that machines that share a folder do not run each other's code. An image that is built on one
machine and runs on others is built and run with NUMBA_CPU_NAME=generic.
"""

# mypy: disable-error-code=no-untyped-call
# (Numba has types for some of itself.)
from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import numba
from numba.core.caching import CompileResultCacheImpl, FunctionCache, _CacheLocator
from numba.core.registry import cpu_target
from numba.core.sigutils import normalize_signature
from numba.core.types import unliteral

from autograd_core.engines.kernel.folders import close_to_others

Function = Callable[..., Any]

njit: Any = numba.njit  # it takes more options than it says

# IEEE arithmetic to the letter, and no exceptions: 1/0 is inf. No global interpreter lock.
OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "fastmath": False}

# What reading or writing a cache file may come to, if it is cut short as well.
UNREADABLE = (OSError, EOFError, UnpicklingError)


def scalar(function: Function) -> Any:
    """Compile a function that only the kernel itself calls."""
    return njit(**OPTIONS, no_cpython_wrapper=True, no_cfunc_wrapper=True)(function)


def loop(signature: str) -> Callable[[Function], Any]:
    """Compile a function that Python calls, once, for these types: when first called or warmed.

    Calling it with anything else, such as an array that is not contiguous, is a TypeError; left
    to itself Numba would take seconds to compile another variant, for a literal 0, too.
    """
    declared, _ = normalize_signature(signature)

    def compiled(function: Function) -> Any:
        dispatcher = njit(**OPTIONS)(function)
        dispatcher._cache = _Cache(function)  # noqa: SLF001 - as enable_caching() does
        compile_types = dispatcher.compile

        def compile_declared(given: tuple[Any, ...] = declared) -> Any:
            if tuple(unliteral(kind) for kind in given) != declared:
                raise TypeError(f"{function.__name__} takes {declared}, not {given}")
            return compile_types(declared)

        dispatcher.compile = compile_declared
        return dispatcher

    return compiled


class _Beside(_CacheLocator):
    """Says that a function's compiled code is in the folder of its module."""

    def __init__(self, file: str) -> None:
        self._py_file = file

    @classmethod
    def from_function(cls, function: Function, file: str) -> _Beside:
        return cls(file)

    def get_cache_path(self) -> str:
        return str(Path(self._py_file).parent)

    def get_source_stamp(self) -> str:
        return Path(self._py_file).name  # it has a hash of the text

    def get_disambiguator(self) -> str:
        processor = repr(cpu_target.target_context.codegen().magic_tuple())
        return hashlib.sha256(processor.encode()).hexdigest()[:8]


class _Implementation(CompileResultCacheImpl):
    _locator_classes = [_Beside]  # type: ignore[list-item]  # noqa: RUF012 - as Numba has it


class _Cache(FunctionCache):
    """A cache that nobody has to be able to write, or even to read."""

    _impl_class = _Implementation

    def load_overload(self, *arguments: Any) -> Any:
        try:
            return super().load_overload(*arguments)
        except UNREADABLE:
            return None

    def save_overload(self, *arguments: Any) -> None:
        with suppress(*UNREADABLE):  # else it is compiled for this process alone
            super().save_overload(*arguments)
            close_to_others(Path(self._py_func.__code__.co_filename))
