"""Walking the graph. Every walk is bounded, breadth first, and says when it stopped early.

PostgreSQL walks in one recursive query that stops at its limit; SQLite, where a query costs little, ring by ring.
`UNION` drops what was reached before at the same depth, so that circles and hubs end. Where circles bring the same
nodes back until the limit is used up, PostgreSQL goes ring by ring too.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from itertools import islice
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection

from airflow_provider_catalog.model.statement import EdgeKind, Rule
from airflow_provider_catalog.store.protocol import Direction, Level, LineageEdge, Port, Walk
from airflow_provider_catalog.store.sql import tables
from airflow_provider_catalog.store.sql.dialect import Dialect, fetched
from airflow_provider_catalog.store.sql.names import Producers


class Shape(NamedTuple):
    """The names a query is made of; they come from here and nowhere else."""

    table: str
    start: str
    end: str
    alive: str
    more: str


_ENDS = {"downstream": ("source_node", "target_node"), "upstream": ("target_node", "source_node")}
_NOW = "e.valid_to IS NULL"
_THEN = "e.valid_from <= {at} AND (e.valid_to IS NULL OR e.valid_to > {at})"


def shape_of(direction: Direction, level: Level, as_of: int | None) -> Shape:
    alive = _NOW if as_of is None else _THEN.format(at=int(as_of))
    if level == "column":
        return Shape("catalog_column_edge", *_ENDS[direction], alive, ", e.valid_to, e.kind, e.transformation")
    return Shape("catalog_edge", *_ENDS[direction], alive, "" if as_of is None else ", e.valid_to, NULL, ''")


def walk(
    connection: Connection, dialect: Dialect, starts: Collection[int], shape: Shape, depth: int, limit: int
) -> Walk:
    at_once = dialect.name == "postgresql" and _walk_at_once(connection, shape, set(starts), depth, limit)
    return at_once or _walk_by_rings(connection, dialect, shape, set(starts), depth, limit)


_RECURSIVE = """
WITH RECURSIVE reached(node, depth) AS (
    SELECT unnest(%s::bigint[]), 0
    UNION
    SELECT next.node, r.depth + 1
    FROM reached r CROSS JOIN LATERAL (
        SELECT e.{end} AS node FROM {table} e WHERE e.{start} = r.node AND {alive} OFFSET 0) next
    WHERE r.depth < %s)
SELECT node, depth FROM reached LIMIT %s
"""


def _walk_at_once(connection: Connection, shape: Shape, starts: set[int], depth: int, limit: int) -> Walk | None:
    """A node may be reached again further on, so a few rows more are asked for than nodes are wanted. None: that was
    not enough to tell.
    """
    rows_wanted = len(starts) + limit + limit // 8 + 64
    sql = _RECURSIVE.format(**shape._asdict())
    rows = fetched(connection, sql, (_literal(starts), depth, rows_wanted))
    reached: dict[int, int] = {}
    for node, hops in rows:
        if node not in reached and node not in starts:
            reached[node] = hops
    if len(reached) > limit:
        return Walk(_first(reached, limit), truncated=True)
    return Walk(reached, truncated=False) if len(rows) < rows_wanted else None


_RING = {
    "postgresql": "SELECT DISTINCT e.{end} FROM {table} e WHERE e.{start} = ANY(%s::bigint[]) AND {alive} LIMIT %s",
    "sqlite": (
        "SELECT DISTINCT e.{end} FROM {table} e WHERE e.{start} IN (SELECT value FROM json_each(?)) AND {alive} LIMIT ?"
    ),
}


def _walk_by_rings(
    connection: Connection, dialect: Dialect, shape: Shape, starts: set[int], depth: int, limit: int
) -> Walk:
    sql = _RING[dialect.name].format(**shape._asdict())
    reached: dict[int, int] = {}
    ring = list(starts)
    for hops in range(1, depth + 1):
        if not ring:
            break
        # What was seen already may come back, so that many rows more can be needed.
        rows = fetched(connection, sql, (_array(dialect, ring), limit + 1 + len(starts) + len(reached)))
        ring = [node for (node,) in rows if node not in reached and node not in starts]
        reached.update(dict.fromkeys(ring, hops))
        if len(reached) > limit:
            return Walk(_first(reached, limit), truncated=True)
    return Walk(reached, truncated=False)


def _first(reached: dict[int, int], limit: int) -> dict[int, int]:
    return dict(islice(reached.items(), limit))


_EDGE = (
    "SELECT e.job_id, e.producer_id, e.source_{end}, e.target_{end}, e.rule, e.confidence, e.valid_from, e.last_seen"
    "{more} FROM {table} e WHERE "
)
_AMONG = {
    "postgresql": "{column} = ANY(%s::bigint[])",
    "sqlite": "{column} IN (SELECT value FROM json_each(?))",
}
_OTHERS = {
    # By a second array PostgreSQL looks at each of its items for each edge.
    "postgresql": "{column} IN (SELECT unnest(%s::bigint[]))",
    # The plus keeps SQLite from trying every pair of ends in the index, which are as many as the square of the nodes.
    "sqlite": "+{column} IN (SELECT value FROM json_each(?))",
}
RULES = {int(rule): rule for rule in Rule}
_KINDS: dict[int | None, EdgeKind | None] = {None: None, **{int(kind): kind for kind in EdgeKind}}


def _edges(
    connection: Connection,
    dialect: Dialect,
    producers: Producers,
    shape: Shape,
    ends: Mapping[str, Collection[int]],
    end: Literal["node", "id"] = "node",
    limit: int | None = None,
) -> list[LineageEdge]:
    """`end`: which ends are told, those that count or those that were said."""
    first, *others = ends
    where = [_AMONG[dialect.name].format(column=f"e.{first}")]
    where += [_OTHERS[dialect.name].format(column=f"e.{other}") for other in others]
    where.append(shape.alive)
    sql = _EDGE.format(table=shape.table, end=end, more=shape.more) + " AND ".join(where)
    sql += "" if limit is None else f" LIMIT {int(limit)}"
    arrays = {id(uids): _array(dialect, uids) for uids in ends.values()}
    rows = fetched(connection, sql, tuple(arrays[id(uids)] for uids in ends.values()))
    return _made(rows, producers.among(connection, {row[1] for row in rows}), more=bool(shape.more))


def _array(dialect: Dialect, uids: Collection[int]) -> str:
    """PostgreSQL's arrays as literals: the driver would walk every item in Python."""
    return _literal(uids) if dialect.name == "postgresql" else json.dumps(list(uids))


