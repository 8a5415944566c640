"""The SQL that a job ran last, as its runs tell it: of all tasks that were mapped in one DAG run together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from airflow_provider_catalog.model.statement import Event
from airflow_provider_catalog.sources.columns import Script
from airflow_provider_catalog.store.protocol import RunRow, Store

_RUNS = 50


class Ran(NamedTuple):
    """What was run, and when that ended."""

    scripts: tuple[Script, ...]
    at: int


def ran(store: Store, jobs: Collection[int]) -> dict[int, Ran]:
    """Jobs of which no run ended well are left out: nobody knows what they will do. So are those whose SQL was read
    with all there is to know.
    """
    found: dict[int, Ran] = {}
    read: set[int] = set()
    for job, (run, details) in store.latest(jobs).items() if jobs else ():
        scripts = _scripts([details])
        if _is_read(details):
            read.add(job)
        elif scripts and run.state is Event.COMPLETE and not _mapped(details):
            found[job] = Ran(scripts, _ended([run]))
    rest = [job for job in jobs if job not in found and job not in read]
    return found | {job: _of(store, runs) for job, runs in _last_together(store, rest).items()}


def _last_together(store: Store, jobs: Sequence[int]) -> dict[int, list[RunRow]]:
    """The newest run of each that ended well, and those of the same DAG run."""
    ended: defaultdict[int, list[RunRow]] = defaultdict(list)
    for run in store.runs(jobs, limit=_RUNS) if jobs else ():
        if run.state is Event.COMPLETE:
            ended[run.job].append(run)
    return {
        job: [run for run in runs if run is runs[0] or run.parent_run_id == runs[0].parent_run_id is not None]
        for job, runs in ended.items()
    }


def _of(store: Store, runs: Sequence[RunRow]) -> Ran:
    told = (statement.details for run in runs for statement in (store.run(run.run_id) or (run, []))[1])
    return Ran(_scripts(told), _ended(runs))


def _scripts(told: Iterable[Mapping[str, Any]]) -> tuple[Script, ...]:
    return tuple(dict.fromkeys(script for details in told for script in _script(details.get("sql"))))


def _script(sql: Any) -> Iterator[Script]:
    """What was cut cannot be read."""
    if isinstance(sql, dict) and isinstance(sql.get("query"), str) and not sql.get("truncated"):
        yield Script(sql["query"], sql.get("dialect") or "", sql.get("database"), sql.get("schema"), _into(sql))


def _into(sql: Mapping[str, Any]) -> tuple[str, str] | None:
    stated = sql.get("into")
    return (str(stated.get("namespace")), str(stated.get("name"))) if isinstance(stated, dict) else None


def _is_read(details: Mapping[str, Any]) -> bool:
    """With all columns of its tables, by whoever told of it."""
    sql = details.get("sql")
    return isinstance(sql, dict) and sql.get("read") is True


def _mapped(details: Mapping[str, Any]) -> bool:
    airflow = details.get("airflow")
    return isinstance(airflow, dict) and airflow.get("map_index", -1) != -1


def _ended(runs: Iterable[RunRow]) -> int:
    return max((at for run in runs for at in (run.started_at, run.ended_at) if at is not None), default=0)
