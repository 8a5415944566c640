"""Whatever becomes of the export, dbt ends as it would have ended, and says what the catalog does not know."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from psycopg.rows import dict_row

from airflow_provider_catalog.sources.dbt.exported import documents_of_rows
from benchmarks.postgres import PostgresServer
from tests.dbt_macros.project import PACKAGE, Project
from tests.dbt_macros.test_installing import small
from tests.dbt_macros.test_transports import assert_says_what_the_artifacts_say

WARNING = "WARNING: the catalog was not told"
TABLE = "airflow_catalog_export"


@pytest.fixture(scope="module")
def attached(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Two databases of DuckDB: one is for reading only, in the other something else has the name of the table."""
    import duckdb

    project = small(tmp_path_factory.mktemp("failing") / "small").install()
    for name, made in (("locked", "create table t (i int)"), ("taken", f"create view {TABLE} as select 1 as format")):
        with duckdb.connect(str(project.root / f"{name}.duckdb")) as connection:
            connection.execute(made)
    (project.root / "profiles.yml").write_text(
        "small: {outputs: {default: {type: duckdb, path: shop.duckdb, attach: ["
        "{path: locked.duckdb, read_only: true}, {path: taken.duckdb}]}}}\n"
    )
    return project


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"transport": "table", "database": "locked"}, "open for reading only"),
        ({"transport": "table", "database": "taken"}, "not the table of this package"),
        ({"transport": "table", "database": "nowhere"}, "there is no database nowhere"),
        ({"transport": "table", "schema": 'a"; drop'}, "no schema can be named"),
        ({"transport": "pigeon"}, "none of artifacts, table, log, api"),
    ],
)
def test_what_cannot_be_written_is_said_and_fails_nothing(
    attached: Project, variables: dict[str, Any], said: str
) -> None:
    ran = attached.dbt("--warn-error", "run", **variables)
    assert ran.returncode == 0, ran.output
    assert [WARNING in line and said in line for line in ran.lines("WARNING")] == [True]
    assert len(attached.markers()) == 1


@pytest.fixture(scope="module")
def database(postgres_server: PostgresServer) -> Iterator[str]:
    """With a role that may make schemas of its own and write nothing into the one that is locked."""
    name = f"macros_{uuid.uuid4().hex}"
    url = postgres_server.create_database(name).replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("create schema locked")
        connection.execute(f"create role {name} login password 'secret'")
        connection.execute(f"grant create on database {name} to {name}")
    yield url
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"drop owned by {name} cascade")
        connection.execute(f"drop role {name}")
    postgres_server.drop_database(name)


@pytest.fixture(scope="module")
def corner_shop(database: str, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The project that comes with the package, on PostgreSQL."""
    stated = urlsplit(database)
    environment = {
        "CORNER_SHOP_TARGET": "postgres",
        "CORNER_SHOP_PORT": str(stated.port),
        "CORNER_SHOP_USER": stated.path[1:],
        "CORNER_SHOP_PASSWORD": "secret",
        "CORNER_SHOP_DATABASE": stated.path[1:],
        "CORNER_SHOP_SCHEMA": "shop",
    }
    root = tmp_path_factory.mktemp("postgres") / "corner_shop"
    return Project.copy(PACKAGE / "integration_test_project", root, environment).install()


def rows(database: str) -> list[dict[str, Any]]:
    with psycopg.connect(database, row_factory=dict_row) as connection:
        return connection.execute("select * from shop.airflow_catalog_export").fetchall()


def test_postgresql_holds_what_the_artifacts_say_and_forgets_the_old(corner_shop: Project, database: str) -> None:
    assert corner_shop.dbt("build", transport="table").returncode == 0
    with psycopg.connect(database) as connection:
        connection.execute("update shop.airflow_catalog_export set created_at = '2020-01-01T00:00:00Z'")
    ran = corner_shop.dbt("build", transport="table", chunk_bytes=2000)
    assert not ran.lines("WARNING"), ran.output
    found = rows(database)
    assert len(found) > 1
    assert_says_what_the_artifacts_say(corner_shop, documents_of_rows(reversed(found)))
    assert {each["invocation_id"] for each in found} == {
        corner_shop.artifact("run_results.json")["metadata"]["invocation_id"]
    }


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"database": "elsewhere"}, "only into the database it is connected to"),
        ({"schema": "a$airflow_catalog$"}, "no schema can be named"),
        ({"schema": "a; drop"}, "no schema can be named"),
    ],
)
def test_what_postgresql_cannot_write_is_said_and_fails_nothing(
    corner_shop: Project, variables: dict[str, Any], said: str
) -> None:
    ran = corner_shop.dbt("--warn-error", "run", transport="table", **variables)
    assert ran.returncode == 0, ran.output
    assert said in ran.lines(WARNING)[0]


def test_missing_rights_are_said_and_fail_nothing(corner_shop: Project, database: str) -> None:
    ran = corner_shop.dbt("--warn-error", "build", transport="table", schema="locked")
    assert ran.returncode == 0, ran.output
    assert "permission denied for schema locked" in ran.lines(WARNING)[0]


def test_a_run_that_is_killed_leaves_nothing_half_told(corner_shop: Project, database: str) -> None:
    before = rows(database)
    slow = corner_shop.root / "models" / "slow.sql"
    slow.write_text("{{ config(materialized='table') }} select pg_sleep(60) is null as slept")
    process = corner_shop.start("run", transport="table")
    backend = _that_sleeps(database)
    process.kill()
    process.wait()
    slow.unlink()
    with psycopg.connect(database) as connection:
        connection.execute("select pg_terminate_backend(%s)", [backend])
    assert rows(database) == before
    assert corner_shop.dbt("run", transport="table").returncode == 0
    assert len(rows(database)) > len(before)


def _that_sleeps(database: str) -> int:
    asked = "select pid from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()"
    deadline = time.monotonic() + 60
    with psycopg.connect(database, autocommit=True) as connection:
        while (found := connection.execute(asked).fetchone()) is None:
            assert time.monotonic() < deadline, "dbt has not begun"
            time.sleep(0.05)
    return int(found[0])
