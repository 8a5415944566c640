"""Connections as places of data: the namespace, the dialect and the defaults of the SQL that is sent over one.

A table gets the name that the hook's own OpenLineage method gives it, so that both are one dataset. Where a connection
does not tell enough, its dialect may still be known, and `reason` says what is missing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from airflow_provider_catalog.model.identity import DatasetId
from airflow_provider_catalog.model.platforms import by_namespace
from airflow_provider_catalog.model.record import ConnectionRecord
from airflow_provider_catalog.sources.database_families import FAMILIES, FIELD, Family, hinted_by, known_as, likely
from airflow_provider_catalog.sources.driver_urls import GENERIC, Fields, plain

_HOST = re.compile(r"(?is)(?:[a-z][a-z0-9+.-]*://)?(?:[^@/]*@)?(?P<host>\[[^\]]*\]|[^:/?]*)(?::(?P<port>[0-9]{1,5}))?")
_NOT_KNOWN = "its connection is not known"
_TYPE = re.compile(r"[a-z][a-z0-9_]*")
_PORT = re.compile(r"[0-9]{1,5}")
_HOST_NAME = re.compile(r"[\w.-]+|\[[0-9a-fA-F:.]+\]")
_SNOWFLAKE_HOST = re.compile(r"(?i)\.snowflakecomputing\.(?:com|cn)$")


class Unnamed(NamedTuple):
    """Why a connection has no namespace. `private`: nobody else can ever see its tables."""

    reason: str
    private: bool = False


@dataclass(frozen=True, slots=True)
class Database:
    """Where SQL runs. Without a namespace its tables have no names for others."""

    namespace: str = ""
    dialect: str = ""
    database: str | None = None
    schema: str | None = None
    reason: str = ""
    private: bool = False
    has_catalogs: bool = False
    """Its databases are in catalogs: what others call a database is a schema here."""

    def session(self, database: str | None, schema: str | None) -> tuple[str | None, str | None]:
        """The defaults of one statement, which may state its own."""
        levels = by_namespace(self.namespace).levels
        if levels == 1:
            return None, None
        if levels == 2:
            return None, schema or database or self.schema
        if self.has_catalogs and not schema:
            return self.database, database or self.schema
        return database or self.database, schema or self.schema

    def dataset(self, table: str) -> DatasetId | None:
        """From the dotted name of a table. Names of one part have no dots to tell from others."""
        if not self.namespace:
            return None
        return DatasetId(self.namespace, table if by_namespace(self.namespace).separator else table.replace("\\.", "."))


def database(connection: ConnectionRecord, operator: str = "") -> Database:
    """`operator`: the class that used it, which may know better what a cloud's connection was for."""
    fields = plain(_fields(connection))
    name = known_as(fields["type"]) or hinted_by(fields["hook"]) or hinted_by(operator) or likely(fields["type"])
    if not name and (fields["type"] in GENERIC or not _TYPE.fullmatch(fields["type"])):
        return Database(reason="its connection does not say what database it is to" if fields["type"] else _NOT_KNOWN)
    family = FAMILIES.get(name) or Family(fields["type"].replace("_", "-"), schema=(FIELD,))
    if family.scheme == "postgres" and fields.get("redshift") in (True, "true", "True"):
        family = FAMILIES["redshift"]
    place = _PLACES[family.place](fields, family) if fields["type"] else Unnamed(_NOT_KNOWN)
    defaults = _defaults(fields, family)
    if isinstance(place, Unnamed):
        return Database("", family.dialect, *defaults, place.reason, place.private)
    return Database(place, family.dialect, *defaults, has_catalogs=family.last_database is not None)


def _fields(connection: ConnectionRecord) -> Fields:
    """Whatever was recorded, as far as it is of the types it should be."""
    extra = connection.get("extra")
    fields: Fields = {}
    for key, value in extra.items() if isinstance(extra, dict) else ():
        fields[str(key).lower().rpartition("__")[2].replace("-", "_")] = value
    port = str(connection.get("port") or fields.get("port"))
    fields["port"] = int(port) if _PORT.fullmatch(port) else None
    fields["type"] = _text(connection.get("conn_type")).lower()
    fields["hook"] = _text(connection.get("hook"))
    fields["host"] = _text(connection.get("host")) or _text(fields.get("host"))
    fields[FIELD] = _text(connection.get("schema"))
    return fields


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _said(fields: Fields, keys: tuple[str, ...]) -> str | None:
    return next((text for key in keys if (text := _text(fields.get(key)))), None)


