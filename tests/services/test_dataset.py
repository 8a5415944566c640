"""All that is known of one dataset, job or run."""

from __future__ import annotations

import json

import pytest

from airflow_provider_catalog.errors import NotFoundError
from airflow_provider_catalog.model.statement import Event
from airflow_provider_catalog.services.dataset import Description, describe
from airflow_provider_catalog.services.identity import find_dataset, find_entity
from airflow_provider_catalog.services.job import describe_job, describe_run
from tests.services.world import World, column, day, job_id, table


def described(world: World, name: str = "orders", at: float | None = None) -> Description:
    found = find_dataset(world.store, table(name))
    return describe(world.store, found, as_of=None if at is None else day(at))


def test_a_human_word_stands_with_the_word_it_replaces(world: World) -> None:
    world.said(table("orders"), "documentation", {"description": "by a machine"}, at=5)
    world.edited(table("orders"), "documentation", {"description": "by a person"}, at=2)
    found = described(world)
    assert found.description == "by a person"
    assert [fact.producer for fact in found.aspects["documentation"].others] == ["airflow"]


def test_columns_carry_their_own_words(world: World) -> None:
    world.has_columns("orders", "id:int", "email:text")
    world.edited(column("orders.email"), "documentation", {"description": "where to write to"})
    world.edited(column("orders.email"), "tag:pii", {"key": "pii", "value": ""})
    id_, email = described(world).columns
    assert (id_.name, id_.type, id_.description, id_.tags) == ("id", "int", "", ())
    assert (email.description, [tag.key for tag in email.tags]) == ("where to write to", ["pii"])


def test_nested_columns_are_written_with_dots(world: World) -> None:
    fields = [{"name": "a", "type": "struct", "fields": [{"name": "b", "type": "int", "description": "inner"}]}]
    world.said(table("orders"), "schema", {"fields": fields})
    assert [(c.name, c.type, c.description) for c in described(world).columns] == [
        ("a", "struct", ""),
        ("a.b", "int", "inner"),
    ]


def test_schema_versions_say_what_each_changed(world: World) -> None:
    world.has_columns("orders", "id:int", "amount:int", at=1)
    world.has_columns("orders", "id:int", "amount:int", at=2, producer="spark")
    world.has_columns("orders", "id:bigint", "total:int", at=3)
    first, second = described(world).versions
    assert (first.version, first.columns, first.added) == (1, 2, ())
    assert (second.added, second.removed, second.changed) == (("total",), ("amount",), (("id", "int", "bigint"),))
    assert second.since == day(3)


def test_jobs_that_read_and_write_it_are_listed_writers_first(world: World) -> None:
    world.ran("load", ["raw"], ["orders"])
    world.ran("sum", ["orders"], ["revenue"], at=2)
    assert [(use.job.name, use.reads) for use in described(world).uses] == [("load", False), ("sum", True)]


def test_a_dataset_that_is_gone_says_so(world: World) -> None:
    world.said(table("orders"), "existence", value=True, at=1)
    assert described(world).exists
    world.said(table("orders"), "existence", value=False, at=2)
    assert not described(world).exists


def test_the_past_is_described_as_it_was(world: World) -> None:
    world.said(table("orders"), "documentation", {"description": "old"}, at=1)
    world.said(table("orders"), "documentation", {"description": "new"}, at=3)
    assert described(world, at=2).description == "old"


def test_merged_names_share_what_is_said_of_either(world: World) -> None:
    other = table("orders", "postgres://other:5432")
    world.said(other, "ownership", {"owners": [{"name": "finance"}]})
    world.has_columns("orders", "email")
    world.said(table("orders"), "documentation", {"description": "all orders"})
    world.edited(other, "merged_into", {"namespace": table("orders").namespace, "name": table("orders").name})
    found = describe(world.store, find_dataset(world.store, other))
    assert found.dataset.id == str(table("orders"))
    assert (found.owners, found.description) == (["finance"], "all orders")
    assert {member.id for member in found.members} == {str(other), str(table("orders"))}


def test_totals_are_shown_once_they_are_counted(world: World) -> None:
    world.ran("load", ["raw"], ["orders"])
    assert "total_upstream" not in described(world).to_json()
    world.store.recompute_totals()
    found = described(world).to_json()
    assert (found["total_upstream"], found["total_downstream"], found["criticality"]) == (1, 0, "low")
    assert json.loads(json.dumps(found)) == found


def test_a_job_shows_what_it_reads_writes_and_how_it_ran(world: World) -> None:
    world.ran("load", ["raw"], ["orders"], details={"sql": {"query": "insert"}})
    world.ran("load", ["raw"], ["orders"], at=2, state=Event.FAIL)
    world.said(job_id("load"), "documentation", {"description": "Copies orders"})
    found = describe_job(world.store, find_entity(world.store, "load"))
    assert ([one.name for one in found.reads], [one.name for one in found.writes]) == (["raw"], ["orders"])
    assert [run.state for run in found.runs] == [Event.FAIL, Event.COMPLETE]
    assert found.description == "Copies orders"


def test_a_run_tells_its_events_and_its_error(world: World) -> None:
    run_id = world.ran("load", state=Event.FAIL, hours=1, details={"errorMessage": {"message": "boom"}})
    found = describe_run(world.store, run_id)
    assert (found.job.name, found.error, found.sql) == ("load", "boom", None)
    assert [statement.event for statement in found.statements] == [Event.START, Event.FAIL]
    assert json.loads(json.dumps(found.to_json()))["state"] == "FAIL"


def test_an_unknown_run_is_not_found(world: World) -> None:
    with pytest.raises(NotFoundError, match="OpenLineage run id"):
        describe_run(world.store, "no-such-run")
