"""Queries of TPC-DS and TPC-H, made by DuckDB's own generators, with the tables that they are of: printed as JSON.

It runs in an environment of its own: the generators are packages that come for some versions of DuckDB alone.
"""

from __future__ import annotations

import json
from collections import defaultdict
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import duckdb

GENERATORS = {"tpcds": "dsdgen", "tpch": "dbgen"}


def made(name: str, generator: str) -> dict[str, Any]:
    found = find_spec(f"duckdb_extension_{name}")
    assert found
    assert found.origin
    with duckdb.connect() as connection:
        connection.execute(f"LOAD '{next(Path(found.origin).parent.rglob('*.duckdb_extension'))}'")
        queries = connection.execute(f"FROM {name}_queries() ORDER BY query_nr").fetchall()
        connection.execute(f"CALL {generator}(sf = 0)")
        tables: defaultdict[str, list[str]] = defaultdict(list)
        for table, column in connection.execute(
            "SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal ORDER BY table_name, column_index"
        ).fetchall():
            tables[table].append(column)
    return {"queries": [["duckdb", query] for _, query in queries], "schema": tables}


if __name__ == "__main__":
    print(json.dumps({name: made(name, generator) for name, generator in GENERATORS.items()}))
