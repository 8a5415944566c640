"""A person's word on the command line."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Run
from tests.services.world import World


def test_set_is_shown_and_wins(world: World, run: Run) -> None:
    done = run(
        "set", "orders", "--owner", "ann", "--owner", "bob", "--description", "All orders", "--tag", "domain=sales"
    )
    assert done.code == 0
    shown = run("show", "orders", "-o", "json").json
    assert (shown["owners"], shown["description"]) == (["ann", "bob"], "All orders")
    assert [(tag["key"], tag["value"]) for tag in shown["tags"]] == [("domain", "sales")]


def test_set_of_a_column(world: World, run: Run) -> None:
    assert run("set", "orders#email", "--tag", "pii", "--description", "where to write to").code == 0
    (_, email) = run("show", "orders", "-o", "json").json["columns"]
    assert ([tag["key"] for tag in email["tags"]], email["description"]) == (["pii"], "where to write to")


def test_set_of_a_job(world: World, run: Run) -> None:
    assert run("set", "etl.load", "--description", "copies").code == 0
    assert run("show", "etl.load", "-o", "json").json["description"] == "copies"


def test_unset_takes_it_back(world: World, run: Run) -> None:
    run("set", "orders", "--owner", "ann", "--tag", "x")
    run("set", "orders", "--unset", "owner", "--unset", "tag:x")
    shown = run("show", "orders", "-o", "json").json
    assert (shown["owners"], shown["tags"]) == ([], [])


def test_who_said_it_is_kept(world: World, run: Run) -> None:
    run("set", "orders", "--owner", "ann", "--as", "carol")
    assert run("show", "orders", "-o", "json").json["edits"][0]["by"] == "carol"


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["orders"], "nothing to set"),
        (["orders", "--unset", "schema"], "only owner, description and tag:KEY"),
        (["orders", "--tag", "=x"], "KEY or KEY=VALUE"),
        (["nothing", "--tag", "x"], "no dataset"),
        (["orders", "--description", "x" * 70_000], "limit"),
    ],
)
def test_what_cannot_be_set_is_explained(world: World, run: Run, args: list[str], said: str) -> None:
    done = run("set", *args)
    assert done.code == 1
    assert said in done.err


def test_merge_and_split_show_in_resolve(world: World, run: Run) -> None:
    assert run("merge", "customers", "raw").code == 0
    assert run("resolve", "customers", "-o", "json").json["dataset"].endswith(".raw")
    assert run("split", "customers", "raw").code == 0
    assert run("resolve", "customers", "-o", "json").json["dataset"].endswith(".customers")
    assert "both are" in run("merge", "raw", "raw").err


def test_namespaces_can_be_one(world: World, run: Run) -> None:
    assert run("merge", "postgres://db:5432", "postgres://db.example.org:5432", "--namespace").code == 0
    assert "alias" in run("resolve", "orders").out
    assert run("split", "postgres://db:5432", "postgres://db.example.org:5432", "--namespace").code == 0
    assert "alias" not in run("resolve", "orders").out


def test_edits_survive_a_rebuild(run: Run, world: World) -> None:
    run("set", "orders", "--owner", "ann")
    run("merge", "customers", "raw")
    said = run("rebuild", "--diff", "-o", "json").json
    assert not [table for table in said["tables"] if table["table"] == "alias" and table["only_live"]]
