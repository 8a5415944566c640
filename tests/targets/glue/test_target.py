"""Datasets of a store become tables of Glue: told by the strict server, which counts each call."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from airflow_provider_catalog.errors import TargetUnavailable
from airflow_provider_catalog.model.identity import ColumnId, DatasetId
from airflow_provider_catalog.model.statement import ColumnEdge, EdgeKind, Event, Lineage, Rule, Run, Statement
from airflow_provider_catalog.store.sql.store import SqlStore
from airflow_provider_catalog.targets.glue.mapping import GlueMapping
from airflow_provider_catalog.targets.glue.target import Glue
from airflow_provider_catalog.worker.publish import Published, Publisher
from tests.glue.faults import Faults
from tests.glue.server import GlueServer
from tests.services.world import World, job_id

RULES = [{"match": "s3://lake/{database}/{table}"}]
WRITES = {"CreateTable", "UpdateTable", "CreateDatabase", "BatchCreatePartition"}


def lake(path: str) -> DatasetId:
    return DatasetId("s3://lake", path)


@pytest.fixture
def world(store: SqlStore) -> World:
    return World(store)


@pytest.fixture
def target(server: GlueServer) -> Glue:
    return Glue(GlueMapping(RULES), lambda _: server.client(parameter_validation=False))


def has(world: World, dataset: DatasetId, *columns: str, at: float = 1) -> None:
    fields: list[Any] = [dict(zip(("name", "type"), each.split(":"), strict=True)) for each in columns]
    world.said(dataset, "schema", {"fields": fields}, at=at)


def told(store: SqlStore, target: Glue) -> Published:
    return Publisher(store, target).once()


def table(server: GlueServer, database: str = "sales", name: str = "orders") -> dict[str, Any]:
    found: dict[str, Any] = server.call("GetTable", DatabaseName=database, Name=name)["Table"]
    return found


def types(found: dict[str, Any]) -> dict[str, str]:
    return {each["Name"]: each["Type"] for each in found["StorageDescriptor"]["Columns"]}


def writes(server: GlueServer) -> int:
    return sum(server.calls[each] for each in WRITES)


def test_a_dataset_becomes_a_table_with_its_database_columns_and_partitions(
    store: SqlStore, world: World, server: GlueServer, target: Glue
) -> None:
    for day in ("2026-01-01", "2026-01-02"):
        has(world, lake(f"sales/orders/dt={day}/part-0.parquet"), "id:BIGINT", "amount:DECIMAL(10,2)", "dt:VARCHAR")
    assert told(store, target) == Published(2, 0)
    found = table(server)
    assert types(found) == {"id": "bigint", "amount": "decimal(10,2)"}
    assert [each["Name"] for each in found["PartitionKeys"]] == ["dt"]
    assert found["StorageDescriptor"]["Location"] == "s3://lake/sales/orders/"
    assert "Parquet" in found["StorageDescriptor"]["SerdeInfo"]["SerializationLibrary"]
    assert found["TableType"] == "EXTERNAL_TABLE"
    partitions = server.call("GetPartitions", DatabaseName="sales", TableName="orders")["Partitions"]
    assert {each["StorageDescriptor"]["Location"]: each["Values"] for each in partitions} == {
        f"s3://lake/sales/orders/dt={day}/": [day] for day in ("2026-01-01", "2026-01-02")
    }


def test_a_new_partition_of_a_table_that_stays_as_it_is_is_added(
    store: SqlStore, world: World, server: GlueServer, target: Glue
) -> None:
    has(world, lake("sales/orders/dt=2026-01-01"), "id:BIGINT")
    told(store, target)
    version = table(server)["VersionId"]
    has(world, lake("sales/orders/dt=2026-01-02"), "id:BIGINT", at=2)
    assert told(store, target) == Published(1, 0)
    partitions = server.call("GetPartitions", DatabaseName="sales", TableName="orders")["Partitions"]
    assert [each["Values"] for each in partitions] == [["2026-01-01"], ["2026-01-02"]]
    assert table(server)["VersionId"] == version


def test_the_latest_columns_count_whichever_partition_is_told_of_last(
    store: SqlStore, world: World, server: GlueServer, target: Glue
) -> None:
    first, second = (lake(f"sales/orders/dt=2026-01-0{day}") for day in (1, 2))
    has(world, first, "id:int", at=1)
    told(store, target)
    has(world, second, "id:bigint", "paid:date", at=2)
    told(store, target)
    assert types(table(server)) == {"id": "bigint", "paid": "date"}
    before = writes(server)
    world.said(first, "ownership", {"owners": [{"name": "ann"}]}, at=3)
    told(store, target)
    assert types(table(server)) == {"id": "bigint", "paid": "date"}
    assert writes(server) == before + 1
    has(world, first, "id:string", at=4)
    told(store, target)
    assert types(table(server)) == {"id": "string", "paid": "date"}


def test_where_nobody_tells_the_columns_the_sql_that_made_it_does(
    store: SqlStore, world: World, server: GlueServer, target: Glue
) -> None:
    orders, report = DatasetId("postgres://db:5432", "shop.public.orders"), lake("sales/report/part-0.parquet")
    has(world, orders, "id:bigint", "amount:numeric(10,2)")
    made = {"id": ("id", EdgeKind.IDENTITY), "total": ("amount", EdgeKind.AGGREGATION), "": ("id", EdgeKind.FILTER)}
    edges = tuple(
        ColumnEdge(ColumnId(orders, source), ColumnId(report, name), kind, Rule.COLUMN_LINEAGE)
        for name, (source, kind) in made.items()
    )
    run, lineage = Run("00000000-0000-7000-8000-000000000001"), Lineage((orders,), (report,), (), edges)
    common: Any = {"producer": "airflow", "job": job_id("etl.report"), "run": run, "scope": run.run_id}
    world.apply(Statement(time=2_000_000, event=Event.COMPLETE, complete=True, lineage=lineage, **common))
    told(store, target)
    assert types(table(server, name="report")) == {"id": "bigint", "total": "string"}
    has(world, report, "id:int", "total:double", at=9)
    told(store, target)
    assert types(table(server, name="report")) == {"id": "int", "total": "double"}


def test_partitions_that_were_made_before_the_columns_were_known_get_them(
    store: SqlStore, world: World, server: GlueServer, target: Glue
) -> None:
    first, second = (lake(f"sales/orders/dt=2026-01-0{day}") for day in (1, 2))
    world.said(first, "existence", value=True)
    told(store, target)
    has(world, second, "id:int", at=2)
    assert told(store, target) == Published(1, 0)
    partitions = server.call("GetPartitions", DatabaseName="sales", TableName="orders")["Partitions"]
    assert {each["Values"][0]: types(each) for each in partitions} == {
        "2026-01-01": {"id": "int"},
        "2026-01-02": {"id": "int"},
    }
    before = server.writes.total()
    world.said(first, "documentation", {"description": "All."}, at=3)
    told(store, target)
    assert server.writes.total() == before + 1


def test_what_is_said_of_a_dataset_becomes_comments_parameters_and_a_description(
    store: SqlStore, world: World, server: GlueServer, target: Glue
) -> None:
    orders = lake("sales/orders")
    has(world, orders, "id:int", "email:text")
    world.said(orders, "documentation", {"description": "What was sold."})
    world.said(orders, "ownership", {"owners": [{"name": "ann"}, {"name": "bob"}]})
    world.edited(ColumnId(orders, "email"), "documentation", {"description": "Where to write to."})
    world.edited(ColumnId(orders, "email"), "tag:pii", {"key": "pii", "value": ""})
    world.edited(orders, "tag:classification", {"key": "classification", "value": "internal"})
    world.edited(orders, "tag:retention_days", {"key": "retention_days", "value": "90"})
    told(store, target)
    found = table(server)
    assert "What was sold." in found["Description"]
    assert found["Owner"] == "ann"
    expected = {"owner": "ann,bob", "pii_columns": "email", "retention_days": "90", "data_classification": "internal"}
    assert {key: found["Parameters"].get(key) for key in expected} == expected
    assert found["StorageDescriptor"]["Columns"][1]["Comment"] == "Where to write to."


def test_a_table_that_is_told_of_again_is_not_written(
    store: SqlStore, world: World, server: GlueServer, target: Glue
) -> None:
    has(world, lake("sales/orders/dt=2026-01-01"), "id:int")
    told(store, target)
    store.outbox.forget(target.name)
    server.forget()
    assert told(store, target) == Published(1, 0)
    assert (writes(server), server.calls["GetTable"]) == (0, 1)


def test_a_changed_column_is_one_update_that_keeps_what_others_wrote_and_the_version_before(
    store: SqlStore, world: World, server: GlueServer, target: Glue
) -> None:
    has(world, lake("sales/orders"), "id:int")
    told(store, target)
    found = table(server)
    mine = {key: found[key] for key in ("Name", "TableType", "PartitionKeys", "StorageDescriptor", "Parameters")}
    mine["Description"] = "Ask the sales team."
    mine["Parameters"] = {**mine["Parameters"], "cost_center": "42"}
    mine["StorageDescriptor"]["Columns"][0]["Comment"] = "the number on the bill"
    server.call("UpdateTable", DatabaseName="sales", TableInput=mine, SkipArchive=True)
    server.forget()
    has(world, lake("sales/orders"), "id:int", "amount:double", at=2)
    told(store, target)
    after = table(server)
    assert writes(server) == server.calls["UpdateTable"] == 1
    assert types(after) == {"id": "int", "amount": "double"}
    assert after["StorageDescriptor"]["Columns"][0]["Comment"] == "the number on the bill"
    assert (after["Description"], after["Parameters"]["cost_center"]) == ("Ask the sales team.", "42")
    versions = server.call("GetTableVersions", DatabaseName="sales", TableName="orders")["TableVersions"]
    assert [len(types(each["Table"])) for each in versions] == [2, 1]


def test_somebody_who_writes_between_reading_and_writing_loses_nothing(
    store: SqlStore, world: World, server: GlueServer, target: Glue
) -> None:
    has(world, lake("sales/orders"), "id:int")
    told(store, target)
    once = threading.Event()

    def neighbour(_: Any) -> None:
        if not once.is_set():
            once.set()
            found = table(server)
            theirs = {key: found[key] for key in ("Name", "TableType", "StorageDescriptor", "PartitionKeys")}
            changed = {**theirs, "Parameters": {**found["Parameters"], "theirs": "yes"}}
            server.call("UpdateTable", DatabaseName="sales", TableInput=changed)

    server.before("UpdateTable", neighbour)
    has(world, lake("sales/orders"), "id:bigint", at=2)
    told(store, target)
    found = table(server)
    assert (types(found), found["Parameters"]["theirs"]) == ({"id": "bigint"}, "yes")


def test_of_many_tables_whose_calls_fail_time_and_again_all_arrive(
    store: SqlStore, world: World, server: GlueServer
) -> None:
    for number in range(300):
        has(world, lake(f"sales/t{number}"), "id:int")
    target = Glue(GlueMapping(RULES), lambda _: server.client(parameter_validation=False))
    server.faults = Faults(7, {"throttled": 0.2, "broken": 0.05, "broken_after": 0.05})
    while told(store, target).refused:
        store.outbox.retry()
    assert {each["Name"] for each in server.call("GetTables", DatabaseName="sales", MaxResults=100)["TableList"]}
    assert server.writes["CreateTable"] == 300
    assert sum(server.calls.values()) <= 3 * 600


def test_a_denied_call_is_refused_with_the_permission_that_is_missing_and_holds_up_no_other(
    store: SqlStore, world: World, server: GlueServer, target: Glue
) -> None:
    has(world, lake("sales/orders"), "id:int")
    has(world, lake("sales/other"), "id:int")
    server.deny("glue:CreateTable", "*table/sales/orders")
    assert told(store, target) == Published(1, 1)
    (refused,) = store.outbox.refused(target.name)
    assert "allow glue:CreateTable" in refused.reason
    assert refused.not_before is None
    server.allow("glue:CreateTable")
    store.outbox.retry()
    assert told(store, target) == Published(1, 0)


def test_nothing_is_dropped_and_what_no_rule_knows_is_left_alone(
    store: SqlStore, world: World, server: GlueServer, target: Glue
) -> None:
    has(world, lake("sales/orders"), "id:int")
    has(world, lake("a/b/c"), "id:int")
    told(store, target)
    world.said(lake("sales/orders"), "existence", value=False, at=3)
    server.forget()
    told(store, target)
    assert table(server)["Name"] == "orders"
    assert not server.calls


def test_where_nothing_answers_the_target_is_down(store: SqlStore, world: World) -> None:
    with GlueServer() as gone:
        client = gone.client(connect_timeout=1)
    has(world, lake("sales/orders"), "id:int")
    with pytest.raises(TargetUnavailable, match="takes nothing"):
        told(store, Glue(GlueMapping(RULES), lambda _: client))


def test_ten_thousand_unchanged_tables_cost_a_page_for_each_hundred(
    store: SqlStore, world: World, server: GlueServer, target: Glue
) -> None:
    """A tenth of them here."""
    for number in range(1000):
        has(world, lake(f"sales/t{number:04d}"), "id:int")
    told(store, target)
    server.forget()
    outcomes = list(target.push(store, store.scan("dataset", limit=2000)))
    assert {each.plan.kind for each in outcomes if each.plan} == {"nothing"}
    assert (server.calls["GetTables"], sum(server.calls.values())) == (10, 10)
    found = table(server, "sales", "t0500")
    theirs = {key: found[key] for key in ("Name", "TableType", "PartitionKeys", "Parameters")}
    server.call("UpdateTable", DatabaseName="sales", TableInput={**theirs, "StorageDescriptor": {"Columns": []}})
    outcomes = list(target.push(store, store.scan("dataset", limit=2000)))
    assert [each.table.place.table for each in outcomes if each.plan and each.plan.kind == "update"] == ["t0500"]
    assert types(table(server, "sales", "t0500")) == {"id": "int"}


def test_a_dry_run_says_what_would_be_done_and_does_nothing(
    store: SqlStore, world: World, server: GlueServer, target: Glue
) -> None:
    has(world, lake("sales/orders/dt=2026-01-01"), "id:int")
    (outcome,) = target.push(store, store.scan("dataset"), dry_run=True)
    assert (outcome.plan and outcome.plan.kind, outcome.partitions) == ("create", 1)
    assert writes(server) == 0
