"""What the answers of several endpoints have in common, down to the last table."""

from __future__ import annotations

from typing import Any, Final

from autograd_core import InputCheck
from service.answers.record import Form, Member, Record, by_name, count, list_of, ref, text

NUMBER: Final = ref("ResultNumber")
TENSOR: Final = ref("ResultTensor")
_VERDICT: Final = Form(
    {"type": "string", "enum": ["pass", "fail", "nondifferentiable", "inconclusive"]}
)

# What a result is made of -------------------------------------------------------------

NODE_TRACE: Final = Record(
    "NodeTrace",
    "A node as the reverse pass saw it; without derivatives, where there was none.",
    Member("id", text("Its id; %1, %2, ... for nodes without one.")),
    Member("op", text("Its operation; of an input, `input`.")),
    Member(
        "args",
        list_of(
            Form({"anyOf": [{"type": "string"}, TENSOR.schema]}), "Its operands: ids, or constants."
        ),
    ),
    Member("value", TENSOR.said("Its value.")),
    Member("gradient", TENSOR.said("The derivative of the output by it."), optional=True),
    Member("partials", list_of(TENSOR, "The local partial along each argument."), optional=True),
)


def _compared(check: InputCheck) -> Any:
    """What was compared, where it is not the gradient, entry by entry."""
    return check.analytic if check.along_directions else None


EVALUATION: Final = Record(
    "Evaluation",
    "The function at one step from the point: `value` is f(x + `step`).",
    Member(
        "entry",
        list_of(
            count("A position."),
            "Which derivative it is for, where there are several: the position of the mapped "
            "point, of the row of a matrix, and of the entry or the direction.",
        ),
        optional=True,
    ),
    Member("step", NUMBER.said("How far from the point.")),
    Member("at", NUMBER.said("Where: the point and the step, rounded."), optional=True),
    Member("value", NUMBER.said("What the function is there.")),
    Member("imaginary", NUMBER.said("Of a complex step, the imaginary part."), optional=True),
)
INPUT_CHECK: Final = Record(
    "InputCheck",
    "The check of one input, in its shape; or one entry a direction.",
    Member("verdict", _VERDICT.said("What the comparison says of this input.")),
    Member("numeric", TENSOR.said("The derivative, estimated by finite differences.")),
    Member("error_estimate", TENSOR.said("How far that estimate may be off.")),
    Member("absolute_error", TENSOR.said("How far the gradient is from that estimate.")),
    Member("relative_error", TENSOR.said("The same, as a share of the larger of the two.")),
    Member("step", TENSOR.said("The step that the estimate was made with.")),
    Member(
        "analytic",
        TENSOR.said("What was compared, where it is not the gradient: its part in each direction."),
        _compared,
        optional=True,
    ),
    Member("reason", text("What stands behind a verdict that is not pass."), optional=True),
    Member(
        "worst",
        list_of(count("A position."), "Where the entry is that decided."),
        optional=True,
    ),
    Member(
        "evaluated",
        list_of(
            EVALUATION,
            "Where `evaluations` asked for them: f(x), and what the estimate is made of; of "
            "richardson, every step that was taken. `at` is x + `step` as it is rounded, left out "
            "along a direction. Of a complex step, `value` and `imaginary` are the parts of "
            "f(x + i `step`).",
        ),
        optional=True,
    ),
)
_METHOD: Final = Member("method", text("How derivatives were estimated."))
CHECK_REPORT: Final = Record(
    "CheckReport",
    "A second opinion on the gradient, by finite differences.",
    Member("verdict", _VERDICT.said("That of all inputs together.")),
    _METHOD,
    Member("evaluations", count("How often the function was evaluated.")),
    Member("inputs", by_name(INPUT_CHECK, "The check of each input.")),
)
MATRIX_CHECK_REPORT: Final = Record(
    "MatrixCheckReport",
    "A second opinion on a Jacobian or a Hessian, by finite differences.",
    Member("verdict", _VERDICT.said("That of all blocks together.")),
    _METHOD,
    Member("evaluations", count("How often a function was evaluated.")),
    Member(
        "blocks",
        by_name(by_name(INPUT_CHECK, "The check of each block."), "By row and column."),
    ),
)


