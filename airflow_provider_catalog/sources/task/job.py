"""The job behind a task, and all that is said of it and of its datasets in OpenLineage's words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from airflow_provider_catalog.errors import RejectedError
from airflow_provider_catalog.model.identity import DatasetId, JobId
from airflow_provider_catalog.sources.airflow_runs import DagRun
from airflow_provider_catalog.sources.openlineage.details import take_volatile
from airflow_provider_catalog.sources.openlineage.notes import Notes
from airflow_provider_catalog.sources.openlineage.stable import Stable, stable
from airflow_provider_catalog.sources.task.evidence import Evidence

_EVERYBODY = "airflow"
"""The owner of whatever has none."""


def said_of(job: JobId, dag_run: DagRun, record: dict[str, Any], evidence: Evidence) -> Stable:
    """An operator's own words are left out where they cannot be read."""
    stated = evidence.stated
    evidence.volatile = take_volatile(stated, evidence.passed)
    document = {
        "job": (job.namespace, job.name),
        "parent": (dag_run.namespace, dag_run.dag_id),
        "child": False,
        "failed": not evidence.succeeded,
    }
    own = job_facets("TASK", record, evidence.notes)
    facets = {name: facet for name, facet in stated["job_facets"].items() if name != "sql"}
    sides = {"inputs": _all(stated["inputs"], evidence.reads), "outputs": _all(stated["outputs"], evidence.writes)}
    try:
        return stable({**document, "facets": {**facets, **own}, **sides})
    except RejectedError as error:
        evidence.notes.skip("/openlineage", error.reason)
        bare = {"inputs": _all([], evidence.reads), "outputs": _all([], evidence.writes)}
        return stable({**document, "facets": own, **bare})


def job_facets(kind: str, record: dict[str, Any], notes: Notes) -> dict[str, Any]:
    """As the OpenLineage provider has them."""
    facets: dict[str, Any] = {
        "jobType": {"integration": "AIRFLOW", "jobType": kind, "processingType": "BATCH"},
    }
    if doc := _text(record, "doc", notes):
        facets["documentation"] = {"description": doc}
    owners = [name.strip() for name in (_text(record, "owner", notes) or "").split(",")]
    if named := [{"name": name} for name in owners if name not in ("", _EVERYBODY)]:
        facets["ownership"] = {"owners": named}
    tags = record.get("tags") if type(record.get("tags")) is list else []
    if keys := [tag for tag in tags or () if type(tag) is str and tag]:
        facets["tags"] = {"tags": [{"key": key, "value": key, "source": "AIRFLOW"} for key in keys]}
    return facets


def _text(record: dict[str, Any], key: str, notes: Notes) -> str | None:
    return None if record.get(key) is None else notes.text(record[key], f"/{key}")


def _all(stated: list[dict[str, Any]], ports: Iterable[DatasetId]) -> list[dict[str, Any]]:
    """Those that were stated with facets, and the others by their names."""
    said = {DatasetId(each["namespace"], each["name"]) for each in stated}
    return [*stated, *({"namespace": each.namespace, "name": each.name} for each in ports if each not in said)]
