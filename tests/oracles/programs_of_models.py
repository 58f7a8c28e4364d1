"""Statistics, mechanics and optimisation as programs: likelihoods, regressions, energies.

Each function returns the program and its bindings, drawn from the generator that it is given.
"""

import math
from collections.abc import Callable

import numpy as np
from program import Built, Program, Random, dense, normal


def gaussian_log_likelihood(rng: Random) -> Built:
    """-log N(x; m, S) by solve and logdet."""
    p = Program()
    d = p("sub", "x", "m")
    quadratic = p("dot", d, p("solve", "S", d))
    p("mul", 0.5, p("add", quadratic, p("logdet", "S"), 3 * math.log(2 * math.pi)))
    root = normal(rng, 3, 3)
    return p, {
        "x": normal(rng, 3),
        "m": normal(rng, 3),
        "S": np.round(root @ root.T + np.eye(3), 4),
    }


def gaussian_by_cholesky(rng: Random) -> Built:
    p = Program()
    root = p("cholesky", "S")
    white = p("solve", root, p("sub", "x", "m"))
    half = p("sum", p("log", p("diagonal", root)))
    p("add", p("mul", 0.5, p("sum", p("square", white))), half)
    factor = normal(rng, 3, 3)
    return p, {
        "x": normal(rng, 3),
        "m": normal(rng, 3),
        "S": np.round(factor @ factor.T + np.eye(3), 4),
    }


def mixture_of_gaussians(rng: Random) -> Built:
    p = Program()
    apart = p("sub", p("expand_dims", "X", axis=1), "M")
    distance = p("sum", p("square", p("div", apart, p("exp", "s"))), axis=-1)
    volume = p("sum", "s", axis=-1)
    scores = p("sub", p("sub", p("log_softmax", "a"), volume), p("mul", 0.5, distance))
    p("neg", p("sum", p("logsumexp", scores, axis=1)))
    return p, {
        "X": normal(rng, 4, 2),
        "M": normal(rng, 3, 2),
        "s": normal(rng, 3, 2),
        "a": normal(rng, 3),
    }


def low_rank_product(rng: Random) -> Built:
    p = Program()
    error = p("sub", p("matmul", "U", p("transpose", "V")), normal(rng, 3, 3).tolist())
    p("add", p("square", p("norm", error)), p("mul", 0.1, p("add", p("norm", "U"), p("norm", "V"))))
    return p, {"U": normal(rng, 3, 1), "V": normal(rng, 3, 1)}


def ridge_regression_solution(rng: Random) -> Built:
    """The validation error of the solution of the normal equations, in the penalty and the data."""
    p = Program()
    gram = p(
        "add", p("matmul", p("transpose", "A"), "A"), p("mul", p("exp", "k"), np.eye(2).tolist())
    )
    solution = p("solve", gram, p("matmul", p("transpose", "A"), "y"))
    p("mse", p("matmul", normal(rng, 3, 2).tolist(), solution), normal(rng, 3).tolist())
    return p, {"A": normal(rng, 4, 2), "y": normal(rng, 4), "k": -0.3}


def gaussian_process(rng: Random) -> Built:
    p = Program()
    apart = p("sub", p("expand_dims", "t", axis=1), p("expand_dims", "t", axis=0))
    kernel = p("exp", p("mul", -0.5, p("square", p("div", apart, p("exp", "l")))))
    noisy = p("add", kernel, p("mul", 0.1, np.eye(3).tolist()))
    p("add", p("dot", "y", p("solve", noisy, "y")), p("logdet", noisy))
    return p, {"t": np.array([-1.1, 0.2, 0.9]), "y": normal(rng, 3), "l": 0.25}


def rayleigh_quotient(rng: Random) -> Built:
    p = Program()
    p("div", p("einsum", "x", "A", "x", equation="i,ij,j->"), p("dot", "x", "x"))
    return p, {"x": normal(rng, 3), "A": normal(rng, 3, 3)}


def mahalanobis_by_inverse(rng: Random) -> Built:
    p = Program()
    p("sum", p("einsum", "D", p("inv", "S"), "D", equation="ni,ij,nj->n"))
    return p, {"D": normal(rng, 3, 2), "S": np.array([[2.5, 0.4], [0.1, 1.5]])}


