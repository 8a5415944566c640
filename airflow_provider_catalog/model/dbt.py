"""What the catalog is told of a run of dbt: documents, each whole by itself, made of what dbt says in its own names.

Whoever has dbt's artifacts makes them with `documents`; the macros of our dbt package make them inside dbt, for those
who have none. `sources.dbt` reads them. Node by node they are what the manifest says, less what nobody here asks for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypedDict
from uuid import UUID, uuid5

DBT = "dbt"
"""The kind of envelopes that documents come in."""

FORMAT = 1
REVISIONS = 999
MARKER = "airflow_catalog"
"""What our hook leaves goes by this name: in `adapter_response` of a result, and before a line of a log."""

NAMESPACE = "dbt"
"""Of jobs, as `dbt-ol` has it, unless an installation has named its own."""
INVOCATION = "dbt-run-"
"""Before the name of a project: the job whose runs are invocations."""

_SUFFIXES = {"seed": ".seed", "snapshot": ".snapshot"}


def job_namespace(stated: str) -> str:
    """What OpenLineage itself comes with is nobody's."""
    return NAMESPACE if stated in {"", "default"} else stated


def job_name(database: str, schema: str, unique_id: str, kind: str) -> str:
    """As `dbt-ol` names what `dbt run` runs, so that development and production are two. `kind`: of the node, or "test"
    for the tests of one.
    """
    first, _, rest = unique_id.partition(".")
    tail = rest if first in {"model", "seed", "snapshot"} else unique_id
    suffix = ".test" if kind == "test" and first != "test" else _SUFFIXES.get(kind, "")
    return ".".join(part for part in (database, schema, tail) if part) + suffix


def test_name(relation: str, unique_id: str) -> str:
    """The job of all tests of a relation, by its dotted name, in the package of one of them or of it."""
    *place, name = relation.split(".")
    return ".".join((*place, *unique_id.split(".")[1:2], name)) + ".test"


def run_id(invocation: str, job: str) -> str:
    """Of a job in an invocation: whoever tells of it means the same one."""
    try:
        return str(uuid5(UUID(invocation), job))
    except ValueError:
        return f"{invocation}.{job}"


class Invocation(TypedDict, total=False):
    """One command of dbt. Times as dbt writes them."""

    id: str
    started_at: str
    ended_at: str
    command: str
    """`run`, `build`, `test` …; not its arguments."""
    full_refresh: bool
    succeeded: bool
    """Of all of it, also of what other documents tell."""
    dbt_version: str


class Target(TypedDict, total=False):
    """Where dbt writes to, as the profile's target has it, without who logs in. Either it or `dataset_namespace`."""

    type: str
    """Of the adapter."""
    name: str
    host: str
    port: int
    database: str
    schema: str
    path: str
    """Of a file."""
    account: str
    region: str
    method: str
    attached: dict[str, str]
    """DuckDB: the files of databases, by the names that they have here."""


class Document(TypedDict, total=False):
    """A part of an invocation, or all of it. `nodes` hold models, seeds, snapshots, tests, sources, exposures, metrics
    and all else that has a `unique_id`; `parents` what they depend on and is not among them; `columns` what columns
    such have, in their order, where that is known otherwise than from the nodes.
    """

    format: int
    project: str
    invocation: Invocation
    target: Target
    dataset_namespace: str
    """OpenLineage's, where somebody told it: then the target is not asked."""
    job_namespace: str
    parent: dict[str, str]
    """{"namespace", "name", "run_id"}: of the task that ran dbt, in OpenLineage's ids."""
    airflow: dict[str, Any]
    """The same, as a record of that task has it: what `sources.airflow_runs` reads."""
    nodes: list[dict[str, Any]]
    parents: list[dict[str, Any]]
    columns: dict[str, list[str]]
    partial: list[str]
    """Of these there may be more columns than `columns` has."""
    all_columns: bool
    """Of what these nodes are made of there are all that the catalog knows."""
    groups: dict[str, Any]
    """Who owns what is in them, by their names."""
    before: bool
    """These nodes may have been told of: what they do not say any more is nobody's word."""
    more: bool
    """Another document will tell how the invocation ended."""
    results: list[dict[str, Any]]
    catalog: dict[str, dict[str, Any]]
    freshness: list[dict[str, Any]]
    """Results of sources.json."""
    gone: list[dict[str, Any]]
    """Nodes that were told of and are no more."""
    generated_at: str
    """When what the nodes say was so."""
    revision: int
    """Of what is told again of the same time the highest counts."""


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
_RESULT = (
    *("unique_id", "status", "execution_time", "message", "failures", "thread_id", "timing", "adapter_response"),
    *("batch_results",),
)
_BROUGHT = (
    *("dbt", "dbt_postgres", "dbt_redshift", "dbt_snowflake", "dbt_bigquery", "dbt_spark", "dbt_databricks"),
    *("dbt_duckdb", "dbt_sqlite", "dbt_athena", "dbt_glue", "dbt_trino", "dbt_mysql", "dbt_clickhouse"),
    *("dbt_sqlserver", "dbt_fabric", "dbt_synapse", "dbt_oracle", "dbt_teradata", "dbt_vertica", "dbt_dremio"),
)
_OF_DBT = tuple(f"macro.{package}." for package in _BROUGHT)
_TABLES = ("nodes", "sources", "exposures", "metrics", "semantic_models", "saved_queries", "unit_tests")


