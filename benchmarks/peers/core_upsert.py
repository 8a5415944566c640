"""The plain way: one transaction an event, upserts by SQLAlchemy Core, current state only.

Written as a careful engineer would: ids made by the client (no round trip to learn one), statements built once and
prepared by the driver, many rows by executemany, rows in the order of their keys (no deadlocks), an idempotency key,
run states that never go back, no write where nothing changed unless a time has to move, and the indexes our reads need.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from hashlib import blake2b
from typing import Any, NamedTuple, Self, TypeAlias

import orjson
import sqlalchemy as sa
from sqlalchemy import BigInteger, Column, Connection, Index, LargeBinary, MetaData, SmallInteger, Table, Text
from sqlalchemy.dialects import postgresql, sqlite

Json: TypeAlias = dict[str, Any]
Row: TypeAlias = dict[str, Any]
Statement: TypeAlias = postgresql.Insert | sqlite.Insert

_STATES = {"OTHER": 0, "START": 1, "RUNNING": 2, "COMPLETE": 3, "ABORT": 4, "FAIL": 5}
_TEXT = Text().with_variant(Text(collation="C"), "postgresql")
_SERIAL = BigInteger().with_variant(sa.Integer, "sqlite")

metadata = MetaData()
event_log = Table(
    "event_log",
    metadata,
    Column("seq", _SERIAL, primary_key=True, autoincrement=True),
    Column("key", LargeBinary, nullable=False, unique=True),
    Column("received_at", BigInteger, nullable=False, index=True),
    Column("payload", LargeBinary, nullable=False),
)
job = Table(
    "job",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("namespace", _TEXT, nullable=False),
    Column("name", _TEXT, nullable=False),
    Column("facets", Text, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Index("job_name", "namespace", "name", unique=True),
)
run = Table(
    "run",
    metadata,
    Column("run_id", _TEXT, primary_key=True),
    Column("job_id", BigInteger, nullable=False),
    Column("state", SmallInteger, nullable=False),
    Column("started_at", BigInteger),
    Column("ended_at", BigInteger),
    Column("nominal_start", BigInteger),
    Column("nominal_end", BigInteger),
    Column("parent_run_id", _TEXT),
    Column("facets", Text, nullable=False),
    Index("run_job", "job_id", "started_at"),
)
dataset = Table(
    "dataset",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("namespace", _TEXT, nullable=False),
    Column("name", _TEXT, nullable=False),
    Column("short_name", _TEXT, nullable=False, index=True),
    Column("facets", Text, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Index("dataset_name", "namespace", "name", unique=True),
)
schema_version = Table(
    "schema_version",
    metadata,
    Column("dataset_id", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, primary_key=True),
    Column("fields", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
)
column = Table(
    "dataset_column",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("dataset_id", BigInteger, nullable=False, index=True),
    Column("name", _TEXT, nullable=False),
    Column("type", Text, nullable=False),
    Column("ordinal", SmallInteger, nullable=False),
)


def _edges(name: str, *more: Column[Any]) -> Table:
    return Table(
        name,
        metadata,
        Column("job_id", BigInteger, primary_key=True, autoincrement=False),
        Column("source_id", BigInteger, primary_key=True, autoincrement=False),
        Column("target_id", BigInteger, primary_key=True, autoincrement=False),
        *more,
        Column("first_seen", BigInteger, nullable=False),
        Column("last_seen", BigInteger, nullable=False),
        Index(f"{name}_down", "source_id", "target_id"),
        Index(f"{name}_up", "target_id", "source_id"),
    )


edge = _edges("edge")
column_edge = _edges(
    "column_edge", Column("kind", _TEXT, primary_key=True), Column("description", Text, nullable=False)
)


class Answers(NamedTuple):
    """Everything both sides must agree on, by name."""

    datasets: set[tuple[str, str]]
    columns: set[tuple[str, str, str]]
    jobs: set[tuple[str, str]]
    runs: dict[str, tuple[int, int | None, int | None]]
    edges: set[tuple[str, str, str]]
    column_edges: set[tuple[str, str, str, str, str]]


class CoreUpsertWriter:
    """One connection, one transaction an event."""

    def __init__(self, url: str) -> None:
        self._postgres = url.startswith("postgresql")
        isolation = {} if self._postgres else {"isolation_level": "AUTOCOMMIT"}
        self._engine = sa.create_engine(url, **isolation)
        if not self._postgres:
            sa.event.listen(self._engine, "connect", _prepare_sqlite)
        metadata.create_all(self._engine)
        self._statements = _Statements(postgres=self._postgres)
        self._connection = self._engine.connect()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        self._connection.close()
        self._engine.dispose()

    def write(self, payload: bytes) -> None:
        """One event, durable and answerable when this returns. One that came before changes nothing."""
        event = orjson.loads(payload)
        rows = _Rows(event)
        with self._transaction() as connection:
            key = blake2b(payload, digest_size=16).digest()
            logged = connection.execute(
                self._statements.event_log, {"key": key, "received_at": rows.time, "payload": payload}
            )
            if logged.rowcount == 0:
                return
            for statement, found in self._statements.with_rows(rows):
                if found:
                    connection.execute(statement, found)

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        if self._postgres:
            with self._connection.begin():
                yield self._connection
            return
        self._connection.exec_driver_sql("BEGIN IMMEDIATE")
        try:
            yield self._connection
        except BaseException:
            self._connection.exec_driver_sql("ROLLBACK")
            raise
        self._connection.exec_driver_sql("COMMIT")

    # -- answers

    def analyze(self) -> None:
        with self._transaction() as connection:
            connection.exec_driver_sql("ANALYZE")

    def walk(self, pair: tuple[str, str], direction: str, depth: int) -> set[tuple[str, str]]:
        """Names of the datasets within so many hops, the start not included."""
        start, end = ("source_id", "target_id") if direction == "downstream" else ("target_id", "source_id")
        reached = sa.select(sa.bindparam("start", type_=BigInteger).label("node"), sa.literal(0).label("depth")).cte(
            "reached", recursive=True
        )
        further = sa.select(edge.c[end], reached.c.depth + 1).where(
            edge.c[start] == reached.c.node, reached.c.depth < depth
        )
        found = reached.union(further)
        names = sa.select(dataset.c.namespace, dataset.c.name).join(found, found.c.node == dataset.c.id).distinct()
        with self._transaction() as connection:
            rows = connection.execute(names, {"start": _uid("dataset", *pair)}).fetchall()
        return {(row[0], row[1]) for row in rows} - {pair}

    def answers(self) -> Answers:
        with self._transaction() as connection:
            names = {row.id: (row.namespace, row.name) for row in connection.execute(sa.select(dataset))}
            jobs = {row.id: (row.namespace, row.name) for row in connection.execute(sa.select(job))}
            columns = {row.id: (*names[row.dataset_id], row.name) for row in connection.execute(sa.select(column))}
            runs = {row.run_id: (row.state, row.started_at, row.ended_at) for row in connection.execute(sa.select(run))}
            edges = {
                (jobs[row.job_id][1], names[row.source_id][1], names[row.target_id][1])
                for row in connection.execute(sa.select(edge))
            }
            column_edges = {
                (jobs[row.job_id][1], *columns[row.source_id][1:], *columns[row.target_id][1:])
                for row in connection.execute(sa.select(column_edge))
            }
        return Answers(set(names.values()), set(columns.values()), set(jobs.values()), runs, edges, column_edges)


class _Statements:
    """The upserts, built once for one database."""

    def __init__(self, *, postgres: bool) -> None:
        self._insert = postgresql.insert if postgres else sqlite.insert
        self._greatest = sa.func.greatest if postgres else sa.func.max
        self.event_log = self._insert(event_log).on_conflict_do_nothing(index_elements=["key"])
        self._by_table = (
            ("jobs", self._changed(job, "facets", "updated_at")),
            ("runs", self._run()),
            ("datasets", self._changed(dataset, "facets", "updated_at")),
            ("schemas", self._insert(schema_version).on_conflict_do_nothing()),
            ("columns", self._changed(column, "type", "ordinal")),
            ("edges", self._seen(edge)),
            ("column_edges", self._seen(column_edge, "description")),
        )

    def with_rows(self, rows: _Rows) -> Iterator[tuple[Statement, list[Row]]]:
        for name, statement in self._by_table:
            yield statement, getattr(rows, name)

    def _upsert(self, table: Table, sets: Json, where: Any = None) -> Statement:
        keys = [each.name for each in table.primary_key.columns]
        return self._insert(table).on_conflict_do_update(index_elements=keys, set_=sets, where=where)

    def _run(self) -> Statement:
        new = self._insert(run).excluded
        sets: Json = {"state": self._greatest(run.c.state, new.state)}
        for name in ("started_at", "ended_at", "nominal_start", "nominal_end", "parent_run_id"):
            sets[name] = sa.func.coalesce(new[name], run.c[name])
        sets["facets"] = sa.case((new.state >= run.c.state, new.facets), else_=run.c.facets)
        return self._upsert(run, sets)

    def _changed(self, table: Table, *names: str) -> Statement:
        """Rows that say what is there already are not written again."""
        new = self._insert(table).excluded
        return self._upsert(table, {name: new[name] for name in names}, where=table.c[names[0]] != new[names[0]])

    def _seen(self, table: Table, *names: str) -> Statement:
        """An edge was seen again: its time moves."""
        new = self._insert(table).excluded
        last = {"last_seen": self._greatest(table.c.last_seen, new.last_seen)}
        return self._upsert(table, {**last, **{name: new[name] for name in names}})


class _Rows:
    """What one event says, as rows."""

    def __init__(self, event: Json) -> None:
        self.event = event
        self.time = _micros(event["eventTime"])
        stated = event["job"]
        self.job_id = _uid("job", stated["namespace"], stated["name"])
        self.jobs = [
            {
                "id": self.job_id,
                "namespace": stated["namespace"],
                "name": stated["name"],
                "facets": _dump({name: each for name, each in stated.get("facets", {}).items() if name != "sql"}),
                "updated_at": self.time,
            }
        ]
        self.runs = [self._run()]
        found = [*event.get("inputs", []), *event.get("outputs", [])]
        unique = {(each["namespace"], each["name"]): each for each in found}
        self.datasets = _sorted([self._dataset(each) for each in unique.values()])
        self.schemas: list[Row] = []
        columns: dict[int, Row] = {}
        for each in unique.values():
            self._schema(each, columns)
        self.edges: list[Row] = []
        self.column_edges: list[Row] = []
        if event["eventType"] == "COMPLETE":
            self._edges(columns)
        self.columns = _sorted(list(columns.values()))

    def _run(self) -> Row:
        stated, kind = self.event["run"], self.event["eventType"]
        facets = stated.get("facets", {})
        nominal, parent = facets.get("nominalTime", {}), facets.get("parent", {})
        return {
            "run_id": stated["runId"],
            "job_id": self.job_id,
            "state": _STATES[kind],
            "started_at": self.time if kind == "START" else None,
            "ended_at": self.time if _STATES[kind] >= 3 else None,
            "nominal_start": _micros(nominal.get("nominalStartTime")),
            "nominal_end": _micros(nominal.get("nominalEndTime")),
            "parent_run_id": parent.get("run", {}).get("runId"),
            "facets": _dump({**facets, "sql": self.event["job"].get("facets", {}).get("sql")}),
        }

    def _dataset(self, stated: Json) -> Row:
        facets = {
            name: each for name, each in stated.get("facets", {}).items() if name not in {"schema", "columnLineage"}
        }
        return {
            "id": _uid("dataset", stated["namespace"], stated["name"]),
            "namespace": stated["namespace"],
            "name": stated["name"],
            "short_name": stated["name"].rsplit(".", 1)[-1],
            "facets": _dump(facets),
            "updated_at": self.time,
        }

    def _schema(self, stated: Json, columns: dict[int, Row]) -> None:
        fields = stated.get("facets", {}).get("schema", {}).get("fields", [])
        uid = _uid("dataset", stated["namespace"], stated["name"])
        body = orjson.dumps(fields)
        version = blake2b(body, digest_size=16).digest()
        self.schemas.append({"dataset_id": uid, "hash": version, "fields": body.decode(), "created_at": self.time})
        for i, field in enumerate(fields):
            _add(columns, uid, field["name"], field.get("type", ""), i)

    def _edges(self, columns: dict[int, Row]) -> None:
        """Every input goes into every output; column lineage says which columns."""
        seen = {"job_id": self.job_id, "first_seen": self.time, "last_seen": self.time}
        inputs = {_uid("dataset", each["namespace"], each["name"]) for each in self.event.get("inputs", [])}
        found: dict[tuple[int, int, str], Row] = {}
        for output in self.event.get("outputs", []):
            uid = _uid("dataset", output["namespace"], output["name"])
            self.edges += [{**seen, "source_id": source, "target_id": uid} for source in sorted(inputs)]
            facet = output.get("facets", {}).get("columnLineage", {})
            for target, field in facet.get("fields", {}).items():
                for stated in field["inputFields"]:
                    source = _uid("dataset", stated["namespace"], stated["name"])
                    ends = _add(columns, source, stated["field"]), _add(columns, uid, target)
                    for kind, description in _transformations(stated):
                        row = {"source_id": ends[0], "target_id": ends[1], "kind": kind, "description": description}
                        found[*ends, kind] = {**seen, **row}
        self.column_edges = [found[key] for key in sorted(found)]


def _add(columns: dict[int, Row], dataset_id: int, name: str, kind: str = "", ordinal: int = -1) -> int:
    """The schema is read before the lineage, so a column keeps the type it has."""
    uid = _uid("column", str(dataset_id), name)
    if uid not in columns:
        columns[uid] = {"id": uid, "dataset_id": dataset_id, "name": name, "type": kind, "ordinal": ordinal}
    return uid


def _transformations(stated: Json) -> Iterator[tuple[str, str]]:
    for each in stated.get("transformations") or [{"subtype": "IDENTITY"}]:
        yield each.get("subtype", ""), each.get("description", "")


def _uid(*parts: str) -> int:
    return int.from_bytes(blake2b("\0".join(parts).encode(), digest_size=8).digest()) >> 1


def _sorted(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: int(row["id"]))


def _dump(value: Json) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def _micros(stated: str | None) -> Any:
    if stated is None:
        return None
    at = datetime.fromisoformat(stated)
    return int(at.timestamp()) * 1_000_000 + at.microsecond


def _prepare_sqlite(connection: Any, _record: object) -> None:
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "temp_store=MEMORY",
        "cache_size=-65536",
        "mmap_size=268435456",
    ):
        connection.execute(f"PRAGMA {pragma}")
