"""Readers of SQL, ours and others', each in a process and an environment of its own: what is read in a CPU second.

    python sql_readers.py READER PASSES < workloads.json

The workloads are {name: {"queries": [[dialect, text]], "schema": {table: [columns]}}}. The answer is one JSON object:
for each workload statements read per CPU second, the median of the passes, how many gave columns, how many failed.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping
from statistics import median
from typing import Any, TypeAlias

Schema: TypeAlias = Mapping[str, list[str]]
Read: TypeAlias = Callable[[str, str, Schema], int]
"""How many edges between columns there are."""


def ours() -> Read:
    from airflow_provider_catalog.sources.sql import lineage

    def read(sql: str, dialect: str, schema: Schema) -> int:
        found = lineage(sql, dialect, schema=schema)
        return len(found.columns) + len(found.influences)

    return read


def remembered() -> Read:
    """As captured tasks are read: what was read last is not read anew."""
    from airflow_provider_catalog.sources.sql import remembered as read_again

    def read(sql: str, dialect: str, _: Schema) -> int:
        found = read_again(sql, dialect, None, None)
        return len(found.columns) + len(found.influences)

    return read


def sqlglot() -> Read:
    """Its own way: each output column by itself."""
    import sqlglot as glot
    from sqlglot import exp
    from sqlglot.lineage import lineage

    def read(sql: str, dialect: str, schema: Schema) -> int:
        known = {table: dict.fromkeys(columns, "text") for table, columns in schema.items()}
        found = 0
        for tree in glot.parse(sql, dialect=dialect):
            query = tree if isinstance(tree, exp.Query) else tree and tree.args.get("expression")
            if not isinstance(query, exp.Query):
                continue
            for name in query.named_selects:
                root = lineage(name, query.copy(), schema=known, dialect=dialect)
                found += sum(not node.downstream for node in root.walk())
        return found

    return read


def datahub() -> Read:
    import datahub.sql_parsing.sqlglot_lineage as parser
    from datahub.sql_parsing.schema_resolver import SchemaResolver

    parser.SQL_LINEAGE_TIMEOUT_ENABLED = False
    known: dict[tuple[str, int], Any] = {}

    def resolver(dialect: str, schema: Schema) -> Any:
        """One for all queries of the same tables: to make it takes longer than to read one."""
        if (dialect, id(schema)) not in known:
            made = known[dialect, id(schema)] = SchemaResolver(platform=dialect)
            for table, columns in schema.items():
                urn = f"urn:li:dataset:(urn:li:dataPlatform:{dialect},{table},PROD)"
                made.add_raw_schema_info(urn, dict.fromkeys(columns, "unknown"))
        return known[dialect, id(schema)]

    def read(sql: str, dialect: str, schema: Schema) -> int:
        parser._sqlglot_lineage_cached.cache_clear()  # noqa: SLF001  cold is what is measured
        found = parser.sqlglot_lineage(sql, schema_resolver=resolver(dialect, schema))
        if found.debug_info and found.debug_info.table_error:
            raise found.debug_info.table_error
        return sum(len(column.upstreams) for column in found.column_lineage or ())

    return read


READERS = {each.__name__: each for each in (ours, remembered, sqlglot, datahub)}


def measured(read: Read, workload: Mapping[str, Any], passes: int) -> dict[str, float]:
    queries, schema = workload["queries"], workload["schema"]
    seconds, found = [], [0] * len(queries)
    for _ in range(passes):
        begun = time.process_time()
        found = [_edges(read, sql, dialect, schema) for dialect, sql in queries]
        seconds.append(time.process_time() - begun)
    counts = {"with_columns": sum(each > 0 for each in found), "failed": sum(each < 0 for each in found)}
    return {"per_second": len(queries) / median(seconds), **counts}


def _edges(read: Read, sql: str, dialect: str, schema: Schema) -> int:
    try:
        return read(sql, dialect, schema)
    except Exception:  # noqa: BLE001  counted: what a peer cannot read it raises in many ways
        return -1


if __name__ == "__main__":
    reader = READERS[sys.argv[1]]()
    workloads = json.load(sys.stdin)
    print(json.dumps({name: measured(reader, each, int(sys.argv[2])) for name, each in workloads.items()}))
