"""The Gaussian mixture objective of ADBench, as one message to POST /gradient.

The objective is that of F. Srajer, Z. Kukelova, A. Fitzgibbon, "A benchmark of selected
algorithmic differentiation tools on some problems in computer vision and machine learning",
Optimization Methods and Software 33 (2018): the log-likelihood of n points under a mixture of
k Gaussians in d dimensions, less the logarithm of a Wishart density at each inverse covariance
(the sign is ADBench's: gmm_objective and log_wishart_prior in its gmm.h). Its parameters:

    alphas  k                  logarithms of the weights, before normalisation
    means   k x d
    icf     k x d(d + 1)/2     a factor Q of each inverse covariance QᵀQ: the logarithms of its
                               diagonal, then what is strictly below it, column by column
"""

from __future__ import annotations

import base64
import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

GAMMA, M = 1.0, 0.0  # of the Wishart density, as in ADBench

Array = NDArray[np.float64]

EXPRESSION = """
    logarithms = icf[:, :{d}]
    diagonal = exp(logarithms)
    lower = tril(take(icf, indices={places}, axis=1), k=-1)
    centred = expand_dims(x, axis=1) - means
    scaled = diagonal*centred + einsum(lower, centred, equation="kij,nkj->nki")
    terms = alphas + sum(logarithms, axis=1) - 0.5*sum(scaled**2, axis=2)
    likelihood = sum(logsumexp(terms, axis=1)) - {n}*logsumexp(alphas) - {n}*{d}/2*log(2*pi)
    squares = sum(diagonal**2) + sum(lower**2)
    wishart = 0.5*{gamma}**2*squares - {m}*sum(logarithms) - {k}*{constant}
    objective = likelihood + wishart
"""


def message(d: int, k: int, n: int, seed: int = 0) -> dict[str, Any]:
    """The objective at parameters and points drawn at random, the same for the same seed.

    Numbers travel as binary64 in base64. With d = 10, k = 5 and n = 1000 there are 330
    parameters and 10,000 numbers in x; the message has 111 kB, and x has 107 of them. The
    expression is ten statements whatever d, k and n are.
    """
    generator = np.random.default_rng(seed)
    bindings = {
        "alphas": generator.standard_normal(k),
        "means": generator.standard_normal((k, d)),
        "icf": 0.5 * generator.standard_normal((k, d * (d + 1) // 2)),
        "x": generator.standard_normal((n, d)),
    }
    expression = EXPRESSION.format(
        d=d, k=k, n=n, gamma=GAMMA, m=M, places=_places(d), constant=_wishart_constant(d)
    )
    return {
        "expression": expression,
        "bindings": {name: _tensor(array) for name, array in bindings.items()},
        "output": "objective",
        "wrt": ["alphas", "means", "icf"],
    }


def _places(d: int) -> list[list[int]]:
    """Where in a row of icf each entry below the diagonal is; elsewhere 0, which tril removes."""
    places = np.zeros((d, d), dtype=int)
    column, row = np.triu_indices(d, 1)  # of the transpose: column by column
    places[row, column] = d + np.arange(len(row))
    return places.tolist()


def _wishart_constant(d: int) -> float:
    """The logarithm of the Wishart density's normaliser, with d + M + 1 degrees of freedom."""
    freedom = d + M + 1
    gammas = sum(math.lgamma(0.5 * (freedom - j)) for j in range(d))
    log_gamma = 0.25 * d * (d - 1) * math.log(math.pi) + gammas
    return freedom * d * (math.log(GAMMA) - 0.5 * math.log(2)) - log_gamma


def _tensor(array: Array) -> dict[str, Any]:
    data = base64.b64encode(array.astype("<f8").tobytes()).decode("ascii")
    return {"shape": list(array.shape), "base64": data}
