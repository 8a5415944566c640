"""Tokens, as every database must keep them. Nothing but their own calls ever touches them."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from airflow_provider_catalog.sources import read
from airflow_provider_catalog.store import open_database
from airflow_provider_catalog.store.protocol import Token, Tokens
from airflow_provider_catalog.store.sql.rebuild import rebuild
from airflow_provider_catalog.store.sql.retention import retain
from airflow_provider_catalog.store.sql.store import SqlStore
from tests.store.histories import LONG_AGO, accept, dump_of, long_history, merge


@pytest.fixture
def tokens(sql_store: SqlStore) -> Tokens:
    return sql_store.tokens


def token(number: int, **more: Any) -> Token:
    plain = Token(f"id-{number}", f"name-{number}", b"%032d" % number, ("read",), (), 100, None, number, "ann")
    return plain._replace(**more)


def test_a_token_comes_out_as_it_went_in(tokens: Tokens) -> None:
    told = {"name": "é ☃ ' %s", "created_by": 'a"b', "hash": bytes(range(32)), "scopes": ("ingest", "read")}
    limits = {"namespaces": ("postgres://*", "s3://b [1]", "é"), "max_rate": 7, "max_bytes": 2**40}
    times = {"created_at": 5, "expires_at": 2**50, "revoked_at": 6, "last_used_at": 7}
    kept = [token(1), token(2, **told, **limits, **times)]
    assert [tokens.keep(each) for each in kept] == [True, True]
    assert list(tokens.list()) == kept


def test_a_token_is_found_by_its_hash_alone(tokens: Tokens) -> None:
    tokens.keep(token(1))
    tokens.keep(token(2))
    assert tokens.find(token(2).hash) == token(2)
    assert tokens.find(b"%032d" % 3) is None
    assert tokens.find(b"") is None


def test_a_name_is_of_one_live_token_and_never_the_id_of_another(tokens: Tokens) -> None:
    assert tokens.keep(token(1, name="mail", created_at=100, expires_at=200))
    assert not tokens.keep(token(2, name="mail", created_at=199))
    assert tokens.keep(token(3, name="mail", created_at=200))
    assert not tokens.keep(token(4, name="mail", created_at=300))
    tokens.revoke("id-3", 250)
    assert tokens.keep(token(4, name="mail", created_at=300))
    assert not tokens.keep(token(5, name="id-1"))
    assert [each.id for each in tokens.list()] == ["id-1", "id-3", "id-4"]


def test_of_many_that_take_one_name_at_once_one_gets_it(tokens: Tokens) -> None:
    with ThreadPoolExecutor(8) as threads:
        taken = list(threads.map(lambda number: tokens.keep(token(number, name="mail")), range(8)))
    assert taken.count(True) == 1
    assert len(tokens.list()) == 1


def test_what_was_revoked_stays_revoked_since_then(tokens: Tokens) -> None:
    tokens.keep(token(1))
    tokens.keep(token(2))
    for at in (50, 60):
        tokens.revoke("id-1", at)
    tokens.revoke("nobody", 70)
    assert [each.revoked_at for each in tokens.list()] == [50, None]


def test_the_last_use_never_goes_back(tokens: Tokens) -> None:
    for number in (1, 2, 3):
        tokens.keep(token(number))
    tokens.used({"id-1": 50, "id-2": 60})
    tokens.used({"id-2": 55, "id-1": 51, "nobody": 70})
    tokens.used({})
    assert [each.last_used_at for each in tokens.list()] == [51, 60, None]


def test_another_process_sees_what_this_one_did(contract_url: str, tokens: Tokens) -> None:
    tokens.keep(token(1))
    tokens.revoke("id-1", 9)
    other = open_database(contract_url)
    assert other.tokens.find(token(1).hash) == token(1, revoked_at=9)
    other.close()


def test_tokens_are_durable_at_once(sql_store: SqlStore) -> None:
    """What follows from the log may be lost in a crash and is merged again; nobody would revoke a token again."""
    relaxed = (
        "SELECT source = 'client' AND setting = 'off' FROM pg_settings WHERE name = 'synchronous_commit'"
        if sql_store.remote
        else "SELECT synchronous < 2 FROM pragma_synchronous"
    )
    for engine, durable in ((sql_store.tokens._engine, True), (sql_store.engine, False)):
        with engine.connect() as connection:
            assert bool(connection.exec_driver_sql(relaxed).scalar_one()) is not durable


def test_rebuilding_and_retention_leave_tokens_alone(sql_store: SqlStore, tokens: Tokens) -> None:
    kept = [token(1), token(2, revoked_at=3, last_used_at=4)]
    accept(sql_store, long_history(1), LONG_AGO)
    merge(sql_store, 50)
    before = dump_of(sql_store)
    for each in kept:
        tokens.keep(each)
    assert dump_of(sql_store) == before
    assert retain(sql_store, days=1).envelopes > 0
    assert rebuild(sql_store, read, apply=True).equal
    assert list(tokens.list()) == kept


def test_a_rebuild_of_what_was_tampered_with_keeps_tokens_too(sql_store: SqlStore, tokens: Tokens) -> None:
    accept(sql_store, long_history(2)[:20], time.time_ns() // 1000)
    merge(sql_store, 50)
    tokens.keep(token(1))
    with sql_store.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM catalog_fact")
    difference = rebuild(sql_store, read, apply=True)
    assert not difference.equal
    assert "token" not in {table.table for table in difference.tables}
    assert list(tokens.list()) == [token(1)]
