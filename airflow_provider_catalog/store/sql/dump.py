"""The whole store in one order, for comparing two of them.

What depends on when or in how many pieces something was recorded is left out: recorded_at, numbers in the log, how
far a stream has settled. `last_seen` is what a reader would be told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Connection

_LIFE = "e.valid_from, e.valid_to, coalesce(e.last_seen, s.last_seen), e.patience, e.missed, e.rule, e.confidence"
_STREAM = "JOIN catalog_stream s ON s.job_id = e.job_id AND s.producer_id = e.producer_id"
_QUERIES = {
    "entity": "SELECT id, kind, namespace, name, search_name, node_id FROM catalog_entity",
    "column": "SELECT id, dataset_id, name FROM catalog_column WHERE stated",
    "producer": "SELECT id, name FROM catalog_producer",
    "statement": (
        "SELECT id, producer_id, origin, job_id, run_uid, scope, time, event, complete, declared, content_id, "
        "lineage_id,"
        " details FROM catalog_statement"
    ),
    "run": (
        "SELECT uid, run_id, job_id, state_key, first_at, started_at, nominal_start, nominal_end, parent_run_id,"
        " root_run_id FROM catalog_run"
    ),
    "fact": (
        "SELECT f.subject_id, f.aspect, f.producer_id, f.valid_from, f.valid_to, f.origin, f.value_id, v.body"
        " FROM catalog_fact f LEFT JOIN catalog_value v ON v.id = f.value_id"
    ),
    "alias": "SELECT left_id, right_id, rule, producer_id, same, preference FROM catalog_alias",
    "port": f"SELECT e.job_id, e.producer_id, e.direction, e.dataset_id, {_LIFE} FROM catalog_port e {_STREAM}",
    "edge": (
        f"SELECT e.job_id, e.producer_id, e.source_id, e.target_id, {_LIFE}, e.source_node, e.target_node"
        f" FROM catalog_edge e {_STREAM}"
    ),
    "column_edge": (
        f"SELECT e.job_id, e.producer_id, e.source_id, e.target_id, e.kind, {_LIFE}, e.transformation, e.source_node,"
        f" e.target_node FROM catalog_column_edge e {_STREAM}"
    ),
    "dead_letter": "SELECT id, reason FROM catalog_dead_letter",
}
_PAGE = 2000
KEYS = {
    "entity": 1,
    "producer": 1,
    "column": 1,
    "statement": 1,
    "run": 1,
    "fact": 4,
    "alias": 4,
    "port": 5,
    "edge": 5,
    "column_edge": 6,
    "dead_letter": 1,
}


def tables(connection: Connection) -> Iterator[tuple[str, Iterable[tuple[Any, ...]]]]:
    """Each table's rows, sorted by key."""
    for name, query in _QUERIES.items():
        order = ", ".join(str(i + 1) for i in range(KEYS[name]))
        yield name, _rows(connection, f"{query} ORDER BY {order}")


def _rows(connection: Connection, query: str) -> Iterator[tuple[Any, ...]]:
    """A page at a time; nothing is asked of the database before somebody reads."""
    with connection.exec_driver_sql(query, execution_options={"yield_per": _PAGE}) as rows:
        yield from map(_plain, rows)


def _plain(row: Any) -> tuple[Any, ...]:
    """The same values whichever database they come from."""
    return tuple(bytes(v) if isinstance(v, memoryview) else int(v) if isinstance(v, bool) else v for v in row)
