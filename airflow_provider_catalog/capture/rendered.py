"""What the rendered fields of an operator say, where its hooks said nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from airflow_provider_catalog.capture.connections import connection_record
from airflow_provider_catalog.capture.text import bounded, class_path
from airflow_provider_catalog.capture.text import sql as masked_sql
from airflow_provider_catalog.model.masking import secret_name
from airflow_provider_catalog.model.record import ConnectionRecord, SqlRecord, TaskRecord

_SQL = ("sql", "query", "hql", "statement", "query_string")
_PLACES = ("bucket", "key", "prefix", "path", "table", "schema", "database", "dataset", "object", "file", "uri", "url")
_ENDS = ("source", "dest", "target", "project", "collection", "topic", "index", "container", "blob", "share", "remote")
_SELF_TOLD = frozenset({"airflow.providers.common.io.operators.file_transfer.FileTransferOperator"})
"""Operators whose own OpenLineage methods were read and do nothing but look at their fields."""


def sql(task: Any, *, look_up: bool) -> TaskRecord:
    """Of an operator that reports no SQL, such as one that asks a service to run it."""
    stated = next((value for name in _SQL if (value := _rendered(task, name))), None)
    texts = [text for text in ([stated] if isinstance(stated, str) else stated or ()) if isinstance(text, str)]
    if not texts:
        return {}
    conn_id = _conn_id(task)
    records: list[SqlRecord] = [{"sql": masked_sql(text), **_defaults(task, conn_id)} for text in texts]
    connection = _connection(conn_id) if conn_id and look_up else None
    return {"sql": records, **({"connections": {str(conn_id): connection}} if connection else {})}


def _rendered(task: Any, name: str) -> Any:
    return getattr(task, name, None) if name in (getattr(task, "template_fields", None) or ()) else None


def _conn_id(task: Any) -> str | None:
    """`conn_id` before `snowflake_conn_id`; of several others the first by name."""
    names = [name for name in vars(task) if name.endswith("conn_id") and isinstance(getattr(task, name), str)]
    return getattr(task, min(names, key=lambda name: (name != "conn_id", name))) if names else None


def _defaults(task: Any, conn_id: str | None) -> SqlRecord:
    found: SqlRecord = {"conn_id": conn_id} if conn_id else {}
    for key, name in (("default_database", "database"), ("default_schema", "schema")):
        if isinstance(value := getattr(task, name, None), str) and value:
            found[key] = value  # type: ignore[literal-required]
    return found


def _connection(conn_id: str) -> ConnectionRecord | None:
    from airflow.sdk import BaseHook

    try:
        return connection_record(BaseHook.get_connection(conn_id))
    except Exception:  # noqa: BLE001  a connection that nobody defined is no reason to tell nothing
        return None


def fields(task: Any) -> dict[str, Any]:
    """Where data is, as the operator was told: names of places, never what may be a secret or a text."""
    found = {name: getattr(task, name, None) for name in _places(getattr(task, "template_fields", None) or ())}
    return {name: bounded(value) for name, value in found.items() if value not in (None, "", [], {})}


def _places(names: Iterable[str]) -> list[str]:
    wanted = (*_PLACES, *_ENDS)
    return [name for name in names if not secret_name(name) and any(part in name.lower() for part in wanted)]


def openlineage(task: Any, ti: Any) -> TaskRecord:
    """What an operator says itself, where that costs no more than reading its fields."""
    if class_path(task) not in _SELF_TOLD:
        return {}
    told = task.get_openlineage_facets_on_complete(ti)
    sides = {side: [_dataset(each) for each in getattr(told, side, None) or ()] for side in ("inputs", "outputs")}
    return {"openlineage": {side: named for side, named in sides.items() if named}}


def _dataset(told: Any) -> dict[str, str]:
    return {"namespace": str(told.namespace), "name": str(told.name)}
