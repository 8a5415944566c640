"""`DbtHarvestOperator` on the databases that dbt left its rows in."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from airflow.sdk.exceptions import AirflowException

from airflow_provider_catalog.operators.dbt import DbtHarvestOperator
from airflow_provider_catalog.store import open_store
from airflow_provider_catalog.store.protocol import Store
from tests.connections import to_postgres

Execute = Callable[..., list[tuple[Any, ...]]]
NOW, BEFORE = datetime.now(UTC), datetime.now(UTC) - timedelta(days=2)
TABLE = '"Left Over".airflow_catalog_export'


@pytest.fixture(params=["duckdb", "postgres"])
def execute(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Execute:
    """Runs SQL in a database that the connection `warehouse` leads to."""
    url = request.getfixturevalue("postgres_database") if request.param == "postgres" else None
    path = str(tmp_path / "warehouse.duckdb")
    stated = {"conn_type": "duckdb", "host": path} if url is None else to_postgres(url)
    monkeypatch.setenv("AIRFLOW_CONN_WAREHOUSE", json.dumps(stated))

    def run(sql: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        if url is None:
            with duckdb.connect(path) as database:
                return database.execute(sql.replace("%s", "?"), values).fetchall()
        import psycopg

        with (
            closing(psycopg.connect(url.replace("+psycopg", ""))) as connection,
            connection,
            connection.cursor() as cursor,
        ):
            cursor.execute(sql, values)
            return list(cursor.fetchall()) if cursor.description else []

    return run


@pytest.fixture
def table(execute: Execute) -> Execute:
    """As the macros make it."""
    numbers = ", ".join(f"{name} integer" for name in ("part", "parts", "piece", "pieces"))
    execute('create schema "Left Over"')
    execute(f"create table {TABLE} (format integer, invocation_id text, {numbers}, created_at text, payload text)")
    return execute


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    url = f"sqlite:///{tmp_path / 'catalog.db'}"
    monkeypatch.setenv("AIRFLOW__CATALOG__STORE_URL", url)
    with closing(open_store(url)) as store:
        yield store


def leave(execute: Execute, invocation: str, parts: int, *, written: datetime = NOW, without: int = 0) -> None:
    """An export of so many documents in two pieces each; `without` the second piece of that one."""
    for part in range(1, parts + 1):
        text = json.dumps({"format": 1, "project": "shop", "gone": [{"invocation": invocation, "part": part}]})
        for piece, payload in ((1, text[:15]), (2, text[15:])):
            if (part, piece) != (without, 2):
                values = (1, invocation, part, parts, piece, 2, f"{written:%Y-%m-%dT%H:%M:%SZ}", payload)
                execute(f"insert into {TABLE} values (%s, %s, %s, %s, %s, %s, %s, %s)", values)  # noqa: S608  our own name


def harvested(**options: Any) -> dict[str, Any]:
    operator = DbtHarvestOperator(task_id="harvest", warehouse_conn_id="warehouse", schema="Left Over", **options)
    return operator.execute({})


def invocations(execute: Execute) -> list[str]:
    return [each for (each,) in execute(f"select distinct invocation_id from {TABLE} order by 1")]  # noqa: S608  as above


def test_what_the_catalog_has_is_taken_away(table: Execute, store: Store) -> None:
    leave(table, "first", 3)
    leave(table, "second", 1)
    assert harvested() == {"invocations": 2, "documents": 4, "waiting": 0}
    assert invocations(table) == []
    assert len(store.envelopes()) == 4
    assert harvested() == {"invocations": 0, "documents": 0, "waiting": 0}


def test_what_is_still_being_written_is_left_alone(table: Execute, store: Store) -> None:
    leave(table, "going on", 2, without=2)
    leave(table, "whole", 1)
    assert harvested() == {"invocations": 1, "documents": 1, "waiting": 1}
    assert invocations(table) == ["going on"]
    assert len(store.envelopes()) == 1


def test_what_a_dead_run_has_left_is_taken_as_far_as_it_goes(table: Execute, store: Store) -> None:
    leave(table, "dead", 2, without=2, written=BEFORE)
    assert harvested() == {"invocations": 1, "documents": 1, "waiting": 0}
    assert invocations(table) == []


def test_rows_may_be_kept_and_count_once(table: Execute, store: Store) -> None:
    leave(table, "kept", 2)
    assert harvested(keep=True) == harvested(keep=True) == {"invocations": 1, "documents": 2, "waiting": 0}
    assert invocations(table) == ["kept"]
    assert len(store.envelopes()) == 2


def test_where_the_store_does_not_take_them_rows_stay(
    table: Execute, store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    leave(table, "whole", 1)
    monkeypatch.setenv("AIRFLOW__CATALOG__STORE_URL", f"sqlite:///{tmp_path / 'nowhere' / 'catalog.db'}")
    (tmp_path / "nowhere").write_text("no folder")
    with pytest.raises(Exception, match=r"nowhere|unable"):
        harvested()
    assert invocations(table) == ["whole"]


def test_a_table_that_is_not_there_is_said_to_be_missing(execute: Execute, store: Store) -> None:
    execute("select 1")
    with pytest.raises(AirflowException, match=r"Left Over\.airflow_catalog_export .* transport `table`"):
        harvested()


def test_a_connection_without_sql_is_refused(monkeypatch: pytest.MonkeyPatch, store: Store) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_WAREHOUSE", json.dumps({"conn_type": "http", "host": "127.0.0.1"}))
    with pytest.raises(AirflowException, match="SQL"):
        harvested()
