"""Crawls of real databases into a real store: what is sent, what is not, and what is said to be gone."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from airflow_provider_catalog.errors import (
    CrawlError,
    ForbiddenError,
    NotFoundError,
    RejectedError,
    StoreUnavailable,
)
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.model.identity import DatasetId
from airflow_provider_catalog.model.statement import EXISTENCE, Changes, Claim, Content, Statement
from airflow_provider_catalog.services.caller import Caller
from airflow_provider_catalog.services.crawl import crawl
from airflow_provider_catalog.services.dataset import Description, describe
from airflow_provider_catalog.services.identity import find_dataset
from airflow_provider_catalog.services.lineage import walk
from airflow_provider_catalog.services.times import now
from airflow_provider_catalog.sources.crawlers import anything
from airflow_provider_catalog.sources.crawlers.anything import AnyReader
from airflow_provider_catalog.sources.crawlers.opening import Crawlable
from airflow_provider_catalog.sources.crawlers.tables import ALL, Reader, Seen, Selection, Table
from airflow_provider_catalog.store import open_store
from airflow_provider_catalog.store.protocol import Accepted, Store
from airflow_provider_catalog.worker.merge import Merger
from tests.crawled import KINDS, Database, quoted
from tests.served import Server
from tests.sources.crawlers.test_readers import HOSTILE


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    postgres = request.getfixturevalue("postgres_database") if request.param == "postgres" else ""
    made = Database.of(request.param, tmp_path, postgres)
    made.run("CREATE TABLE orders (id INTEGER, paid INTEGER)", "CREATE TABLE customers (id INTEGER)")
    return made


@pytest.fixture
def shop(tmp_path: Path) -> Database:
    made = Database.of("sqlite", tmp_path)
    made.run("CREATE TABLE orders (id INTEGER, paid INTEGER)", "CREATE TABLE customers (id INTEGER)")
    return made


@pytest.fixture(params=["database", "http"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    server: Server | None = request.getfixturevalue("server") if request.param == "http" else None
    with closing(open_store(server.url if server else f"sqlite:///{tmp_path / 'catalog.db'}")) as opened:
        yield opened


@pytest.fixture
def local(tmp_path: Path) -> Iterator[Store]:
    with closing(open_store(f"sqlite:///{tmp_path / 'catalog.db'}")) as opened:
        yield opened


def counts(store: Store, database: Database, selection: Selection = ALL, **options: Any) -> tuple[int, int, int, int]:
    """New, changed, gone and unchanged; and what was sent is merged."""
    with database.opened() as (place, reader):
        done = crawl(store, place, reader, selection, **options).to_json()
    Merger(store).drain()
    return done["new"], done["changed"], done["gone"], done["unchanged"]


def known(store: Store, name: str) -> Description:
    return describe(store, find_dataset(store, name))


# -- the whole way


def test_only_what_changed_is_sent(store: Store, database: Database) -> None:
    assert counts(store, database) == (2, 0, 0, 0)
    assert counts(store, database) == (0, 0, 0, 2)
    assert store.status().accepted == 2
    database.run("ALTER TABLE orders ADD COLUMN sold INTEGER")
    assert counts(store, database) == (0, 1, 0, 1)
    assert store.status().accepted == 3
    database.run("DROP TABLE customers")
    assert counts(store, database) == (0, 0, 1, 1)
    assert counts(store, database) == (0, 0, 0, 1)
    assert (store.status().accepted, store.status().dead_letters) == (4, 0)
    assert (known(store, "orders").exists, known(store, "customers").exists) == (True, False)
    assert [column.name for column in known(store, "orders").columns] == ["id", "paid", "sold"]
    assert [version.added for version in known(store, "orders").versions] == [(), ("sold",)]


def test_what_comes_back_is_told_of_once_more(local: Store, shop: Database) -> None:
    """Also as it was before: what is the same change each time is not the same envelope."""
    counts(local, shop)
    for _ in range(3):
        shop.run("ALTER TABLE orders ADD COLUMN sold INTEGER")
        assert counts(local, shop) == (0, 1, 0, 1)
        shop.run("ALTER TABLE orders DROP COLUMN sold", "DROP TABLE customers")
        assert counts(local, shop) == (0, 1, 1, 0)
        assert not known(local, "customers").exists
        shop.run("CREATE TABLE customers (id INTEGER)")
        assert counts(local, shop) == (1, 0, 0, 1)
        assert known(local, "customers").exists
        assert [column.name for column in known(local, "orders").columns] == ["id", "paid"]
    assert local.status().pending == 0


def test_a_crawl_that_is_repeated_before_it_is_merged_adds_nothing(local: Store, shop: Database) -> None:
    for _ in range(3):
        with shop.opened() as (place, reader):
            assert crawl(local, place, reader).to_json()["new"] == 2
    assert local.status().accepted == 2


def test_what_is_no_more_said_of_a_table_is_unsaid(local: Store, tmp_path: Path, postgres_database: str) -> None:
    shop = Database.of("postgres", tmp_path, postgres_database)
    shop.run("CREATE TABLE t (a int PRIMARY KEY)", "COMMENT ON TABLE t IS 'told'")
    counts(local, shop)
    before = known(local, "t")
    assert (before.description, before.columns[0].shape.primary_key) == ("told", True)
    shop.run("COMMENT ON TABLE t IS NULL", "ALTER TABLE t DROP CONSTRAINT t_pkey")
    assert counts(local, shop) == (0, 1, 0, 0)
    after = known(local, "t")
    assert (after.description, after.columns[0].shape.primary_key) == ("", False)
    assert "constraints" in before.aspects.keys() - after.aspects.keys()


def test_columns_can_be_asked_for_before_any_task_has_run(local: Store, shop: Database) -> None:
    counts(local, shop)
    answer = walk(local, "orders", level="column", column="paid")
    assert (answer.downstream, answer.upstream, answer.truncated) == ((), (), False)
    with pytest.raises(NotFoundError, match="column"):
        walk(local, "orders", level="column", column="no such")
    assert known(local, "orders").type == "table"


def test_names_may_be_anything_and_each_is_another_dataset(local: Store, database: Database) -> None:
    for name in HOSTILE:
        database.run(f"CREATE TABLE {quoted(name)} ({quoted(name)} INTEGER)")
    assert counts(local, database) == (2 + len(HOSTILE), 0, 0, 0)
    assert counts(local, database) == (0, 0, 0, 2 + len(HOSTILE))
    assert (local.status().datasets, local.status().dead_letters) == (2 + len(HOSTILE), 0)
    for name in HOSTILE:
        database.run(f"DROP TABLE {quoted(name)}")
    assert counts(local, database) == (0, 0, len(HOSTILE), 2)


def test_a_name_that_no_store_could_index_is_passed_over_and_counted(local: Store, shop: Database) -> None:
    shop.run(f"CREATE TABLE {quoted('x' * 5_000)} (id INTEGER)")
    for _ in range(2):
        with shop.opened() as (place, reader):
            done = crawl(local, place, reader)
        assert (done.tables, done.skipped) == (3, 1)
        Merger(local).drain()
    assert (local.status().accepted, local.status().dead_letters) == (2, 0)


def test_passwords_are_neither_told_nor_kept(local: Store, tmp_path: Path, postgres_database: str) -> None:
    url = postgres_database.replace("postgres@", "postgres:hunter2@")
    shop = Database("postgres", url, "public")
    shop.run("CREATE TABLE t (a int)")
    counts(local, shop)
    with shop.opened() as (place, _):
        assert "hunter2" not in str(place)
    assert local.status().datasets == 1
    assert not [path for path in tmp_path.iterdir() if b"hunter2" in path.read_bytes()]
    assert not [each for each in local.envelopes() if b"hunter2" in each.payload or "hunter2" in each.key]


# -- what a crawl may say of tables that it did not see


def test_of_what_it_was_not_asked_for_it_says_nothing(local: Store, shop: Database) -> None:
    counts(local, shop)
    shop.run("DROP TABLE orders", "DROP TABLE customers")
    assert counts(local, shop, Selection(("main.c*",))) == (0, 0, 1, 0)
    assert counts(local, shop, Selection(exclude=("*.orders",))) == (0, 0, 0, 0)
    assert known(local, "orders").exists
    assert counts(local, shop) == (0, 0, 1, 0)


def test_of_another_database_of_the_server_it_says_nothing(
    local: Store, tmp_path: Path, postgres_database: str, postgres_url: str
) -> None:
    shop = Database.of("postgres", tmp_path, postgres_database)
    shop.run("CREATE TABLE orders (id int)")
    assert counts(local, shop) == (1, 0, 0, 0)
    with Database("postgres", postgres_url, "public").opened() as (place, reader):
        assert crawl(local, place, reader).plan.gone == ()


def test_of_tables_that_others_told_of_it_says_nothing(local: Store, shop: Database) -> None:
    body = {"time": 1, "dataset_id": f"{shop.url.replace('///', '//')}/elsewhere", "columns": []}
    local.accept([Envelope("register", json.dumps(body).encode())])
    Merger(local).drain()
    assert counts(local, shop) == (2, 0, 0, 0)
    assert known(local, "elsewhere").exists


def test_what_a_task_dropped_and_somebody_made_anew_is_there(local: Store, shop: Database) -> None:
    counts(local, shop)
    dropped = Claim.of(DatasetId(f"sqlite://{shop.path}", "orders"), EXISTENCE, value=False)
    local.apply(Changes((Statement("airflow", now(), content=Content.of([dropped])),)))
    assert not known(local, "orders").exists
    assert counts(local, shop) == (1, 0, 0, 1)
    assert known(local, "orders").exists


class Failing:
    """A reader that is cut off: when it has told of the first table, or when it was asked for all of them."""

    database = None
    unread: frozenset[str] = frozenset()

    def __init__(self, reader: Reader, *, seeing: bool) -> None:
        self._reader = reader
        self._seeing = seeing

    def seen(self) -> Iterator[Seen]:
        for seen in self._reader.seen():
            yield seen
            if self._seeing:
                raise sqlite3.OperationalError("disk I/O error")

    def tables(self, seen: Sequence[Seen]) -> Iterator[Table]:
        yield from list(self._reader.tables(seen))[:1]
        raise sqlite3.OperationalError("disk I/O error")


@pytest.mark.parametrize("seeing", [True, False])
def test_a_crawl_that_is_cut_off_says_of_nothing_that_it_is_gone(local: Store, shop: Database, seeing: bool) -> None:
    counts(local, shop)
    shop.run("DROP TABLE customers", "ALTER TABLE orders ADD COLUMN sold INTEGER")
    with pytest.raises(CrawlError, match="disk I/O error"), shop.opened() as (place, reader):
        crawl(local, place, Failing(reader, seeing=seeing))
    Merger(local).drain()
    assert known(local, "customers").exists
    assert counts(local, shop) == (0, 1, 1, 0)


def test_a_catalog_that_goes_away_meanwhile_is_told_of_it_by_the_next_crawl(
    local: Store, shop: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_envelopes: Sequence[Envelope]) -> Accepted:
        raise StoreUnavailable("away")

    with monkeypatch.context() as patched:
        patched.setattr(local, "accept", away)
        with pytest.raises(StoreUnavailable), shop.opened() as (place, reader):
            crawl(local, place, reader)
    assert counts(local, shop) == (2, 0, 0, 0)


def test_of_a_schema_that_it_may_not_look_into_it_says_nothing(
    local: Store, tmp_path: Path, postgres_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = Database.of("postgres", tmp_path, postgres_database)
    shop.run("CREATE SCHEMA mart", "CREATE TABLE mart.t (a int)", "CREATE TABLE u (a int)")
    engine = sa.create_engine(postgres_database)

    def again() -> dict[str, Any]:
        with shop.opened() as (place, _), engine.connect() as connection:
            done = crawl(local, place, AnyReader(connection)).to_json()
        Merger(local).drain()
        return done

    assert again()["new"] == 2
    shop.run("DROP TABLE mart.t", "DROP TABLE u")
    kinds = anything._kinds

    def refused(inspector: sa.Inspector, schema: str) -> Any:
        if schema == "mart":
            raise sa.exc.ProgrammingError("SELECT", {}, Exception("permission denied for schema mart"))
        return kinds(inspector, schema)

    with monkeypatch.context() as patched:
        patched.setattr(anything, "_kinds", refused)
        done = again()
    assert (done["gone"], done["unread"]) == (1, ["mart"])
    assert again()["gone"] == 1
    engine.dispose()


# -- bounds, and the ways it is asked


def test_five_thousand_tables_go_in_pieces(
    local: Store, tmp_path: Path, postgres_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = Database.of("postgres", tmp_path, postgres_database)
    made = "EXECUTE format('CREATE TABLE t%s (id int, a text, b text, c text)', i)"
    many.run(f"DO $$ BEGIN FOR i IN 1..5000 LOOP {made}; END LOOP; END $$")
    asked: list[int] = []
    accepted: list[int] = []
    accept = local.accept

    def counted(envelopes: Sequence[Envelope]) -> Accepted:
        accepted.append(len(envelopes))
        return accept(envelopes)

    monkeypatch.setattr(local, "accept", counted)
    with many.opened() as (place, reader):
        tables = reader.tables

        def pieces(seen: Sequence[Seen]) -> Iterator[Table]:
            asked.append(len(seen))
            return tables(seen)

        monkeypatch.setattr(reader, "tables", pieces)
        assert crawl(local, place, reader).to_json()["new"] == 5_000
    assert asked == accepted == [500] * 10
    Merger(local).drain()
    assert (local.status().datasets, local.status().columns) == (5_000, 20_000)
    assert counts(local, many) == (0, 0, 0, 5_000)


def test_a_dry_run_counts_and_sends_nothing(local: Store, shop: Database) -> None:
    assert counts(local, shop, dry_run=True) == (2, 0, 0, 0)
    assert local.status().accepted == 0


def test_it_tells_how_far_it_is(local: Store, shop: Database) -> None:
    told: list[Any] = []
    counts(local, shop, tell=lambda *how_far: told.append(how_far))
    assert told == [("tables sent", 2, 2)]


def test_a_token_that_only_sends_is_told_what_it_lacks(server: Server, shop: Database) -> None:
    url = server.url.replace("worker-secret", "task-secret")
    with closing(open_store(url)) as store, pytest.raises(ForbiddenError, match="a token needs the scope store"):
        counts(store, shop)


def test_what_the_server_refuses_fails_when_the_rest_is_sent(server: Server, shop: Database) -> None:
    server.callers["elsewhere"] = Caller("token:elsewhere", frozenset({"store"}), namespaces=("postgres://*",))
    with (
        closing(open_store(server.url.replace("worker-secret", "elsewhere"))) as store,
        pytest.raises(RejectedError, match="refused 2 tables"),
    ):
        counts(store, shop)
    letters = server.state.store.dead_letters()
    assert ["may not speak of the namespace" in letter.reason for letter in letters] == [True, True]


def test_a_database_is_opened_with_its_place(shop: Database) -> None:
    with shop.opened() as found:
        assert isinstance(found, Crawlable)
        assert found.place.producer == f"crawler:sqlite://{shop.path}"
