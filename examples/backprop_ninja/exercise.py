"""The exercise: a small network, every step of its forward pass with a name of its own.

A two-layer perceptron reads three characters, embedded, and predicts the next: linear layer, batch
normalisation, tanh, linear layer, cross-entropy, the last spelled out as a softmax and a logarithm.
A step is one operation, because a backward pass is graded step by step: what is wrong at one is
carried to the next through the numbers that were claimed in between.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

BATCH, CONTEXT, CHARACTERS, EMBEDDING, HIDDEN = 8, 3, 9, 4, 6
EPSILON = 1e-5  # keeps the variance of a dead unit from being divided by

STEPS = """
    emb = take(C, indices={contexts}, axis=0)
    embcat = reshape(emb, shape=[{batch}, {inputs}])
    embW1 = embcat @ W1
    hprebn = embW1 + b1
    bnmean = mean(hprebn, axis=0, keepdims=true)
    bndiff = hprebn - bnmean
    bndiff2 = bndiff**2
    bnsum = sum(bndiff2, axis=0, keepdims=true)
    bnvar = bnsum / {degrees}
    bnvar_eps = bnvar + {epsilon}
    bnvar_inv = bnvar_eps**(-0.5)
    bnraw = bndiff * bnvar_inv
    bnscaled = bngain * bnraw
    hpreact = bnscaled + bnbias
    h = tanh(hpreact)
    hW2 = h @ W2
    logits = hW2 + b2
    logit_maxes = max(logits, axis=1, keepdims=true)
    norm_logits = logits - logit_maxes
    counts = exp(norm_logits)
    counts_sum = sum(counts, axis=1, keepdims=true)
    counts_sum_inv = 1 / counts_sum
    probs = counts * counts_sum_inv
    logprobs = log(probs)
    loss = -sum(logprobs * {targets}) / {batch}
"""


@dataclass(frozen=True)
class Exercise:
    """Parameters by name, and a batch: contexts are characters by their numbers, [example, place];
    targets has a 1 where the character is that comes next, [example, character].
    """

    parameters: dict[str, Array]
    contexts: NDArray[np.int64]
    targets: Array

    def reference(self) -> dict[str, Any]:
        """What the service needs to know to grade a backward pass of it."""
        expression = STEPS.format(
            contexts=self.contexts.tolist(),
            targets=self.targets.tolist(),
            batch=BATCH,
            inputs=CONTEXT * EMBEDDING,
            degrees=BATCH - 1,
            epsilon=EPSILON,
        )
        return {
            "expression": expression,
            "output": "loss",
            "bindings": {name: array.tolist() for name, array in self.parameters.items()},
        }


def exercise(seed: int = 0) -> Exercise:
    """An exercise with numbers drawn at random, the same for the same seed."""
    generator = np.random.default_rng(seed)

    def drawn(*shape: int) -> Array:
        return generator.standard_normal(shape)

    parameters = {
        "C": drawn(CHARACTERS, EMBEDDING),
        "W1": drawn(CONTEXT * EMBEDDING, HIDDEN) / np.sqrt(CONTEXT * EMBEDDING),
        "b1": 0.1 * drawn(HIDDEN),
        "bngain": 1 + 0.1 * drawn(1, HIDDEN),
        "bnbias": 0.1 * drawn(1, HIDDEN),
        "W2": drawn(HIDDEN, CHARACTERS) / np.sqrt(HIDDEN),
        "b2": 0.1 * drawn(CHARACTERS),
    }
    contexts = generator.integers(0, CHARACTERS, (BATCH, CONTEXT))
    following = generator.integers(0, CHARACTERS, BATCH)
    return Exercise(parameters, contexts, np.eye(CHARACTERS)[following])
