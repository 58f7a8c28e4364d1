"""Exact derivatives of expression graphs, by automatic differentiation.

    from autograd_core import gradient, parse

    result = gradient(parse("a*b + c"), {"a": 2.0, "b": -3.0, "c": 10.0})
    result.value, result.gradients        # 4.0, {"a": -3.0, "b": 2.0, "c": 1.0}

`parse` reads infix text and `read_nodes` a list of nodes; both make a Graph. `gradient` and
`evaluate` run it; `jacobian` and `hessian` give whole matrices of derivatives, `jvp`, `vjp` and
`hvp` products with them; `check` compares gradients with finite differences, `format_expression`
writes a graph as text, `write_nodes` as nodes, `latex` and `mathjson` as those; `derive` gives the
derivative itself as a graph, `dot` draws a traced gradient, `catalogue` has every operation by
name. `Value` is micrograd's interface over the same engine.
"""

from __future__ import annotations

from autograd_core.derivatives.call import Cost
from autograd_core.derivatives.checks import check
from autograd_core.derivatives.gradient import Evaluation, Gradient, evaluate, gradient
from autograd_core.derivatives.hessian import Hessian, hessian
from autograd_core.derivatives.jacobian import Jacobian, jacobian
from autograd_core.derivatives.linking import UNNAMED
from autograd_core.derivatives.nonfinite import NonfiniteWarning
from autograd_core.derivatives.products import HessianProduct, Products, hvp, jvp, vjp
from autograd_core.derivatives.rounding import Rounding
from autograd_core.derivatives.rows import evaluate_rows, gradient_rows
from autograd_core.derivatives.sparse import SparseMatrix
from autograd_core.derivatives.trace import NodeTrace
from autograd_core.drawing import dot
from autograd_core.encodings import ENCODINGS, Encoding
from autograd_core.errors import (
    ADVICE,
    Advice,
    ArgumentError,
    AutogradError,
    DeadlineExceeded,
    ExpressionError,
    Fault,
    GraphError,
    InvalidError,
    TensorError,
)
from autograd_core.finite_difference import CheckOptions, CheckReport, InputCheck, MatrixReport
from autograd_core.graph import Graph, Node, Place
from autograd_core.graph_builder import GraphBuilder
from autograd_core.infix.expression import Notation, parse
from autograd_core.infix.formatting import format_expression
from autograd_core.limits import Deadline, Limits
from autograd_core.names import all_fit, did_you_mean, name_fault
from autograd_core.nodes.columns import read_columns, to_columns
from autograd_core.nodes.node_list import read_nodes
from autograd_core.nodes.text import NodeText, NotPlain, read_node_text, scan_nodes
from autograd_core.nodes.writing import write_nodes
from autograd_core.operations import TABLE as catalogue  # noqa: N811 - it reads as a name
from autograd_core.symbolic.derivative import derive, derive_twice
from autograd_core.symbolic.describing import Description, describe
from autograd_core.symbolic.latex import latex
from autograd_core.symbolic.mathjson import mathjson
from autograd_core.symbolic.statements import laid_out
from autograd_core.tensors import Array, Flags, Number, OutOfRange, name as in_words, tensor
from autograd_core.value import Value

__all__ = [
    "ADVICE",
    "ENCODINGS",
    "UNNAMED",
    "Advice",
    "ArgumentError",
    "Array",
    "AutogradError",
    "CheckOptions",
    "CheckReport",
    "Cost",
    "Deadline",
    "DeadlineExceeded",
    "Description",
    "Encoding",
    "Evaluation",
    "ExpressionError",
    "Fault",
    "Flags",
    "Gradient",
    "Graph",
    "GraphBuilder",
    "GraphError",
    "Hessian",
    "HessianProduct",
    "InputCheck",
    "InvalidError",
    "Jacobian",
    "Limits",
    "MatrixReport",
    "Node",
    "NodeText",
    "NodeTrace",
    "NonfiniteWarning",
    "NotPlain",
    "Notation",
    "Number",
    "OutOfRange",
    "Place",
    "Products",
    "Rounding",
    "SparseMatrix",
    "TensorError",
    "Value",
    "all_fit",
    "catalogue",
    "check",
    "derive",
    "derive_twice",
    "describe",
    "did_you_mean",
    "dot",
    "evaluate",
    "evaluate_rows",
    "format_expression",
    "gradient",
    "gradient_rows",
    "hessian",
    "hvp",
    "in_words",
    "jacobian",
    "jvp",
    "laid_out",
    "latex",
    "mathjson",
    "name_fault",
    "parse",
    "read_columns",
    "read_node_text",
    "read_nodes",
    "scan_nodes",
    "tensor",
    "to_columns",
    "vjp",
    "write_nodes",
]
