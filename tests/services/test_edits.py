"""What people say by hand: how it is said, who said what, and how it is taken back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from airflow_provider_catalog import sources
from airflow_provider_catalog.errors import NotFoundError
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.model.identity import ColumnId, DatasetId, EntityId
from airflow_provider_catalog.model.statement import Claim
from airflow_provider_catalog.services import audit, edits
from airflow_provider_catalog.services.dataset import describe
from airflow_provider_catalog.services.edits import Wish
from airflow_provider_catalog.services.identity import AmbiguousError, find_dataset
from airflow_provider_catalog.services.times import now
from airflow_provider_catalog.worker.merge import Merger
from tests.services.world import World, column, job_id, table

ORDERS = table("orders")


@pytest.fixture
def shop(world: World) -> World:
    world.has_columns("orders", "id:int", "email:text")
    world.ran("etl.load", ["raw"], ["orders"])
    world.said(ORDERS, "documentation", {"description": "by its source"})
    return world


def say(shop: World, actor: str, *claims: Claim, reason: str = "") -> str:
    return keep(shop, edits.edit(actor, claims, reason=reason))


def keep(shop: World, envelope: Envelope) -> str:
    assert shop.store.accept([envelope]).stored == 1
    assert Merger(shop.store).drain().rejected == 0
    return envelope.id.hex()


def undo(shop: World, actor: str, which: str, reason: str = "") -> str:
    return keep(shop, audit.undo(shop.store, actor, which, reason=reason))


def description(shop: World) -> str:
    return describe(shop.store, find_dataset(shop.store, ORDERS)).description


def wished(shop: World, subject: EntityId | ColumnId, **wish: Any) -> list[tuple[str, Any]]:
    return [(claim.aspect, claim.value) for claim in edits.claims_of(shop.store, subject, Wish(**wish))]


# -- saying


def test_what_is_wished_becomes_claims(shop: World) -> None:
    wish = {
        "description": "all orders",
        "owners": ["ann", "bob"],
        "tags": {"pii": "high", "draft": None},
        "unset": ["owner", "tag:old"],
    }
    assert wished(shop, ORDERS, **wish) == [
        ("documentation", {"description": "all orders"}),
        ("ownership", {"owners": [{"name": "ann", "type": "OWNER"}, {"name": "bob", "type": "OWNER"}]}),
        ("tag:pii", {"key": "pii", "value": "high"}),
        ("tag:draft", {"removed": True}),
        ("ownership", None),
        ("tag:old", None),
    ]
    raw = table("raw")
    named = {"namespace": raw.namespace, "name": raw.name}
    assert wished(shop, ORDERS, merge_into="raw") == [("merged_into", named)]
    assert wished(shop, ORDERS, split_from="raw") == [(f"distinct_from:{raw.namespace}/{raw.name}", named)]


def test_an_empty_description_is_one_and_no_owners_are_owners(shop: World) -> None:
    said = wished(shop, ORDERS, description="", owners=[])
    assert said == [("documentation", {"description": ""}), ("ownership", {"owners": []})]


@pytest.mark.parametrize(
    ("wish", "problem"),
    [
        ({}, "nothing is said"),
        ({"unset": ["schema"]}, "only owner, description and tag:KEY"),
        ({"merge_into": "orders"}, "both are"),
    ],
)
def test_wishes_that_mean_nothing_are_refused(shop: World, wish: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        wished(shop, ORDERS, **wish)


@pytest.mark.parametrize("subject", [job_id("etl.load"), column("orders.id")])
def test_only_datasets_are_merged_and_split(shop: World, subject: EntityId | ColumnId) -> None:
    for key in ("merge_into", "split_from"):
        with pytest.raises(ValueError, match="only a dataset"):
            wished(shop, subject, **{key: "raw"})


def test_a_subject_is_found_by_its_name(shop: World) -> None:
    assert edits.subject_of(shop.store, dataset="orders") == ORDERS
    assert edits.subject_of(shop.store, dataset="orders", column="email") == column("orders.email")
    assert edits.subject_of(shop.store, job="load") == job_id("etl.load")
    assert edits.subject_of(shop.store, job="prod/etl.load") == job_id("etl.load")


def test_a_column_is_found_by_any_name_of_its_dataset(shop: World) -> None:
    say(shop, "ann", *edits.merged(shop.store, table("raw"), ORDERS))
    assert edits.subject_of(shop.store, dataset="raw", column="email") == column("raw.email")


@pytest.mark.parametrize(
    "named",
    [
        {"dataset": "nothing"},
        {"job": "nothing"},
        {"dataset": "etl.load"},
        {"job": "orders"},
        {"dataset": "orders", "column": "nothing"},
    ],
)
def test_what_the_catalog_does_not_know_cannot_be_spoken_of(shop: World, named: dict[str, str]) -> None:
    with pytest.raises(NotFoundError, match=r"nothing|etl\.load|orders"):
        edits.subject_of(shop.store, **named)


def test_a_name_that_two_have_is_refused_with_both(shop: World) -> None:
    shop.ran("etl.copy", ["orders"], [DatasetId(ORDERS.namespace, "shop.archive.orders")])
    with pytest.raises(AmbiguousError, match=r"shop\.archive\.orders, .*shop\.public\.orders"):
        edits.subject_of(shop.store, dataset="orders")


@pytest.mark.parametrize(
    "named", [{}, {"dataset": "orders", "job": "load"}, {"job": "load", "column": "x"}, {"column": "x"}]
)
def test_one_thing_is_spoken_of_at_a_time(shop: World, named: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="name one dataset"):
        edits.subject_of(shop.store, **named)


# -- who said what


def test_edits_are_listed_with_who_when_what_and_why(shop: World) -> None:
    before = now()
    first = say(shop, "ann", edits.described(ORDERS, "all orders"), edits.tagged(ORDERS, "gold"), reason="asked for")
    second = say(shop, "bob", edits.unset(ORDERS, "tag:gold"))
    found = audit.edits(shop.store, ORDERS)
    assert [(each.id, each.actor, each.reason, each.undoes) for each in found] == [
        (second, "bob", None, None),
        (first, "ann", "asked for", None),
    ]
    assert before <= found[1].time <= found[0].time <= now()
    assert found[1].to_json()["said"] == [
        {
            "subject": {"kind": "dataset", "id": str(ORDERS), "column": None},
            "aspect": "documentation",
            "value": {"description": "all orders"},
        },
        {
            "subject": {"kind": "dataset", "id": str(ORDERS), "column": None},
            "aspect": "tag:gold",
            "value": {"key": "gold", "value": ""},
        },
    ]
    assert found[0].said == (Claim.of(ORDERS, "tag:gold", None),)


def test_edits_are_those_of_one_thing_or_of_everything(shop: World) -> None:
    say(shop, "ann", edits.described(ORDERS, "x"))
    say(shop, "ann", edits.described(column("orders.id"), "y"))
    say(shop, "ann", edits.described(job_id("etl.load"), "z"))
    say(shop, "ann", *edits.same_namespace("s3://a", "s3://b"))

    def values(found: Sequence[audit.Edit]) -> list[Any]:
        return [claim.value for each in found for claim in each.said]

    assert values(audit.edits(shop.store, column("orders.id"))) == [{"description": "y"}]
    assert values(audit.edits(shop.store, job_id("etl.load"))) == [{"description": "z"}]
    assert values(audit.edits(shop.store))[0] == "s3://b"
    assert len(audit.edits(shop.store)) == 4
    assert len(audit.edits(shop.store, limit=3)) == 3
    subjects = [each.to_json()["said"][0]["subject"] for each in audit.edits(shop.store)]
    assert subjects[0] == {"kind": "namespace", "id": "s3://a", "column": None}
    assert subjects[2] == {"kind": "column", "id": str(ORDERS), "column": "id"}


def test_secrets_that_people_wrote_are_masked_in_the_list_too(shop: World) -> None:
    say(shop, "ann", edits.described(ORDERS, "password=hunter2"), reason="token=abcdefghijk")
    (found,) = audit.edits(shop.store, ORDERS)
    assert "hunter2" not in str(found.to_json())
    assert "abcdefghijk" not in str(found.to_json())


def test_what_did_not_come_as_an_edit_is_listed_and_has_no_id(shop: World) -> None:
    shop.edited(ORDERS, "documentation", {"description": "from elsewhere"})
    (found,) = audit.edits(shop.store, ORDERS)
    assert (found.id, found.said) == (None, ())


def test_a_second_delivery_is_no_second_edit(shop: World) -> None:
    envelope = edits.edit("ann", [edits.described(ORDERS, "x")])
    assert shop.store.accept([envelope, envelope]).stored == 1
    assert edits.edit_id("ann", sources.read(envelope).statements[0].time) == envelope.id


# -- taking back


def test_undoing_the_first_word_lets_the_source_speak_again(shop: World) -> None:
    first = say(shop, "ann", edits.described(ORDERS, "by hand"))
    assert description(shop) == "by hand"
    undo(shop, "bob", first)
    assert description(shop) == "by its source"


def test_undoing_restores_what_was_said_by_hand_before(shop: World) -> None:
    say(shop, "ann", edits.described(ORDERS, "one"))
    second = say(shop, "ann", edits.described(ORDERS, "two"))
    undo(shop, "bob", second, "not two")
    assert description(shop) == "one"
    latest = audit.edits(shop.store, ORDERS)[0]
    assert (latest.actor, latest.reason, latest.undoes) == ("bob", "not two", second)
    assert len(audit.edits(shop.store, ORDERS)) == 3


def test_an_undoing_can_be_undone(shop: World) -> None:
    first = say(shop, "ann", edits.described(ORDERS, "one"))
    taken_back = undo(shop, "bob", first)
    undo(shop, "ann", taken_back)
    assert description(shop) == "one"


def test_a_taking_back_can_be_undone(shop: World) -> None:
    say(shop, "ann", edits.described(ORDERS, "one"))
    taken_back = say(shop, "ann", edits.unset(ORDERS, "description"))
    assert description(shop) == "by its source"
    undo(shop, "bob", taken_back)
    assert description(shop) == "one"


def test_all_that_an_edit_said_is_taken_back(shop: World) -> None:
    say(shop, "ann", edits.tagged(ORDERS, "gold", "old"))
    claims = [edits.described(ORDERS, "x"), edits.owned_by(ORDERS, ["ann"]), edits.tagged(ORDERS, "gold", "new")]
    undo(shop, "ann", say(shop, "ann", *claims))
    found = describe(shop.store, find_dataset(shop.store, ORDERS))
    assert (found.description, found.owners) == ("by its source", [])
    assert [(tag.key, tag.value) for tag in found.tags] == [("gold", "old")]


def test_a_merge_is_undone(shop: World) -> None:
    merged = say(shop, "ann", *edits.merged(shop.store, table("raw"), ORDERS))
    assert len(shop.store.members(find_dataset(shop.store, ORDERS).node)) == 2
    undo(shop, "ann", merged)
    assert len(shop.store.members(find_dataset(shop.store, ORDERS).node)) == 1


def test_a_merge_after_a_split_is_undone_to_the_split(shop: World) -> None:
    raw = table("raw")
    say(shop, "ann", *edits.split(shop.store, raw, ORDERS))
    undo(shop, "ann", say(shop, "ann", *edits.merged(shop.store, raw, ORDERS)))
    rules = shop.store.alias_rules([raw.uid, ORDERS.uid])
    assert [(rule.rule.partition(":")[0], rule.same) for rule in rules] == [("distinct_from", False)]


def test_an_edit_that_repeated_what_was_said_is_undone_to_just_that(shop: World) -> None:
    say(shop, "ann", edits.described(ORDERS, "same"))
    undo(shop, "bob", say(shop, "bob", edits.described(ORDERS, "same")))
    assert description(shop) == "same"


@pytest.mark.parametrize("said_since", ["otherwise", "first"], ids=["otherwise", "the same again"])
def test_what_somebody_has_edited_since_is_not_undone(shop: World, said_since: str) -> None:
    first = say(shop, "ann", edits.described(ORDERS, "first"), edits.tagged(ORDERS, "gold"))
    say(shop, "bob", edits.described(ORDERS, said_since))
    with pytest.raises(audit.EditedSinceError, match=r"bob edited documentation of .*orders at 20\d\d-") as refused:
        audit.undo(shop.store, "ann", first)
    assert (refused.value.actor, refused.value.time) == ("bob", audit.edits(shop.store, ORDERS)[0].time)


def test_what_somebody_has_taken_back_since_is_not_undone(shop: World) -> None:
    first = say(shop, "ann", edits.described(ORDERS, "first"))
    say(shop, "bob", edits.unset(ORDERS, "description"))
    with pytest.raises(audit.EditedSinceError, match="bob edited"):
        audit.undo(shop.store, "ann", first)


def test_what_was_undone_is_not_undone_again(shop: World) -> None:
    first = say(shop, "ann", edits.described(ORDERS, "first"))
    undo(shop, "bob", first)
    with pytest.raises(audit.EditedSinceError, match="bob edited"):
        audit.undo(shop.store, "ann", first)


def test_edits_of_something_else_do_not_stand_in_the_way(shop: World) -> None:
    first = say(shop, "ann", edits.described(ORDERS, "first"))
    say(shop, "bob", edits.tagged(ORDERS, "gold"))
    say(shop, "bob", edits.described(table("raw"), "another"))
    shop.said(ORDERS, "documentation", {"description": "the source again"}, at=2)
    undo(shop, "ann", first)
    assert description(shop) == "the source again"


@pytest.mark.parametrize("which", ["", "no id", "ab", "00" * 16])
def test_what_is_no_edit_cannot_be_undone(shop: World, which: str) -> None:
    with pytest.raises(NotFoundError, match="edit"):
        audit.undo(shop.store, "ann", which)


def test_what_came_in_otherwise_cannot_be_undone(shop: World) -> None:
    event = Envelope("openlineage", b"{}")
    shop.store.accept([event])
    with pytest.raises(NotFoundError, match="edit"):
        audit.undo(shop.store, "ann", event.id.hex())


def test_what_no_worker_has_read_yet_cannot_be_undone(shop: World) -> None:
    envelope = edits.edit("ann", [edits.described(ORDERS, "x")])
    shop.store.accept([envelope])
    with pytest.raises(NotFoundError, match="no worker has read it yet"):
        audit.undo(shop.store, "ann", envelope.id.hex())
