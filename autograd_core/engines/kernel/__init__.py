"""The compiled kernel of the tape: loops over scalar instructions of the op table's rows.

A loop is compiled when it is first called, or fetched from where an earlier process has left it.
"""

from __future__ import annotations

from autograd_core.engines.kernel.loops.coloring import color_columns, color_symmetric
from autograd_core.engines.kernel.loops.first_order import (
    evaluate,
    forward,
    gradient,
    push_forward,
    reverse,
)
from autograd_core.engines.kernel.loops.layout import lay_out
from autograd_core.engines.kernel.loops.ordering import order, schedule
from autograd_core.engines.kernel.loops.patterns import index_sets, spread, spread_back
from autograd_core.engines.kernel.loops.points import evaluations, gradients, nudged
from autograd_core.engines.kernel.loops.second_order import (
    curvatures,
    hessian_products,
    reverse_twice,
)
from autograd_core.engines.kernel.warming import warm

__all__ = [
    "color_columns",
    "color_symmetric",
    "curvatures",
    "evaluate",
    "evaluations",
    "forward",
    "gradient",
    "gradients",
    "hessian_products",
    "index_sets",
    "lay_out",
    "nudged",
    "order",
    "push_forward",
    "reverse",
    "reverse_twice",
    "schedule",
    "spread",
    "spread_back",
    "warm",
]
