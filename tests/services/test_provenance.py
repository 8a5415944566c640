"""Whose word something is, under which names a dataset is known, and which runs wrote it."""

from __future__ import annotations

from typing import Any

import pytest

from airflow_provider_catalog.errors import NotFoundError
from airflow_provider_catalog.model.identity import DatasetId
from airflow_provider_catalog.services import edits
from airflow_provider_catalog.services.identity import find_dataset
from airflow_provider_catalog.services.last_runs import runs_of_dataset
from airflow_provider_catalog.services.provenance import Aspect, provenance
from airflow_provider_catalog.services.registered import registered
from airflow_provider_catalog.sources import read
from tests.services.world import World, column, day, table

ORDERS = table("orders")
LAKE = DatasetId("s3://lake", "orders")


def aspects(world: World, of_column: str = "", history: int = 0) -> dict[str, Aspect]:
    found = provenance(world.store, find_dataset(world.store, ORDERS), column=of_column, history=history)
    return {aspect.name: aspect for aspect in found.aspects}


def by_ann(world: World, *claims: Any, at: float = 3) -> None:
    world.apply(*read(edits.edit("ann", claims, day(at))).statements)


def test_a_word_has_who_said_it_and_who_lost(world: World) -> None:
    world.said(ORDERS, "documentation", {"description": "by airflow"}, at=5)
    world.said(ORDERS, "documentation", {"description": "by spark"}, at=6, producer="spark")
    by_ann(world, edits.described(ORDERS, "by ann"))
    found = aspects(world)["documentation"]
    assert (found.word.fact.value, found.word.actor) == ({"description": "by ann"}, "ann")
    assert [(other.fact.producer, other.actor) for other in found.others] == [("spark", None), ("airflow", None)]
    assert "history" not in found.to_json()


def test_the_history_has_every_word_that_held_the_newest_first(world: World) -> None:
    for at, words in ((1, "first"), (2, "second"), (4, None)):
        world.said(ORDERS, "documentation", words and {"description": words}, at=at)
    world.said(ORDERS, "documentation", {"description": "spark's"}, at=3, producer="spark")
    history = aspects(world, history=10)["documentation"].history or ()
    assert [(word.fact.producer, word.fact.value) for word in history] == [
        ("airflow", None),
        ("spark", {"description": "spark's"}),
        ("airflow", {"description": "second"}),
        ("airflow", {"description": "first"}),
    ]
    assert (history[2].fact.valid_from, history[2].fact.valid_to) == (day(2), day(4))
    assert len(aspects(world, history=2)["documentation"].history or ()) == 2


def test_words_about_columns_have_a_provenance_too(world: World) -> None:
    world.has_columns("orders", "email")
    by_ann(world, edits.tagged(column("orders.email"), "pii"))
    assert list(aspects(world, "email")) == ["tag:pii"]
    assert aspects(world, "email")["tag:pii"].word.actor == "ann"


def test_a_column_of_which_nobody_spoke_has_none_and_an_unknown_one_is_not_found(world: World) -> None:
    world.has_columns("orders", "email")
    assert aspects(world, "email") == {}
    with pytest.raises(NotFoundError, match="no column named"):
        aspects(world, "nothing")


@pytest.fixture
def merged(world: World) -> World:
    world.ran("load", [], ["orders"])
    world.ran("dump", [], [LAKE], at=2)
    world.said(LAKE, "documentation", {"description": "in the lake"})
    by_ann(world, *edits.merged(world.store, LAKE, ORDERS))
    return world


def test_a_word_says_of_which_name_it_was_said(merged: World) -> None:
    assert aspects(merged)["documentation"].word.dataset.id == str(LAKE)


def test_each_name_of_a_dataset_says_why_it_is_one(merged: World) -> None:
    found = registered(merged.store, str(LAKE)).to_json()
    names = {each["dataset_id"]: each for each in found["registered_in"]}
    assert found["dataset"] == str(ORDERS)
    assert {name: each["canonical"] for name, each in names.items()} == {str(ORDERS): True, str(LAKE): False}
    (rule,) = names[str(LAKE)]["because"]
    assert rule == {
        "dataset": str(LAKE),
        "other": str(ORDERS),
        "rule": "merged_into",
        "said_by": "human",
        "same": True,
    }


def test_what_was_split_is_told_apart(merged: World) -> None:
    by_ann(merged, *edits.split(merged.store, LAKE, ORDERS), at=4)
    found = registered(merged.store, str(LAKE)).to_json()
    assert [each["dataset_id"] for each in found["registered_in"]] == [str(LAKE)]
    assert [(rule["other"], rule["same"]) for rule in found["distinct_from"]] == [(str(ORDERS), False)]


def test_runs_are_those_of_all_who_write_under_any_name(merged: World) -> None:
    merged.ran("read", ["orders"], ["x"], at=9)
    merged.ran("load", [], ["orders"], at=8)
    found = runs_of_dataset(merged.store, find_dataset(merged.store, LAKE), 10)
    assert [(job.name, run.ended_at) for job, run in found.runs] == [
        ("load", day(8)),
        ("dump", day(2)),
        ("load", day(1)),
    ]
    assert found.of.id == str(ORDERS)
    assert len(runs_of_dataset(merged.store, find_dataset(merged.store, LAKE), 2).runs) == 2


def test_a_dataset_that_nobody_writes_has_no_runs(world: World) -> None:
    world.ran("read", ["orders"], [])
    assert runs_of_dataset(world.store, find_dataset(world.store, "orders"), 10).runs == ()
