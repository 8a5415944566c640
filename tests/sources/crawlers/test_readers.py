"""Readers of databases, each on a real one: what they find is kept in tests/golden/crawlers/readers.

`UPDATE_GOLDEN=1 pytest tests/sources/crawlers` writes anew what is found: read the difference before you commit it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy import event

from airflow_provider_catalog.errors import CrawlError
from airflow_provider_catalog.sources.crawlers import postgresql
from airflow_provider_catalog.sources.crawlers.opening import by_url
from airflow_provider_catalog.sources.crawlers.postgresql import PostgresReader
from airflow_provider_catalog.sources.crawlers.tables import Selection, Table
from tests.crawled import KINDS, Database, quoted

GOLDEN = Path(__file__).parents[2] / "golden" / "crawlers" / "readers"
HOSTILE = [
    'quo"te',
    "it's",
    "dots.in.it",
    "semi;colon --",
    "%s %(numbers)s :numbers",
    "line\nand\ttab",
    "ünïcødé ✓ 表",
    "UPPER lower",
    "back\\slash",
    "x" * 63,
]


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    postgres = request.getfixturevalue("postgres_database") if request.param == "postgres" else ""
    return Database.of(request.param, tmp_path, postgres)


@pytest.fixture
def postgres(tmp_path: Path, postgres_database: str) -> Database:
    return Database.of("postgres", tmp_path, postgres_database)


def filled(database: Database, *, but: str = "nothing at all") -> dict[str, Any]:
    golden: dict[str, Any] = json.loads((GOLDEN / f"{database.kind}.json").read_text())
    database.run(*(statement for statement in golden["ddl"] if but not in statement))
    return golden


def test_tables_are_found_as_the_golden_files_have_them(database: Database) -> None:
    golden = filled(database)
    found = [table.to_json() for table in database.tables()]
    if os.environ.get("UPDATE_GOLDEN"):
        golden["tables"] = found
        text = json.dumps(golden, indent=1, ensure_ascii=False)
        (GOLDEN / f"{database.kind}.json").write_text(f"{text}\n")
    assert found == golden["tables"]


def plain(table: Table) -> dict[str, Any]:
    """Without what the inspector spells in its own way: types, and how views begin."""
    told = table.to_json()
    for column in told.get("columns", []):
        column["type"] = "".join(column["type"].lower().split())
    return told | {"definition": " ".join(told.get("definition", "").split())}


def test_the_inspector_of_sqlalchemy_finds_the_same_in_sqlite(tmp_path: Path) -> None:
    database = Database.of("sqlite", tmp_path)
    database.run(
        "CREATE TABLE customers (id INTEGER PRIMARY KEY, email VARCHAR(80) NOT NULL, feels TEXT DEFAULT 'fine')",
        "CREATE TABLE orders (region TEXT, number INTEGER, who INTEGER NOT NULL REFERENCES customers (id),"
        " paid DECIMAL(10, 2) DEFAULT 0, PRIMARY KEY (region, number), UNIQUE (who, paid))",
        "CREATE VIEW big AS SELECT region FROM orders",
        *(f"CREATE TABLE {quoted(name)} (a TEXT, {quoted(name)} INTEGER)" for name in HOSTILE),
    )
    assert list(map(plain, database.tables_by_inspector())) == list(map(plain, database.tables()))


def test_the_inspector_of_sqlalchemy_finds_the_same_in_postgresql(postgres: Database) -> None:
    postgres.run(
        "CREATE SCHEMA mart",
        "CREATE TABLE customers (id bigint PRIMARY KEY, email text NOT NULL UNIQUE, feels text DEFAULT 'fine')",
        "COMMENT ON TABLE customers IS 'Who buys'",
        "COMMENT ON COLUMN customers.email IS 'Where they are written to'",
        "CREATE TABLE mart.orders (region text, number integer, customer bigint NOT NULL REFERENCES customers,"
        " paid numeric(10, 2) DEFAULT 0 NOT NULL, PRIMARY KEY (region, number), UNIQUE (customer, number))",
        "CREATE TABLE mart.lines (region text, number integer, FOREIGN KEY (region, number) REFERENCES mart.orders)",
        "CREATE VIEW mart.big AS SELECT region FROM mart.orders",
        "CREATE MATERIALIZED VIEW mart.kept AS SELECT region FROM mart.orders",
        *(f"CREATE TABLE mart.{quoted(name)} (a text, {quoted(name)} integer)" for name in HOSTILE),
    )
    ours, inspected = postgres.tables(), postgres.tables_by_inspector()
    assert [(table.schema, table.name) for table in ours] == [(table.schema, table.name) for table in inspected]
    assert list(map(plain, inspected)) == list(map(plain, ours))


def test_names_may_be_anything_that_the_database_takes(database: Database) -> None:
    for name in HOSTILE:
        database.run(f"CREATE TABLE {quoted(name)} (a INTEGER, {quoted(name)} INTEGER)")
    found = {table.name: [column.name for column in table.columns] for table in database.tables()}
    assert found == {name: ["a", name] for name in HOSTILE}


@pytest.mark.parametrize(
    ("change", "kinds"),
    [
        ("ALTER TABLE t ADD COLUMN c INTEGER", KINDS),
        ("ALTER TABLE t RENAME COLUMN b TO c", KINDS),
        ("ALTER TABLE t ALTER COLUMN b TYPE BIGINT", ("postgres", "duckdb")),
        ("ALTER TABLE t ALTER COLUMN b SET DEFAULT 3", ("postgres", "duckdb")),
        ("ALTER TABLE t ALTER COLUMN b SET NOT NULL", ("postgres", "duckdb")),
        ("COMMENT ON TABLE t IS 'told'", ("postgres", "duckdb")),
        ("COMMENT ON COLUMN t.b IS 'told'", ("postgres", "duckdb")),
        ("ALTER TABLE t ADD PRIMARY KEY (a)", ("postgres", "duckdb")),
        ("ALTER TABLE t ADD UNIQUE (a)", ("postgres",)),
        ("ALTER TABLE t ADD FOREIGN KEY (b) REFERENCES u", ("postgres",)),
        ("ALTER TABLE t ALTER COLUMN b TYPE VARCHAR(7)", ("postgres",)),
    ],
)
def test_whatever_changes_in_a_table_changes_its_fingerprint_and_no_other(
    database: Database, change: str, kinds: tuple[str, ...]
) -> None:
    if database.kind not in kinds:
        change = "ALTER TABLE t DROP COLUMN b"
    database.run("CREATE TABLE t (a INTEGER, b INTEGER)", "CREATE TABLE u (a INTEGER PRIMARY KEY)")
    before = fingerprints(database)
    assert fingerprints(database) == before
    database.run(change)
    after = fingerprints(database)
    assert after["u"] == before["u"]
    assert after["t"] != before["t"]


def test_a_view_that_is_made_anew_has_another_fingerprint(database: Database) -> None:
    database.run("CREATE TABLE t (a INTEGER, b INTEGER)", "CREATE VIEW v AS SELECT a FROM t WHERE b > 1")
    before = fingerprints(database)
    database.run("DROP VIEW v", "CREATE VIEW v AS SELECT a FROM t WHERE b > 2")
    after = fingerprints(database)
    assert (after["t"] == before["t"], after["v"] == before["v"]) == (True, False)


def fingerprints(database: Database) -> dict[str, str]:
    with database.opened() as (_, reader):
        return {seen.name: seen.fingerprint for seen in reader.seen()}


def test_a_table_that_goes_while_we_look_is_left_out(database: Database) -> None:
    database.run("CREATE TABLE stays (a INTEGER)", "CREATE TABLE goes (a INTEGER)")
    with database.opened() as (_, reader):
        seen = list(reader.seen())
    database.run("DROP TABLE goes")
    with database.opened() as (_, reader):
        assert [table.name for table in reader.tables(seen)] == ["stays"]


# -- PostgreSQL alone


def test_postgresql_is_asked_as_much_for_many_tables_as_for_one(postgres: Database) -> None:
    postgres.run("DO $$ BEGIN FOR i IN 1..50 LOOP EXECUTE format('CREATE TABLE t%s (a int)', i); END LOOP; END $$")
    asked: list[str] = []

    def count(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    engine = sa.create_engine(postgres.url)
    with engine.connect() as connection:
        event.listen(engine, "before_cursor_execute", count)
        reader = PostgresReader(connection, 60)
        seen = list(reader.seen())
        assert (len(seen), len(asked)) == (50, 3)
        assert len(list(reader.tables(seen))) == 50
        assert len(asked) == 8
    engine.dispose()


def test_what_somebody_keeps_locked_is_left_out_and_nothing_else(
    postgres: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql, "_LOCK_MS", 100)
    postgres.run("CREATE TABLE t (a int)", *(f"CREATE VIEW v{i} AS TABLE t" for i in range(5)))
    with (
        psycopg.connect(postgres.url.replace("+psycopg", "")) as owner,
        postgres.opened() as (_, reader),
    ):
        owner.execute("ALTER VIEW v3 SET (security_barrier = true)")
        seen = list(reader.seen())
        assert [each.name for each in seen] == ["t", "v0", "v1", "v2", "v3", "v4"]
        assert sorted(table.name for table in reader.tables(seen)) == ["t", "v0", "v1", "v2", "v4"]


def test_between_two_questions_nothing_is_locked_and_nothing_can_be_written(postgres: Database) -> None:
    postgres.run("CREATE TABLE t (a int)", "CREATE VIEW v AS SELECT a FROM t")
    with postgres.opened() as (_, reader):
        assert isinstance(reader, PostgresReader)
        list(reader.tables(list(reader.seen())))
        postgres.run("SET lock_timeout = '1s'; DROP VIEW v; ALTER TABLE t ADD COLUMN b int")
        with reader._reading(), pytest.raises(sa.exc.DBAPIError, match="read-only"):
            reader._connection.execute(sa.text("CREATE TABLE ours (a int)"))


def test_a_question_that_takes_too_long_ends_the_crawl(postgres: Database) -> None:
    postgres.run("DO $$ BEGIN FOR i IN 1..500 LOOP EXECUTE format('CREATE TABLE t%s (a int)', i); END LOOP; END $$")
    with pytest.raises(CrawlError, match="statement timeout"), by_url(postgres.url, 0.001) as (_, reader):
        list(reader.seen())


# -- opening


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    for kind in ("sqlite", "duckdb"):
        path = tmp_path / f"none.{kind}"
        with pytest.raises(CrawlError, match=f"{kind}://{path} was not crawled: "), by_url(f"{kind}:///{path}"):
            pass
        assert not path.exists()


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("postgresql://u:hunter2@127.0.0.1:1/d", "Connection refused"),
        ("mysql://u:hunter2@h/d", "its driver is missing: pip install mysqlclient"),
        ("trino://u:hunter2@h/d", r"its dialect is missing: pip install 'trino\[sqlalchemy\]'"),
        ("other://u:hunter2@h/d", "its dialect is missing: install the package that has 'other'"),
        ("sqlite://", "its tables have no names: its database is in memory"),
        ("snowflake://", "its tables have no names: its connection names no account"),
    ],
)
def test_what_cannot_be_opened_says_why_and_not_who_asks(url: str, problem: str) -> None:
    with pytest.raises(CrawlError, match=problem) as caught, by_url(url):
        pass
    assert "hunter2" not in str(caught.value)


def test_what_is_no_url_is_not_repeated() -> None:
    with pytest.raises(ValueError, match="no URL of a database") as caught, by_url("u:hunter2@h"):
        pass
    assert "hunter2" not in str(caught.value)


def test_without_its_driver_duckdb_names_the_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "duckdb", None)
    with pytest.raises(CrawlError, match=r"pip install 'duckdb>=1\.2'"), by_url(f"duckdb:///{tmp_path}/x.db"):
        pass


@pytest.mark.parametrize(
    ("selection", "covered"),
    [
        (Selection(), {"a.t", "b.t", "b.u"}),
        (Selection(("b.*",)), {"b.t", "b.u"}),
        (Selection(("a.*", "*.u")), {"a.t", "b.u"}),
        (Selection((), ("*.t",)), {"b.u"}),
        (Selection(("b.*",), ("*.u",)), {"b.t"}),
    ],
)
def test_what_is_excluded_is_out_and_what_is_not_included_too(selection: Selection, covered: set[str]) -> None:
    tables = [("a", "t"), ("b", "t"), ("b", "u")]
    assert {f"{schema}.{name}" for schema, name in tables if selection.covers(schema, name)} == covered
