"""The tables: what the migrations make is what the code says, however many try and whenever they are killed (F15)."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from airflow_provider_catalog.errors import StoreOutdated
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.store import open_store
from airflow_provider_catalog.store.sql import schema, tables
from airflow_provider_catalog.store.sql.engine import engine_for, log_url, normalise
from tests import processes

PARTS: dict[schema.Part, sa.MetaData] = {"store": tables.store, "log": tables.log}


def place(url: str, part: schema.Part) -> sa.URL:
    return log_url(normalise(url)) if part == "log" else normalise(url)


def described(url: sa.URL) -> Any:
    """Every table and index as the database itself tells it, with collations."""
    engine = engine_for(url)
    queries = (
        [
            (
                "SELECT table_name, column_name, data_type, is_nullable, collation_name, column_default IS NULL"
                " FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1, 2"
            ),
            "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1",
        ]
        if engine.dialect.name == "postgresql"
        else [
            (
                'SELECT m.name, c.name, c.type, c."notnull", c.pk FROM sqlite_master m, pragma_table_info(m.name) c'
                " WHERE m.type = 'table' ORDER BY 1, 2"
            ),
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL ORDER BY 1",
        ]
    )
    with engine.connect() as connection:
        found = [[tuple(row) for row in connection.exec_driver_sql(query)] for query in queries]
    engine.dispose()
    return [[row for row in rows if "revision" not in row[0]] for rows in found]


@pytest.fixture
def other_url(store_url: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A second empty database of the same kind."""
    if store_url.startswith("sqlite"):
        yield f"sqlite:///{tmp_path / 'other' / 'catalog.db'}"
        return
    server = request.getfixturevalue("postgres_server")
    name = f"other_{store_url.rsplit('_', 1)[-1]}"
    yield server.create_database(name)
    server.drop_database(name)


def test_the_migrations_make_what_the_code_says(store_url: str, other_url: str) -> None:
    schema.upgrade(store_url)
    for part, metadata in PARTS.items():
        engine = engine_for(place(store_url, part))
        with engine.connect() as connection:
            names = set(metadata.tables)
            options = {
                "compare_type": True,
                "compare_server_default": True,
                "include_name": lambda name, kind, _parents, names=names: kind != "table" or name in names,
            }
            assert compare_metadata(MigrationContext.configure(connection, opts=options), metadata) == []
        engine.dispose()
        made = engine_for(place(other_url, part))
        metadata.create_all(made)
        made.dispose()
    for part in PARTS:
        assert described(place(store_url, part)) == described(place(other_url, part))


def test_text_is_compared_byte_by_byte(postgres_database: str) -> None:
    schema.upgrade(postgres_database)
    columns = described(normalise(postgres_database))[0]
    assert {row[4] for row in columns if row[2] == "text"} == {"C"}


def test_the_code_knows_the_newest_revision() -> None:
    for part in PARTS:
        scripts = ScriptDirectory(
            str(Path(schema.__file__).with_name("migrations")), version_locations=[str(schema._scripts(part))]
        )
        assert scripts.get_heads() == [schema.HEADS[part]]


def test_a_second_upgrade_does_nothing(store_url: str) -> None:
    assert schema.is_new(store_url)
    assert schema.upgrade(store_url) == ["log: nothing -> log_0001", "store: nothing -> store_0001"]
    before = [described(place(store_url, part)) for part in PARTS]
    assert schema.upgrade(store_url) == []
    schema.check(store_url)
    assert not schema.is_new(store_url)
    assert [described(place(store_url, part)) for part in PARTS] == before


@pytest.mark.parametrize("count", [2, 8])
@pytest.mark.parametrize("step", ["upgrade", "open"])
def test_any_number_may_begin_at_once(store_url: str, count: int, step: str) -> None:
    """Every process of an installation may be the first to come."""
    started = [processes.CONTEXT.Process(target=_begin, args=(store_url, step)) for _ in range(count)]
    for process in started:
        process.start()
    for process in started:
        process.join(120)
    assert [process.exitcode for process in started] == [0] * count
    schema.check(store_url)


def _begin(url: str, step: str) -> None:
    if step == "upgrade":
        schema.upgrade(url)
    else:
        open_store(url).close()


def test_a_migration_killed_anywhere_can_be_run_again(store_url: str) -> None:
    """F15: SIGKILL at every statement in turn. What is left is what was there before, part by part."""
    nothing = [described(place(store_url, part)) for part in PARTS]
    done: list[Any] = []
    killed, at = 0, 1
    while (code := processes.run(_upgrade_and_die, store_url, at)) == processes.KILLED:
        killed, at = killed + 1, at + 1
        revisions = [_revision(store_url, part) for part in ("log", "store")]
        assert revisions in ([None, None], [schema.HEADS["log"], None], [schema.HEADS["log"], schema.HEADS["store"]])
        if revisions[0] is None:
            assert [described(place(store_url, part)) for part in PARTS] == nothing
        elif not done:
            done, at = revisions, 1
    assert code == 0
    assert killed > 30
    schema.check(store_url)
    store = open_store(store_url)
    assert store.accept([Envelope("openlineage", b"{}")]).stored == 1
    store.close()


