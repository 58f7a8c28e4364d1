"""The catalogue's operations in PyTorch, and an evaluator for small graphs of them.

Where PyTorch's meaning differs from ours (division by n in var and std, cholesky of the
symmetrised operand, targets of cross_entropy along the last axis, negative steps), ours is
spelled out here in PyTorch operations, so that its autograd gives the derivatives.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

Attributes = Mapping[str, Any]
Function = Callable[..., Tensor]


def axes_of(x: Tensor, axis: int | Sequence[int] | None) -> tuple[int, ...]:
    if axis is None:
        return tuple(range(x.ndim))
    return tuple(a % x.ndim for a in ([axis] if isinstance(axis, int) else axis))


def reduction(function: Callable[[Tensor, Attributes], Tensor]) -> Function:
    """A reduction written for the last axis alone, over any axes."""

    def reduce(x: Tensor, **attrs: Any) -> Tensor:
        axes = axes_of(x, attrs.get("axis"))
        kept = [a for a in range(x.ndim) if a not in axes]
        moved = (
            x.permute([*kept, *axes]).reshape([*(x.shape[a] for a in kept), -1])
            if axes
            else x[..., None]
        )
        result = function(moved, attrs)
        if attrs.get("keepdims"):
            result = result.reshape([1 if a in axes else n for a, n in enumerate(x.shape)])
        return result

    return reduce


def along(function: Callable[[Tensor, int], Tensor], default: int) -> Function:
    return lambda x, axis=default: function(x, axis)


def einsum(*operands: Tensor, equation: str) -> Tensor:
    return torch.einsum(equation, *operands)


def transpose(x: Tensor, axes: Sequence[int] | None = None) -> Tensor:
    return x.permute(*(reversed(range(x.ndim)) if axes is None else axes))


def squeeze(x: Tensor, axis: int | Sequence[int] | None = None) -> Tensor:
    gone = [a for a in range(x.ndim) if x.shape[a] == 1] if axis is None else axes_of(x, axis)
    return x.reshape([n for a, n in enumerate(x.shape) if a not in gone])


def expand_dims(x: Tensor, axis: int | Sequence[int]) -> Tensor:
    places = [axis] if isinstance(axis, int) else axis
    rank = x.ndim + len(places)
    new, old = {a % rank for a in places}, iter(x.shape)
    return x.reshape([1 if a in new else next(old) for a in range(rank)])


def index(x: Tensor, spec: Sequence[int | Sequence[int | None]]) -> Tensor:
    axis = 0
    for entry in spec:
        if isinstance(entry, int):
            x = x.select(axis, entry)
        else:
            at = range(*slice(*entry).indices(x.shape[axis]))
            x = x.index_select(axis, torch.tensor(list(at), dtype=torch.long))
            axis += 1
    return x


def take(x: Tensor, indices: Any, axis: int = 0) -> Tensor:
    at, axis = torch.tensor(indices), axis % x.ndim
    taken = x.index_select(axis, at.reshape(-1) % x.shape[axis])
    return taken.reshape([*x.shape[:axis], *at.shape, *x.shape[axis + 1 :]])


def dot(a: Tensor, b: Tensor) -> Tensor:
    return a * b if 0 in (a.ndim, b.ndim) else a @ b


def solve(a: Tensor, b: Tensor) -> Tensor:
    columns = b[:, None] if b.ndim == 1 else b
    batch = torch.broadcast_shapes(a.shape[:-2], columns.shape[:-2])
    x = torch.linalg.solve(
        a.expand(*batch, *a.shape[-2:]), columns.expand(*batch, *columns.shape[-2:])
    )
    return x[..., 0] if b.ndim == 1 else x


def determinant(x: Tensor) -> Tensor:
    """By cofactors: a polynomial, differentiated exactly where the matrix is singular too."""
    n = x.shape[-1]
    if n == 1:
        return x[..., 0, 0]
    rest = x[..., 1:, :]
    without = [torch.cat([rest[..., :j], rest[..., j + 1 :]], -1) for j in range(n)]
    terms = [(-1) ** j * x[..., 0, j] * determinant(without[j]) for j in range(n)]
    return torch.stack(terms).sum(0)


def cholesky(x: Tensor) -> Tensor:
    return torch.linalg.cholesky((x + x.mT) / 2)


def cross_entropy(logits: Tensor, targets: Tensor) -> Tensor:
    chosen = torch.log_softmax(logits, -1).gather(-1, targets.long()[..., None])
    return -chosen.mean()


def gelu(x: Tensor) -> Tensor:
    return x * torch.erfc(-x / math.sqrt(2)) / 2


def spread(x: Tensor, attrs: Attributes) -> Tensor:
    return torch.var(x, -1, correction=attrs.get("ddof", 0))


def many(function: Callable[[Tensor, Tensor], Tensor]) -> Function:
    def chain(first: Tensor, *rest: Tensor) -> Tensor:
        for operand in rest:
            first = function(first, operand)
        return first

    return chain


OPERATIONS: dict[str, Function] = {
    "sum": reduction(lambda x, attrs: x.sum(-1)),
    "mean": reduction(lambda x, attrs: x.mean(-1)),
    "prod": reduction(lambda x, attrs: x.prod(-1)),
    "max": reduction(lambda x, attrs: x.amax(-1)),
    "min": reduction(lambda x, attrs: x.amin(-1)),
    "var": reduction(spread),
    "std": reduction(lambda x, attrs: spread(x, attrs).sqrt()),
    "norm": reduction(lambda x, attrs: torch.linalg.vector_norm(x, dim=-1)),
    "logsumexp": reduction(lambda x, attrs: torch.logsumexp(x, -1)),
    "softmax": along(torch.softmax, -1),
    "log_softmax": along(torch.log_softmax, -1),
    "cumsum": along(torch.cumsum, 0),
    "flip": lambda x, axis=0: torch.flip(x, axes_of(x, axis)),
    "matmul": torch.matmul,
    "dot": dot,
    "outer": lambda a, b: torch.outer(a.reshape(-1), b.reshape(-1)),
    "einsum": einsum,
    "transpose": transpose,
    "reshape": lambda x, shape: x.reshape(shape),
    "squeeze": squeeze,
    "expand_dims": expand_dims,
    "broadcast_to": lambda x, shape: x.expand(shape),
    "concat": lambda *xs, axis=0: torch.cat(xs, axis),
    "stack": lambda *xs, axis=0: torch.stack(xs, axis),
    "index": index,
    "take": take,
    "diagonal": lambda x: torch.diagonal(x, 0, -2, -1),
    "trace": lambda x: torch.diagonal(x, 0, -2, -1).sum(-1),
    "triu": torch.triu,
    "tril": torch.tril,
    "det": determinant,
    "logdet": torch.logdet,
    "inv": torch.linalg.inv,
    "solve": solve,
    "cholesky": cholesky,
    "mse": lambda p, t: ((p - t) ** 2).mean(),
    "binary_cross_entropy": lambda z, t: (torch.logaddexp(z, torch.zeros_like(z)) - z * t).mean(),
    "cross_entropy": cross_entropy,
    # what the composite programs use besides
    "add": many(torch.add),
    "mul": many(torch.mul),
    "sub": torch.sub,
    "div": torch.div,
    "pow": torch.pow,
    "neg": torch.neg,
    "abs": torch.abs,
    "square": torch.square,
    "sqrt": torch.sqrt,
    "exp": torch.exp,
    "log": torch.log,
    "log1p": torch.log1p,
    "sin": torch.sin,
    "cos": torch.cos,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "gelu": gelu,
    "silu": torch.nn.functional.silu,
    "sigmoid": torch.sigmoid,
    "softplus": lambda x: torch.logaddexp(x, torch.zeros_like(x)),
    "maximum": torch.maximum,
    "minimum": torch.minimum,
    "hypot": torch.hypot,
    "atan2": torch.atan2,
    "logaddexp": torch.logaddexp,
    "gt": lambda x, y: (x > y).double(),
    "ge": lambda x, y: (x >= y).double(),
    "where": lambda c, x, y: torch.where(c != 0, x, y),
    "clip": lambda x, low, high: torch.minimum(torch.maximum(x, low), high),
    "stop_gradient": lambda x: x.detach(),
}


def run(nodes: Sequence[Mapping[str, Any]], bindings: Mapping[str, Tensor]) -> Tensor:
    """The value of the last node. Nodes come in an order in which they can be evaluated."""
    known: dict[str, Tensor] = dict(bindings)
    for node in nodes:
        operands = [
            known[arg] if isinstance(arg, str) else torch.tensor(arg, dtype=torch.float64)
            for arg in node["args"]
        ]
        known[node["id"]] = OPERATIONS[node["op"]](*operands, **node.get("attrs", {}))
    return known[nodes[-1]["id"]]
