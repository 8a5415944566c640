"""What the rendered fields of an operator say, where its hooks said nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from airflow_provider_catalog.capture import operators
from airflow_provider_catalog.capture.connections import connection_record, looked_up, of_hook
from airflow_provider_catalog.capture.text import Bounds, bounded, class_path
from airflow_provider_catalog.capture.text import sql as masked_sql
from airflow_provider_catalog.model.masking import secret_name
from airflow_provider_catalog.model.record import ConnectionRecord, SqlRecord, TaskRecord

_SQL = ("sql", "query", "hql", "statement", "query_string")
_PLACES = ("bucket", "key", "prefix", "path", "table", "schema", "database", "dataset", "object", "file", "uri", "url")
_ENDS = ("source", "dest", "target", "project", "collection", "topic", "index", "container", "blob", "share", "remote")
_SELF_TOLD = frozenset({"airflow.providers.common.io.operators.file_transfer.FileTransferOperator"})
"""Operators whose own OpenLineage methods were read and, after they have run, look at nothing but what they have in
memory; a test watches each. Those of SQL ask their connection and the database for schemas.
"""


def sql(task: Any, *, look_up: bool) -> TaskRecord:
    """Of an operator that reports no SQL, such as one that asks a service to run it."""
    stated = next((value for name in _SQL if (value := _rendered(task, name))), None)
    texts = [text for text in ([stated] if isinstance(stated, str) else stated or ()) if isinstance(text, str)]
    if not texts:
        return {}
    conn_id = _conn_id(task)
    records: list[SqlRecord] = [{"sql": masked_sql(text), **_defaults(task, conn_id)} for text in texts]
    connection = _remembered(task) or (_connection(conn_id) if conn_id and look_up else None)
    return {"sql": records, **({"connections": {str(conn_id): connection}} if connection else {})}


def _rendered(task: Any, name: str) -> Any:
    return getattr(task, name, None) if name in (getattr(task, "template_fields", None) or ()) else None


def _conn_id(task: Any) -> str | None:
    """`conn_id` before `snowflake_conn_id`; of several others the first by name, that of the cloud around it last."""
    names = [name for name in vars(task) if name.endswith("conn_id") and isinstance(getattr(task, name), str)]
    return getattr(task, min(names, key=lambda name: (name != "conn_id", "aws" in name, name))) if names else None


def _defaults(task: Any, conn_id: str | None) -> SqlRecord:
    found: SqlRecord = {"conn_id": conn_id} if conn_id else {}
    for key, name in (("default_database", "database"), ("default_schema", "schema")):
        if isinstance(value := getattr(task, name, None), str) and value:
            found[key] = value  # type: ignore[literal-required]
    return found


def _remembered(task: Any) -> ConnectionRecord | None:
    """What the hook of an operator has looked up for itself. Of a task that failed it is all there is."""
    hook = vars(task).get("_hook")
    return of_hook(hook, look_up=False) if getattr(hook, "_connection", None) else None


def _connection(conn_id: str) -> ConnectionRecord | None:
    found = looked_up(conn_id)
    return None if found is None else connection_record(found)


def fields(task: Any, known: Iterable[str], *, look_up: bool) -> TaskRecord:
    """Where data is, as the operator was told: names of places, never what may be a secret or a text. `known`: the
    connections that were told of before.
    """
    bounds = Bounds(65_536, 1_000, 16)
    found = {name: getattr(task, name, None) for name in _places(getattr(task, "template_fields", None) or ())}
    told = {name: bounded(value) for name, value in found.items() if value not in (None, "", [], {})}
    told |= operators.fields(task, bounds, look_up=look_up)
    record: TaskRecord = {"fields": told}
    if bounds.exceeded:
        record["incomplete"] = ["rendered fields: more than a record may have, so not all of it is here"]
    if look_up and (connections := operators.connections(task, known)):
        record["connections"] = connections
    return record


def _places(names: Iterable[str]) -> list[str]:
    wanted = (*_PLACES, *_ENDS)
    return [name for name in names if not secret_name(name) and any(part in name.lower() for part in wanted)]


def openlineage(task: Any, ti: Any) -> TaskRecord:
    """What an operator says itself, where that costs no more than reading its fields."""
    if class_path(task) not in _SELF_TOLD and not operators.tells_itself(task):
        return {}
    told = _own_words(task, ti)
    sides = {side: _datasets(getattr(told, side, None) or ()) for side in ("inputs", "outputs")}
    return {"openlineage": {side: named for side, named in sides.items() if named}}


def _own_words(task: Any, ti: Any) -> Any:
    """As OpenLineage asks for them: who has nothing to say at the end has said it at the start."""
    at_end = getattr(task, "get_openlineage_facets_on_complete", None)
    return at_end(ti) if at_end else task.get_openlineage_facets_on_start()


def _datasets(told: Iterable[Any]) -> list[dict[str, str]]:
    """A path without a scheme has no namespace: it is left to hooks, which tell of it, too."""
    return [{"namespace": str(each.namespace), "name": _name(each)} for each in told if each.namespace]


def _name(told: Any) -> str:
    """Airflow's paths name a local file without the slash it begins with; hooks name the same file with it."""
    name = str(told.name)
    return f"/{name}" if told.namespace == "file" and not name.startswith("/") else name