def all_nodes(manifest: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Whatever has a `unique_id` of its own and is not a macro or a text, by it."""
    found: dict[str, dict[str, Any]] = {}
    for table in _TABLES:
        stated = manifest.get(table)
        listed = stated.items() if isinstance(stated, dict) else ()
        found |= {unique_id: each for unique_id, each in listed if isinstance(each, dict) and not _is_none(each)}
    return found


def _is_none(stated: Mapping[str, Any]) -> bool:
    """SQL of a hook or of somebody's command; a test of what is disabled."""
    disabled = _mapping(stated.get("config")).get("enabled") is False
    return disabled or stated.get("resource_type") in ("operation", "rpc", "sql_operation")


def node(stated: Mapping[str, Any]) -> dict[str, Any]:
    """A node of a manifest, less what nobody asks for."""
    kept = _some(stated, _KEPT)
    kept["config"] = _some(_mapping(stated.get("config")), _CONFIG)
    kept["columns"] = {
        name: _some(column, _COLUMN) for name, column in _mapping(stated.get("columns")).items() if _mapping(column)
    }
    depends = _mapping(stated.get("depends_on"))
    kept["depends_on"] = {key: _own(depends.get(key)) for key in ("nodes", "macros")}
    if checksum := _mapping(stated.get("checksum")).get("checksum"):
        kept["checksum"] = checksum
    if test := _mapping(stated.get("test_metadata")):
        kept["test_metadata"] = _some(test, ("name", "namespace", "kwargs"))
    return {key: value for key, value in kept.items() if value not in (None, "", [], {})}


def placed(stated: Mapping[str, Any]) -> dict[str, Any]:
    """What a node is called, for those that depend on it; its columns as far as they are written down."""
    kept = _some(stated, _PLACED)
    kept["config"] = _some(_mapping(stated.get("config")), ("materialized", "location"))
    if columns := list(_mapping(stated.get("columns"))):
        kept["columns"] = columns
    if _is_passed(stated):
        kept["depends_on"] = {"nodes": _own(_mapping(stated.get("depends_on")).get("nodes"))}
    return kept


def result(stated: Mapping[str, Any]) -> dict[str, Any]:
    """A result without what our hook has left in it, and without the SQL, which is the node's."""
    kept = _some(stated, _RESULT)
    if isinstance(response := kept.get("adapter_response"), dict):
        kept["adapter_response"] = {key: value for key, value in response.items() if key != MARKER}
    return kept


def marked(run_results: Mapping[str, Any]) -> dict[str, Any]:
    """What our hook left in the results: {"target", "parent", …}; nothing where it did not run."""
    for each in _list(run_results.get("results")):
        found = _mapping(_mapping(_mapping(each).get("adapter_response")).get(MARKER))
        if found:
            return dict(found)
    return {}


def parents_of(nodes: Mapping[str, Mapping[str, Any]], among: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """What these depend on, beside themselves; through what is no relation to what that is made of."""
    seen = set(nodes)
    waiting = [parent for each in nodes.values() for parent in _depends(each)]
    while waiting:
        unique_id = waiting.pop()
        stated = among.get(unique_id)
        if stated is None or unique_id in seen:
            continue
        seen.add(unique_id)
        yield unique_id
        if _is_passed(stated):
            waiting += _depends(stated)


def _is_passed(stated: Mapping[str, Any]) -> bool:
    """Ephemeral models, and what only gathers others."""
    ephemeral = _mapping(stated.get("config")).get("materialized") == "ephemeral"
    return ephemeral or stated.get("resource_type") in _GATHERING


def _depends(stated: Mapping[str, Any]) -> Sequence[str]:
    return [each for each in _list(_mapping(stated.get("depends_on")).get("nodes")) if isinstance(each, str)]


def _own(values: Any) -> list[Any]:
    """What dbt and its adapters bring along is in every project."""
    return [each for each in _list(values) if not str(each).startswith(_OF_DBT)]


def _some(stated: Mapping[str, Any], keys: Sequence[str]) -> dict[str, Any]:
    return {key: stated[key] for key in keys if stated.get(key) not in (None, "", [], {})}


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
