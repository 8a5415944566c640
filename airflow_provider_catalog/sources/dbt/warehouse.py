"""Where the relations of a target are: their datasets are those that tasks, crawlers and OpenLineage name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from airflow_provider_catalog.errors import RejectedError
from airflow_provider_catalog.model.grammar import parts
from airflow_provider_catalog.model.identity import DatasetId
from airflow_provider_catalog.model.platforms import by_namespace
from airflow_provider_catalog.model.record import ConnectionRecord
from airflow_provider_catalog.sources.checks import NAME_BYTES, mapping, text
from airflow_provider_catalog.sources.connections import database
from airflow_provider_catalog.sources.crawlers.place import Place, indexed
from airflow_provider_catalog.sources.sql import files

_QUOTED = re.compile(r'"((?:[^"]|"")*)"|`([^`]*)`|\[([^\]]*)\]|([\w$-]+)')
_URL = re.compile(r"'([a-z][a-z0-9+.-]*://[^']+)'")
"""What dbt-duckdb reads in place, or by a function."""
_HOSTS = ("host", "server", "software_host", "path")
_EXTRA = ("account", "region", "region_name", "project", "cluster_id", "role_arn", "account_id")
_DIALECTS = {"sqlserver": "tsql", "fabric": "tsql", "synapse": "tsql", "glue": "spark"}


@dataclass(frozen=True, slots=True)
class Warehouse:
    """One target. `attached`: the files of other databases, by the names that they have in it."""

    namespace: str
    dialect: str = ""
    database: str = ""
    schema: str = ""
    attached: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Warehouse:
        """Rejects what names no database that others could find."""
        target = mapping(document.get("target") or {}, "/target")
        told = document.get("dataset_namespace")
        found = database(_connection(target))
        namespace = text(told, "/dataset_namespace") if told else _as_openlineage(target) or found.namespace
        text(namespace, "/target", empty=True)
        if not namespace:
            raise RejectedError(f"/target: {_reason(target, found.reason)}: name it with --dataset-namespace")
        attached = {str(name).lower(): str(path) for name, path in mapping(target.get("attached") or {}, "").items()}
        dialect = found.dialect or dialect_of(_said(target, "type"))
        inside = _said(target, "database") or _said(target, "dbname") or _said(target, "project")
        return cls(namespace, dialect or by_namespace(namespace).name, inside, _said(target, "schema"), attached)

    def dataset(self, node: Mapping[str, Any]) -> DatasetId | None:
        """Of what has a relation; None for what has none, or a name that no store could index."""
        if file := _URL.search(str(node.get("relation_name") or "")):
            return files.dataset(file[1])
        names = relation(node)
        return self._named(*names) if names else None

    def table(self, dotted: str) -> DatasetId | None:
        """By the name that SQL has for it."""
        if "://" in dotted:
            return files.dataset(dotted)
        names = [part.replace("\\.", ".") for part in parts(dotted, ".")]
        return self._named(*(("", "", *names)[-3:])) if len(names) <= 3 else None

    def _named(self, inside: str, schema: str, name: str) -> DatasetId | None:
        if by_namespace(self.namespace).name == "glue":
            return indexed(DatasetId(self.namespace, f"table/{schema}/{name}"))
        namespace = self._namespace_of(inside.lower(), schema.lower())
        if not namespace:
            return None
        return Place(namespace, inside or self.database, self.dialect).dataset(schema or self.schema, name)

    def _namespace_of(self, inside: str, schema: str) -> str:
        """A file is a namespace of its own. Of what else is attached to one nobody knows where it is."""
        scheme, _, _ = self.namespace.partition("://")
        if by_namespace(self.namespace).inside >= 0:
            return self.namespace
        if scheme == "sqlite":
            return f"sqlite://{self.attached[schema]}" if schema in self.attached else self.namespace
        if inside in {"", self.database.lower()}:
            return self.namespace
        path = self.attached.get(inside, "")
        return f"{scheme}://{path}" if path.startswith("/") else ""


def dialect_of(adapter: str) -> str:
    return _DIALECTS.get(adapter, adapter)


def relation(node: Mapping[str, Any]) -> tuple[str, str, str] | None:
    """Database, schema and name; empty where the adapter has no such level."""
    stated = str(node.get("relation_name") or "")
    if is_ephemeral(node) or not (node.get("schema") or stated) or len(stated) > NAME_BYTES:
        return None
    if found := quoted_parts(stated):
        database, schema, name = ("", "", *found)[-3:]
        return database, schema, name
    place = (node.get(key) or "" for key in ("database", "schema"))
    name = node.get("identifier") or node.get("alias") or node.get("name") or ""
    return (*map(str, place), str(name)) if name else None  # type: ignore[return-value]  # three of them


@lru_cache(maxsize=16_384)
def quoted_parts(relation_name: str) -> tuple[str, ...]:
    """`"db"."schema"."table"`, in any adapter's quotes; nothing where it is something else, such as a file."""
    matches = list(_QUOTED.finditer(relation_name))
    found = [next(part for part in match.groups() if part is not None) for match in matches]
    is_name = 0 < len(found) <= 3 and ".".join(match[0] for match in matches) == relation_name
    return tuple(part.replace('""', '"') for part in found) if is_name else ()


def is_ephemeral(node: Mapping[str, Any]) -> bool:
    config = node.get("config")
    return isinstance(config, dict) and config.get("materialized") == "ephemeral"


def _connection(target: Mapping[str, Any]) -> ConnectionRecord:
    """As a connection of Airflow to the same place has it."""
    made: ConnectionRecord = {"conn_type": _said(target, "type")}
    if host := next((value for key in _HOSTS if (value := _said(target, key))), ""):
        made["host"] = host
    if str(target.get("port") or "").isdigit():
        made["port"] = int(target["port"])
    if inside := _said(target, "database") or _said(target, "dbname"):
        made["schema"] = inside
    extra = {key: value for key in _EXTRA if (value := _said(target, key))}
    if "region" in extra:
        extra.setdefault("region_name", extra["region"])
    return {**made, "extra": extra}


def _as_openlineage(target: Mapping[str, Any]) -> str:
    """Of adapters that OpenLineage's integration of dbt names otherwise than connections of Airflow are named."""
    made = _AS_OPENLINEAGE.get(_said(target, "type"))
    return made(target) if made else ""


def _glue(target: Mapping[str, Any]) -> str:
    """Tables of the Data Catalog."""
    account = _said(target, "account_id") or ("".join(_said(target, "role_arn").split(":")[4:5]))
    region = _said(target, "region") or _said(target, "region_name")
    return f"arn:aws:glue:{region}:{account}" if region and account else ""


def _fabric(target: Mapping[str, Any]) -> str:
    server, port = _said(target, "server") or _said(target, "host"), target.get("port")
    return f"fabric-warehouse://{server}:{port}" if server and port else f"fabric-warehouse://{server}" * bool(server)


def _spark(target: Mapping[str, Any]) -> str:
    """The port that its method has where none is said."""
    host, port = _said(target, "host"), target.get("port") or _SPARK_PORTS.get(_said(target, "method"))
    return f"spark://{host}:{port}" if host and port else ""


_SPARK_PORTS = {"http": 443, "odbc": 443, "thrift": 10001}
_AS_OPENLINEAGE = {"glue": _glue, "fabric": _fabric, "spark": _spark}


def _said(target: Mapping[str, Any], key: str) -> str:
    value = target.get(key)
    return value.strip() if isinstance(value, str) else ""


def _reason(target: Mapping[str, Any], reason: str) -> str:
    return reason if target else "nothing says which database this was"
