"""The peer's tables: current rows, facts with their history, and the log of events beside it."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import BigInteger, Boolean, Column, Double, Index, LargeBinary, MetaData, SmallInteger, Table, Text

_TEXT = Text().with_variant(Text(collation="C"), "postgresql")
_SERIAL = BigInteger().with_variant(sa.Integer, "sqlite")

metadata = MetaData()


def _key(name: str, kind: Any = BigInteger) -> Column[Any]:
    return Column(name, kind, primary_key=True, autoincrement=False)


def _col(name: str, kind: Any = BigInteger) -> Column[Any]:
    return Column(name, kind, nullable=False)


event_log = Table(
    "event_log",
    metadata,
    Column("seq", _SERIAL, primary_key=True, autoincrement=True),
    Column("key", LargeBinary, nullable=False, unique=True),
    Column("received_at", BigInteger, nullable=False, index=True),
    _col("payload", LargeBinary),
)
producer = Table("producer", metadata, _key("id"), _col("name", _TEXT))
job = Table(
    "job",
    metadata,
    _key("id"),
    _col("namespace", _TEXT),
    _col("name", _TEXT),
    Index("job_name", "namespace", "name", unique=True),
)
run = Table(
    "run",
    metadata,
    _key("run_id", _TEXT),
    _col("job_id"),
    _col("state", SmallInteger),
    Column("started_at", BigInteger),
    Column("ended_at", BigInteger),
    Column("nominal_start", BigInteger),
    Column("nominal_end", BigInteger),
    Column("parent_run_id", _TEXT),
    Column("root_run_id", _TEXT),
    Index("run_job", "job_id", "started_at"),
)
event = Table(
    "event",
    metadata,
    _key("id", LargeBinary),
    _col("producer_id"),
    _col("job_id"),
    _col("run_id", _TEXT),
    _col("time"),
    _col("kind", SmallInteger),
    _col("complete", Boolean),
    _col("details", LargeBinary),
    Index("event_job", "job_id", "time"),
    Index("event_run", "run_id"),
)
dataset = Table(
    "dataset",
    metadata,
    _key("id"),
    _col("namespace", _TEXT),
    _col("name", _TEXT),
    Column("short_name", _TEXT, nullable=False, index=True),
    Index("dataset_name", "namespace", "name", unique=True),
)
column = Table(
    "dataset_column",
    metadata,
    _key("id"),
    Column("dataset_id", BigInteger, nullable=False, index=True),
    _col("name", _TEXT),
)
value = Table("value", metadata, _key("hash", LargeBinary), _col("body", LargeBinary))
fact = Table(
    "fact",
    metadata,
    _key("subject_id"),
    _key("aspect", _TEXT),
    _key("producer_id"),
    _key("valid_from"),
    Column("valid_to", BigInteger),
    _col("last_seen"),
    _col("value_hash", LargeBinary),
)
fact_now = Index(
    "fact_now",
    fact.c.subject_id,
    fact.c.aspect,
    fact.c.producer_id,
    unique=True,
    sqlite_where=fact.c.valid_to.is_(None),
    postgresql_where=fact.c.valid_to.is_(None),
)


def _seen() -> list[Column[Any]]:
    return [_col("valid_from"), Column("valid_to", BigInteger), _col("last_seen")]


port = Table(
    "port",
    metadata,
    _key("job_id"),
    _key("producer_id"),
    _key("direction", _TEXT),
    _key("dataset_id"),
    *_seen(),
    Index("port_dataset", "dataset_id"),
)


def _edges(name: str, *more: Column[Any]) -> Table:
    return Table(
        name,
        metadata,
        _key("job_id"),
        _key("producer_id"),
        _key("source_id"),
        _key("target_id"),
        *more,
        _col("rule", SmallInteger),
        _col("confidence", Double),
        *_seen(),
        Index(f"{name}_down", "source_id", "target_id"),
        Index(f"{name}_up", "target_id", "source_id"),
    )


edge = _edges("edge")
column_edge = _edges("column_edge", _key("kind", SmallInteger), _col("transformation", Text))
