"""A task that ran dbt: found out by what its operator is or was told to do, and told of by what dbt has left.

`begin` is asked when a task starts, `documents` when it has ended, however it did. For a task that has nothing to do
with dbt each costs a look at a few attributes. What cannot be told is said in the log of the task, and why.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from airflow_provider_catalog.capture.dbt_documents import Telling
from airflow_provider_catalog.capture.dbt_files import (
    CATALOG,
    RUN_RESULTS,
    SOURCES,
    Manifest,
    UnreadError,
    is_operation,
)
from airflow_provider_catalog.capture.dbt_runs import Left, begin, left_by
from airflow_provider_catalog.model.dbt import FORMAT, Document
from airflow_provider_catalog.model.dbt_results import invocation, marked, results_of
from airflow_provider_catalog.model.dbt_target import as_target
from airflow_provider_catalog.model.untyped import mapping

__all__ = ("begin", "documents")
log = logging.getLogger(__name__)
_WHO = ("namespace", "dag_id", "task_id", "run_id", "map_index", "try_number", "date", "clear_number")
_OF_PROJECT = {"project": "project_name", "generated_at": "generated_at"}
_SAME = ("dag_id", "task_id", "run_id", "try_number")


class Bounds(NamedTuple):
    """How much of a file is parsed, and for how many seconds of this thread nodes are told of."""

    bytes: int
    seconds: float


_REPORTED, _UNREPORTED = Bounds(24_000_000, 0.8), Bounds(6_000_000, 0.2)
"""Once the state of the task is known, and before, when somebody waits for it."""


def documents(task: Any, record: Mapping[str, Any], *, reported: bool) -> Iterator[Document]:
    """`record`: what was told of the task; `reported`: its state is known, so there is time."""
    since = (record.get("start_date") or record.get("time") or 0) / 1e6
    for left in left_by(task, since):
        try:
            yield from _documents(left, record, _REPORTED if reported else _UNREPORTED)
        except UnreadError as reason:
            log.info("The catalog is not told what dbt did in %s: %s", left.files.folder, reason)
        finally:
            left.files.close()


def _documents(left: Left, record: Mapping[str, Any], bounds: Bounds) -> Iterator[Document]:
    begun = time.thread_time()
    run_results, sources = (left.files.read(name, bounds.bytes) for name in (RUN_RESULTS, SOURCES))
    told = marked(run_results) or marked(sources)
    args = mapping(run_results.get("args"))
    _check(left, record, told.get("airflow"), args, mapping((run_results or sources).get("metadata")))
    results = [each for each in results_of(run_results) if not is_operation(str(each.get("unique_id")))]
    freshness = results_of(sources)
    manifest = Manifest.of(left.files, len(results) + len(freshness), bounds.bytes)
    run = invocation(run_results)
    if run is None and not freshness:
        raise UnreadError("its command made nothing")
    base = _base(left, record, told, args)
    base |= {key: str(manifest.metadata.get(name) or "") for key, name in _OF_PROJECT.items()}  # type: ignore[typeddict-item]
    if run is not None:
        base["invocation"] = run
    seconds = bounds.seconds - (time.thread_time() - begun)
    telling = Telling(base, manifest, left.files.read(CATALOG, bounds.bytes), left.roots, seconds)
    yield from telling.documents(results if run else (), freshness)
    if telling.untold:
        log.info("Of %d nodes of dbt the catalog is told how they went at most: there are too many", telling.untold)


def _check(
    left: Left, record: Mapping[str, Any], told: Any, args: Mapping[str, Any], metadata: Mapping[str, Any]
) -> None:
    """Another task may have run dbt in the same folder, before or meanwhile."""
    other = {key: told[key] for key in _SAME if told.get(key) not in (None, record.get(key))} if told else None
    if other:
        raise UnreadError(f"what is there is of another task: {other}")
    if told is None and not left.may_be(args):
        raise UnreadError(f"what is there is of another command: {args.get('invocation_command')!r}")
    written = metadata.get("generated_at")
    if isinstance(written, str) and written < datetime.fromtimestamp(left.since, UTC).isoformat()[:19]:
        raise UnreadError(f"what is there was left before this task began: {written}")


def _base(left: Left, record: Mapping[str, Any], told: Mapping[str, Any], args: Mapping[str, Any]) -> Document:
    """What our hook has told is true; who ran dbt we know better."""
    stated = told.get("target")
    folder = str(args.get("project_dir") or "")
    where = as_target(stated, folder) if isinstance(stated, dict) else left.target(args)
    if not where:
        raise UnreadError("nobody says which database it was: neither our package in dbt nor a profile at hand")
    base: Document = {"format": FORMAT, "target": where, "before": True}
    base["airflow"] = {key: record[key] for key in _WHO if record.get(key) is not None}
    if namespace := (told.get("job_namespace") or left.env.get("OPENLINEAGE_NAMESPACE") or record.get("namespace")):
        base["job_namespace"] = str(namespace)
    return base
