"""One event: who says it and when, which job and run it is about, how the run is going."""

from __future__ import annotations

from typing import Any, NamedTuple

import orjson

from airflow_provider_catalog.errors import RejectedError
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.model.identity import JobId
from airflow_provider_catalog.model.masking import mask_text
from airflow_provider_catalog.model.statement import Event, Statement
from airflow_provider_catalog.sources.checks import mapping, sequence, shape, text
from airflow_provider_catalog.sources.openlineage import dbt
from airflow_provider_catalog.sources.openlineage import details as volatile
from airflow_provider_catalog.sources.openlineage.notes import Notes
from airflow_provider_catalog.sources.openlineage.producer import stated_producer
from airflow_provider_catalog.sources.openlineage.runs import Pair, lead
from airflow_provider_catalog.sources.openlineage.stable import Stable, named, stable
from airflow_provider_catalog.sources.timestamps import clamped, instant

_KINDS = {"RunEvent": "run", "JobEvent": "job", "DatasetEvent": "dataset"}
_EVENTS = {event.name: event for event in Event}


class Heading(NamedTuple):
    """What every event has."""

    producer: str
    time: int
    details: dict[str, Any]
    notes: Notes


def statements(event: dict[str, Any], envelope: Envelope) -> tuple[Statement, ...]:
    """One, mostly: what an event hands on of others' notes is said with less weight, by itself."""
    heading, about = _heading(event, envelope), _about(event)
    if about == "run":
        return dbt.weighed(_run_event(event, heading), event)
    return (_job_event(event, heading) if about == "job" else _dataset_event(event, heading),)


def check(event: dict[str, Any], envelope: Envelope) -> None:
    """Rejects what `statements` rejects: what names nothing, or nothing that can be kept. Facets reject no event,
    unless they are nested too deep to be kept.
    """
    try:
        orjson.dumps(event)
    except TypeError:
        statements(event, envelope)
        return
    heading, about = _heading(event, envelope), _about(event)
    if about == "dataset":
        named(event["dataset"], "/dataset")
        return
    if about == "run":
        text(mapping(event["run"], "/run").get("runId"), "/run/runId")
        _event_type(event, heading.details)
    _job(event, heading.notes)
    for side in ("inputs", "outputs"):
        for i, stated in enumerate(sequence(event.get(side), f"/{side}")):
            named(stated, f"/{side}/{i}")


def _heading(event: dict[str, Any], envelope: Envelope) -> Heading:
    details: dict[str, Any] = {}
    producer = stated_producer(event.get("producer"), envelope.producer)
    if producer.version:
        details["producer_version"] = producer.version
    when = instant(event.get("eventTime"), "/eventTime")
    time = clamped(when.micros, envelope.recorded_at)
    if when.naive:
        details["time_naive"] = True
    if time != when.micros:
        details["time_clamped"] = event["eventTime"]
    return Heading(producer.name, time, details, Notes())


def _about(event: dict[str, Any]) -> str:
    """By the schema's URL, which early versions left without a fragment; then by what there is."""
    url = event.get("schemaURL")
    stated = _KINDS.get(url.rpartition("/")[2]) if type(url) is str else None
    for kind in (stated, *_KINDS.values()):
        if kind is not None and event.get(kind) is not None:
            return kind
    raise RejectedError("/: no run, no job, no dataset: not an OpenLineage event")


