"""Facts: what each producer says of each aspect of a subject, and from when to when.

The spans are those that `model.history.spans` gives for all observations of the aspect. Only what can differ is worked
out: nothing where the newest span says the same already, else everything from the earliest new observation on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple, TypeAlias

from airflow_provider_catalog.model.history import Observation, spans
from airflow_provider_catalog.model.identity import ColumnId
from airflow_provider_catalog.model.statement import EXISTENCE, SQL_SHAPE, Event, Origin, Statement
from airflow_provider_catalog.store.sql import tables
from airflow_provider_catalog.store.sql.batch import Batch, difference, producer_id
from airflow_provider_catalog.store.sql.cache import NEVER, KnownFact

EVERYBODY = 0
FactKey: TypeAlias = tuple[int, str, int]
Origins: TypeAlias = dict[bytes, int]

# An observation belongs to a fact when the aspect is shared by all machines, or the producer is the fact's own.
_OBSERVED = """
SELECT k.k0, k.k1, k.k2, s.time, s.event, s.id, c.value_id, s.origin
FROM keys k CROSS JOIN catalog_claim c CROSS JOIN catalog_statement s
WHERE c.subject_id = k.k0 AND c.aspect = k.k1 AND s.content_id = c.content_id AND s.time >= k.k3
AND ((k.k2 = 0 AND s.origin < 4) OR s.producer_id = k.k2)
"""


class _Row(NamedTuple):
    valid_to: int | None
    origin: int
    value: bytes | None


def apply(batch: Batch) -> None:
    """Bring the facts up to date with the batch's statements."""
    news, unknown = _news(batch)
    if unknown:
        _load(batch, unknown)
        news, _ = _news(batch)
    if news:
        _write(batch, news)
        _remember_what_holds(batch)


def _news(batch: Batch) -> tuple[dict[FactKey, list[Observation]], set[FactKey]]:
    """Observations that may change something, by fact, and facts of which we do not know the newest value."""
    news: defaultdict[FactKey, list[Observation]] = defaultdict(list)
    unknown: set[FactKey] = set()
    known = batch.cache.facts.get
    for statement in batch.statements:
        time, said = statement.time, _said(statement)
        _, everybody, own = said
        if not news and time > batch.cache.agreed.since(said):
            continue
        since: float = NEVER
        for subject, aspect, value in statement.content.rows:
            key = (subject, aspect, everybody if aspect == EXISTENCE else own)
            newest = known(key)
            if newest is None:
                unknown.add(key)
            elif newest.value == value and time > newest.valid_from and key not in news:
                since = max(since, newest.valid_from)
                continue
            news[key].append(Observation(time, statement.event.rank, statement.id, value))
        if not news:
            batch.cache.agreed.put(said, since, {subject for subject, _, _ in statement.content.rows})
    return news, unknown


def _said(statement: Statement) -> tuple[bytes, int, int]:
    """What is said, and by whom. Whether a dataset exists is one story told by all machines together; everything else
    each tells for itself.
    """
    own = producer_id(statement.producer)
    return statement.content.id, EVERYBODY if statement.origin < Origin.HUMAN else own, own


def _remember_what_holds(batch: Batch) -> None:
    """Contents of which every claim holds now: heard again, they need not even be read, and what is remembered already
    is not read here.
    """
    known = batch.cache.facts.get
    for said, content in {_said(statement): statement.content for statement in batch.statements}.items():
        if batch.cache.agreed.knows(said):
            continue
        _, everybody, own = said
        since: float = NEVER
        for subject, aspect, value in content.rows:
            newest = known((subject, aspect, everybody if aspect == EXISTENCE else own))
            if newest is None or newest.value != value:
                break
            since = max(since, newest.valid_from)
        else:
            batch.cache.agreed.put(said, since, {subject for subject, _, _ in content.rows})


def _load(batch: Batch, keys: set[FactKey]) -> None:
    columns = ("subject_id", "aspect", "producer_id", "valid_from", "value_id")
    by = ("subject_id", "aspect", "producer_id")
    for subject, aspect, producer, valid_from, value in batch.dialect.select(
        batch.connection, tables.fact, columns, by, sorted(keys), "t.valid_to IS NULL"
    ):
        batch.cache.facts.put((subject, aspect, producer), KnownFact(valid_from, value))


