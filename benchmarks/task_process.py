"""Task processes as Airflow forks them, with the hooks of whichever listener is on: what each costs.

`main` is run in a process of its own with KIND, STATE and COUNT as arguments: it forks COUNT task processes one after
the other from a parent that has Airflow loaded, as an executor does, and prints a line of JSON for each: the wall time
of each hook and the CPU of all of them, plugins being loaded counted.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import sys
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

SQL = "INSERT INTO shop.report SELECT o.id, c.name FROM shop.orders o JOIN shop.customers c ON c.id = o.customer"


class Cost(NamedTuple):
    """Seconds. `load`: of the plugins; `cpu`: of the process and its children, from there to its end."""

    load: float
    running: float
    end: float
    stopping: float
    cpu: float


def main() -> None:
    kind, state, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    make = loaded(kind)
    gc.collect()
    gc.freeze()
    for number in range(count):
        print(json.dumps(in_a_process(partial(cost, make(number), state))._asdict()), flush=True)


def loaded(kind: str) -> Callable[[int], Any]:
    """Imports what a task process has at the time of its first hook, and nothing of any listener."""
    from airflow.providers.common.sql.operators.sql import SQLExecuteQueryOperator
    from airflow.providers.standard.operators.python import PythonOperator
    from airflow.sdk import DAG
    from airflow.sdk.execution_time import task_runner

    with DAG("bench", schedule=None, tags=["a"]) as dag:
        SQLExecuteQueryOperator(task_id="sql", conn_id="bench_db", sql=SQL)
        PythonOperator(task_id="none", python_callable=print)

    def make(number: int) -> Any:
        return _instance(task_runner.RuntimeTaskInstance, dag.get_task(kind), number)

    return make


def _instance(kind: Any, task: Any, number: int) -> Any:
    from airflow.dag_processing.bundles.local import LocalDagBundle
    from airflow.sdk.api.datamodels._generated import DagRun, DagRunState, DagRunType, TIRunContext

    now = datetime.now(UTC)
    run = DagRun(
        dag_id="bench",
        run_id=f"manual__{os.getpid()}_{number}",
        logical_date=now,
        data_interval_start=now,
        data_interval_end=now,
        run_after=now,
        start_date=now,
        end_date=None,
        run_type=DagRunType.MANUAL,
        state=DagRunState.RUNNING,
        consumed_asset_events=[],
        partition_key=None,
    )
    return kind.model_construct(
        id=uuid.uuid4(),
        task=task,
        task_id=task.task_id,
        dag_id="bench",
        run_id=run.run_id,
        try_number=1,
        map_index=-1,
        max_tries=0,
        start_date=now,
        bundle_instance=LocalDagBundle(name="bench", path="."),
        _ti_context_from_server=TIRunContext(dag_run=run, max_tries=0),
    )


def in_a_process(work: Callable[[], Cost]) -> Cost:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        os.write(writing, json.dumps(work()).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        told = pipe.read()
    os.waitpid(child, 0)
    return Cost(*json.loads(told))


def cost(ti: Any, state: str, sql: str = SQL) -> Cost:
    from airflow.sdk.execution_time.task_runner import TaskRunnerMarker
    from airflow.sdk.listener import get_listener_manager

    ti.get_template_context()
    before = _cpu()
    marks = [time.perf_counter()]
    hook = get_listener_manager().hook
    marks.append(time.perf_counter())
    hook.on_task_instance_running(previous_state="queued", task_instance=ti)
    marks.append(time.perf_counter())
    _work(ti, sql)
    ti.end_date, ti.state = datetime.now(UTC), state
    marks.append(time.perf_counter())
    arguments = {"previous_state": "running", "task_instance": ti}
    if state == "failed":
        hook.on_task_instance_failed(**arguments, error=ValueError("x"))
    else:
        getattr(hook, f"on_task_instance_{state}")(**arguments)
    marks.append(time.perf_counter())
    hook.before_stopping(component=TaskRunnerMarker())
    marks.append(time.perf_counter())
    load, running, _, end, stopping = (after - start for start, after in pairwise(marks))
    return Cost(load, running, end, stopping, _cpu() - before)


def _work(ti: Any, sql: str) -> None:
    """What hooks report while a task of SQL runs, without a database."""
    if ti.task_id != "sql":
        return
    from airflow.providers.common.sql.hooks.lineage import send_sql_hook_lineage
    from airflow.providers.sqlite.hooks.sqlite import SqliteHook

    hook = SqliteHook(sqlite_conn_id="bench_db")  # type: ignore[no-untyped-call]  # of Airflow
    _ = hook.connection  # a hook that has run something has looked its connection up
    send_sql_hook_lineage(context=hook, sql=sql, row_count=3)


def _cpu() -> float:
    usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in usage)
