"""Events of `dbt-ol`: the same jobs and runs as those of dbt's artifacts, whoever tells of them.

It names a job otherwise in each of its modes and after each command, and makes up a run of its own for each; but it
says which node and which invocation an event is of.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

from airflow_provider_catalog.model.dbt import INVOCATION, job_name, job_namespace, run_id, test_name
from airflow_provider_catalog.model.statement import Content, Json, Origin, Run, Statement
from airflow_provider_catalog.sources.openlineage.runs import Lead, Pair

_NODE, _TYPE = "dbt_node", "jobType"
_TEST, _SQL = "test", "sql"
_OWN = ("test.", "unit_test.")


class _Told(NamedTuple):
    """Of the command that an event is of."""

    invocation: str
    project: str


def speaks(producer: str) -> bool:
    """Not a task of Airflow that hands on what it was told: its job is the task."""
    return producer.endswith("/integration/dbt")


def renamed(found: Lead, job_facets: dict[str, Any], run_facets: dict[str, Any], reads: Any) -> Lead:
    """Of an event of `dbt-ol`; any other stays as it is. `reads`: its inputs, which a test is called after."""
    told = _told(run_facets.get("dbt_run"))
    if told is None:
        return found
    namespace, node = job_namespace(found.job[0]), job_facets.get(_NODE)
    above = (namespace, INVOCATION + told.project)
    if type(node) is dict:
        name = _name(node, _kind(job_facets), found.job[1], reads)
        return _below(found, (namespace, name), run_id(told.invocation, name), above, told)
    if found.job[1].startswith(above[1]):
        return found._replace(job=above, run=replace(found.run, run_id=told.invocation))
    if _kind(job_facets) == _SQL:
        child = {"run_id": found.run.run_id, "name": found.job[1]}
        run = Run(told.invocation, None, None, found.run.nominal_start, found.run.nominal_end)
        return found._replace(job=above, run=run, scope=told.invocation, parent=None, child=child)
    return found


def outputs(stated: Any, job_facets: dict[str, Any]) -> Any:
    """Without what a test writes, which is nobody's data. Where there is SQL, it is read here: `dbt-ol` takes the names
    in a WITH for tables.
    """
    if type(job_facets.get(_NODE)) is not dict or type(stated) is not list:
        return stated
    if _kind(job_facets) == _TEST:
        return []
    return [_without_columns(each) for each in stated] if "sql" in job_facets else stated


def weighed(said: Statement, event: dict[str, Any]) -> tuple[Statement, ...]:
    """Columns without types are what people have written down: whoever has seen the table knows better."""
    facets = event["run"].get("facets")
    if type(facets) is not dict or "dbt_run" not in facets:
        return (said,)
    noted = [claim for claim in said.content.claims if claim.aspect == "schema" and not _is_typed(claim.value)]
    if not noted:
        return (said,)
    rest = Content.of([claim for claim in said.content.claims if claim not in noted])
    apart = Statement(said.producer, said.time, origin=Origin.PROPAGATED, content=Content.of(noted))
    return replace(said, content=rest), apart


def _is_typed(schema: Json) -> bool:
    fields = schema.get("fields") if type(schema) is dict else None
    return type(fields) is list and all(type(each) is dict and each.get("type") for each in fields)


def into(stated: Any, job_facets: dict[str, Any]) -> dict[str, Any]:
    """What the SQL of a node fills, for whoever reads it: it does not say so itself."""
    only = stated[0] if type(stated) is list and len(stated) == 1 else None
    if type(job_facets.get(_NODE)) is not dict or type(only) is not dict:
        return {}
    names = {key: only.get(key) for key in ("namespace", "name")}
    return {"into": names} if all(type(each) is str for each in names.values()) else {}


def _without_columns(output: Any) -> Any:
    facets = output.get("facets") if type(output) is dict else None
    if type(facets) is not dict or "columnLineage" not in facets:
        return output
    return {**output, "facets": {name: facet for name, facet in facets.items() if name != "columnLineage"}}


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


def _name(node: dict[str, Any], kind: str, stated: str, reads: Any) -> str:
    """`stated`: by the event, which is the node's own id where its facet has none. Tests are those of a relation."""
    unique_id = str(node.get("unique_id") or stated)
    tested = _first(reads) if kind == _TEST or unique_id.startswith(_OWN) else ""
    if tested:
        return test_name(tested, unique_id)
    database, schema = (str(node.get(key) or "") for key in ("database", "schema"))
    return job_name(database, schema, unique_id, kind)


def _first(reads: Any) -> str:
    stated = reads[0] if type(reads) is list and reads else None
    name = stated.get("name") if type(stated) is dict else None
    return name if type(name) is str else ""
