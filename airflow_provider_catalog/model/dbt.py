"""What the catalog is told of a run of dbt: documents, each whole by itself, made of what dbt says in its own names.

Whoever has dbt's artifacts makes them, with `dbt_nodes`, `dbt_results` and `dbt_target`; the macros of our dbt package
make them inside dbt, for those who have none. `sources.dbt` reads them. Node by node they are what the manifest says,
less what nobody here asks for.
"""

from __future__ import annotations

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
