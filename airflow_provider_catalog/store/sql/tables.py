"""The tables. Ids are hashes made by `model.identity`, times microseconds since 1970 UTC, so that rows need no
round trips.

What was said (statement, claim, value) is the truth; everything else is derived from it and can be derived again.
A test proves that the migrations make exactly these tables.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    text,
)
from sqlalchemy.types import TypeEngine

PREFIX = "catalog_"

TEXT = Text().with_variant(Text(collation="C"), "postgresql")
"""Compared byte by byte everywhere: both databases, and Python, then sort names in one way."""

UID = BigInteger().with_variant(Integer, "sqlite")
"""The id of a row by itself: SQLite finds rows by an INTEGER key without an index beside the table."""

store = MetaData()
log = MetaData()


def _table(metadata: MetaData, name: str, *parts: Column[object] | Index, **options: Any) -> Table:
    return Table(PREFIX + name, metadata, *parts, **options)


def _key(name: str, type_: TypeEngine[Any] | type[TypeEngine[Any]] = BigInteger) -> Column[object]:
    return Column(name, type_, primary_key=True, nullable=False, autoincrement=False)


def _col(name: str, type_: TypeEngine[Any] | type[TypeEngine[Any]] = BigInteger) -> Column[object]:
    return Column(name, type_, nullable=False)


def _opt(name: str, type_: TypeEngine[Any] | type[TypeEngine[Any]] = BigInteger) -> Column[object]:
    return Column(name, type_, nullable=True)


# -- the log, a file of its own on SQLite so that merging never blocks accepting
envelope = _table(
    log,
    "envelope",
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    _col("id", LargeBinary),
    _col("kind", TEXT),
    _col("producer", TEXT),
    _col("sender", TEXT),
    _col("key", TEXT),
    _col("recorded_at"),
    _col("size"),
    _col("payload", LargeBinary),
    Index("catalog_envelope_id", "id", unique=True),
    Index("catalog_envelope_recorded_at", "recorded_at"),
    sqlite_autoincrement=True,  # a number that was given out is never given out again, also after retention
)

# -- what was said
statement = _table(
    store,
    "statement",
    _key("id", LargeBinary),
    _col("producer_id"),
    _col("origin", SmallInteger),
    _opt("job_id"),
    _opt("run_uid", LargeBinary),
    _col("scope", LargeBinary),
    _col("time"),
    _col("event", SmallInteger),
    _col("complete", Boolean),
    _col("declared", Boolean),
    _opt("content_id", LargeBinary),
    _opt("lineage_id", LargeBinary),
    _col("details", LargeBinary),
    _col("seq"),
    Index("catalog_statement_stream", "job_id", "producer_id", "time"),
    Index("catalog_statement_run", "run_uid"),
    Index("catalog_statement_scope", "scope", "job_id"),
    Index("catalog_statement_content", "content_id", "time"),
    Index(
        "catalog_statement_human",
        "time",
        sqlite_where=text("origin = 4"),
        postgresql_where=text("origin = 4"),
    ),
)
claim = _table(
    store,
    "claim",
    _key("content_id", LargeBinary),
    _key("subject_id"),
    _key("aspect", TEXT),
    _opt("value_id", LargeBinary),
    Index("catalog_claim_subject", "subject_id", "aspect", "content_id"),
    sqlite_with_rowid=False,
)
value = _table(store, "value", _key("id", LargeBinary), _col("body", LargeBinary))
producer = _table(store, "producer", _key("id", UID), _col("name", TEXT))

# -- what has a name
entity = _table(
    store,
    "entity",
    _key("id", UID),
    _col("kind", TEXT),
    _col("namespace", TEXT),
    _col("name", TEXT),
    _col("search_name", TEXT),
    _col("node_id"),
    Index("catalog_entity_name", "kind", "namespace", "name"),
    Index("catalog_entity_search", "search_name"),
    Index(
        "catalog_entity_node",
        "node_id",
        sqlite_where=text("node_id <> id"),
        postgresql_where=text("node_id <> id"),
    ),
)
column = _table(
    store,
    "column",
    _key("id", UID),
    _col("dataset_id"),
    _col("name", TEXT),
    _col("stated", Boolean),
    Index("catalog_column_dataset", "dataset_id"),
)

# -- derived: runs, the life of facts, the life of edges
run = _table(
    store,
    "run",
    _key("uid", LargeBinary),
    _col("run_id", TEXT),
    _col("job_id"),
    _col("state_key"),
    _col("first_at"),
    _opt("started_at"),
    _opt("nominal_start"),
    _opt("nominal_end"),
    _opt("parent_run_id", TEXT),
    _opt("root_run_id", TEXT),
    Index("catalog_run_job", "job_id", "first_at"),
)
fact = _table(
    store,
    "fact",
    _key("subject_id"),
    _key("aspect", TEXT),
    _key("producer_id"),
    _key("valid_from"),
    _opt("valid_to"),
    _col("origin", SmallInteger),
    _opt("value_id", LargeBinary),
    _col("recorded_at"),
    sqlite_with_rowid=False,
)
stream = _table(
    store,
    "stream",
    _key("job_id"),
    _key("producer_id"),
    _opt("settled", LargeBinary),
    _col("declared", Boolean),
    _col("since"),
    _col("last_time"),
    _col("last_rank", SmallInteger),
    _col("last_statement", LargeBinary),
    _col("last_seen"),
    sqlite_with_rowid=False,
)


def _life() -> list[Column[object]]:
    """The columns every kind of edge has. `last_seen` NULL: as of the stream's, which moves without touching the
    edge.
    """
    return [
        _opt("valid_to"),
        _opt("last_seen"),
        _col("patience", SmallInteger),
        _col("missed", TEXT),
        _col("rule", SmallInteger),
        _col("confidence", Double),
        _col("recorded_at"),
    ]


port = _table(
    store,
    "port",
    _key("job_id"),
    _key("producer_id"),
    _key("direction", TEXT),
    _key("dataset_id"),
    _key("valid_from"),
    *_life(),
    Index("catalog_port_dataset", "dataset_id", "valid_to"),
)
edge = _table(
    store,
    "edge",
    _key("job_id"),
    _key("producer_id"),
    _key("source_id"),
    _key("target_id"),
    _key("valid_from"),
    *_life(),
    _col("source_node"),
    _col("target_node"),
    Index("catalog_edge_down", "source_node", "valid_to", "target_node"),
    Index("catalog_edge_up", "target_node", "valid_to", "source_node"),
)
column_edge = _table(
    store,
    "column_edge",
    _key("job_id"),
    _key("producer_id"),
    _key("source_id"),
    _key("target_id"),
    _key("kind", SmallInteger),
    _key("valid_from"),
    *_life(),
    _col("transformation", TEXT),
    _col("source_node"),
    _col("target_node"),
    Index("catalog_column_edge_down", "source_node", "valid_to", "target_node"),
    Index("catalog_column_edge_up", "target_node", "valid_to", "source_node"),
)

# -- derived: which datasets are one
alias = _table(
    store,
    "alias",
    _key("left_id"),
    _key("right_id"),
    _key("rule", TEXT),
    _key("producer_id"),
    _col("same", Boolean),
    _col("preference", SmallInteger),
    Index("catalog_alias_right", "right_id"),
)

# -- computed by upkeep, and the store's own affairs
totals = _table(store, "totals", _key("node_id", UID), _col("upstream"), _col("downstream"), _col("computed_at"))
meta = _table(store, "meta", _key("name", TEXT), _col("value"))
lease = _table(store, "lease", _key("role", TEXT), _col("holder", TEXT), _col("expires_at"))
token = _table(
    store,
    "token",
    _key("id", TEXT),
    _col("name", TEXT),
    _col("hash", LargeBinary),
    _col("scopes", TEXT),
    _col("namespaces", TEXT),
    _col("max_rate"),
    _opt("max_bytes"),
    _col("created_at"),
    _col("created_by", TEXT),
    _opt("expires_at"),
    _opt("revoked_at"),
    _opt("last_used_at"),
    Index("catalog_token_hash", "hash", unique=True),
)
dead_letter = _table(
    store,
    "dead_letter",
    _key("id", LargeBinary),
    _col("kind", TEXT),
    _col("producer", TEXT),
    _col("key", TEXT),
    _col("recorded_at"),
    _col("seq"),
    _col("sender", TEXT),
    _col("reason", TEXT),
    _col("payload", LargeBinary),
)

# -- what is to be published: the datasets in the order in which they changed, and how far each target is told
outbox = _table(
    store,
    "outbox",
    _key("node_id", UID),
    _col("version"),
    Index("catalog_outbox_version", "version", "node_id"),
)
target = _table(
    store,
    "target",
    _key("name", TEXT),
    _col("version"),
    _col("node_id"),
    _col("turn"),
    _opt("down_since"),
    _col("reason", TEXT),
)
refused = _table(
    store,
    "refused",
    _key("node_id"),
    _key("target", TEXT),
    _col("attempts"),
    _opt("not_before"),
    _col("reason", TEXT),
    Index("catalog_refused_target", "target", "not_before", "node_id"),
    sqlite_with_rowid=False,
)
image = _table(
    store,
    "image",
    _key("target", TEXT),
    _key("thing", TEXT),
    _key("taken_at"),
    _col("body", LargeBinary),
)
