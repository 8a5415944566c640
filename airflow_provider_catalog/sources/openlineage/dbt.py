"""Events of `dbt-ol`: the same jobs and runs as those of dbt's artifacts, whoever tells of them.

It names a job otherwise in each of its modes and after each command, and makes up a run of its own for each; but it
says which node and which invocation an event is of.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

from airflow_provider_catalog.model.dbt import INVOCATION, job_name, run_id
from airflow_provider_catalog.model.statement import Run
from airflow_provider_catalog.sources.openlineage.runs import Lead, Pair

_NODE, _TYPE = "dbt_node", "jobType"
_TEST, _SQL = "test", "sql"
_OWN = ("test.", "unit_test.")


class _Told(NamedTuple):
    """Of the command that an event is of."""

    invocation: str
    project: str


def renamed(found: Lead, job_facets: dict[str, Any], run_facets: dict[str, Any], reads: Any) -> Lead:
    """Of an event of `dbt-ol`; any other stays as it is. `reads`: its inputs, which a test is called after."""
    told = _told(run_facets.get("dbt_run"))
    if told is None:
        return found
    above, node = (found.job[0], INVOCATION + told.project), job_facets.get(_NODE)
    if type(node) is dict:
        name = _name(node, _kind(job_facets), told, reads)
        return _below(found, (found.job[0], name), run_id(told.invocation, name), above, told)
    if found.job[1].startswith(above[1]):
        return found._replace(job=above, run=replace(found.run, run_id=told.invocation))
    if _kind(job_facets) == _SQL:
        child = {"run_id": found.run.run_id, "name": found.job[1]}
        run = Run(told.invocation, None, None, found.run.nominal_start, found.run.nominal_end)
        return found._replace(job=above, run=run, scope=told.invocation, parent=None, child=child)
    return found


def is_test(job_facets: dict[str, Any]) -> bool:
    """What a test writes is nobody's data."""
    return type(job_facets.get(_NODE)) is dict and _kind(job_facets) == _TEST


def _below(found: Lead, job: Pair, own: str, above: Pair, told: _Told) -> Lead:
    root = found.run.root_run_id if found.run.root_run_id != found.run.parent_run_id else None
    run = replace(found.run, run_id=own, parent_run_id=told.invocation, root_run_id=root or told.invocation)
    return found._replace(job=job, run=run, scope=told.invocation, parent=above)


def _told(facet: Any) -> _Told | None:
    if type(facet) is not dict:
        return None
    invocation, project = facet.get("invocation_id"), facet.get("project_name")
    named = type(invocation) is str and type(project) is str and bool(invocation and project)
    return _Told(str(invocation), str(project)) if named else None


def _kind(job_facets: dict[str, Any]) -> str:
    facet = job_facets.get(_TYPE)
    return str(facet.get("jobType")).lower() if type(facet) is dict else ""


def _name(node: dict[str, Any], kind: str, told: _Told, reads: Any) -> str:
    """One test by itself is one of those of the relation that it looks at."""
    unique_id = str(node.get("unique_id") or "")
    database, schema = (str(node.get(key) or "") for key in ("database", "schema"))
    if unique_id.startswith(_OWN) and (tested := _first(reads)):
        *place, name = tested.split(".")
        return ".".join((*place, told.project, name)) + ".test"
    return job_name(database, schema, unique_id, kind)


def _first(reads: Any) -> str:
    stated = reads[0] if type(reads) is list and reads else None
    name = stated.get("name") if type(stated) is dict else None
    return name if type(name) is str else ""
