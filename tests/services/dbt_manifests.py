"""Manifests of dbt as golden files write them: short, made into what dbt writes for PostgreSQL.

{"models": {"sums": {"sql": "select …", "from": ["orders"], "columns": {"id": "bigint"}, "owner": "finance"}},
 "sources": {"raw.orders": {"columns": {"id": "int"}}}, "seeds": …, "snapshots": …,
 "exposures": {"board": {"from": ["sums"], "owner": "bi"}},
 "tests": {"unique_orders_id": {"of": "orders", "column": "id"}}, "unit_tests": {"doubles": {"of": "sums"}},
 "groups": {"finance": {"name": "Fin", "email": …}}, "catalog": {"orders": {"id": "integer"}}}
"""

from __future__ import annotations

from typing import Any

PROJECT = "shop"
SCHEMA = "public"
_KINDS = {"models": "model", "seeds": "seed", "snapshots": "snapshot"}
_USERS = {"exposures": "exposure", "metrics": "metric"}


def manifest(said: dict[str, Any]) -> dict[str, Any]:
    nodes: dict[str, Any] = {}
    for table, kind in _KINDS.items():
        for name, node in said.get(table, {}).items():
            unique_id = _id(kind, name, node)
            nodes[unique_id] = _relation(kind, name, node, said)
    for name, test in said.get("tests", {}).items():
        nodes[f"test.{PROJECT}.{name}"] = _test(name, test, said)
    users = {
        table: {f"{kind}.{PROJECT}.{name}": _user(kind, name, user, said) for name, user in said.get(table, {}).items()}
        for table, kind in _USERS.items()
    }
    return {
        "metadata": {
            "dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json",
            "adapter_type": said.get("adapter", "postgres"),
            "project_name": PROJECT,
            "generated_at": "2025-01-02T03:04:05.000000Z",
        },
        "nodes": nodes,
        "sources": {_source_id(name): _source(name, source) for name, source in said.get("sources", {}).items()},
        "unit_tests": {
            f"unit_test.{PROJECT}.{test['of']}.{name}": {
                "unique_id": f"unit_test.{PROJECT}.{test['of']}.{name}",
                "resource_type": "unit_test",
                "name": name,
                "package_name": PROJECT,
                "model": test["of"],
                "depends_on": {"nodes": [_named(test["of"], said)]},
            }
            for name, test in said.get("unit_tests", {}).items()
        },
        "groups": {
            f"group.{PROJECT}.{name}": {"name": name, "resource_type": "group", "owner": owner}
            for name, owner in said.get("groups", {}).items()
        },
        **users,
    }


def catalog(said: dict[str, Any]) -> dict[str, Any] | None:
    if "catalog" not in said:
        return None
    tables = {_named(name, said): {"columns": _known(columns)} for name, columns in said["catalog"].items()}
    return {
        "nodes": {each: table for each, table in tables.items() if not each.startswith("source.")},
        "sources": {each: table for each, table in tables.items() if each.startswith("source.")},
    }


def _known(columns: dict[str, str]) -> dict[str, Any]:
    return {name: {"name": name, "type": type_, "index": at} for at, (name, type_) in enumerate(columns.items(), 1)}


def _id(kind: str, name: str, node: dict[str, Any]) -> str:
    return f"{kind}.{node.get('package', PROJECT)}.{name}"


def _source_id(name: str) -> str:
    return f"source.{PROJECT}.{name}"


def _named(name: str, said: dict[str, Any]) -> str:
    if name in said.get("sources", {}):
        return _source_id(name)
    return next(
        (_id(kind, name, said[table][name]) for table, kind in _KINDS.items() if name in said.get(table, {})),
        f"model.{PROJECT}.{name}",
    )


def _relation(kind: str, name: str, node: dict[str, Any], said: dict[str, Any]) -> dict[str, Any]:
    alias, schema = node.get("alias", name), node.get("schema", SCHEMA)
    materialized = node.get("materialized", "table")
    made = {
        "unique_id": _id(kind, name, node),
        "resource_type": kind,
        "name": name,
        "package_name": node.get("package", PROJECT),
        "database": "shop",
        "schema": schema,
        "alias": alias,
        "relation_name": None if materialized == "ephemeral" else f'"shop"."{schema}"."{alias}"',
        "description": node.get("description", ""),
        "language": node.get("language", "sql"),
        "columns": _columns(node.get("columns", {})),
        "meta": {"owner": node["owner"]} if "owner" in node else {},
        "config": {"materialized": materialized, "group": node.get("group"), "schema": node.get("schema")},
        "depends_on": {"nodes": [_named(each, said) for each in node.get("from", [])], "macros": []},
        "checksum": {"name": "sha256", "checksum": node.get("checksum", node.get("sql", ""))},
    }
    return made | ({"compiled_code": node["sql"]} if "sql" in node else {})


def _source(name: str, source: dict[str, Any]) -> dict[str, Any]:
    schema, _, table = name.partition(".")
    identifier = source.get("identifier", table)
    return {
        "unique_id": _source_id(name),
        "resource_type": "source",
        "name": table,
        "source_name": schema,
        "package_name": PROJECT,
        "database": "shop",
        "schema": schema,
        "identifier": identifier,
        "relation_name": f'"shop"."{schema}"."{identifier}"',
        "description": source.get("description", ""),
        "columns": _columns(source.get("columns", {})),
        "config": {"meta": {"owner": source["owner"]} if "owner" in source else {}},
    }


def _columns(columns: dict[str, Any]) -> dict[str, Any]:
    """A type, or all that is said of a column."""
    return {
        name: {"name": name, **(said if isinstance(said, dict) else {"data_type": said})}
        for name, said in columns.items()
    }


def _test(name: str, test: dict[str, Any], said: dict[str, Any]) -> dict[str, Any]:
    of = _named(test["of"], said)
    others = [_named(each, said) for each in test.get("from", [])]
    return {
        "unique_id": f"test.{PROJECT}.{name}",
        "resource_type": "test",
        "name": name,
        "package_name": PROJECT,
        "attached_node": None if test.get("singular") else of,
        "column_name": test.get("column"),
        "depends_on": {"nodes": [of, *others]},
    }


def _user(kind: str, name: str, user: dict[str, Any], said: dict[str, Any]) -> dict[str, Any]:
    return {
        "unique_id": f"{kind}.{PROJECT}.{name}",
        "resource_type": kind,
        "name": name,
        "package_name": PROJECT,
        "owner": {"name": user.get("owner")},
        "url": user.get("url"),
        "depends_on": {"nodes": [_named(each, said) for each in user["from"]]},
    }
