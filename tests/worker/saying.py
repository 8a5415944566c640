"""What golden cases of `sql/again` say, in few words: tasks that ran SQL, events, crawled tables and views."""

from __future__ import annotations

import json
from typing import Any

from airflow_provider_catalog.model.envelope import Envelope

NAMESPACE = "postgres://db:5432"
_HOUR = 3_600_000_000
_FIRST = 1_767_225_600_000_000
"""2026-01-01."""
_CONNECTION = {"conn_type": "postgres", "host": "db", "port": 5432, "schema": "shop"}


def envelope(said: dict[str, Any], number: int) -> Envelope:
    """One word of a case: the `number`th hour of the day."""
    (verb, what), at = next(iter(said.items())), _FIRST + number * _HOUR
    return Envelope(_KINDS[verb], json.dumps(_SAID[verb](what, at, said)).encode())


def _ran(sql: str, at: int, said: dict[str, Any]) -> dict[str, Any]:
    when = f"2026-01-01T{at // _HOUR % 24:02d}:00:00+00:00"
    return {
        "state": said.get("state", "success"),
        "time": at,
        "namespace": "prod",
        "dag_id": "shop",
        "task_id": said.get("task", "load"),
        "run_id": f"scheduled__{said.get('run', when)}",
        "date": said.get("run", when),
        "map_index": said.get("map_index", -1),
        "try_number": 1,
        "clear_number": 0,
        "sql": [{"sql": sql, "conn_id": "db"}],
        "connections": {"db": {**_CONNECTION, **said.get("connection", {})}},
    }


def _event(sql: str, at: int, said: dict[str, Any]) -> dict[str, Any]:
    def dataset(name: str, facets: dict[str, Any]) -> dict[str, Any]:
        return {"namespace": said.get("namespace", NAMESPACE), "name": name, "facets": facets}

    return {
        "eventType": "COMPLETE",
        "eventTime": at,
        "producer": "https://example.org/engine",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {"runId": f"00000000-0000-7000-8000-{at:012d}"},
        "job": {"namespace": "prod", "name": "job", "facets": {"sql": {"query": sql}}},
        "inputs": [dataset(name, {}) for name in said["inputs"]],
        "outputs": [dataset(name, facets) for name, facets in said["outputs"].items()],
    } | {"eventTime": f"2026-01-01T{(at - _FIRST) // _HOUR:02d}:00:00Z"}


def _crawled(name: str, at: int, said: dict[str, Any]) -> dict[str, Any]:
    database, schema, table = name.split(".")
    columns = [{"name": column, "type": "text"} for column in said["columns"]]
    definition = {"definition": said["definition"]} if "definition" in said else {}
    return {
        "time": at,
        "namespace": NAMESPACE,
        "database": database,
        "dialect": "postgres",
        "before": True,
        "table": {
            "schema": schema,
            "name": table,
            "kind": "view" if definition else "table",
            "columns": columns,
            "fingerprint": f"{at}",
            **definition,
        },
    }


_SAID: Any = {"ran": _ran, "event": _event, "crawled": _crawled}
_KINDS = {"ran": "task", "event": "openlineage", "crawled": "crawl"}
