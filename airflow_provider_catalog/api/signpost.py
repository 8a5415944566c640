"""Where clients end up whose URL lacks the catalog's path: at `/api/v1/lineage` of Airflow, which serves nothing there.

OpenLineage's client leaves the last part of its URL out unless a slash ends it, so it happens easily. Airflow itself
says of these paths only that they are gone.
"""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from airflow_provider_catalog.api.problems import problem

PREFIX = "/api/v1"
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def made() -> Starlette:
    routes = [Route("/lineage", _lineage, methods=_METHODS), Route("/lineage/batch", _lineage, methods=_METHODS)]
    return Starlette(routes=[*routes, Route("/{path:path}", _gone, methods=_METHODS)])


def _lineage(request: Request) -> Response:
    """The base is what the client used to get here, whatever stands before Airflow."""
    base = str(request.base_url).removesuffix("/").removesuffix(PREFIX)
    return problem(
        404,
        "Not found",
        f"the catalog's lineage is at {base}/catalog/api/v1/lineage: set OPENLINEAGE_URL to {base}/catalog/ with the"
        " slash at its end",
    )


def _gone(_request: Request) -> Response:
    return problem(404, "Not found", "Airflow's API is under /api/v2, the catalog's under /catalog/api/v1")