def _literal(uids: Collection[int]) -> str:
    return "{" + ",".join(map(str, uids)) + "}"


def _made(rows: Sequence[Any], producers: Mapping[int, str], *, more: bool) -> list[LineageEdge]:
    """Without a call for each row and value where it can be: there are thousands."""
    make, rules, kinds = LineageEdge._make, RULES, _KINDS
    if more:
        return [
            make((job, producers[by], a, b, rules[rule], sure, since, seen, until, kinds[kind], text))
            for job, by, a, b, rule, sure, since, seen, until, kind, text in rows
        ]
    return [
        make((job, producers[by], a, b, rules[rule], sure, since, seen, None, None, ""))
        for job, by, a, b, rule, sure, since, seen in rows
    ]


def edges(
    connection: Connection, dialect: Dialect, producers: Producers, nodes: Collection[int], shape: Shape
) -> list[LineageEdge]:
    """Both ends among the nodes. Targets first: what is read by thousands is written from a few."""
    among = set(nodes)
    return _edges(connection, dialect, producers, shape, {"target_node": among, "source_node": among})


def neighbours(
    connection: Connection,
    dialect: Dialect,
    producers: Producers,
    nodes: Collection[int],
    shape: Shape,
    limit: int | None = None,
) -> list[LineageEdge]:
    """One end among the nodes."""
    return _edges(connection, dialect, producers, shape, {shape.start: set(nodes)}, limit=limit)


def pairs(
    connection: Connection, dialect: Dialect, nodes: Collection[int], shape: Shape, limit: int
) -> list[tuple[int, int]]:
    """Each node with those one hop from it."""
    among = _AMONG[dialect.name].format(column=f"e.{shape.start}")
    sql = _PAIR.format(among=among, **shape._asdict()) + str(int(limit))
    return fetched(connection, sql, (_array(dialect, set(nodes)),))


_PAIR = "SELECT DISTINCT e.{start}, e.{end} FROM {table} e WHERE {among} AND {alive} LIMIT "


_BETWEEN = (
    "SELECT DISTINCT a.id, b.id FROM keys k CROSS JOIN catalog_column a CROSS JOIN catalog_column_edge e"
    " CROSS JOIN catalog_column b WHERE a.dataset_id = k.k0 AND e.source_node = a.id AND b.id = e.target_node"
    " AND b.dataset_id = k.k1"
)


def column_edges_between(
    connection: Connection,
    dialect: Dialect,
    producers: Producers,
    pairs: Collection[tuple[int, int]],
    as_of: int | None,
) -> list[LineageEdge]:
    """The column edges that lie under table edges."""
    found = {(row[0], row[1]) for row in dialect.join(connection, _BETWEEN, ["bigint", "bigint"], sorted(pairs))}
    shape = shape_of("downstream", "column", as_of)
    ends = {"source_node": {a for a, _ in found}, "target_node": {b for _, b in found}}
    return [edge for edge in _edges(connection, dialect, producers, shape, ends) if (edge.source, edge.target) in found]


def stated(
    connection: Connection, dialect: Dialect, producers: Producers, jobs: Collection[int], shape: Shape
) -> list[LineageEdge]:
    return _edges(connection, dialect, producers, shape, {"job_id": set(jobs)}, "id")


def heard(
    connection: Connection, dialect: Dialect, producers: Producers, jobs: Collection[int]
) -> dict[tuple[int, str], int]:
    """When each producer last told what a job reads and writes."""
    columns = ("job_id", "producer_id", "last_seen")
    rows = dialect.select(connection, tables.stream, columns, ["job_id"], [(job,) for job in sorted(set(jobs))])
    names = producers.among(connection, {row[1] for row in rows})
    return {(job, names[by]): seen for job, by, seen in rows}


_PORT = (
    "SELECT e.job_id, p.name, e.direction, e.dataset_id, e.valid_from, e.valid_to, coalesce(e.last_seen, s.last_seen)"
    " FROM catalog_port e JOIN catalog_producer p ON p.id = e.producer_id"
    " JOIN catalog_stream s ON s.job_id = e.job_id AND s.producer_id = e.producer_id WHERE "
)


def ports(
    connection: Connection, dialect: Dialect, jobs: Collection[int], datasets: Collection[int], as_of: int | None
) -> list[Port]:
    """What jobs read and write, or who reads and writes datasets."""
    ends = {"job_id": jobs, "dataset_id": datasets}
    alive = shape_of("downstream", "table", as_of).alive
    found: set[Port] = set()
    for column, uids in ends.items():
        if uids:
            sql = _PORT + _AMONG[dialect.name].format(column=f"e.{column}") + " AND " + alive
            rows = connection.exec_driver_sql(sql, (_array(dialect, set(uids)),))
            found.update(Port(*row) for row in rows)
    return sorted(found, key=lambda port: (port.job, port.direction, port.dataset, port.producer))
