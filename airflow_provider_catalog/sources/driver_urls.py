"""Connections over JDBC and ODBC: their URL, or the name of their driver, says which database is behind them.

`plain` gives such a connection as the database's own hook would have it, and any other as it is.
"""

from __future__ import annotations

import re
from typing import Any, TypeAlias

from airflow_provider_catalog.sources.database_families import FIELD, hinted_by, known_as

Fields: TypeAlias = dict[str, Any]
"""Of a connection: "type", "hook", "host", "port", `FIELD`, and its extras by their names in lower case."""

GENERIC = ("jdbc", "odbc", "generic")
"""Types of connections that can be to anything."""

_FILES = ("sqlite", "duckdb")
_PLACE = re.compile(
    r"(?is)(?:(?:thin|oci|iam):)?(?:[^@]*@)?(?://)?(?P<host>[^:/@,=\\]*)(?:[\\,][^/:]*)?(?::(?P<port>[0-9]{1,5}))?"
    r"(?:[:/](?P<path>(?![^:/]*=)[^:=]*))?"
)
_PARAMETER = re.compile(r"(\w+)\s*=\s*([^;&?,()=]*)")
_RENAMED = {
    **dict.fromkeys(("databasename", "dbname", "db"), "database"),
    **dict.fromkeys(("awsregion", "region"), "region_name"),
    **dict.fromkeys(("direct", "drillbit"), "host"),
    "conncatalog": "catalog",
    "connschema": FIELD,
    "projectid": "project",
}
_PATHS = {"trino": ("catalog", FIELD), "presto": ("catalog", FIELD), "oracle": ("service_name",)}


def plain(fields: Fields) -> Fields:
    if fields["host"].lower().startswith("jdbc:"):
        return _of_url(fields, fields["host"][5:])
    if fields["type"] not in GENERIC:
        return fields
    driver = " ".join(str(fields.get(key, "")) for key in ("driver", "driver_class", "sqlalchemy_scheme"))
    return {**fields, "type": hinted_by(driver) or fields["type"]}


def _of_url(fields: Fields, url: str) -> Fields:
    vendor, _, rest = url.partition(":")
    family = known_as(vendor) or hinted_by(vendor) or vendor.lower()
    if family in _FILES:
        return {**fields, "type": family, "host": re.split(r"[;?]", rest)[0].removeprefix("//")}
    said = {_RENAMED.get(key.lower(), key.lower()): value.strip() for key, value in _PARAMETER.findall(rest)}
    return {**fields, **_place(family, rest), **{key: value for key, value in said.items() if value}, "type": family}


def _place(family: str, rest: str) -> Fields:
    """Server and path; both may be among the parameters instead, or not be there at all."""
    found = _PLACE.match(re.split(r"[;?]", rest)[0])
    if found is None:
        return {"host": "", "port": None}
    path = [part for part in (found["path"] or "").split("/") if part]
    named = dict(zip(_PATHS.get(family, (FIELD,)), path, strict=False))
    return {"host": found["host"], "port": int(found["port"]) if found["port"] else None, **named}
