"""The compiled kernel's special functions against mpmath, over their whole domain."""

import math
from collections.abc import Callable
from typing import Any

import mpmath
import numba
import numpy as np
import pytest
from scipy import special as scipy_special

from autograd_core.engines.kernel.translation import VOCABULARY

NEAR_THE_ROOT = 1.4616321449683622 + np.linspace(-0.15, 0.15, 61)
POSITIVE = np.concatenate([10.0 ** np.linspace(-150, 300, 181), np.linspace(0.1, 25, 150)])
INSIDE = np.concatenate([np.linspace(-0.9999, 0.9999, 201), 10.0 ** -np.arange(1.0, 300, 7)])
EDGE = 1 - 2.0 ** -np.arange(3.0, 54)


def exact_erfinv(x: float) -> Any:
    z = mpmath.mpf(float(scipy_special.erfinv(float(x))))
    for _ in range(3):
        z -= (mpmath.erf(z) - x) * mpmath.sqrt(mpmath.pi) / 2 * mpmath.exp(z * z)
    return z


@pytest.mark.slow
@pytest.mark.parametrize(
    "name,call,exact,at",
    [
        ("digamma", "digamma(x)", mpmath.digamma, [*POSITIVE, *NEAR_THE_ROOT]),
        ("zeta2", "zeta(2.0, x)", lambda x: mpmath.zeta(2, x), POSITIVE[POSITIVE < 1e100]),
        ("zeta3", "zeta(3.0, x)", lambda x: mpmath.zeta(3, x), POSITIVE[abs(POSITIVE - 1) < 1e90]),
        ("erfinv", "erfinv(x)", exact_erfinv, [*INSIDE, *EDGE, *-EDGE]),
        ("cbrt", "cbrt(x)", mpmath.cbrt, 10.0 ** np.linspace(-320, 308, 300)),
        ("log_gamma", "log_gamma(x)", mpmath.loggamma, [*POSITIVE, 1 + 1e-9, 2 - 1e-9, 1 - 1e-15]),
    ],
    ids=lambda part: part if isinstance(part, str) and "(" not in part else "",
)
def test_special_functions(name: str, call: str, exact: Callable[..., Any], at: Any) -> None:
    function = scalar(call)
    with mpmath.workdps(60):
        for x in map(float, at):
            want = exact(mpmath.mpf(x))
            if 1e-300 < abs(want) < 1e300:
                assert abs(function(x) / want - 1) < 1e-14, f"{name} at {x!r}"


def scalar(call: str) -> Callable[[float], float]:
    """A function of the kernel's vocabulary, to be called from here."""
    names = dict(VOCABULARY)
    exec(f"def function(x): return {call}", names)
    compiled_function: Callable[[float], float] = numba.njit(error_model="numpy")(names["function"])
    return compiled_function


def test_erfinv_at_its_ends() -> None:
    erfinv = scalar("erfinv(x)")
    assert [erfinv(x) for x in (-1.0, 1.0, 0.0)] == [-np.inf, np.inf, 0.0]
    assert math.copysign(1, erfinv(-0.0)) == -1
    assert all(math.isnan(erfinv(x)) for x in (1.5, -np.inf, np.nan))
