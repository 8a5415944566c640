"""The OpenAPI document: what FastAPI knows of the routes, and the parts that it does not see.

Bodies that are read as they came and problems are named by reference; here is what the references mean.
"""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel

from airflow_provider_catalog.api.problems import Problem
from airflow_provider_catalog.api.schemas.ingest import OpenLineageEvent, RegisteredDataset

_REFERENCE = "#/components/schemas/{model}"
_NAMED: tuple[type[BaseModel], ...] = (Problem, OpenLineageEvent, RegisteredDataset)
_TOKEN = {
    "type": "http",
    "scheme": "bearer",
    "description": "A token of `airflow-catalog token create`, or one of Airflow's own (POST /auth/token)",
}
_COOKIE = {"type": "apiKey", "in": "cookie", "name": "_token", "description": "Of who is logged in to Airflow"}


def document(app: FastAPI) -> dict[str, Any]:
    """Made once."""
    if app.openapi_schema is None:
        made = FastAPI.openapi(app)
        components = made.setdefault("components", {})
        components["securitySchemes"] = {"token": _TOKEN, "cookie": _COOKIE}
        for model in _NAMED:
            _add(components.setdefault("schemas", {}), model)
        made["security"] = [{"token": []}, {"cookie": []}]
    return app.openapi_schema or {}


def _add(schemas: dict[str, Any], model: type[BaseModel]) -> None:
    """With what it is made of."""
    schema = model.model_json_schema(ref_template=_REFERENCE)
    parts = {**schema.pop("$defs", {}), model.__name__: schema}
    for name, part in parts.items():
        schemas.setdefault(name, part)
