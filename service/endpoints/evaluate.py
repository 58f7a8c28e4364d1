"""POST /evaluate: values of any nodes, no derivatives."""

from __future__ import annotations

from typing import Final

from autograd_core import evaluate
from service.answers.derivatives import LAST, VALUES
from service.answers.record import Record
from service.endpoints.endpoint import Endpoint
from service.messages.members import OutputsSchema

ENDPOINT: Final = Endpoint(
    name="evaluate",
    title="Values of nodes, without derivatives",
    schema=OutputsSchema,
    function=evaluate,
    record=Record("EvaluateAnswer", "Values.", VALUES, *LAST),
)
