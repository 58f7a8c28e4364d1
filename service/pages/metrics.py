"""GET /metrics: for Prometheus."""

from __future__ import annotations

from flask import Blueprint, Response

from service.process import metrics

blueprint = Blueprint("metrics", __name__)


@blueprint.get("/metrics")
def exposition() -> Response:
    """Counts of requests, their durations, and the sizes of graphs."""
    headers = {"Cache-Control": "no-store"}
    return Response(metrics.exposition(), content_type=metrics.CONTENT_TYPE, headers=headers)
