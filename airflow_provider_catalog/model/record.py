"""Records: what a task process knows of its run and nobody else can tell later.

`capture` writes them, `sources.task` and `sources.dag_run` read them; between the two they are JSON, and it is this
module that says what is in it. Times are microseconds since 1970, UTC. A key whose value is not known is left out.
"""

from __future__ import annotations

from typing import Any, TypedDict

TASK, DAG_RUN, ASSET = "task", "dag_run", "asset"
"""The kinds of envelopes that records come in."""


class AssetRecord(TypedDict, total=False):
    """An Airflow asset: an inlet, an outlet, or what a hook reported."""

    uri: str
    name: str
    group: str


class ConnectionRecord(TypedDict, total=False):
    """What tells which server and database a connection means; never who logs in, or with what."""

    conn_type: str
    hook: str
    """Dotted path of the hook's class, where one was seen."""
    host: str
    port: int
    schema: str
    extra: dict[str, Any]
    """Only the entries that identify, such as `account`, `project`, `region_name`."""


class SqlRecord(TypedDict, total=False):
    """A statement that was run, or several in one text, without the values of its parameters."""

    sql: str
    conn_id: str
    """A key of the record's `connections`."""
    default_database: str
    default_schema: str
    row_count: int
    job_id: str
    """What the database calls this query."""


class Declaration(TypedDict, total=False):
    """What `@lineage` or `@task.catalogued` was told. Datasets as URIs or `namespace/name`, columns as
    `dataset#column`.
    """

    inputs: list[str]
    outputs: list[str]
    columns: dict[str, list[str]]
    """For each column that is written those it is made of."""


class ErrorRecord(TypedDict, total=False):
    """`type`: the exception's class, which the scheduler does not tell."""

    type: str
    message: str


class TaskRecord(TypedDict, total=False):
    """One change of state of one try of a task. `incomplete` says what is missing, such as what was over a limit."""

    state: str
    """Airflow's: running, deferred, success, failed, up_for_retry, skipped."""
    time: int
    namespace: str
    """OpenLineage's job namespace."""
    dag_id: str
    task_id: str
    run_id: str
    """Airflow's, such as `scheduled__2026-01-01T00:00:00+00:00`."""
    map_index: int
    try_number: int
    date: str
    """ISO 8601: the run's logical date, else `run_after`. OpenLineage's run ids are made of it."""
    clear_number: int
    run_type: str
    data_interval_start: int
    data_interval_end: int
    start_date: int
    end_date: int
    operator: str
    """The class's name; `operator_class` is its dotted path."""
    operator_class: str
    operator_bases: list[str]
    """Of an operator that no provider has made: the providers' classes that it is made of, the nearest first."""
    owner: str
    doc: str
    """What its author wrote about the task; `dag_doc` about the DAG, whose `tags` these are."""
    dag_doc: str
    tags: list[str]
    inlets: list[AssetRecord]
    outlets: list[AssetRecord]
    outlet_events: list[AssetRecord]
    """What was added while it ran, aliases resolved."""
    hook_inputs: list[AssetRecord]
    hook_outputs: list[AssetRecord]
    sql: list[SqlRecord]
    """What hooks reported, in order; without any, what an SQL operator's rendered fields say."""
    fields: dict[str, Any]
    """Rendered fields of the operator that a source may need, such as those of a transfer. Of AWS also the region and
    the account that its hook was told.
    """
    connections: dict[str, ConnectionRecord]
    declared: list[Declaration]
    openlineage: dict[str, Any]
    """What the operator says itself: `inputs`, `outputs`, `run_facets`, `job_facets`, in OpenLineage's JSON."""
    error: ErrorRecord
    versions: dict[str, str]
    incomplete: list[str]


class EndedTaskRecord(TypedDict, total=False):
    """How a task ended, by the scheduler's memory: its own process may not have told it."""

    task_id: str
    map_index: int
    try_number: int
    state: str
    """Airflow's: failed, skipped, removed; success of one that ended in its trigger."""
    operator: str
    start_date: int
    end_date: int
    """Without one Airflow has stopped it on the way."""
    heartbeat: int
    """When its process was last known to be alive."""
    deferred: bool
    """It was waiting for a trigger, or had gone on after one."""


class DagRunRecord(TypedDict, total=False):
    """One change of state of a DAG run. Also of what the scheduler or a user did to it."""

    state: str
    """Airflow's: running, success, failed."""
    time: int
    namespace: str
    dag_id: str
    run_id: str
    date: str
    clear_number: int
    run_type: str
    data_interval_start: int
    data_interval_end: int
    start_date: int
    end_date: int
    tasks: list[EndedTaskRecord]
    versions: dict[str, str]
    incomplete: list[str]


class AssetEventRecord(TypedDict, total=False):
    """An asset that came to be, or an event of it that no task of ours told of."""

    asset: AssetRecord
    time: int
    dag_id: str
    task_id: str
    run_id: str
    map_index: int
    namespace: str
