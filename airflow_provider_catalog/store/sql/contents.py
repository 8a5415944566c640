"""Contents, lineages and the names in them: written once, when first stated, and never again."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from typing import TypeVar

from airflow_provider_catalog.errors import IdentityCollision, StoreError
from airflow_provider_catalog.model.codec import entity as entity_of
from airflow_provider_catalog.model.codec import lineage_to_json
from airflow_provider_catalog.model.identity import ColumnId, DatasetId, EntityId, better_display
from airflow_provider_catalog.model.schema import field_names
from airflow_provider_catalog.model.statement import Claim, Content, Lineage
from airflow_provider_catalog.store.sql import meta, tables
from airflow_provider_catalog.store.sql.batch import Batch, producer_id
from airflow_provider_catalog.store.sql.cache import Generations, KnownEntity
from airflow_provider_catalog.store.sql.packing import pack

_LONGEST = 2_500
V = TypeVar("V")


def apply(batch: Batch) -> None:
    """Write what the batch's statements name and say that is not there yet."""
    contents = {s.content.id: s.content for s in batch.statements if s.content}
    contents = _unknown(batch, contents, batch.cache.contents, _SAID_BEFORE)
    lineages = {id_: lineage for id_, lineage in batch.lineages.items() if lineage}
    lineages = _unknown(batch, lineages, batch.cache.lineages, _DERIVED_BEFORE)
    _producers(batch)
    _entities(batch, _named(batch, contents.values(), lineages.values()))
    fresh = _fresh(batch, contents.values())
    _columns(batch, fresh, lineages.values())
    _values(batch, fresh, lineages)
    _claims(batch, contents)
    for id_ in contents:
        batch.cache.contents.put(id_, True)
    for id_, lineage in lineages.items():
        batch.cache.lineages.put(id_, True)
        batch.cache.bodies.put(id_, lineage)


# Whatever a content or a lineage names was written in the transaction that wrote it.
_SAID_BEFORE = "SELECT k.k0 FROM keys k WHERE EXISTS (SELECT 1 FROM catalog_claim c WHERE c.content_id = k.k0)"
_DERIVED_BEFORE = "SELECT k.k0 FROM keys k WHERE EXISTS (SELECT 1 FROM catalog_value v WHERE v.id = k.k0)"


def _unknown(batch: Batch, stated: dict[bytes, V], cache: Generations[bytes, bool], query: str) -> dict[bytes, V]:
    """What neither the cache knows nor the store: one question costs less than writing again what is there."""
    wanted = {id_: each for id_, each in stated.items() if id_ not in cache}
    rows = [(id_,) for id_ in sorted(wanted)]
    for (id_,) in batch.dialect.join(batch.connection, query, ["bytea"], rows):
        cache.put(bytes(id_), True)
        del wanted[bytes(id_)]
    return wanted


def _producers(batch: Batch) -> None:
    names = {producer_id(name): name for name in {s.producer for s in batch.statements}}
    fresh = sorted(item for item in names.items() if item[0] not in batch.cache.producers)
    batch.dialect.insert(batch.connection, tables.producer, fresh)
    batch.cache.producers.update(fresh)


def _named(batch: Batch, contents: Iterable[Content], lineages: Iterable[Lineage]) -> Iterator[EntityId]:
    """Every entity that is named anywhere. The end of an edge is a dataset even when nothing else is known of it."""
    for statement in batch.statements:
        if statement.job is not None:
            yield statement.job
    for content in contents:
        for claim in content.claims:
            yield claim.subject.dataset if isinstance(claim.subject, ColumnId) else claim.subject
            yield from _partners(claim)
    for lineage in lineages:
        yield from lineage.reads
        yield from lineage.writes
        for edge in lineage.edges:
            yield from (edge.source, edge.target)
        for column in lineage.columns:
            yield from (column.source.dataset, column.target.dataset)


def _partners(claim: Claim) -> Iterator[EntityId]:
    """Datasets that identity rules speak of exist by being spoken of."""
    aspect = claim.aspect
    if claim.body is None or isinstance(claim.subject, ColumnId):
        return
    if aspect == "symlinks":
        yield from (partner for partner, _type in symlinks(claim.value))
    elif aspect == "merged_into" or aspect.startswith("distinct_from:"):
        yield from (partner for partner in [pair(claim.value)] if partner)
    elif aspect == "alias_of":
        yield EntityId("namespace", "", str(claim.value))


def symlinks(value: object) -> list[tuple[DatasetId, str]]:
    """The other names in a symlinks facet, each with its type."""
    identifiers = value.get("identifiers") if isinstance(value, dict) else None
    found = []
    for identifier in identifiers if isinstance(identifiers, list) else []:
        partner = pair(identifier)
        if partner:
            found.append((partner, str(identifier.get("type", "")).upper()))
    return found


def pair(value: object) -> DatasetId | None:
    """A dataset as {"namespace", "name"}."""
    if not isinstance(value, dict):
        return None
    namespace, name = value.get("namespace"), value.get("name")
    return DatasetId(namespace, name) if isinstance(namespace, str) and isinstance(name, str) and name else None