def _list(form: Form, doc: str) -> Form:
    """A list that is never answered as base64."""
    return Form(list_of(form, doc).schema, lambda array: array.tolist())


SPARSE_MATRIX: Final = Record(
    "SparseMatrix",
    "The entries of a matrix that can be other than 0, as coordinates and values. Rows and "
    "columns count the elements of one name after another, each in row-major order.",
    Member("shape", list_of(count("A length."), "Rows and columns.")),
    Member("rows", _list(count("A row."), "The row of each entry, from 0.")),
    Member("columns", _list(count("A column."), "The column of each entry, from 0.")),
    Member("values", _list(NUMBER, "The value of each entry.")),
    Member("row_starts", by_name(count("A row."), "Where each output or input begins.")),
    Member("column_starts", by_name(count("A column."), "Where each input begins.")),
)
COST: Final = Record(
    "Cost",
    "What the computation took.",
    Member("nodes", count("Nodes evaluated.")),
    Member("operations", count("Elementary operations, all passes together.")),
    Member("engine", text("The engine that ran: the scalar tape, or arrays.")),
    Member(
        "mode",
        text("Of a whole matrix: forward, reverse, or forward over reverse."),
        optional=True,
    ),
    Member("sweeps", count("How many sweeps that took."), optional=True),
)
ROUNDING: Final = Record(
    "Rounding",
    "Bounds of the rounding errors of value and gradient, to first order.",
    Member("value", TENSOR.said("Of the value.")),
    Member("gradients", by_name(TENSOR, "For each input, in its shape.")),
)
WARNING: Final = Record(
    "NonfiniteWarning",
    "The first node where a number that is not finite arose, or met a computed 0.",
    Member(
        "code",
        Form(
            {
                "type": "string",
                "enum": ["nonfinite", "indeterminate"],
                "description": "indeterminate: a 0 that was computed met something that is "
                "not finite; 0 is answered, and the true derivative may be another.",
            }
        ),
    ),
    Member("node", text("The node or, where it was not finite to begin with, the input.")),
    Member(
        "operation",
        Form({"type": ["string", "null"], "description": "Its operation; null of an input."}),
    ),
    Member(
        "operands",
        list_of(
            Form({"anyOf": [NUMBER.schema, {"type": "string"}]}),
            "What it was computed of: numbers, or in words, where they are tensors.",
        ),
    ),
    Member("value", NUMBER.said("What came out.")),
    Member("detail", text("All of this as a sentence.")),
)

# Members of several answers -------------------------------------------------------------

VALUE: Final = Member("value", TENSOR.said("The value of the output."))
VALUES: Final = Member("values", by_name(TENSOR, "The value of each output."))
GRADIENTS: Final = Member("gradients", by_name(TENSOR, "For each input, in its shape."))
MATRIX_CHECK: Final = Member(
    "check", MATRIX_CHECK_REPORT.said("The check, if asked for."), optional=True
)
# The words that `include` takes are the names of the first two.
INCLUDED: Final = ("nodes", "cost")
LAST: Final = (
    Member(
        "nodes",
        list_of(NODE_TRACE, "The inputs, then every node, in the order evaluated."),
        optional=True,
    ),
    Member("cost", COST.said("What it took, if asked for."), optional=True),
    Member("warnings", list_of(WARNING, "Where numbers stopped being finite.")),
)


def matrix(name: str, *, rows: str, blocks: str) -> tuple[Member, Member]:
    """A whole matrix: in blocks by name or, of a sparse answer, as its entries; the one or the
    other. rows, blocks: what there is a row of blocks for, and what there is a block for in it.
    """
    by_names = by_name(by_name(TENSOR, blocks), f"{rows} Left out of a sparse answer.")
    return (
        Member(
            name,
            by_names,
            lambda result: result.blocks if result.entries is None else None,
            optional=True,
        ),
        Member(
            "entries", SPARSE_MATRIX.said("The matrix, in a sparse answer only."), optional=True
        ),
    )
