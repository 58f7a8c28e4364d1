"""Schemathesis: requests made up from openapi.yaml, answers held to it."""

from __future__ import annotations

from typing import Any

import hypothesis
import pytest
import schemathesis
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from service.app import create_app
from service.endpoints.endpoint import NDJSON
from service.settings import Settings

pytestmark = pytest.mark.contract

schema = schemathesis.openapi.from_wsgi("/openapi.json", create_app(Settings(access_log=False)))


@schemathesis.serializer(NDJSON)
def lines(context: schemathesis.SerializationContext, value: object) -> bytes:
    """A made-up stream: whatever text it is, it is sent as it is."""
    return str(value).encode("utf-8", "surrogatepass")


@pytest.mark.slow
@schema.parametrize()
@hypothesis.settings(max_examples=24)
def test_answers_keep_the_contract(case: schemathesis.Case) -> None:
    # JSON Schema cannot say that a name must be bound or that a tensor is rectangular, so a
    # message may fit it and still be refused.
    excluded: list[Any] = [positive_data_acceptance]
    if case.media_type == NDJSON:
        # A stream is never refused as a whole: each bad line is.
        excluded.append(negative_data_rejection)
    # Schemathesis' WSGI client asks for gzip, and does not undo it.
    case.call_and_validate(headers={"Accept-Encoding": "identity"}, excluded_checks=excluded)
