"""A shop that two DAGs work on, as their events told of it: what of them may be seen where is the question.

raw -> a.load -> orders -> b.sum -> revenue -> a.show -> report, and dbt models under each DAG. Every text that only the
readers of a DAG may see begins with `only-a-` or `only-b-`, and so do the ids of the runs.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.services.edits import described, edit
from airflow_provider_catalog.store.protocol import Store
from airflow_provider_catalog.worker.merge import Merger
from tests.services.world import NAMESPACE, job_id

TABLES = ("raw", "orders", "revenue", "report", "of_a", "of_b")
JOBS = ("a", "b", "a.load", "b.sum", "a.show", "model_a", "model_b")
RUNS = tuple(f"only-{dag}-run-{job}-{n}" for dag, job in (("a", "load"), ("b", "sum"), ("a", "show")) for n in (1, 2))
RUNS += tuple(f"only-{dag}-run-{job}-1" for dag in "ab" for job in ("dag", "model"))
PLACES = ("sql", "error", "code", "facet", "column")
"""Where the hidden texts are."""


def fill(store: Store) -> None:
    store.accept([_envelope(each) for each in _events()])
    store.accept([edit("ann", [described(job_id("b.sum"), "sums up")], reason="only-b-reason")])
    assert Merger(store).drain().rejected == 0
    store.accept([Envelope("openlineage", b'only-b-sql{"')])
    assert Merger(store).drain().rejected == 1


def _envelope(event: dict[str, Any]) -> Envelope:
    return Envelope("openlineage", json.dumps(event).encode())


def _events() -> list[dict[str, Any]]:
    found = [_event("prod", dag, f"only-{dag}-run-dag-1", dag, 1) for dag in "ab"]
    for job, reads, writes in (
        ("a.load", "raw", "orders"),
        ("b.sum", "orders", "revenue"),
        ("a.show", "revenue", "report"),
    ):
        dag, task = job.split(".")
        parent = ("prod", dag, f"only-{dag}-run-dag-1")
        for number, state in ((1, "COMPLETE"), (2, "FAIL")):
            run_id = f"only-{dag}-run-{task}-{number}"
            found.append(_event("prod", job, run_id, dag, number, state, parent=parent, ends=(reads, writes)))
    for dag, task in (("a", "a.load"), ("b", "b.sum")):
        parent = ("prod", task, f"only-{dag}-run-{task.split('.')[1]}-1")
        run_id = f"only-{dag}-run-model-1"
        found.append(_event("dbt", f"model_{dag}", run_id, dag, 3, parent=parent, ends=("raw", f"of_{dag}")))
    return found


def _event(
    namespace: str,
    job: str,
    run_id: str,
    dag: str,
    hour: int,
    state: str = "COMPLETE",
    *,
    parent: tuple[str, str, str] | None = None,
    ends: Sequence[str] = (),
) -> dict[str, Any]:
    run: dict[str, Any] = {"custom": {"text": f"only-{dag}-facet"}}
    if parent:
        run["parent"] = {"job": {"namespace": parent[0], "name": parent[1]}, "run": {"runId": parent[2]}}
    if state == "FAIL":
        run["errorMessage"] = {"message": f"only-{dag}-error", "programmingLanguage": "SQL"}
    facets: dict[str, Any] = {
        "jobType": {"integration": "AIRFLOW", "jobType": "TASK", "processingType": "BATCH"},
        "documentation": {"description": f"what {job} is for"},
        "sql": {"query": f"insert into x select 'only-{dag}-sql'"},
        "sourceCode": {"language": "python", "sourceCode": f"only-{dag}-code"},
        "custom": {"text": f"only-{dag}-facet"},
    }
    return {
        "eventTime": f"2025-01-01T0{hour}:00:00Z",
        "eventType": state,
        "producer": "https://example.com/airflow",
        "run": {"runId": run_id, "facets": run},
        "job": {"namespace": namespace, "name": job, "facets": facets if ends else {}},
        "inputs": [_table(name) for name in ends[:1]],
        "outputs": [_table(name, made_of=ends[0], by=dag) for name in ends[1:]],
    }


def _table(name: str, made_of: str = "", by: str = "") -> dict[str, Any]:
    facets: dict[str, Any] = {"schema": {"fields": [{"name": "id", "type": "int"}]}}
    if made_of:
        how = {"type": "DIRECT", "subtype": "TRANSFORMATION", "description": f"only-{by}-column"}
        source = {"namespace": NAMESPACE, "name": f"shop.public.{made_of}", "field": "id", "transformations": [how]}
        facets["columnLineage"] = {"fields": {"id": {"inputFields": [source]}}}
        facets["custom"] = {"text": f"only-{by}-facet"}
    return {"namespace": NAMESPACE, "name": f"shop.public.{name}", "facets": facets}
