"""The SQL that a job ran last, as its runs tell it: of all tasks that were mapped in one DAG run together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, NamedTuple

from airflow_provider_catalog.model.statement import Event
from airflow_provider_catalog.sources.columns import SQL, Script
from airflow_provider_catalog.store.protocol import RunRow, Store

_RUNS = 50


class Ran(NamedTuple):
    """What was run, and when that ended."""

    scripts: tuple[Script, ...]
    at: int


def ran(store: Store, jobs: AbstractSet[int]) -> dict[int, Ran]:
    """Jobs of which no run ended well are left out: nobody knows what they will do. So are those whose SQL was read
    with all there is to know.
    """
    designed = _designed(store, jobs)
    found: dict[int, Ran] = {}
    for job, (run, details) in store.latest(jobs - designed.keys()).items() if jobs else ():
        scripts = _scripts([details])
        if scripts and run.state is Event.COMPLETE and not _mapped(details):
            found[job] = Ran(scripts, _ended([run]))
    rest = [job for job in jobs if job not in found and job not in designed]
    together = {job: _of(store, runs) for job, runs in _last_together(store, rest).items()}
    return found | together | designed


def _designed(store: Store, jobs: Collection[int]) -> dict[int, Ran]:
    """Of jobs whose SQL is known before they run."""
    found: dict[int, Ran] = {}
    for fact in store.facts(jobs, aspects=(SQL,)) if jobs else ():
        read = isinstance(fact.value, dict) and fact.value.get("read") is True
        found[fact.subject] = Ran(() if read else tuple(_script(fact.value)), fact.valid_from)
    return found


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
        yield Script(
            sql["query"], sql.get("dialect") or "", sql.get("database"), sql.get("schema"), _into(sql), _added(sql)
        )


def _into(sql: Mapping[str, Any]) -> tuple[str, str] | None:
    stated = sql.get("into")
    return (str(stated.get("namespace")), str(stated.get("name"))) if isinstance(stated, dict) else None


def _added(sql: Mapping[str, Any]) -> tuple[str, ...]:
    stated = sql.get("added")
    return tuple(map(str, stated)) if isinstance(stated, list) else ()


def _mapped(details: Mapping[str, Any]) -> bool:
    airflow = details.get("airflow")
    return isinstance(airflow, dict) and airflow.get("map_index", -1) != -1


def _ended(runs: Iterable[RunRow]) -> int:
    return max((at for run in runs for at in (run.started_at, run.ended_at) if at is not None), default=0)
