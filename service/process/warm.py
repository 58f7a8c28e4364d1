"""Computing once before anybody asks: `python -m service.process.warm`.

The first computation compiles the tape's kernel, or loads it from its cache. Run at build
time, this fills the cache; run by `create_app`, it keeps the wait away from the first caller
(and, with gunicorn's preload, happens once, before the workers are forked).
"""

from __future__ import annotations

import numpy as np

from autograd_core import CheckOptions, gradient, parse
from autograd_core.engines import kernel


def ready() -> bool:
    """Whether d = a*b + c still has the gradient it must have."""
    result = gradient(parse("a*b + c"), {"a": 2.0, "b": -3.0, "c": 10.0})
    return result.value == 4.0 and result.gradients == {"a": -3.0, "b": 2.0, "c": 1.0}


def warm() -> None:
    """Prepare both engines. Raises RuntimeError if a gradient comes out wrong."""
    kernel.warm()
    if not ready():
        raise RuntimeError("the gradient of a*b + c is wrong: this installation is broken")
    points = np.array([0.5, -1.5])
    curve = parse("tanh(a*x) + log(x**2)")
    gradient(curve, {"a": 2.0, "x": points}, mapped=["x"], check=CheckOptions(), trace=True)
    gradient(parse("sum(tanh(x)**2)"), {"x": points})


if __name__ == "__main__":
    warm()
    print("ready")