def _entities(batch: Batch, named: Iterable[EntityId]) -> None:
    spelled = {(entity.uid, entity.namespace, entity.name): entity for entity in named if not _shown(batch, entity)}
    wanted: defaultdict[int, list[EntityId]] = defaultdict(list)
    for (uid, _, _), entity in spelled.items():
        wanted[uid].append(entity)
    load(batch, wanted)
    fresh, shown = [], []
    for uid, stated in sorted(wanted.items()):
        known = batch.cache.entities.get(uid)
        best = _display(stated, known)
        if known is None:
            _fits(best)
            fresh.append((uid, best.kind, best.namespace, best.name, search_name(best), uid))
            batch.created[uid] = best
        elif (best.namespace, best.name) != (known.namespace, known.name):
            shown.append((uid, best.namespace, best.name, search_name(best)))
        else:
            continue
        batch.cache.entities.put(uid, KnownEntity(best.namespace, best.name, known.node if known else uid))
        if best.kind == "dataset":
            batch.outgoing.add(uid)
    batch.dialect.insert(batch.connection, tables.entity, fresh)
    batch.dialect.update(batch.connection, tables.entity, ["id"], ["namespace", "name", "search_name"], shown)
    if shown:
        meta.increment(batch.connection, meta.NAMES)


def _shown(batch: Batch, entity: EntityId) -> bool:
    """Known, and spelled as it is shown already: nothing to do."""
    known = batch.cache.entities.get(entity.uid)
    return known is not None and known.name == entity.name and known.namespace == entity.namespace


def load(batch: Batch, wanted: Iterable[int]) -> None:
    """Bring entities into the cache."""
    unknown = [(uid,) for uid in wanted if uid not in batch.cache.entities]
    columns = ("id", "namespace", "name", "node_id")
    for uid, namespace, name, node in batch.dialect.select(batch.connection, tables.entity, columns, ["id"], unknown):
        batch.cache.entities.put(uid, KnownEntity(namespace, name, node))


def nodes(batch: Batch, uids: Collection[int]) -> dict[int, int]:
    """Which datasets stand for these."""
    load(batch, uids)
    known = ((uid, batch.cache.entities.get(uid)) for uid in uids)
    return {uid: uid if entity is None else entity.node for uid, entity in known}


def _display(stated: list[EntityId], known: KnownEntity | None) -> EntityId:
    """Which of the stated spellings is shown; an entity of another name with this id, stored or stated, is refused."""
    first = stated[0]
    for other in stated:
        if other != first:
            raise IdentityCollision(first.uid, str(first), str(other))
    spellings = [(entity.namespace, entity.name) for entity in stated]
    if known is not None:
        stored = entity_of(first.kind, known.namespace, known.name)
        if stored.key != first.key:
            raise IdentityCollision(first.uid, str(stored), str(first))
        spellings.append((known.namespace, known.name))
    namespace, name = spellings[0]
    for other_namespace, other_name in spellings[1:]:
        namespace = better_display(namespace, other_namespace, first.key[0])
        name = better_display(name, other_name, first.key[1])
    return entity_of(first.kind, namespace, name)


def _fits(entity: EntityId) -> None:
    """PostgreSQL cannot index longer names, and what one database takes and the other does not helps nobody."""
    size = len(entity.namespace.encode()) + len(entity.name.encode())
    if size > _LONGEST:
        raise StoreError(f"a name of {size} bytes, {_LONGEST} is the most: {str(entity)[:80]!r}…")


def search_name(entity: EntityId) -> str:
    """What a person types: the last part of the name, in lower case."""
    short = entity.short_name if isinstance(entity, DatasetId) else entity.name.rsplit(".", 1)[-1]
    return (short or entity.name or entity.namespace).lower()[:512]


def _fresh(batch: Batch, contents: Iterable[Content]) -> list[tuple[Claim, bytes]]:
    """Claims whose value was not met yet for their subject, with the value's id."""
    found = []
    for content in contents:
        for claim, (subject, _, value) in zip(content.claims, content.rows, strict=True):
            if value is not None and (subject, value) not in batch.cache.values:
                batch.cache.values.put((subject, value), True)
                found.append((claim, value))
    return found


def _columns(batch: Batch, fresh: Iterable[tuple[Claim, bytes]], lineages: Iterable[Lineage]) -> None:
    found: dict[int, tuple[int, int, str, bool]] = {}
    for column in _stated_columns(fresh, lineages):
        if column.uid not in batch.cache.columns:
            found[column.uid] = (column.uid, column.dataset.uid, column.folded, True)
            batch.cache.columns.put(column.uid, True)
    batch.dialect.insert(batch.connection, tables.column, [found[uid] for uid in sorted(found)], {"stated": "greatest"})


def _stated_columns(fresh: Iterable[tuple[Claim, bytes]], lineages: Iterable[Lineage]) -> Iterator[ColumnId]:
    for claim, _ in fresh:
        if isinstance(claim.subject, ColumnId):
            yield claim.subject
        elif claim.aspect == "schema" and isinstance(claim.subject, DatasetId):
            for name in field_names(claim.value):
                yield ColumnId(claim.subject, name)
    for lineage in lineages:
        for edge in lineage.columns:
            yield from (edge.source, edge.target)


def _values(batch: Batch, fresh: Iterable[tuple[Claim, bytes]], lineages: dict[bytes, Lineage]) -> None:
    bodies = {value: claim.body for claim, value in fresh}
    rows = [(id_, pack(body)) for id_, body in bodies.items() if body is not None]
    rows += [(id_, pack(json.dumps(lineage_to_json(lineage)).encode())) for id_, lineage in lineages.items()]
    batch.dialect.insert(batch.connection, tables.value, sorted(rows))


def _claims(batch: Batch, contents: dict[bytes, Content]) -> None:
    rows = [(content_id, *row) for content_id, content in sorted(contents.items()) for row in content.rows]
    batch.dialect.insert(batch.connection, tables.claim, rows)
