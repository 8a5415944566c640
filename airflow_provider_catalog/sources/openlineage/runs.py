"""Which run an event is about, and what it speaks for."""

from __future__ import annotations

import re
from typing import Any, NamedTuple, TypeAlias

from airflow_provider_catalog.errors import RejectedError
from airflow_provider_catalog.model.statement import Run
from airflow_provider_catalog.sources.checks import mapping, text
from airflow_provider_catalog.sources.openlineage.notes import Notes
from airflow_provider_catalog.sources.timestamps import instant

Pair: TypeAlias = tuple[str, str]

_QUERY = re.compile(r"\.(?:manual_)?query\.\d+")


class Lead(NamedTuple):
    """Job, run and scope of a statement. `child`: the query whose event was folded into the task that ran it."""

    job: Pair
    run: Run
    scope: str
    parent: Pair | None = None
    child: dict[str, Any] | None = None


class _Parent(NamedTuple):
    run_id: str
    job: Pair | None
    root_run_id: str | None


def lead(run_id: str, job: Pair, facets: dict[str, Any], notes: Notes) -> Lead:
    """A run speaks for its parent's run: a DAG run covers all map indexes and tries of a task.

    The queries of a task are events of their own, of a job named after the task. They are the task's: its edges are
    theirs, and none of them is ever the end of it.
    """
    nominal = _nominal(facets.get("nominalTime"), notes)
    parent = _parent(facets, notes)
    if parent is None:
        return Lead(job, Run(run_id, None, None, *nominal), run_id)
    root = parent.root_run_id
    if parent.job is None or not _is_query_of(job, parent.job):
        return Lead(job, Run(run_id, parent.run_id, root, *nominal), parent.run_id, parent.job)
    above = root if root != parent.run_id else None
    child = {"run_id": run_id, "name": job[1]}
    return Lead(parent.job, Run(parent.run_id, above, root, *nominal), root or parent.run_id, None, child)


def _is_query_of(job: Pair, parent: Pair) -> bool:
    namespace, name = parent
    return job[0] == namespace and job[1].startswith(name) and _QUERY.fullmatch(job[1], len(name)) is not None


def _parent(facets: dict[str, Any], notes: Notes) -> _Parent | None:
    """Old clients call the facet `parentRun`."""
    key = "parent" if facets.get("parent") is not None else "parentRun"
    if facets.get(key) is None:
        return None
    try:
        facet = mapping(facets[key], f"/run/facets/{key}")
        return None if facet.get("_deleted") is True else _read_parent(facet, f"/run/facets/{key}")
    except RejectedError as error:
        path, _, reason = error.reason.partition(": ")
        notes.skip(path, reason)
        return None


def _read_parent(facet: dict[str, Any], path: str) -> _Parent:
    run = mapping(facet.get("run"), f"{path}/run")
    job = facet.get("job")
    root = facet.get("root")
    return _Parent(
        text(run.get("runId"), f"{path}/run/runId"),
        None if job is None else _pair(mapping(job, f"{path}/job"), f"{path}/job"),
        None if root is None else _run_id(mapping(root, f"{path}/root"), f"{path}/root"),
    )


def _pair(job: dict[str, Any], path: str) -> Pair:
    return text(job.get("namespace"), f"{path}/namespace"), text(job.get("name"), f"{path}/name")


def _run_id(root: dict[str, Any], path: str) -> str:
    return text(mapping(root.get("run"), f"{path}/run").get("runId"), f"{path}/run/runId")


def _nominal(facet: Any, notes: Notes) -> tuple[int | None, int | None]:
    if facet is None:
        return None, None
    path = "/run/facets/nominalTime"
    body = notes.object(facet, path)
    return _when(body, "nominalStartTime", path, notes), _when(body, "nominalEndTime", path, notes)


def _when(body: dict[str, Any], key: str, path: str, notes: Notes) -> int | None:
    if body.get(key) is None:
        return None
    try:
        return instant(body[key], f"{path}/{key}").micros
    except RejectedError as error:
        at, _, reason = error.reason.partition(": ")
        notes.skip(at, reason)
        return None