def jacobian_volume(rng: Random) -> Built:
    """log|det| of a stack of triangular flows, against det itself."""
    p = Program()
    lower = p("add", p("tril", "L"), p("mul", 2.0, np.eye(2).tolist()))
    p("sum", p("sub", p("logdet", lower), p("square", p("det", p("triu", "L")))))
    return p, {"L": np.abs(normal(rng, 2, 2, 2))}


def logistic_regression(rng: Random) -> Built:
    p = Program()
    loss = p(
        "binary_cross_entropy", dense(p, normal(rng, 4, 3).tolist(), "w", "b"), [1.0, 0.0, 0.0, 1.0]
    )
    p("add", loss, p("mul", 0.05, p("square", p("norm", "w"))))
    return p, {"w": normal(rng, 3), "b": 0.2}


def huber_regression(rng: Random) -> Built:
    p = Program()
    error = p(
        "abs", p("sub", p("matmul", normal(rng, 4, 2).tolist(), "w"), normal(rng, 4).tolist())
    )
    small = p("mul", 0.5, p("square", error))
    p("mean", p("where", p("gt", error, 1.0), p("sub", error, 0.5), small))
    return p, {"w": normal(rng, 2)}


def rosenbrock(rng: Random) -> Built:
    p = Program()
    head, tail = p("index", "x", spec=[[None, -1, None]]), p("index", "x", spec=[[1, None, None]])
    valley = p("mul", 100.0, p("square", p("sub", tail, p("square", head))))
    p("sum", p("add", valley, p("square", p("sub", 1.0, head))))
    return p, {"x": normal(rng, 4)}


def total_variation(rng: Random) -> Built:
    p = Program()
    right = p(
        "sub",
        p("index", "x", spec=[[None, -1, None], [1, None, None]]),
        p("index", "x", spec=[[None, -1, None], [None, -1, None]]),
    )
    down = p(
        "sub",
        p("index", "x", spec=[[1, None, None], [None, -1, None]]),
        p("index", "x", spec=[[None, -1, None], [None, -1, None]]),
    )
    p("sum", p("hypot", right, down))
    return p, {"x": normal(rng, 3, 3)}


def spring_chain_energy(rng: Random) -> Built:
    p = Program()
    path = p("cumsum", "d")
    ends = p("concat", p("reshape", "start", shape=[1]), path, p("flip", path))
    p("add", p("sum", p("cos", ends)), p("prod", p("add", "d", 2.0)))
    return p, {"d": normal(rng, 3), "start": 0.35}


def entropy_of_softmax(rng: Random) -> Built:
    p = Program()
    p("neg", p("sum", p("mul", p("softmax", "z"), p("log_softmax", "z"))))
    return p, {"z": normal(rng, 4)}


def shared_weights(rng: Random) -> Built:
    """One matrix used as itself, transposed, squared and through its trace."""
    p = Program()
    square = p("matmul", "A", p("matmul", p("transpose", "A"), "A"))
    p("mul", p("trace", square), p("sum", p("outer", p("diagonal", "A"), "v")))
    return p, {"A": normal(rng, 2, 2), "v": normal(rng, 2)}


def standardised_skewness(rng: Random) -> Built:
    p = Program()
    scaled = p("div", p("sub", "x", p("mean", "x")), p("std", "x", ddof=1))
    p("mean", p("pow", scaled, 3.0))
    return p, {"x": normal(rng, 5)}


PROGRAMS: tuple[Callable[[Random], Built], ...] = (
    gaussian_log_likelihood,
    gaussian_by_cholesky,
    mixture_of_gaussians,
    low_rank_product,
    ridge_regression_solution,
    gaussian_process,
    rayleigh_quotient,
    mahalanobis_by_inverse,
    jacobian_volume,
    logistic_regression,
    huber_regression,
    rosenbrock,
    total_variation,
    spring_chain_energy,
    entropy_of_softmax,
    shared_weights,
    standardised_skewness,
)
