"""What tells which database a connection means: never who logs in, or with what."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airflow_provider_catalog.capture.text import bounded, class_path
from airflow_provider_catalog.model.record import ConnectionRecord

_IDENTIFYING = frozenset(
    {
        *("account", "region", "region_name", "warehouse", "database", "database_name", "dbname", "schema", "catalog"),
        *("project", "project_id", "dataset", "location", "service_name", "sid", "dsn", "http_path", "cluster"),
        *("cluster_identifier", "workgroup_name", "workgroup", "is_serverless", "serverless_work_group", "host"),
        *("port", "driver", "driver_class", "dialect", "sqlalchemy_scheme", "catalog_id", "work_group", "engine"),
        *("aws_domain", "redshift", "instance_id", "database_id", "databasename", "currentSchema", "schema_name"),
    }
)


def connection_record(connection: Any, hook: Any = None) -> ConnectionRecord:
    """Extras of other names may hold anything. Prefixes such as `extra__snowflake__` are an old form."""
    record: ConnectionRecord = {}
    if getattr(connection, "conn_type", None):
        record["conn_type"] = str(connection.conn_type)
    if hook is not None:
        record["hook"] = class_path(hook)
    if getattr(connection, "host", None):
        record["host"] = bounded(str(connection.host))
    if isinstance(getattr(connection, "port", None), int):
        record["port"] = connection.port
    if getattr(connection, "schema", None):
        record["schema"] = bounded(str(connection.schema))
    extra = _identifying(getattr(connection, "extra_dejson", None))
    return {**record, "extra": extra} if extra else record


def _identifying(extra: Any) -> dict[str, Any]:
    if not isinstance(extra, Mapping):
        return {}
    named = {str(key).rpartition("__")[2] or str(key): value for key, value in extra.items()}
    return {key: bounded(value) for key, value in named.items() if key in _IDENTIFYING and value not in (None, "")}


def of_hook(hook: Any, *, look_up: bool) -> ConnectionRecord:
    """The one it has looked up already; else, where there is time for it, what Airflow says now."""
    connection = getattr(hook, "_connection", None)
    if connection is None and look_up and (conn_id := conn_id_of(hook)):
        connection = hook.get_connection(conn_id)
    return connection_record(connection, hook) if connection is not None else connection_record(None, hook)


def conn_id_of(hook: Any) -> str | None:
    """As hooks of databases have it, and as others do."""
    name = getattr(hook, "conn_name_attr", None)
    found = getattr(hook, name, None) if isinstance(name, str) else getattr(hook, "conn_id", None)
    return found if isinstance(found, str) and found else None


def looked_up(conn_id: str) -> Any:
    """What Airflow says of it now: the one look elsewhere, for which there must be time."""
    from airflow.sdk import BaseHook

    try:
        return BaseHook.get_connection(conn_id)
    except Exception:  # noqa: BLE001  a connection that nobody defined is no reason to tell nothing
        return None