def _run_event(event: dict[str, Any], heading: Heading) -> Statement:
    details, notes = heading.details, heading.notes
    run = mapping(event["run"], "/run")
    facets = notes.object(run.get("facets"), "/run/facets")
    job, job_facets = _job(event, notes)
    found = lead(text(run.get("runId"), "/run/runId"), job, facets, notes)
    if "dbt_run" in facets:
        if dbt.speaks(heading.producer):
            found = dbt.renamed(found, job_facets, facets, event.get("inputs"))
        event = {**event, "outputs": dbt.outputs(event.get("outputs"), job_facets)}
    kind = _event_type(event, details)
    if found.child is not None:
        details["child"] = {**found.child, "event": kind.name}
    about = {"job": found.job, "parent": found.parent, "child": bool(found.child), "failed": kind > Event.COMPLETE}
    said = _said(event, heading, job_facets, about)
    details.update(volatile.run_details(facets, notes))
    complete = said.whole and "extractionError" not in facets and _done(kind, job_facets)
    return Statement(
        producer=heading.producer,
        time=heading.time,
        event=Event.RUNNING if found.child else kind,
        job=JobId(*found.job),
        run=found.run,
        scope=found.scope,
        complete=complete and not found.child,
        content=said.content,
        lineage=said.lineage,
        details=_details(heading, said),
    )


def _job_event(event: dict[str, Any], heading: Heading) -> Statement:
    """The job as designed: it says all there is."""
    job, facets = _job(event, heading.notes)
    said = _said(event, heading, facets, {"job": job, "parent": None, "child": False, "failed": False})
    return Statement(
        producer=heading.producer,
        time=heading.time,
        job=JobId(*job),
        complete=said.whole,
        declared=True,
        content=said.content,
        lineage=said.lineage,
        details=_details(heading, said),
    )


def _dataset_event(event: dict[str, Any], heading: Heading) -> Statement:
    """A dataset as somebody knows it: what it says of its lineage is all there is to it, by design."""
    dataset = mapping(event["dataset"], "/dataset")
    taken = volatile.take_volatile({"dataset": [dataset]}, heading.notes)
    if taken:
        heading.details["datasets"] = taken
    said = stable({"job": None, "dataset": dataset, "failed": False})
    tells = bool(said.lineage.edges)
    return Statement(
        producer=heading.producer,
        time=heading.time,
        complete=tells and said.whole,
        declared=tells,
        content=said.content,
        lineage=said.lineage,
        details=_details(heading, said),
    )


def _said(event: dict[str, Any], heading: Heading, facets: dict[str, Any], about: dict[str, Any]) -> Stable:
    """What stays the same from run to run; the rest goes into the details."""
    details, notes = heading.details, heading.notes
    sql = volatile.sql_details(facets.pop("sql", None), notes)
    if sql is not None:
        details["sql"] = sql | (dbt.into(event.get("outputs"), facets) if dbt.speaks(heading.producer) else {})
    taken = volatile.take_volatile(event, notes)
    if taken:
        details["datasets"] = taken
    sides = {"inputs": event.get("inputs"), "outputs": event.get("outputs")}
    return stable({**about, **sides, "facets": facets})


def _details(heading: Heading, said: Stable) -> bytes:
    volatile.note_ignored(heading.details, [*heading.notes, *said.ignored])
    return volatile.dump(heading.details)


def _job(event: dict[str, Any], notes: Notes) -> tuple[Pair, dict[str, Any]]:
    job = mapping(event.get("job"), "/job")
    pair = text(job.get("namespace"), "/job/namespace"), text(job.get("name"), "/job/name")
    return pair, notes.object(job.get("facets"), "/job/facets")


def _event_type(event: dict[str, Any], details: dict[str, Any]) -> Event:
    stated = event.get("eventType")
    if stated is not None and type(stated) is not str:
        raise RejectedError(f"/eventType: expected a string, found {shape(stated)}")
    kind = _EVENTS.get((stated or "OTHER").upper())
    if kind is None:
        details["event_type"] = mask_text(stated or "")[:100]
    return kind or Event.OTHER


def _done(kind: Event, job_facets: dict[str, Any]) -> bool:
    """A stream never completes: what it says while running is all there will be."""
    job_type = job_facets.get("jobType")
    streams = type(job_type) is dict and job_type.get("processingType") == "STREAMING"
    return kind is Event.COMPLETE or (kind is Event.RUNNING and streams)
