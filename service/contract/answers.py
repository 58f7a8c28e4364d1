"""What answers look like, as JSON Schema: the components of openapi.yaml that no message has."""

from __future__ import annotations

from typing import Any

from autograd_core.operations import TABLE
from service.problem_types import CODES, KINDS

Component = dict[str, Any]


def ref(name: str) -> Component:
    """A reference to a component."""
    return {"$ref": f"#/components/schemas/{name}"}


def closed(
    description: str, properties: Component, *, optional: frozenset[str] = frozenset()
) -> Component:
    """An object with these members and no others; all but the optional ones are always there."""
    required = [name for name in properties if name not in optional]
    schema: Component = {"type": "object", "description": description, "properties": properties}
    if required:
        schema["required"] = required
    return schema | {"additionalProperties": False}


def list_of(items: Component, description: str = "") -> Component:
    """An array."""
    return {"type": "array", "items": items} | ({"description": description} if description else {})


def by_name(value: Component, description: str) -> Component:
    """An object with a value for each name."""
    return {"type": "object", "description": description, "additionalProperties": value}


def text(description: str) -> Component:
    """A string."""
    return {"type": "string", "description": description}


def count(description: str) -> Component:
    """A whole number."""
    return {"type": "integer", "minimum": 0, "description": description}


def shared() -> dict[str, Component]:
    """The components that messages and answers are made of."""
    shape = list_of({"type": "integer", "minimum": 0}, "Lengths of the axes.") | {"maxItems": 8}
    spellings = [name for row in TABLE.values() for name in (row.name, *row.aliases)]
    return {
        "Name": {
            "type": "string",
            "description": "What a node or an input is called.",
            "minLength": 1,
            "maxLength": 256,
            "pattern": "^[^\\u0000-\\u001f\\u007f-\\u009f]+$",
        },
        "Number": {
            "description": "An IEEE 754 binary64 number; one that is not finite is a string.",
            "oneOf": [
                {"type": "number"},
                {"type": "string", "enum": ["NaN", "Infinity", "-Infinity"]},
            ],
        },
        "NestedList": list_of(
            {"oneOf": [ref("Number"), ref("NestedList")]},
            "A tensor: rows of equal length and depth, in row-major order.",
        ),
        "TensorObject": closed(
            "A tensor as its shape and its numbers in row-major order: as a flat list, or as "
            "the base64 of little-endian binary64.",
            {"shape": shape, "data": list_of(ref("Number")), "base64": {"type": "string"}},
            optional=frozenset({"data", "base64"}),
        )
        | {"oneOf": [{"required": ["data"]}, {"required": ["base64"]}]},
        "Tensor": {
            "description": "A number or a tensor.",
            "oneOf": [ref("Number"), ref("NestedList"), ref("TensorObject")],
        },
        "Operand": {
            "description": "A node's id or an input's name, a constant, or a node in place.",
            "anyOf": [ref("Name"), ref("Tensor"), ref("Node")],
        },
        "Node": closed(
            "One operation applied to its operands.",
            {
                "id": ref("Name"),
                "op": {"type": "string", "enum": spellings},
                "args": list_of(ref("Operand")),
                "attrs": {
                    "type": "object",
                    "description": "Attributes of the operation; see /operations.",
                },
            },
            optional=frozenset({"id", "attrs"}),
        ),
        "Graph": closed("A function as nodes, in any order.", {"nodes": list_of(ref("Node"))}),
    }


