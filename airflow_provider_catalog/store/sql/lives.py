"""The rows behind the lives of edges: ports, table edges and column edges share their life columns.

`last_seen` is NULL while the stream is settled (the stream keeps it) and read back as -1.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping
from itertools import chain
from typing import Any, TypeAlias

from sqlalchemy import Table

from airflow_provider_catalog.model.history import ColumnKey, Evidence, Key, Life, PortKey, TableKey
from airflow_provider_catalog.model.identity import column_uid
from airflow_provider_catalog.model.statement import Rule
from airflow_provider_catalog.store.sql import contents, meta, tables
from airflow_provider_catalog.store.sql.batch import Batch, difference

StreamKey: TypeAlias = tuple[int, int]
Lives: TypeAlias = Mapping[StreamKey, list[tuple[Key, Life]]]

_LIFE = ("valid_to", "last_seen", "patience", "missed", "rule", "confidence")
_TABLES: tuple[tuple[Table, tuple[str, ...], tuple[str, ...]], ...] = (
    (tables.port, ("direction", "dataset_id"), _LIFE),
    (tables.edge, ("source_id", "target_id"), _LIFE),
    (tables.column_edge, ("source_id", "target_id", "kind"), (*_LIFE, "transformation")),
)
BY_STREAM = -1
_TYPES: tuple[type, ...] = (PortKey, TableKey, ColumnKey)


def load_lives(
    batch: Batch, streams: Collection[StreamKey], everything: set[StreamKey]
) -> dict[StreamKey, list[tuple[Key, Life]]]:
    """The open lives of streams, and the closed ones too where everything is asked for."""
    found: defaultdict[StreamKey, list[tuple[Key, Life]]] = defaultdict(list)
    open_only = sorted(key for key in streams if key not in everything)
    for (table, key_columns, life_columns), make in zip(_TABLES, _TYPES, strict=True):
        columns = ("job_id", "producer_id", *key_columns, "valid_from", *life_columns)
        by = ("job_id", "producer_id")
        rows = batch.dialect.select(batch.connection, table, columns, by, open_only, "t.valid_to IS NULL")
        rows += batch.dialect.select(batch.connection, table, columns, by, sorted(everything))
        width = len(key_columns)
        for job, producer, *rest in rows:
            found[job, producer].append((make(*rest[:width]), _life(*rest[width:])))
    return found


def _life(valid_from: int, valid_to: int | None, last_seen: int | None, *rest: Any) -> Life:
    patience, missed, rule, *evidence = rest
    seen = BY_STREAM if last_seen is None else last_seen
    return Life(
        valid_from, seen, patience, Evidence(Rule(rule), *evidence), tuple(json.loads(missed or "[]")), valid_to
    )


def store_lives(
    batch: Batch, before: Lives, after: Lives, settled: set[StreamKey], ends: dict[int, tuple[int, str]]
) -> None:
    """Write what differs. Lives that were not loaded (closed ones of a stream that moved on) stay as they are."""
    rows_before = _rows(before, settled=None)
    rows_after = _rows(after, settled=settled)
    changed = False
    for kind, (table, key_columns, life_columns) in zip(_TYPES, _TABLES, strict=True):
        old, new = rows_before[kind], rows_after[kind]
        inserts, updates, deletes = difference(old, new)
        changed |= kind is not PortKey and bool(inserts or updates or deletes)
        differing = [key for key in chain(inserts, updates, deletes) if _now(old, key) != _now(new, key)]
        batch.outgoing |= _concerned(batch, kind, differing, ends)
        by, c = ("job_id", "producer_id", *key_columns, "valid_from"), batch.connection
        batch.dialect.delete(c, table, by, sorted(deletes))
        batch.dialect.update(c, table, by, life_columns, [(*key, *new[key]) for key in sorted(updates)])
        batch.dialect.insert(c, table, _complete(batch, kind, sorted(inserts), new, ends))
    if changed:
        meta.increment(batch.connection, meta.EDGES)


def _rows(lives: Lives, settled: set[StreamKey] | None) -> dict[type, dict[tuple[Any, ...], tuple[Any, ...]]]:
    """Key columns -> life columns, a dict a table."""
    rows: dict[type, dict[tuple[Any, ...], tuple[Any, ...]]] = {kind: {} for kind in _TYPES}
    for stream, found in lives.items():
        for key, life in found:
            kept_by_stream = (
                life.last_seen == BY_STREAM if settled is None else stream in settled and life.valid_to is None
            )
            row = (
                life.valid_to,
                None if kept_by_stream else life.last_seen,
                life.patience,
                json.dumps(life.missed) if life.missed else "",
                int(life.evidence.rule),
                life.evidence.confidence,
            )
            full = (*row, life.evidence.transformation) if isinstance(key, ColumnKey) else row
            rows[type(key)][
                *stream, *(int(part) if isinstance(part, int) else part for part in key), life.valid_from
            ] = full
    return rows


def _now(rows: Mapping[tuple[Any, ...], tuple[Any, ...]], key: tuple[Any, ...]) -> tuple[Any, ...] | None:
    """What an edge says now: how it is known. When it was seen and by how many missed is no news."""
    row = rows.get(key)
    return None if row is None or row[0] is not None else row[4:]


def _concerned(batch: Batch, kind: type, keys: list[tuple[Any, ...]], ends: dict[int, tuple[int, str]]) -> set[int]:
    """The datasets that such edges end in, and that jobs write."""
    if kind is PortKey:
        return {key[3] for key in keys if key[2] == "w"}
    targets = {key[3] for key in keys}
    if kind is TableKey:
        return targets
    other = sorted((uid,) for uid in targets if uid not in ends)
    rows = batch.dialect.select(batch.connection, tables.column, ["dataset_id"], ["id"], other)
    return {ends[uid][0] for uid in targets if uid in ends} | {dataset for (dataset,) in rows}


def _complete(
    batch: Batch,
    kind: type,
    keys: list[tuple[Any, ...]],
    rows: dict[tuple[Any, ...], tuple[Any, ...]],
    ends: dict[int, tuple[int, str]],
) -> list[tuple[Any, ...]]:
    """Whole rows for new lives: with the nodes that their ends belong to now."""
    if kind is PortKey:
        return [(*key, *rows[key], batch.recorded_at) for key in keys]
    if kind is TableKey:
        node = contents.nodes(batch, {uid for key in keys for uid in key[2:4]})
        return [(*key, *rows[key], batch.recorded_at, node[key[2]], node[key[3]]) for key in keys]
    columns = {uid for key in keys for uid in key[2:4]}
    node = _column_nodes(batch, {uid: ends[uid] for uid in columns})
    return [(*key, *rows[key][:-1], batch.recorded_at, rows[key][-1], node[key[2]], node[key[3]]) for key in keys]


def _column_nodes(batch: Batch, columns: dict[int, tuple[int, str]]) -> dict[int, int]:
    """A column's node is the column of that name in the dataset's node; if nobody ever stated that, its row says so."""
    datasets = contents.nodes(batch, {dataset for dataset, _ in columns.values()})
    nodes = {}
    rows = set()
    for uid, (dataset, name) in columns.items():
        node = datasets[dataset]
        nodes[uid] = uid if node == dataset else column_uid(node, name)
        if node != dataset:
            rows.add((nodes[uid], node, name, False))
    batch.dialect.insert(batch.connection, tables.column, sorted(rows))
    return nodes