def _defaults(fields: Fields, family: Family) -> tuple[str | None, str | None]:
    if family.scheme == "oracle":
        service = _said(fields, family.database[:2])
        return service or _said(fields, (FIELD,)), _said(fields, (FIELD,)) if service else None
    database = _said(fields, family.database) or family.last_database
    return database, _said(fields, family.schema) or family.last_schema


# A namespace for each kind of place


def _server(fields: Fields, family: Family) -> str | Unnamed:
    found = _HOST.match(fields["host"])
    host = (found["host"] if found else "") or ("localhost" if family.local else "")
    if not _HOST_NAME.fullmatch(host):
        return Unnamed("its connection names no server")
    port = fields["port"] or (found["port"] if found else None) or family.port
    return f"{family.scheme}://{host}:{port}" if port else f"{family.scheme}://{host}"


def _host(fields: Fields, family: Family) -> str | Unnamed:
    """A workspace has one port, and is known without it."""
    return _server({**fields, "port": None, "host": fields["host"].rpartition("://")[2].partition(":")[0]}, family)


def _file(fields: Fields, family: Family) -> str | Unnamed:
    """Only an absolute path is the same file to everybody."""
    path = (fields["host"] or fields[FIELD]).removeprefix("file:").partition("?")[0]
    if path in ("", ":memory:"):
        return Unnamed("its database is in memory", private=True)
    return f"{family.scheme}://{path}" if path.startswith("/") else Unnamed("the path of its database is not absolute")


def _redshift(fields: Fields, family: Family) -> str | Unnamed:
    """A cluster's address says its name and region, and so may the connection."""
    if fields["host"]:
        return _server(fields, family)
    name = _said(fields, ("cluster_identifier", "cluster", "serverless_work_group", "workgroup_name", "workgroup"))
    region = _said(fields, ("region_name", "region"))
    return _server({**fields, "host": f"{name}.{region}"}, family) if name and region else _server(fields, family)


def _snowflake(fields: Fields, family: Family) -> str | Unnamed:
    """Locators get the region and the cloud that they leave out, as OpenLineage has it; names of accounts have none."""
    account = _said(fields, ("account",)) or _SNOWFLAKE_HOST.sub("", fields["host"].rpartition("://")[2].rstrip("/"))
    if not account:
        return Unnamed("its connection names no account")
    first, *rest = ".".join(filter(None, (account, _said(fields, ("region",))))).split(".")
    if "-" in first:
        return f"{family.scheme}://{first}"
    region, *cloud = rest or ["us-west-1"]
    return f"{family.scheme}://{'.'.join((first, region, *(cloud or ['aws'])))}"


def _athena(fields: Fields, family: Family) -> str | Unnamed:
    region = _said(fields, ("region_name", "region"))
    domain = _said(fields, ("aws_domain",)) or "amazonaws.com"
    if region:
        return f"{family.scheme}://athena.{region}.{domain}"
    return _host(fields, family) if fields["host"].startswith("athena.") else Unnamed("its connection names no region")


def _bigquery(_fields: Fields, family: Family) -> str | Unnamed:
    return family.scheme


def _spanner(fields: Fields, family: Family) -> str | Unnamed:
    project, instance = _said(fields, ("project_id", "project")), _said(fields, ("instance_id", "instance"))
    return f"{family.scheme}://{project}:{instance}" if project and instance else Unnamed("it names no instance")


_PLACES: dict[str, Callable[[Fields, Family], str | Unnamed]] = {
    "server": _server,
    "host": _host,
    "file": _file,
    "redshift": _redshift,
    "snowflake": _snowflake,
    "athena": _athena,
    "bigquery": _bigquery,
    "spanner": _spanner,
}