def answers() -> dict[str, Component]:
    """The components of answers."""
    values = by_name(ref("Tensor"), "The value of each output.")
    gradients = by_name(ref("Tensor"), "For each input, in its shape.")
    verdict = {
        "type": "string",
        "enum": ["pass", "fail", "nondifferentiable", "inconclusive"],
    }
    warnings = list_of(ref("Warning"), "Where numbers stopped being finite.")
    included = {
        "nodes": list_of(ref("NodeTrace"), "Every node, in the order evaluated."),
        "cost": ref("Cost"),
        "warnings": warnings,
    }
    may_be_left_out = frozenset({"nodes", "cost"})
    return {
        "GradientAnswer": closed(
            "A value and its gradient.",
            {
                "value": ref("Tensor"),
                "gradients": gradients,
                "check": ref("CheckReport"),
                "nodes": list_of(ref("NodeTrace"), "Every node, in the order evaluated."),
                "cost": ref("Cost"),
                "warnings": warnings,
            },
            optional=frozenset({"check", "nodes", "cost"}),
        ),
        "EvaluateAnswer": closed(
            "Values.",
            {
                "values": values,
                "nodes": list_of(ref("NodeTrace"), "Every node, in the order evaluated."),
                "cost": ref("Cost"),
                "warnings": warnings,
            },
            optional=frozenset({"nodes", "cost"}),
        ),
        "JacobianAnswer": closed(
            "Values, and their derivatives.",
            {
                "values": values,
                "jacobian": {
                    "anyOf": [
                        by_name(
                            by_name(
                                ref("Tensor"), "For each input, in the output's shape and then its."
                            ),
                            "For each output.",
                        ),
                        ref("SparseMatrix"),
                    ]
                },
                "check": ref("MatrixCheckReport"),
                **included,
            },
            optional=may_be_left_out | {"check"},
        ),
        "HessianAnswer": closed(
            "A value, its gradient and its second derivatives.",
            {
                "value": ref("Tensor"),
                "gradients": gradients,
                "hessian": {
                    "anyOf": [
                        by_name(
                            by_name(ref("Tensor"), "For each input, in the shape of both."),
                            "For each input.",
                        ),
                        ref("SparseMatrix"),
                    ]
                },
                "check": ref("MatrixCheckReport"),
                **included,
            },
            optional=may_be_left_out | {"check"},
        ),
        "JvpAnswer": closed(
            "Values, and how they change along the tangents.",
            {
                "values": values,
                "jvp": by_name(ref("Tensor"), "For each output, in its shape."),
                **included,
            },
            optional=may_be_left_out,
        ),
        "VjpAnswer": closed(
            "Values, and the derivatives of their weighted sum.",
            {"values": values, "vjp": gradients, **included},
            optional=may_be_left_out,
        ),
        "HvpAnswer": closed(
            "A value, its gradient, and its Hessian times the vector.",
            {"value": ref("Tensor"), "gradients": gradients, "hvp": gradients, **included},
            optional=may_be_left_out,
        ),
        "NodeTrace": closed(
            "A node as the reverse pass saw it; without derivatives, where there was none.",
            {
                "id": text("Its id; %1, %2, ... for nodes without one."),
                "op": text("Its operation."),
                "args": list_of({"oneOf": [{"type": "string"}, ref("Tensor")]}),
                "value": ref("Tensor"),
                "gradient": ref("Tensor"),
                "partials": list_of(ref("Tensor"), "The local partial along each argument."),
            },
            optional=frozenset({"gradient", "partials"}),
        ),
        "CheckReport": closed(
            "A second opinion on the gradient, by finite differences.",
            {
                "verdict": verdict,
                "method": text("How slopes were estimated."),
                "evaluations": count("How often the function was evaluated."),
                "inputs": by_name(ref("InputCheck"), "The check of each input."),
            },
        ),
        "SparseMatrix": closed(
            "The entries of a matrix that can be other than 0, as coordinates and values. Rows and "
            "columns count the elements of one name after another, each in row-major order.",
            {
                "shape": list_of(count("A length."), "Rows and columns."),
                "rows": list_of(count("A row.")),
                "columns": list_of(count("A column.")),
                "values": list_of(ref("Number")),
                "row_starts": by_name(count("A row."), "Where each output or input begins."),
                "column_starts": by_name(count("A column."), "Where each input begins."),
            },
        ),
        "MatrixCheckReport": closed(
            "A second opinion on a Jacobian or a Hessian, by finite differences.",
            {
                "verdict": verdict,
                "method": text("How slopes were estimated."),
                "evaluations": count("How often a function was evaluated."),
                "blocks": by_name(
                    by_name(ref("InputCheck"), "The check of each block."), "By row and column."
                ),
            },
        ),
        "InputCheck": closed(
            "The check of one input, in its shape; or one entry a direction.",
            {
                "verdict": verdict,
                "numeric": ref("Tensor"),
                "error_estimate": ref("Tensor"),
                "absolute_error": ref("Tensor"),
                "relative_error": ref("Tensor"),
                "step": ref("Tensor"),
                "analytic": ref("Tensor"),
                "reason": text("What stands behind a verdict that is not pass."),
                "worst": list_of(count("A position."), "Where the entry is that decided."),
            },
            optional=frozenset({"analytic", "reason", "worst"}),
        ),
        "Cost": closed(
            "What the computation took.",
            {
                "nodes": count("Nodes evaluated."),
                "operations": count("Elementary operations, all passes together."),
                "engine": text("The engine that ran: the scalar tape, or arrays."),
                "mode": text("Of a whole matrix: forward, reverse, or forward over reverse."),
                "sweeps": count("How many sweeps that took."),
            },
            optional=frozenset({"mode", "sweeps"}),
        ),
        "Warning": closed(
            "The first node where a number that is not finite arose, or met a computed 0.",
            {
                "code": {
                    "type": "string",
                    "enum": ["nonfinite", "indeterminate"],
                    "description": "indeterminate: a 0 that was computed met something that is "
                    "not finite; 0 is answered, and the true derivative may be another.",
                },
                "node": text("The node or, where it was not finite to begin with, the input."),
                "operation": {"type": ["string", "null"]},
                "operands": list_of({"oneOf": [ref("Number"), {"type": "string"}]}),
                "value": ref("Number"),
                "detail": text("All of this as a sentence."),
            },
        ),
        "Problem": closed(
            "An error (RFC 9457).",
            {
                "type": {"type": "string", "enum": [f"/problems/{name}" for name in KINDS]},
                "title": text("The same for every problem of this type."),
                "status": {"type": "integer", "minimum": 400, "maximum": 599},
                "detail": text("What went wrong this time."),
                "instance": text("The request id; in a stream, the line."),
                "errors": list_of(ref("Fault"), "Every fault of the message, up to 50."),
                "line": {"type": "integer", "minimum": 1},
                "column": {"type": "integer", "minimum": 1},
            },
            optional=frozenset({"errors", "line", "column"}),
        ),
        "Fault": closed(
            "One thing that is wrong with a message.",
            {
                "pointer": text("Where: a JSON Pointer (RFC 6901)."),
                "code": {"type": "string", "enum": list(CODES)},
                "detail": text("What was found, and what was expected."),
                "line": {"type": ["integer", "null"], "minimum": 1},
                "column": {"type": ["integer", "null"], "minimum": 1},
            },
            optional=frozenset({"line", "column"}),
        ),
        "Health": closed("All is well.", {"status": {"const": "ok"}}),
        "Limits": by_name({"type": "number"}, "Each limit by name: bytes, counts, seconds."),
        "Catalogue": closed("All operations.", {"operations": list_of(ref("Operation"))}),
        "Operation": closed(
            "One operation.",
            {
                "name": text("Its name."),
                "aliases": list_of({"type": "string"}, "Other names it goes by."),
                "category": text("What kind of operation it is."),
                "description": text("What it computes."),
                "arity": closed(
                    "How many operands it takes; a maximum of null is any number.",
                    {"min": count("At least."), "max": {"type": ["integer", "null"]}},
                ),
                "attributes": list_of(ref("Attribute")),
                "formula": text("Its value."),
                "derivative": text("Its derivative."),
                "domain": text("Where it is defined; empty for everywhere."),
                "conventions": text("What is chosen at kinks and edges."),
            },
        ),
        "Attribute": closed(
            "An attribute that an operation takes.",
            {
                "name": text("Its name."),
                "description": text("What it is for."),
                "required": {"type": "boolean"},
                "default": {"description": "What it is if left out."},
                "schema": {"type": "object", "description": "What it may be, as JSON Schema."},
            },
        ),
    }