def _upgrade_and_die(url: str, at: int) -> None:
    count = 0

    def reached(name: str) -> None:
        nonlocal count
        count += name.startswith("before") or name == "after commit"
        if count == at:
            processes.die()

    processes.watch_sql(reached)
    schema.upgrade(url)


def _revision(url: str, part: schema.Part) -> str | None:
    engine = engine_for(place(url, part))
    with engine.connect() as connection:
        found = schema.revision(connection, part)
    engine.dispose()
    return found


def test_a_store_half_made_is_finished_when_it_is_opened(store_url: str) -> None:
    """Whoever made it first was killed between its parts."""
    processes.run(_upgrade_and_die_between, store_url)
    assert _revision(store_url, "log") == schema.HEADS["log"]
    assert _revision(store_url, "store") is None
    open_store(store_url).close()
    schema.check(store_url)


def _upgrade_and_die_between(url: str) -> None:
    real = schema._migrate

    def migrate(connection: sa.Connection, part: schema.Part) -> None:
        if part == "store":
            processes.die()
        real(connection, part)

    schema._migrate = migrate
    schema.upgrade(url)


def _set_revision(url: str, part: schema.Part, revision: str) -> None:
    engine = engine_for(place(url, part))
    with engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE {schema.version_table(part)} SET version_num = '{revision}'")  # noqa: S608
    engine.dispose()


def test_a_store_that_is_behind_is_refused_with_what_to_do(store_url: str) -> None:
    schema.upgrade(store_url)
    _set_revision(store_url, "store", "store_0000")
    with pytest.raises(StoreOutdated, match="airflow-catalog db upgrade") as refused:
        open_store(store_url)
    assert (refused.value.found, refused.value.wanted) == ("store_0000", schema.HEADS["store"])


@pytest.mark.parametrize("part", PARTS)
def test_a_store_newer_than_the_code_is_refused_and_left_alone(
    store_url: str, part: schema.Part, tmp_path: Path
) -> None:
    schema.upgrade(store_url)
    _set_revision(store_url, part, f"{part}_9999")
    before = [described(place(store_url, one)) for one in PARTS]
    with pytest.raises(StoreOutdated, match=rf"{part}_9999"):
        open_store(store_url)
    with pytest.raises(StoreOutdated, match=rf"{part}_9999.*newer") as refused:
        schema.upgrade(store_url)
    assert "db upgrade" not in str(refused.value)
    assert [described(place(store_url, one)) for one in PARTS] == before
    assert _revision(store_url, part) == f"{part}_9999"
    assert not list(tmp_path.rglob("*.bak"))


def test_an_empty_database_says_that_it_has_no_tables(store_url: str) -> None:
    with pytest.raises(StoreOutdated, match="no catalog tables"):
        schema.check(store_url)


def test_a_lost_log_is_not_made_anew_behind_anybodys_back(tmp_path: Path) -> None:
    """Its numbers would begin again, and what is accepted then would count as merged."""
    url = f"sqlite:///{tmp_path / 'catalog.db'}"
    open_store(url).close()
    for file in tmp_path.glob("catalog-log.db*"):
        file.unlink()
    with pytest.raises(StoreOutdated):
        open_store(url)


def test_sqlite_is_copied_before_its_tables_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a revision to come, made for this test."""
    url = f"sqlite:///{tmp_path / 'catalog.db'}"
    store = open_store(url)
    store.accept([Envelope("openlineage", b"{}")])
    store.close()
    migrations = tmp_path / "migrations"
    shutil.copytree(Path(schema.__file__).with_name("migrations"), migrations)
    (migrations / "log" / "log_0002.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\nrevision = 'log_0002'\ndown_revision = 'log_0001'\n"
        "def upgrade():\n    op.add_column('catalog_envelope', sa.Column('more', sa.Text()))\n"
    )
    monkeypatch.setattr(schema, "__file__", str(tmp_path / "schema.py"))
    monkeypatch.setitem(schema.HEADS, "log", "log_0002")
    with pytest.raises(StoreOutdated, match="log_0001"):
        open_store(url)
    assert schema.upgrade(url) == ["log: log_0001 -> log_0002"]
    [backup] = tmp_path.glob("*.bak")
    columns = "SELECT group_concat(name) FROM pragma_table_info('catalog_envelope')"
    for file, has_more in ((backup, False), (tmp_path / "catalog-log.db", True)):
        connection = sqlite3.connect(file)
        assert ("more" in connection.execute(columns).fetchone()[0].split(",")) is has_more
        assert connection.execute("SELECT count(*) FROM catalog_envelope").fetchone() == (1,)
        connection.close()
