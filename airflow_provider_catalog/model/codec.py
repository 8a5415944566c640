"""Statements to JSON and back: what checkpoints keep, and what the wire carries between stores.

Ids travel as their two stated strings, never as hashes, so that a reader makes its own.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar

from airflow_provider_catalog.model.identity import ColumnId, DatasetId, EntityId, JobId
from airflow_provider_catalog.model.statement import (
    NO_CONTENT,
    NO_LINEAGE,
    Claim,
    ColumnEdge,
    Content,
    Edge,
    EdgeKind,
    Event,
    Lineage,
    Origin,
    Rule,
    Run,
    Statement,
)


def lineage_to_json(lineage: Lineage) -> dict[str, Any]:
    """Datasets once in a table, edges as numbers into it: lineage of wide jobs stays small."""
    index: dict[tuple[str, str], int] = {}

    def at(dataset: DatasetId) -> int:
        return index.setdefault((dataset.namespace, dataset.name), len(index))

    document: dict[str, Any] = {
        "reads": [at(dataset) for dataset in lineage.reads],
        "writes": [at(dataset) for dataset in lineage.writes],
        "edges": [[at(e.source), at(e.target), int(e.rule), e.confidence] for e in lineage.edges],
        "columns": [[*_ends(c, at), int(c.kind), int(c.rule), c.confidence, c.transformation] for c in lineage.columns],
    }
    return {"datasets": [list(pair) for pair in index], **document}


def _ends(c: ColumnEdge, at: Callable[[DatasetId], int]) -> list[int | str]:
    return [at(c.source.dataset), c.source.name, at(c.target.dataset), c.target.name]


def lineage_from_json(document: dict[str, Any]) -> Lineage:
    datasets = [DatasetId(namespace, name) for namespace, name in document["datasets"]]
    return Lineage(
        reads=tuple(datasets[i] for i in document["reads"]),
        writes=tuple(datasets[i] for i in document["writes"]),
        edges=tuple(
            Edge(datasets[source], datasets[target], Rule(rule), confidence)
            for source, target, rule, confidence in document["edges"]
        ),
        columns=tuple(
            ColumnEdge(
                ColumnId(datasets[source], source_column),
                ColumnId(datasets[target], target_column),
                EdgeKind(kind),
                Rule(rule),
                confidence,
                transformation,
            )
            for source, source_column, target, target_column, kind, rule, confidence, transformation in document[
                "columns"
            ]
        ),
    )


def subject_to_json(subject: EntityId | ColumnId) -> list[str]:
    if isinstance(subject, ColumnId):
        return ["column", subject.dataset.namespace, subject.dataset.name, subject.name]
    return [subject.kind, subject.namespace, subject.name]


def subject_from_json(parts: list[str]) -> EntityId | ColumnId:
    kind, namespace, name, *column = parts
    if kind == "column":
        return ColumnId(DatasetId(namespace, name), column[0])
    return entity(kind, namespace, name)


def entity(kind: str, namespace: str, name: str) -> EntityId:
    """The id of a kind; kinds with rules of their own have a class of their own."""
    if kind == "dataset":
        return DatasetId(namespace, name)
    if kind == "job":
        return JobId(namespace, name)
    return EntityId(kind, namespace, name)


def content_to_json(content: Content) -> list[Any]:
    return [[subject_to_json(claim.subject), claim.aspect, claim.value] for claim in content.claims]


def content_from_json(document: list[Any]) -> Content:
    return Content.of([Claim.of(subject_from_json(subject), aspect, value) for subject, aspect, value in document])


def statement_to_json(statement: Statement) -> dict[str, Any]:
    job, run = statement.job, statement.run
    return {
        "producer": statement.producer,
        "time": statement.time,
        "origin": int(statement.origin),
        "event": int(statement.event),
        "job": None if job is None else [job.namespace, job.name],
        "run": None
        if run is None
        else [run.run_id, run.parent_run_id, run.root_run_id, run.nominal_start, run.nominal_end],
        "scope": statement.scope,
        "complete": statement.complete,
        "declared": statement.declared,
        "content": content_to_json(statement.content),
        "lineage": lineage_to_json(statement.lineage),
        "details": json.loads(statement.details),
    }


def statement_from_json(document: dict[str, Any]) -> Statement:
    content, lineage = content_from_json(document["content"]), lineage_from_json(document["lineage"])
    return statement_from_parts(document, content, lineage)


def statement_from_parts(document: dict[str, Any], content: Content, lineage: Lineage) -> Statement:
    """A statement whose content and lineage were read already."""
    job, run = document["job"], document["run"]
    return Statement(
        producer=document["producer"],
        time=document["time"],
        origin=Origin(document["origin"]),
        event=Event(document["event"]),
        job=None if job is None else JobId(*job),
        run=None if run is None else Run(*run),
        scope=document["scope"],
        complete=document["complete"],
        declared=document["declared"],
        content=content,
        lineage=lineage,
        details=details(document["details"]),
    )


def checkpoint_from_json(document: dict[str, Any]) -> list[Statement]:
    """Statements as a store wrote them down, with the ids they had: only for what the store itself has written."""
    contents = {id_: _with_id(content_from_json(content), id_) for id_, content in document["contents"].items()}
    lineages = {id_: _with_id(lineage_from_json(lineage), id_) for id_, lineage in document["lineages"].items()}
    return [
        _with_id(
            statement_from_parts(
                each, contents.get(each["content"], NO_CONTENT), lineages.get(each["lineage"], NO_LINEAGE)
            ),
            each["id"],
        )
        for each in document["statements"]
    ]


_Named = TypeVar("_Named", Content, Lineage, Statement)


def _with_id(named: _Named, id_: str) -> _Named:
    """Ids are cached on first use; putting one there first makes it the id."""
    named.__dict__["id"] = bytes.fromhex(id_)
    return named


def details(document: dict[str, Any]) -> bytes:
    """What belongs to one event, in one form, since the statement's id is made of it."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8", "replace")