def _write(batch: Batch, news: dict[FactKey, list[Observation]]) -> None:
    origins: Origins = {s.id: int(s.origin) for s in batch.statements}
    before = _stored(batch, [key for key in news if key in batch.cache.facts])
    observed = _observed(batch, [(*key, min(news[key]).time) for key in before], origins)
    rows_before: dict[tuple[int, str, int, int], _Row] = {}
    rows_after: dict[tuple[int, str, int, int], _Row] = {}
    for key, observations in news.items():
        stored = before.get(key, {})
        start = min(observations).time
        kept = {valid_from: row for valid_from, row in stored.items() if valid_from < start}
        anchor = [Observation(at, -1, b"", stored[at].value) for at in sorted(kept)[-1:]]
        heard = [*anchor, *observed.get(key, []), *observations]
        found = spans(heard)
        # A period is the word of whoever opened it
        opener = {observation.time: observation.statement for observation in sorted(heard)}
        rows_before.update(
            {(*key, at): stored[at] for at in stored if at >= start or (anchor and at == anchor[0].time)}
        )
        for span, after in zip(found, [*found[1:], None], strict=True):
            said = opener[span.valid_from]
            origin = origins[said] if said else stored[span.valid_from].origin
            rows_after[*key, span.valid_from] = _Row(after.valid_from if after else None, origin, span.value)
        batch.cache.facts.put(key, KnownFact(found[-1].valid_from, found[-1].value))
        batch.changed.add(key[:2])
    batch.cache.agreed.change({subject for subject, _, _ in before})
    _store(batch, rows_before, rows_after)


def _stored(batch: Batch, keys: list[FactKey]) -> dict[FactKey, dict[int, _Row]]:
    columns = ("subject_id", "aspect", "producer_id", "valid_from", "valid_to", "origin", "value_id")
    found: defaultdict[FactKey, dict[int, _Row]] = defaultdict(dict)
    for subject, aspect, producer, valid_from, *row in batch.dialect.select(
        batch.connection, tables.fact, columns, columns[:3], sorted(keys)
    ):
        found[subject, aspect, producer][valid_from] = _Row(*row)
    return found


def _observed(
    batch: Batch, keys: list[tuple[int, str, int, int]], origins: Origins
) -> dict[FactKey, list[Observation]]:
    """What the store has heard of these facts from the given times on, mostly nothing. Adds to the origins."""
    found: defaultdict[FactKey, list[Observation]] = defaultdict(list)
    types = ("bigint", "text", "bigint", "bigint")
    for subject, aspect, producer, time, event, statement, value, origin in batch.dialect.join(
        batch.connection, _OBSERVED, types, sorted(keys)
    ):
        origins[bytes(statement)] = origin
        found[subject, aspect, producer].append(Observation(time, Event(event).rank, statement, value))
    return found


def _store(
    batch: Batch, before: dict[tuple[int, str, int, int], _Row], after: dict[tuple[int, str, int, int], _Row]
) -> None:
    inserts, updates, deletes = difference(before, after)
    differing = {key[:2] for key in chain(inserts, updates, deletes) if _now(before.get(key)) != _now(after.get(key))}
    batch.outgoing.update(_datasets(batch, differing))
    c, dialect, table = batch.connection, batch.dialect, tables.fact
    by = ("subject_id", "aspect", "producer_id", "valid_from")
    dialect.delete(c, table, by, sorted(deletes))
    dialect.update(c, table, by, ("valid_to", "origin", "value_id"), [(*key, *after[key]) for key in sorted(updates)])
    dialect.insert(c, table, [(*key, *after[key], batch.recorded_at) for key in sorted(inserts)])


def _now(row: _Row | None) -> _Row | None:
    return row if row is not None and row.valid_to is None else None


def _datasets(batch: Batch, differing: set[tuple[int, str]]) -> Iterator[int]:
    """Those of which something differs, or of a column of theirs, and what is written by jobs whose SQL does."""
    for statement in batch.statements if differing else ():
        for claim in statement.content.claims:
            subject = claim.subject
            if (subject.uid, claim.aspect) in differing:
                if isinstance(subject, ColumnId):
                    yield subject.dataset.uid
                elif subject.kind == "dataset":
                    yield subject.uid
                elif claim.aspect == SQL_SHAPE:
                    yield from (dataset.uid for dataset in statement.lineage.writes)
