"""Nodes of a manifest as documents have them: less what nobody asks for, and what they depend on."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from typing import Any

from airflow_provider_catalog.model.untyped import listed, mapping, some, texts

_KEPT = (
    *("unique_id", "resource_type", "name", "package_name", "database", "schema", "alias", "identifier"),
    *("relation_name", "description", "tags", "meta", "language", "group", "access", "version", "latest_version"),
    *("deprecation_date", "constraints", "original_file_path", "compiled_code", "column_name", "attached_node"),
    *("source_name", "source_description", "loader", "loaded_at_field", "freshness", "url", "maturity", "type"),
    *("label", "owner", "model", "expression", "type_params", "entities", "dimensions", "measures", "primary_key"),
)
_CONFIG = (
    *("materialized", "unique_key", "incremental_strategy", "on_schema_change", "strategy", "updated_at", "check_cols"),
    *("severity", "contract", "group", "meta", "tags", "location", "event_time", "persist_docs", "partition_by"),
    *("access", "error_if", "warn_if", "store_failures", "external_location", "freshness", "format"),
    *("snapshot_meta_column_names", "hard_deletes"),
)
_COLUMN = ("name", "description", "data_type", "meta", "tags", "constraints", "config")
_PLACED = ("unique_id", "resource_type", "name", "database", "schema", "alias", "identifier", "relation_name", "config")
_GATHERING = ("metric", "semantic_model", "saved_query")
_BROUGHT = (
    *("dbt", "dbt_postgres", "dbt_redshift", "dbt_snowflake", "dbt_bigquery", "dbt_spark", "dbt_databricks"),
    *("dbt_duckdb", "dbt_sqlite", "dbt_athena", "dbt_glue", "dbt_trino", "dbt_mysql", "dbt_clickhouse"),
    *("dbt_sqlserver", "dbt_fabric", "dbt_synapse", "dbt_oracle", "dbt_teradata", "dbt_vertica", "dbt_dremio"),
)
_OF_DBT = tuple(f"macro.{package}." for package in _BROUGHT)
TESTS = frozenset({"test", "unit_test"})
_OF_TESTS = ("test_metadata", "column_name", "attached_node", "depends_on", "name")
_CATALOGUED = ("name", "type", "comment", "index")
_TABLES = ("nodes", "sources", "exposures", "metrics", "semantic_models", "saved_queries", "unit_tests")


def all_nodes(manifest: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Whatever has a `unique_id` of its own and is not a macro or a text, by it."""
    found: dict[str, dict[str, Any]] = {}
    for table in _TABLES:
        stated = mapping(manifest.get(table)).items()
        found |= {unique_id: each for unique_id, each in stated if isinstance(each, dict) and not _is_none(each)}
    return found


def _is_none(stated: Mapping[str, Any]) -> bool:
    """SQL of a hook or of somebody's command; a test of what is disabled."""
    disabled = mapping(stated.get("config")).get("enabled") is False
    return disabled or stated.get("resource_type") in ("operation", "rpc", "sql_operation")


def node(stated: Mapping[str, Any]) -> dict[str, Any]:
    """A node of a manifest, less what nobody asks for."""
    kept = some(stated, _KEPT)
    kept["config"] = some(mapping(stated.get("config")), _CONFIG)
    kept["columns"] = {
        name: some(column, _COLUMN) for name, column in mapping(stated.get("columns")).items() if mapping(column)
    }
    made_of = mapping(stated.get("depends_on"))
    kept["depends_on"] = {key: _own(made_of.get(key)) for key in ("nodes", "macros")}
    if checksum := mapping(stated.get("checksum")).get("checksum"):
        kept["checksum"] = checksum
    if test := mapping(stated.get("test_metadata")):
        kept["test_metadata"] = some(test, ("name", "namespace", "kwargs"))
    return {key: value for key, value in kept.items() if value not in (None, "", [], {})}


def placed(stated: Mapping[str, Any]) -> dict[str, Any]:
    """What a node is called, for those that depend on it; its columns as far as they are written down."""
    kept = some(stated, _PLACED)
    kept["config"] = some(mapping(stated.get("config")), ("materialized", "location"))
    if columns := list(mapping(stated.get("columns"))):
        kept["columns"] = columns
    if _is_passed(stated):
        kept["depends_on"] = {"nodes": _own(mapping(stated.get("depends_on")).get("nodes"))}
    return kept


def around(stated: Mapping[str, Any]) -> dict[str, Any]:
    """What a result cannot be read without."""
    more = _OF_TESTS if stated.get("resource_type") in TESTS else ()
    return placed(stated) | {key: stated[key] for key in more if key in stated}


def catalogued(entry: Any) -> dict[str, Any]:
    """A table of catalog.json: its columns."""
    stated = (each for each in mapping(mapping(entry).get("columns")).values() if isinstance(each, dict))
    return {"columns": [{key: each[key] for key in _CATALOGUED if key in each} for each in stated]}


def seed_columns(stated: Mapping[str, Any], first_line: str) -> list[str]:
    """Of a CSV file that begins so."""
    delimiter = mapping(stated.get("config")).get("delimiter")
    known = isinstance(delimiter, str) and len(delimiter) == 1
    return next(csv.reader([first_line], delimiter=str(delimiter) if known else ","), [])


def tested_by(stated: Mapping[str, Any]) -> str:
    """What a test is about: what dbt says so, else the last that it depends on, as `dbt-ol` has it."""
    attached = stated.get("attached_node")
    return attached if isinstance(attached, str) and attached else (depends_on(stated) or [""])[-1]


def unit_of(unique_id: str, stated: Mapping[str, Any]) -> str:
    """What a node is told together with: a test with what it tests."""
    return (tested_by(stated) if stated.get("resource_type") in TESTS else "") or unique_id


def parents_of(nodes: Mapping[str, Mapping[str, Any]], among: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """What these depend on, beside themselves; through what is no relation to what that is made of."""
    seen = set(nodes)
    waiting = [parent for each in nodes.values() for parent in depends_on(each)]
    while waiting:
        unique_id = waiting.pop()
        stated = among.get(unique_id)
        if stated is None or unique_id in seen:
            continue
        seen.add(unique_id)
        yield unique_id
        if _is_passed(stated):
            waiting += depends_on(stated)


def _is_passed(stated: Mapping[str, Any]) -> bool:
    """Ephemeral models, and what only gathers others."""
    ephemeral = mapping(stated.get("config")).get("materialized") == "ephemeral"
    return ephemeral or stated.get("resource_type") in _GATHERING


def depends_on(stated: Mapping[str, Any]) -> list[str]:
    return texts(mapping(stated.get("depends_on")).get("nodes"))


def _own(values: Any) -> list[Any]:
    """What dbt and its adapters bring along is in every project."""
    return [each for each in listed(values) if not str(each).startswith(_OF_DBT)]
