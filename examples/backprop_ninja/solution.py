"""The exercise solved by hand: forward and backward in NumPy, a line a step.

A solution can be told to make one slip, and goes on from it with the right rules, as a student
would who has not noticed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from exercise import BATCH, EPSILON, Array, Exercise

Arrays = dict[str, Array]

# By the name of what it makes wrong: the wrong gradient, from values and from gradients so far.
SLIPS: Mapping[str, Callable[[Arrays, Arrays], Array]] = {
    # softmax less target, as in the short formula, but the loss is a mean over the batch
    "logits": lambda v, d: v["probs"] - v["targets"],
    # the derivative of tanh in terms of its operand, not of its result
    "hpreact": lambda v, d: (1 - v["hpreact"] ** 2) * d["h"],
    # the batch was divided by once already, in bnvar
    "bndiff2": lambda v, d: np.broadcast_to(d["bnsum"], v["bndiff2"].shape) / BATCH,
    # bndiff is used twice, in bnraw and in bndiff2, and the second is forgotten
    "bndiff": lambda v, d: v["bnvar_inv"] * d["bnraw"],
    # and hprebn, too: its mean depends on it
    "hprebn": lambda v, d: d["bndiff"],
    # b1 was broadcast over the batch, so its gradient is a sum over the batch
    "b1": lambda v, d: d["hprebn"],
    # a character that occurs twice in the batch gets two contributions, not the last one
    "C": lambda v, d: _overwritten(v, d["emb"]),
}


def forward(given: Exercise) -> Arrays:
    """The value of everything: parameters, the batch, and each step."""
    v: Arrays = {**given.parameters, "targets": given.targets}
    v["contexts"] = given.contexts.astype(np.float64)
    v["emb"] = v["C"][given.contexts]
    v["embcat"] = v["emb"].reshape(BATCH, -1)
    v["embW1"] = v["embcat"] @ v["W1"]
    v["hprebn"] = v["embW1"] + v["b1"]
    v["bnmean"] = v["hprebn"].mean(axis=0, keepdims=True)
    v["bndiff"] = v["hprebn"] - v["bnmean"]
    v["bndiff2"] = v["bndiff"] ** 2
    v["bnsum"] = v["bndiff2"].sum(axis=0, keepdims=True)
    v["bnvar"] = v["bnsum"] / (BATCH - 1)
    v["bnvar_eps"] = v["bnvar"] + EPSILON
    v["bnvar_inv"] = v["bnvar_eps"] ** -0.5
    v["bnraw"] = v["bndiff"] * v["bnvar_inv"]
    v["bnscaled"] = v["bngain"] * v["bnraw"]
    v["hpreact"] = v["bnscaled"] + v["bnbias"]
    v["h"] = np.tanh(v["hpreact"])
    v["hW2"] = v["h"] @ v["W2"]
    v["logits"] = v["hW2"] + v["b2"]
    v["logit_maxes"] = v["logits"].max(axis=1, keepdims=True)
    v["norm_logits"] = v["logits"] - v["logit_maxes"]
    v["counts"] = np.exp(v["norm_logits"])
    v["counts_sum"] = v["counts"].sum(axis=1, keepdims=True)
    v["counts_sum_inv"] = 1 / v["counts_sum"]
    v["probs"] = v["counts"] * v["counts_sum_inv"]
    v["logprobs"] = np.log(v["probs"])
    v["loss"] = -(v["logprobs"] * v["targets"]).sum() / BATCH
    return v


class _Gradients(dict[str, Array]):
    """Gradients by name; the one that a slip is planted in is replaced as it is put in."""

    def __init__(self, values: Arrays, slip: str | None) -> None:
        super().__init__()
        self._values, self._slip = values, slip

    def __setitem__(self, name: str, gradient: Array) -> None:
        wrong = name == self._slip
        super().__setitem__(name, SLIPS[name](self._values, self) if wrong else gradient)


def backward(v: Arrays, slip: str | None = None) -> Arrays:
    """The derivative of the loss by everything, from the last step to the first, in the shape of
    what it is by. slip: a name of SLIPS.
    """
    d = _Gradients(v, slip)
    d["logprobs"] = -v["targets"] / BATCH
    d["probs"] = d["logprobs"] / v["probs"]
    d["counts_sum_inv"] = (v["counts"] * d["probs"]).sum(axis=1, keepdims=True)
    d["counts_sum"] = -(v["counts_sum_inv"] ** 2) * d["counts_sum_inv"]
    d["counts"] = v["counts_sum_inv"] * d["probs"] + d["counts_sum"]
    d["norm_logits"] = v["counts"] * d["counts"]
    d["logit_maxes"] = -d["norm_logits"].sum(axis=1, keepdims=True)
    d["logits"] = d["norm_logits"] + (v["norm_logits"] == 0) * d["logit_maxes"]
    d["b2"] = d["logits"].sum(axis=0)
    d["hW2"] = d["logits"].copy()
    d["W2"] = v["h"].T @ d["hW2"]
    d["h"] = d["hW2"] @ v["W2"].T
    d["hpreact"] = (1 - v["h"] ** 2) * d["h"]
    d["bnbias"] = d["hpreact"].sum(axis=0, keepdims=True)
    d["bnscaled"] = d["hpreact"].copy()
    d["bngain"] = (v["bnraw"] * d["bnscaled"]).sum(axis=0, keepdims=True)
    d["bnraw"] = v["bngain"] * d["bnscaled"]
    d["bnvar_inv"] = (v["bndiff"] * d["bnraw"]).sum(axis=0, keepdims=True)
    d["bnvar_eps"] = -0.5 * v["bnvar_eps"] ** -1.5 * d["bnvar_inv"]
    d["bnvar"] = d["bnvar_eps"].copy()
    d["bnsum"] = d["bnvar"] / (BATCH - 1)
    d["bndiff2"] = np.broadcast_to(d["bnsum"], v["bndiff2"].shape)
    d["bndiff"] = v["bnvar_inv"] * d["bnraw"] + 2 * v["bndiff"] * d["bndiff2"]
    d["bnmean"] = -d["bndiff"].sum(axis=0, keepdims=True)
    d["hprebn"] = d["bndiff"] + d["bnmean"] / BATCH
    d["b1"] = d["hprebn"].sum(axis=0)
    d["embW1"] = d["hprebn"].copy()
    d["W1"] = v["embcat"].T @ d["embW1"]
    d["embcat"] = d["embW1"] @ v["W1"].T
    d["emb"] = d["embcat"].reshape(v["emb"].shape)
    d["C"] = _added_up(v, d["emb"])
    return dict(d)


def _added_up(v: Arrays, of_rows: Array) -> Array:
    """What arrives at the rows of C that were taken, each row as often as it was."""
    found = np.zeros_like(v["C"])
    np.add.at(found, v["contexts"].astype(int), of_rows)
    return found


def _overwritten(v: Arrays, of_rows: Array) -> Array:
    found = np.zeros_like(v["C"])
    found[v["contexts"].astype(int)] = of_rows
    return found
