"""The outbox on the command line."""

from __future__ import annotations

import pytest

from airflow_provider_catalog.services.times import parse
from airflow_provider_catalog.store.sql.outbox import Refused
from airflow_provider_catalog.store.sql.store import SqlStore
from tests.cli.conftest import Run
from tests.services.world import World, table

RAW, ORDERS = table("raw").uid, table("orders").uid


@pytest.fixture
def published(world: World) -> SqlStore:
    """To atlas, but for two; glue is down."""
    store = world.store
    assert isinstance(store, SqlStore)
    refused = [
        Refused(RAW, "atlas", 1, None, "no \x1b[31mway"),
        Refused(ORDERS, "atlas", 3, parse("2030-01-02T03:04"), "later"),
    ]
    store.outbox.settle(store.outbox.page("atlas", 10), refused)
    store.outbox.down("glue", "no route")
    return store


def test_before_anything_was_published_nothing_is_listed(run: Run, world: World) -> None:
    assert run("outbox", "list").out == "nothing\n"
    assert run("outbox", "list", "-o", "json").json == {"targets": [], "refused": []}


def test_targets_and_what_they_refused_are_listed(run: Run, published: SqlStore) -> None:
    found = run("outbox", "list", "-o", "json").json
    down_since = found["targets"][1].pop("down_since")
    assert down_since.endswith("Z")
    assert found["targets"] == [
        {"target": "atlas", "waiting": 0, "refused": 2, "down_since": None, "reason": ""},
        {"target": "glue", "waiting": 5, "refused": 0, "reason": "no route"},
    ]
    rest = {"target": "atlas", "dataset": "postgres://db:5432/shop.public.orders"}
    assert {**rest, "tries": 3, "next_try": "2030-01-02T03:04:00Z", "reason": "later"} in found["refused"]
    assert [each["next_try"] for each in found["refused"] if each["tries"] == 1] == [None]


def test_a_table_of_them_is_for_people(run: Run, published: SqlStore) -> None:
    out = run("outbox", "list").out
    assert out.splitlines()[0].split() == ["TARGET", "WAITING", "REFUSED", "DOWN", "SINCE", "REASON"]
    assert "when it changes" in out
    assert "2030-01-02 03:04" in out
    assert "\x1b" not in out


def test_one_target_may_be_asked_for(run: Run, published: SqlStore) -> None:
    found = run("outbox", "list", "--target", "glue", "-o", "json").json
    assert ([each["target"] for each in found["targets"]], found["refused"]) == (["glue"], [])
    assert len(run("outbox", "list", "--limit", 1, "-o", "json").json["refused"]) == 1


def test_what_was_refused_is_tried_again(run: Run, published: SqlStore) -> None:
    assert run("outbox", "retry", "--target", "glue", "-o", "json").json == {"retried": 0}
    assert run("outbox", "retry", "-o", "json").json == {"retried": 2}
    assert {due.node for due in published.outbox.page("atlas", 10).due} == {RAW, ORDERS}


def test_a_target_that_is_forgotten_is_told_of_everything(run: Run, published: SqlStore) -> None:
    assert run("outbox", "forget", "atlas").out == "atlas was told of nothing, as far as the catalog knows.\n"
    assert len(published.outbox.page("atlas", 10).due) == 5
    again = run("outbox", "forget", "atlas")
    assert (again.code, "outbox list" in again.err) == (1, True)


def test_it_is_not_asked_over_http(run: Run) -> None:
    done = run("--store", "https://host/catalog/", "outbox", "list")
    assert (done.code, "the database itself" in done.err) == (1, True)
