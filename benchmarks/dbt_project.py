"""A made-up project of dbt, as the artifacts of one of its runs: layers of models with a dozen columns each, tests on
them, and SQL as people write it. The same size gives the same project, and each invocation other results.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

PROJECT, DATABASE, SCHEMA = "warehouse", "analytics", "prod"
PROFILES = """
warehouse:
  target: prod
  outputs:
    prod: {type: postgres, host: warehouse.internal, port: 5432, user: dbt, pass: "", dbname: analytics, schema: prod}
"""
_COLUMNS = 12
_DAY = "2026-03-01T0"


class Model(NamedTuple):
    name: str
    parents: tuple[str, ...]
    columns: tuple[str, ...]
    sql: str


def write(folder: Path, size: int, invocation: int = 1) -> Path:
    """Into a folder: `dbt_project.yml`, `profiles.yml`, and what dbt leaves in `target`."""
    target = folder / "target"
    target.mkdir(parents=True, exist_ok=True)
    (folder / "dbt_project.yml").write_text(f"name: {PROJECT}\nversion: '1'\nprofile: {PROJECT}\n")
    (folder / "profiles.yml").write_text(PROFILES)
    models, sources = project(size)
    run = {"invocation_id": str(UUID(int=invocation, version=4)), "generated_at": f"{_DAY}{invocation}:30:00.000000Z"}
    (target / "manifest.json").write_text(json.dumps(manifest(models, sources, run)))
    (target / "run_results.json").write_text(json.dumps(run_results(models, run, invocation, folder)))
    return target


def project(size: int) -> tuple[list[Model], list[Model]]:
    """A tenth as many sources as models; a fifth of the models read those, the others what is before them."""
    chance = random.Random(size)
    sources = [Model(f"raw_{i}", (), _columns("raw", i), "") for i in range(max(1, size // 10))]
    models: list[Model] = []
    for i in range(size):
        above = sources if i < max(1, size // 5) else models[max(0, i - size // 2) : i] or sources
        parents = chance.sample(above, min(len(above), chance.choice((1, 1, 2, 3))))
        models.append(_model(i, parents))
    return models, sources


def _columns(of: str, i: int) -> tuple[str, ...]:
    return ("id", "updated_at", *(f"{of}_{i % 97}_{j}" for j in range(_COLUMNS - 2)))


def _model(i: int, parents: list[Model]) -> Model:
    """Each third of them leaves a star to be read."""
    first, *others = parents
    name, made = f"model_{i}", _columns("made", i)
    joins = "\n".join(f"left join {_relation(p)} as p{n} on p{n}.id = base.id" for n, p in enumerate(others))
    picked = [f"coalesce(p{n}.{p.columns[2]}, 0) as {name}_{n}" for n, p in enumerate(others)]
    ctes = f"with base as (\n    select * from {_relation(first)}\n    where updated_at >= '2024-01-01'\n)"  # noqa: S608  made up
    if i % 3 == 0:
        columns = (*first.columns, *(f"{name}_{n}" for n in range(len(others))), "loaded_at")
        chosen = ["base.*", *picked, "current_timestamp as loaded_at"]
    else:
        columns = ("id", "updated_at", *made[2 : len(first.columns)], *(f"{name}_{n}" for n in range(len(others))))
        renamed = zip(first.columns[2:], made[2:], strict=False)
        chosen = ["base.id", "base.updated_at", *(_expression(a, b, j) for j, (a, b) in enumerate(renamed)), *picked]
        columns = (*dict.fromkeys(columns),)
    listed = ",\n    ".join(chosen)
    sql = f"{ctes}\nselect\n    {listed}\nfrom base\n{joins}"
    return Model(name, tuple(parent.name for parent in parents), columns, sql)


def _expression(source: str, target: str, j: int) -> str:
    forms = ("base.{0} as {1}", "coalesce(base.{0}, 0) as {1}", "case when base.{0} > 10 then 1 else 0 end as {1}")
    return forms[j % 3].format(source, target)


def _relation(model: Model) -> str:
    return f'"{DATABASE}"."{"raw" if model.name.startswith("raw") else SCHEMA}"."{model.name}"'


# -- as dbt writes it


def manifest(models: list[Model], sources: list[Model], run: Mapping[str, str]) -> dict[str, Any]:
    nodes = {f"model.{PROJECT}.{model.name}": _node(model) for model in models}
    tests = {test["unique_id"]: test for model in models for test in _tests(model)}
    of_sources = {_id(source.name): _source(source) for source in sources}
    everything = {**nodes, **tests}
    parents = {name: node["depends_on"]["nodes"] for name, node in everything.items()} | {s: [] for s in of_sources}
    children: dict[str, list[str]] = {name: [] for name in parents}
    for name, above in parents.items():
        for parent in above:
            children[parent].append(name)
    metadata: dict[str, Any] = {
        "dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json",
        "dbt_version": "1.11.0",
        "env": {},
        "project_name": PROJECT,
        "adapter_type": "postgres",
        "project_id": "0" * 32,
        "user_id": None,
        "send_anonymous_usage_stats": False,
        **run,
    }
    empty: dict[str, dict[str, Any]] = {
        name: {}
        for name in (
            *("macros", "docs", "exposures", "metrics", "groups", "selectors", "disabled", "group_map"),
            *("saved_queries", "semantic_models", "unit_tests"),
        )
    }
    return {
        "metadata": metadata,
        "nodes": everything,
        "sources": of_sources,
        **empty,
        "parent_map": parents,
        "child_map": children,
    }


def _id(name: str) -> str:
    return f"source.{PROJECT}.raw.{name}" if name.startswith("raw") else f"model.{PROJECT}.{name}"


def _described(columns: tuple[str, ...]) -> dict[str, Any]:
    more: dict[str, Any] = {"meta": {}, "data_type": None, "constraints": [], "quote": None, "tags": []}
    return {name: {"name": name, "description": f"What {name} is.", **more} for name in columns}


def _base(name: str, kind: str, folder: str) -> dict[str, Any]:
    return {
        "database": DATABASE,
        "schema": SCHEMA,
        "name": name,
        "resource_type": kind,
        "package_name": PROJECT,
        "path": f"{name}.sql",
        "original_file_path": f"{folder}/{name}.sql",
        "fqn": [PROJECT, name],
        "alias": name,
        "checksum": {"name": "sha256", "checksum": sha256(name.encode()).hexdigest()},
        "tags": [],
        "description": "",
        "columns": {},
        "meta": {},
        "group": None,
        "docs": {"show": True},
        "patch_path": None,
        "build_path": None,
        "unrendered_config": {},
        "created_at": 1_700_000_000.0,
        "language": "sql",
        "refs": [],
        "sources": [],
        "metrics": [],
        "contract": {"enforced": False},
        "compiled": True,
        "extra_ctes_injected": True,
        "extra_ctes": [],
    }


def _node(model: Model) -> dict[str, Any]:
    config = {"enabled": True, "materialized": "table", "tags": [], "meta": {}, "on_schema_change": "ignore"}
    return {
        **_base(model.name, "model", "models"),
        "unique_id": _id(model.name),
        "relation_name": _relation(model),
        "config": config,
        "access": "protected",
        "description": f"The table {model.name}, made of {', '.join(model.parents)}.",
        "tags": ["nightly"],
        "columns": _described(model.columns),
        "meta": {"owner": "data@example.com"},
        "raw_code": model.sql,
        "compiled_code": model.sql,
        "constraints": [],
        "version": None,
        "latest_version": None,
        "depends_on": {"macros": [], "nodes": [_id(parent) for parent in model.parents]},
        "deprecation_date": None,
    }


def _tests(model: Model) -> Iterator[dict[str, Any]]:
    for kind in ("not_null", "unique"):
        name = f"{kind}_{model.name}_id"
        code = f"select id from {_relation(model)} where id is null"  # noqa: S608  made up
        yield {
            **_base(name, "test", "models"),
            "unique_id": f"test.{PROJECT}.{name}.{sha256(name.encode()).hexdigest()[:10]}",
            "relation_name": None,
            "config": {"enabled": True, "severity": "ERROR", "materialized": "test"},
            "column_name": "id",
            "test_metadata": {"name": kind, "kwargs": {"column_name": "id"}, "namespace": None},
            "attached_node": _id(model.name),
            "file_key_name": f"models.{model.name}",
            "compiled_code": code,
            "raw_code": "{{ test }}",
            "depends_on": {"macros": [], "nodes": [_id(model.name)]},
        }


def _source(source: Model) -> dict[str, Any]:
    base = {key: value for key, value in _base(source.name, "source", "models").items() if key in _OF_SOURCES}
    return {
        **base,
        "unique_id": _id(source.name),
        "schema": "raw",
        "source_name": "raw",
        "identifier": source.name,
        "source_description": "",
        "loader": "",
        "relation_name": _relation(source),
        "config": {"enabled": True},
        "columns": _described(source.columns),
        "quoting": {},
        "freshness": None,
        "external": None,
        "loaded_at_field": None,
        "source_meta": {},
    }


_OF_SOURCES = (
    *("database", "schema", "name", "resource_type", "package_name", "path", "original_file_path", "fqn", "tags"),
    *("description", "meta", "patch_path", "unrendered_config", "created_at"),
)


def run_results(models: list[Model], run: Mapping[str, str], invocation: int, folder: Path) -> dict[str, Any]:
    """All of them went well."""
    ids = [each for model in models for each in (_id(model.name), *(test["unique_id"] for test in _tests(model)))]
    return {
        "metadata": {
            "dbt_schema_version": "https://schemas.getdbt.com/dbt/run-results/v6.json",
            "dbt_version": "1.11.0",
            "env": {},
            "invocation_started_at": f"{_DAY}{invocation}:00:00.000000Z",
            **run,
        },
        "results": [_result(unique_id, i, invocation) for i, unique_id in enumerate(ids)],
        "elapsed_time": 1_800.0,
        "args": {"which": "build", "project_dir": str(folder), "profiles_dir": str(folder), "target": "prod"},
    }


def _result(unique_id: str, i: int, invocation: int) -> dict[str, Any]:
    test = unique_id.startswith("test.")
    at = f"{_DAY}{invocation}:{i % 30:02}:{i % 59:02}"
    span = {"started_at": f"{at}.000100Z", "completed_at": f"{at}.{100_000 + i % 900_000:06}Z"}
    return {
        "unique_id": unique_id,
        "status": "pass" if test else "success",
        "failures": 0 if test else None,
        "timing": [{"name": "compile", **span}, {"name": "execute", **span}],
        "thread_id": f"Thread-{i % 4}",
        "execution_time": 0.1 + i % 7,
        "message": None if test else f"SELECT {i}",
        "compiled": True,
        "adapter_response": {"_message": "SELECT 1", "code": "SELECT", "rows_affected": i},
        "compiled_code": None,
        "relation_name": None,
        "batch_results": None,
    }
