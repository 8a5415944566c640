"""Asset events that no task of ours told of: one record of `model.record`, one `Statement` that the asset is there.

Where a task made the event, that its job writes the dataset; it may read and write more, so that closes nothing.
"""

from __future__ import annotations

from typing import Any

from airflow_provider_catalog.errors import RejectedError
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.model.identity import JobId
from airflow_provider_catalog.model.statement import EXISTENCE, NO_LINEAGE, Changes, Claim, Content, Lineage, Statement
from airflow_provider_catalog.sources import airflow_runs, assets
from airflow_provider_catalog.sources.airflow_runs import PRODUCER
from airflow_provider_catalog.sources.checks import load, mapping, text
from airflow_provider_catalog.sources.openlineage.details import dump, note_ignored
from airflow_provider_catalog.sources.openlineage.notes import Notes
from airflow_provider_catalog.sources.task.details import run_details

_AIRFLOW = ("run_id", "dag_id", "task_id", "map_index")


def read(envelope: Envelope) -> Changes:
    record, notes = mapping(load(envelope.payload), ""), Notes()
    asset = mapping(record.get("asset"), "/asset")
    dataset = assets.dataset_of(asset, "/asset")
    job = _job(record, notes)
    claims = [Claim.of(dataset, EXISTENCE, value=True), *assets.claims_of(asset, dataset)]
    time = airflow_runs.time(record, envelope.recorded_at, notes)
    details = run_details(record, _AIRFLOW, notes)
    note_ignored(details, notes)
    statement = Statement(
        producer=PRODUCER,
        time=time,
        job=job,
        content=Content.of(claims),
        lineage=NO_LINEAGE if job is None else Lineage(writes=(dataset,)),
        details=dump(details),
    )
    return Changes((statement,))


def _job(record: dict[str, Any], notes: Notes) -> JobId | None:
    if record.get("dag_id") is None or record.get("task_id") is None:
        return None
    try:
        name = f"{text(record['dag_id'], '/dag_id')}.{text(record['task_id'], '/task_id')}"
    except RejectedError as error:
        airflow_runs.skip(error, notes)
        return None
    return JobId(airflow_runs.namespace(record, notes), name)
