"""The table of problem types, and that of the codes of faults.

Each type has a stable address under /problems/, where a page explains it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from autograd_core import Limits

# Whoever looks for faults stops at so many; no more are answered.
MOST_FAULTS: Final = Limits().faults
_CODE: Final = re.compile(r"</?code>")
_TAG: Final = re.compile(r"</?a\b[^>]*>")


@dataclass(frozen=True, slots=True)
class Kind:
    """A problem type: its status and title, and what its page says, as HTML."""

    status: int
    title: str
    about: str

    @property
    def description(self) -> str:
        """What its page says, as text: code in backticks, links as their words."""
        return html.unescape(_TAG.sub("", _CODE.sub("`", self.about)))


KINDS: Mapping[str, Kind] = {
    "bad-request": Kind(
        400,
        "The request is not well-formed HTTP",
        "The request line, a header or the framing of the body could not be understood, or the "
        "connection ended before the body did.",
    ),
    "malformed-json": Kind(
        400,
        "The body is not JSON",
        "The body must be one JSON text in UTF-8. The members <code>line</code> and "
        "<code>column</code>, counted from 1, say where reading stopped. A bare "
        '<code>NaN</code> or <code>Infinity</code> is not JSON: write <code>"NaN"</code>, '
        '<code>"Infinity"</code> or <code>"-Infinity"</code>.',
    ),
    "malformed-encoding": Kind(
        400,
        "The body is not what its Content-Encoding says",
        "The body was announced as gzip and is not, or is cut short.",
    ),
    "not-found": Kind(
        404,
        "There is nothing at this address",
        "<code>detail</code> names the address that may have been meant; "
        '<a href="/docs">/docs</a> lists all.',
    ),
    "method-not-allowed": Kind(
        405,
        "This address does not take this method",
        "The <code>Allow</code> header lists the methods that it takes.",
    ),
    "not-acceptable": Kind(
        406,
        "No representation that the client accepts",
        "The <code>Accept</code> header leaves out every media type this address can answer "
        "with; <code>detail</code> lists them. Messages are <code>application/json</code>, streams "
        "<code>application/x-ndjson</code>; drawings take a program that may not be installed.",
    ),
    "request-timeout": Kind(
        408,
        "The body did not arrive in time",
        "The client announced a body and then sent nothing for too long.",
    ),
    "too-large": Kind(
        413,
        "The body is too large",
        'A body has a limit, before and after decompression; <a href="/limits">/limits</a> '
        "shows it, and by how much gzip may shorten one. Large tensors are smaller as base64 or "
        "compressed; many small requests travel best as NDJSON, where the limit holds for each "
        "line.",
    ),
    "unsupported-media-type": Kind(
        415,
        "The body is in a format that is not understood",
        "Send <code>Content-Type: application/json</code> (or "
        "<code>application/x-ndjson</code>), in UTF-8, plain or with "
        "<code>Content-Encoding: gzip</code>.",
    ),
    "invalid-message": Kind(
        422,
        "The message does not mean anything that can be computed",
        "The body is JSON, and something in it is missing, unknown, out of range or does not "
        f"fit together. <code>errors</code> lists every fault found, up to {MOST_FAULTS}: where it "
        "is (a JSON Pointer), a code for programs and a sentence for people.",
    ),
    "too-many-requests": Kind(
        429,
        "Too many requests from this client",
        "Wait as long as the <code>Retry-After</code> header says.",
    ),
    "internal-error": Kind(
        500,
        "A defect in the service",
        "This is not your fault. Please report it with the request id in <code>instance</code>.",
    ),
    "not-installed": Kind(
        501,
        "This service is installed without what this needs",
        "Pictures are drawn by a library that is an option of the installation; "
        "<code>detail</code> says how to add it. Everything else works without.",
    ),
    "overloaded": Kind(
        503,
        "The service is busy",
        "Too many computations are under way, or there is no memory for another. Try again "
        "after the time in the <code>Retry-After</code> header.",
    ),
    "deadline-exceeded": Kind(
        503,
        "The computation took too long",
        'A computation has a time limit; <a href="/limits">/limits</a> shows it. The same '
        "request may succeed when the service is less busy; a smaller one surely will.",
    ),
    "shutting-down": Kind(
        503,
        "This instance is shutting down",
        "Another instance, or this one after its restart, will answer.",
    ),
}

CODES: Mapping[str, str] = {
    "missing_member": "A member that the message needs is not there.",
    "unknown_member": "A member that the message does not have; perhaps a slip of the pen.",
    "wrong_type": "A value of the wrong JSON type.",
    "not_a_number": "Where a number belongs there is something else, or a number that binary64 "
    "cannot hold. Booleans and numbers in quotes are refused.",
    "ragged_tensor": "A nested list whose rows differ in length or depth.",
    "invalid_value": "A value outside the set or the range of its member.",
    "duplicate_id": "Two nodes have the same id.",
    "unknown_operation": "No operation or alias of that name is in the catalogue.",
    "wrong_arity": "An operation with more or fewer operands than it takes.",
    "unknown_attribute": "An attribute that the operation does not take.",
    "unbound_name": "An operand that nothing defines: neither a node nor a binding.",
    "name_clash": "A node's id that is also the name of a binding.",
    "cycle": "Nodes that need each other's values before their own.",
    "shape_mismatch": "Shapes that do not fit the operation, or each other.",
    "ambiguous_output": "No output was named, and not exactly one node is used by no other.",
    "unknown_name": "A name in output, wrt, map or the like that nothing in the graph has.",
    "non_scalar_output": "A gradient belongs to a scalar; see /jacobian and /vjp for the rest.",
    "syntax_error": "Infix text that cannot be read; line and column say where.",
    "limit_exceeded": "The computation would cost more than a limit; see /limits.",
    "nonfinite": "A NaN or an infinity arose, and the request asked for it to be refused.",
}
