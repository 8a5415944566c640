"""SQL that is worth reading once more, now that the store knows the columns of its tables.

What a job ran was read when it was told of, without knowing any table: stars and columns without a table's name were
lost. OpenLineage events may come with SQL and no columns at all, and crawled views have nothing but their SQL. `plan`
looks at datasets that changed and makes an envelope for each job and view of which something else can be said now.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence

from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.model.identity import DatasetId, JobId
from airflow_provider_catalog.model.statement import NO_LINEAGE, Lineage
from airflow_provider_catalog.services.members import nodes_by_member
from airflow_provider_catalog.services.sql_subjects import Subject, subjects
from airflow_provider_catalog.sources.columns import KIND, PRODUCER, READ, Tables, derived
from airflow_provider_catalog.store.protocol import Entity, Fact, Store

_PAGE = 200


def plan(store: Store, datasets: Collection[Entity]) -> Iterator[Envelope]:
    """For datasets of which something else is said than was."""
    members = nodes_by_member(store, [each.uid for each in datasets])
    concerned = sorted(_concerned(store, members))
    for first in range(0, len(concerned), _PAGE):
        page = subjects(store, concerned[first : first + _PAGE])
        told = _told(store, page)
        for subject in page:
            yield from _changed(subject, told.get(subject.about.uid))


def _concerned(store: Store, members: Collection[int]) -> set[int]:
    """Whoever reads or writes them, what we said is made of them, and themselves, which may be views."""
    nodes = set(members)
    edges = (*store.neighbours(nodes, "upstream"), *store.neighbours(nodes, "downstream"))
    ours = {edge.job for edge in edges if edge.producer == PRODUCER}
    return ours | nodes | {port.job for port in store.ports(datasets=nodes)}


def _told(store: Store, page: Sequence[Subject]) -> dict[int, Fact]:
    """What was read last."""
    uids = [subject.about.uid for subject in page]
    facts = store.facts(uids, aspects=(READ,)) if uids else ()
    return {fact.subject: fact for fact in facts if fact.producer == PRODUCER}


def _changed(subject: Subject, told: Fact | None) -> Iterator[Envelope]:
    view = subject.about if isinstance(subject.about, DatasetId) else None
    made = derived(subject.scripts, _tables(subject), view)
    if all((each.source.uid, each.target.uid, each.kind) in subject.said for each in made.columns):
        made = NO_LINEAGE
    if made.id.hex() != _fingerprint(told):
        yield _envelope(subject, made, told)


def _tables(subject: Subject) -> Tables:
    return Tables({name: each.columns for each in subject.known for name in each.names})


def _fingerprint(told: Fact | None) -> str:
    value = told.value if told else None
    return str(value.get("fingerprint")) if isinstance(value, dict) else NO_LINEAGE.id.hex()


def _envelope(subject: Subject, made: Lineage, told: Fact | None) -> Envelope:
    """Later than what it takes the place of."""
    about, fingerprint = subject.about, made.id.hex()
    before = told.valid_from if told else 0
    document = {
        "time": max(subject.at, before + 1, *(each.since for each in subject.known)),
        "job" if isinstance(about, JobId) else "view": {"namespace": about.namespace, "name": about.name},
        "scripts": [script.to_json() for script in subject.scripts] if made else [],
        "tables": [
            {"namespace": name.namespace, "name": name.name, "columns": each.columns}
            for each in subject.known
            for name in each.names
            if made
        ],
        "fingerprint": fingerprint,
    }
    payload = json.dumps(document, ensure_ascii=False).encode("utf-8", "replace")
    return Envelope(KIND, payload, PRODUCER, key=f"{about.kind} {about.uid} {before} {fingerprint}")
