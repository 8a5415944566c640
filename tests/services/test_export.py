"""The catalog as OpenLineage events."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from openlineage.client.event_v2 import Job, JobEvent
from openlineage.client.generated import column_lineage_dataset, lineage

from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.model.statement import EdgeKind, Rule
from airflow_provider_catalog.services.export import export
from airflow_provider_catalog.services.lineage import walk
from airflow_provider_catalog.store import open_store
from airflow_provider_catalog.worker.merge import Merger
from tests.services.world import World, column, job_id, table


def fill(world: World) -> None:
    world.has_columns("orders", "id:int", "email:text")
    world.edited(column("orders.email"), "tag:pii", {"key": "pii", "value": ""})
    world.edited(column("orders.email"), "documentation", {"description": "where to write to"})
    world.edited(table("orders"), "ownership", {"owners": [{"name": "ann", "type": "OWNER"}]})
    world.said(table("gone"), "existence", value=False)
    world.said(table("orders"), "facet:odd", {"_producer": "x", "n": 1})
    world.said(job_id("sum"), "jobType", {"processingType": "BATCH", "integration": "DBT", "jobType": "MODEL"})
    columns = {("orders.id", "revenue.id"): EdgeKind.IDENTITY, ("orders.email", "revenue.id"): EdgeKind.FILTER}
    world.ran("sum", ["orders"], ["revenue"], columns=columns, details={"sql": {"query": "select 1"}})
    world.ran("exact", ["a", "b"], ["c", "d"], edges=[("a", "c"), ("b", "d")], rule=Rule.EXPLICIT, at=2)


def by_name(world: World) -> dict[str, dict[str, Any]]:
    found = {}
    for event in export(world.store):
        subject = event.get("dataset") or event["job"]
        found[subject["name"].rpartition(".")[2]] = event
    return found


def test_a_dataset_event_carries_what_counts(world: World) -> None:
    fill(world)
    facets = by_name(world)["orders"]["dataset"]["facets"]
    assert facets["ownership"]["owners"] == [{"name": "ann", "type": "OWNER"}]
    assert [field.get("description") for field in facets["schema"]["fields"]] == [None, "where to write to"]
    assert facets["tags"]["tags"] == [{"key": "pii", "value": "true", "source": "human", "field": "email"}]
    assert facets["odd"] == {"_producer": "x", "_schemaURL": facets["odd"]["_schemaURL"], "n": 1}
    assert by_name(world)["gone"]["dataset"]["facets"]["lifecycleStateChange"]["lifecycleStateChange"] == "DROP"


def test_a_job_event_carries_its_lineage(world: World) -> None:
    fill(world)
    event = by_name(world)["sum"]
    (output,) = event["outputs"]
    inputs = output["facets"]["columnLineage"]["fields"]["id"]["inputFields"]
    assert [(one["field"], one["transformations"]) for one in inputs] == [
        ("email", [{"type": "INDIRECT", "subtype": "FILTER"}]),
        ("id", [{"type": "DIRECT", "subtype": "IDENTITY"}]),
    ]
    assert event["job"]["facets"]["sql"]["query"] == "select 1"
    assert "lineage" not in event["job"]["facets"]


def test_edges_that_are_not_implied_are_written_as_explicit_lineage(world: World) -> None:
    fill(world)
    entries = by_name(world)["exact"]["job"]["facets"]["lineage"]["entries"]
    assert [(entry["name"], [one["name"] for one in entry["inputs"]]) for entry in entries] == [
        ("shop.public.c", ["shop.public.a"]),
        ("shop.public.d", ["shop.public.b"]),
    ]


def test_the_openlineage_client_accepts_what_is_written(world: World) -> None:
    fill(world)
    event = by_name(world)["exact"]
    JobEvent(eventTime=event["eventTime"], producer=event["producer"], job=Job("n", "n"))
    entries = [dict(entry) for entry in event["job"]["facets"]["lineage"]["entries"]]
    lineage.LineageJobFacet(entries=[lineage.LineageDatasetEntry(**entry) for entry in entries])
    (output,) = by_name(world)["sum"]["outputs"]
    for field in output["facets"]["columnLineage"]["fields"].values():
        column_lineage_dataset.Fields([column_lineage_dataset.InputField(**one) for one in field["inputFields"]])


def test_another_catalog_that_reads_the_export_answers_the_same(world: World, tmp_path: Path) -> None:
    fill(world)
    copy = open_store(f"sqlite:///{tmp_path / 'copy.db'}")
    copy.accept([Envelope("openlineage", json.dumps(event).encode()) for event in export(world.store)])
    merged = Merger(copy).drain()
    assert merged.rejected == 0
    for name in ("orders", "a", "c"):
        mine, theirs = (walk(store, table(name)).to_json() for store in (world.store, copy))
        assert [node["dataset_id"] for node in theirs["lineage"]["downstream"]] == [
            node["dataset_id"] for node in mine["lineage"]["downstream"]
        ]
        assert {(e["source"], e["target"], e["job"]) for e in theirs["edges"]} == {
            (e["source"], e["target"], e["job"]) for e in mine["edges"]
        }
    copied = walk(copy, table("revenue"), level="column", column="id")
    assert [node.column for node in copied.upstream] == ["email", "id"]
    copy.close()


def test_an_export_does_not_depend_on_the_order_in_which_things_were_said(world: World, tmp_path: Path) -> None:
    fill(world)
    statements = World(open_store(f"sqlite:///{tmp_path / 'other.db'}"))
    later: list[Any] = []
    statements.apply = lambda *said: later.extend(said)  # type: ignore[method-assign]
    fill(statements)
    World.apply(statements, *reversed(later))
    assert list(export(statements.store)) == list(export(world.store))
    statements.store.close()
