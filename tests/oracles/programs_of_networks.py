"""Neural networks as programs: layers, attention, normalisation, losses.

Each function returns the program and its bindings, drawn from the generator that it is given.
"""

import math
from collections.abc import Callable

import numpy as np
from program import Built, Program, Random, dense, normal


def mlp(rng: Random) -> Built:
    p = Program()
    hidden = p("tanh", dense(p, "X", "W1", "b1"))
    p("mse", dense(p, hidden, "W2", "b2"), normal(rng, 3, 1).tolist())
    return p, {
        "X": normal(rng, 3, 2),
        "W1": normal(rng, 2, 3),
        "b1": normal(rng, 3),
        "W2": normal(rng, 3, 1),
        "b2": normal(rng, 1),
    }


def deep_relu_classifier(rng: Random) -> Built:
    p = Program()
    x = "X"
    for layer in ("1", "2"):
        x = p("relu", dense(p, x, f"W{layer}", f"b{layer}"))
    p("cross_entropy", dense(p, x, "W3", "b3"), [2, 0, 1])
    return p, {
        "X": normal(rng, 3, 3),
        "W1": normal(rng, 3, 4),
        "b1": normal(rng, 4),
        "W2": normal(rng, 4, 4),
        "b2": normal(rng, 4),
        "W3": normal(rng, 4, 3),
        "b3": normal(rng, 3),
    }


def residual_block(rng: Random) -> Built:
    p = Program()
    inner = p("matmul", p("gelu", p("matmul", "X", "W")), "V")
    p("mean", p("square", p("add", "X", inner)))
    return p, {"X": normal(rng, 2, 3), "W": normal(rng, 3, 2), "V": normal(rng, 2, 3)}


def gated_unit(rng: Random) -> Built:
    p = Program()
    p("sum", p("mul", p("silu", p("matmul", "x", "W")), p("matmul", "x", "V")))
    return p, {"x": normal(rng, 2, 3), "W": normal(rng, 3, 2), "V": normal(rng, 3, 2)}


def attention(rng: Random) -> Built:
    p = Program()
    scores = p("div", p("matmul", "Q", p("transpose", "K", axes=[1, 0])), math.sqrt(2))
    p("sum", p("mul", p("matmul", p("softmax", scores, axis=-1), "V"), "w"))
    return p, {
        "Q": normal(rng, 3, 2),
        "K": normal(rng, 3, 2),
        "V": normal(rng, 3, 2),
        "w": normal(rng, 3, 2),
    }


def causal_two_head_attention(rng: Random) -> Built:
    p = Program()
    scores = p("einsum", "Q", "K", equation="hqd,hkd->hqk")
    masked = p("where", np.tril(np.ones((3, 3))).tolist(), scores, -1e9)
    mixed = p("einsum", p("softmax", masked), "V", equation="hqk,hkd->qhd")
    p("sum", p("square", p("reshape", mixed, shape=[3, -1])))
    return p, {name: normal(rng, 2, 3, 2) for name in "QKV"}


def layer_norm(rng: Random) -> Built:
    p = Program()
    centred = p("sub", "x", p("mean", "x", axis=-1, keepdims=True))
    scale = p("sqrt", p("add", p("var", "x", axis=-1, keepdims=True), 1e-5))
    p("sum", p("mul", p("add", p("mul", p("div", centred, scale), "g"), "b"), "w"))
    return p, {
        "x": normal(rng, 2, 4),
        "g": normal(rng, 4),
        "b": normal(rng, 4),
        "w": normal(rng, 2, 4),
    }


def batch_norm(rng: Random) -> Built:
    p = Program()
    axes = {"axis": [0, 2], "keepdims": True}
    scaled = p("div", p("sub", "x", p("mean", "x", **axes)), p("add", p("std", "x", **axes), 1e-3))
    gain = p("expand_dims", p("expand_dims", "g", axis=0), axis=-1)
    p("sum", p("mul", p("tanh", p("mul", scaled, gain)), "w"))
    return p, {"x": normal(rng, 3, 2, 2), "g": normal(rng, 2), "w": normal(rng, 3, 2, 2)}


def convolution(rng: Random) -> Built:
    """One dimension, kernel 3: windows stacked from slices, contracted by einsum."""
    p = Program()
    windows = [p("index", "x", spec=[[None, None, None], [k, k + 4, None]]) for k in range(3)]
    out = p("einsum", p("stack", *windows, axis=0), "K", equation="kct,okc->ot")
    p("sum", p("square", p("relu", p("add", out, p("expand_dims", "b", axis=1)))))
    return p, {"x": normal(rng, 2, 6), "K": normal(rng, 2, 3, 2), "b": normal(rng, 2)}


def max_pooling(rng: Random) -> Built:
    p = Program()
    pooled = p("max", p("reshape", "x", shape=[2, 2, 2, 2]), axis=[1, 3])
    p("sum", p("mul", p("square", pooled), "w"))
    return p, {"x": normal(rng, 4, 4), "w": normal(rng, 2, 2)}


def recurrent_network(rng: Random) -> Built:
    p = Program()
    state = "h"
    for step in range(4):
        now = p("index", "X", spec=[step, [None, None, None]])
        state = p("tanh", p("add", p("matmul", "W", state), p("matmul", "U", now), "b"))
    p("dot", state, state)
    return p, {
        "X": normal(rng, 4, 2),
        "h": normal(rng, 2),
        "W": normal(rng, 2, 2),
        "U": normal(rng, 2, 2),
        "b": normal(rng, 2),
    }


def embedding_and_pooling(rng: Random) -> Built:
    p = Program()
    words = p("take", "E", indices=[[0, 2, 2], [1, 0, 3]])
    p("cross_entropy", p("matmul", p("mean", words, axis=1), "W"), [1, 0])
    return p, {"E": normal(rng, 4, 2), "W": normal(rng, 2, 2)}


def contrastive_loss(rng: Random) -> Built:
    p = Program()
    unit_a = p("div", "A", p("norm", "A", axis=1, keepdims=True))
    unit_b = p("div", "B", p("norm", "B", axis=1, keepdims=True))
    p(
        "cross_entropy",
        p("mul", p("exp", "t"), p("matmul", unit_a, p("transpose", unit_b))),
        [0, 1, 2],
    )
    return p, {"A": normal(rng, 3, 2), "B": normal(rng, 3, 2), "t": 0.4}


PROGRAMS: tuple[Callable[[Random], Built], ...] = (
    mlp,
    deep_relu_classifier,
    residual_block,
    gated_unit,
    attention,
    causal_two_head_attention,
    layer_norm,
    batch_norm,
    convolution,
    max_pooling,
    recurrent_network,
    embedding_and_pooling,
    contrastive_loss,
)
