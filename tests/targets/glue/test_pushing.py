"""Lineage told to tables that the strict server has: what is written, what is left alone, and what it says when not."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from airflow_provider_catalog.errors import TargetUnavailable
from airflow_provider_catalog.model.identity import DatasetId
from airflow_provider_catalog.model.statement import EXISTENCE
from airflow_provider_catalog.services.identity import find_dataset
from airflow_provider_catalog.store import open_database
from airflow_provider_catalog.store.sql.store import SqlStore
from airflow_provider_catalog.targets.glue.description import block_of, without_block
from airflow_provider_catalog.targets.glue.lineage.pushing import Pushed, hopeless, push_lineage, summary
from airflow_provider_catalog.targets.glue.mapping import GlueMapping
from airflow_provider_catalog.targets.glue.target import Glue
from airflow_provider_catalog.targets.glue.undoing import undo_table
from tests.glue.server import GlueServer
from tests.services.world import World, job_id

RULES = [{"match": "s3://lake/{database}/{table}"}]
ORDERS = DatasetId("s3://lake", "sales/orders")
TOPIC = DatasetId("kafka://lkc-abc123.eu.confluent.cloud:9092", "orders.v1")
RAW = DatasetId("mysql://shop:3306", "shop.orders")
KIND: dict[str, Any] = {"integration": "AIRFLOW", "jobType": "TASK", "processingType": "BATCH"}


class Lake(NamedTuple):
    """A catalog and a Glue."""

    server: GlueServer
    store: SqlStore
    world: World
    target: Glue

    def registered(self, *datasets: DatasetId) -> None:
        nodes = [find_dataset(self.store, each) for each in datasets or (ORDERS,)]
        assert not [each.reason for each in self.target.push(self.store, nodes) if each.reason]
        self.server.forget()

    def push(self, *datasets: DatasetId, **options: Any) -> list[Pushed]:
        nodes = [find_dataset(self.store, each) for each in datasets or (ORDERS,)]
        return list(push_lineage(self.store, nodes, self.target.mapping, self.target.account_of, **options))

    def table(self, name: str = "orders") -> dict[str, Any]:
        found: dict[str, Any] = self.server.call("GetTable", DatabaseName="sales", Name=name)["Table"]
        return found

    def chain(self, name: str = "orders") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.table(name)["Parameters"]["catalog.upstream_chain"])
        return found

    def changed(self, **members: Any) -> None:
        """By somebody else."""
        taken = ("Name", "Description", "TableType", "PartitionKeys", "StorageDescriptor", "Parameters")
        theirs = {key: value for key, value in self.table().items() if key in taken}
        self.server.call("UpdateTable", DatabaseName="sales", TableInput=theirs | members)


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Lake]:
    store = open_database(f"sqlite:///{tmp_path / 'catalog.db'}")
    with GlueServer() as server:
        target = Glue(GlueMapping(RULES), lambda _: server.client(parameter_validation=False))
        yield Lake(server, store, World(store), target)
    store.close()
    assert not server.failures


@pytest.fixture
def lake(bare: Lake) -> Lake:
    """mysql -> connector -> topic -> task -> table, which is registered."""
    world = bare.world
    world.said(ORDERS, "schema", {"fields": [{"name": "id", "type": "int"}]})
    world.said(ORDERS, "documentation", {"description": "What was sold."})
    world.said(TOPIC, "schema", {"fields": [{"name": "order_id", "type": "long"}]})
    settings = {"facets": {"debezium_config": {"configs": ["connector.class=io.debezium.MySqlConnector"]}}}
    world.ran("mysql", [RAW], [TOPIC], details=settings)
    world.said(
        job_id("mysql"), "jobType", {"integration": "DEBEZIUM", "jobType": "TASK", "processingType": "STREAMING"}
    )
    world.ran("etl.load", [TOPIC], [ORDERS], details={"sql": {"query": "INSERT INTO orders SELECT 1"}})
    world.said(job_id("etl.load"), "jobType", KIND)
    bare.registered()
    return bare


def test_a_table_is_told_what_it_is_made_of(lake: Lake) -> None:
    (done,) = lake.push()
    assert (done.state, done.hops, done.truncated) == ("updated", 4, False)
    assert lake.chain() == [
        {"hop": 1, "kind": "airflow_task", "qualified_name": "prod/etl.load", "sql": "INSERT INTO orders SELECT 1"},
        {
            "hop": 2,
            "kind": "topic",
            "qualified_name": str(TOPIC),
            "schema_fields": [{"name": "order_id", "type": "long"}],
        },
        {
            "hop": 3,
            "kind": "connector",
            "qualified_name": "prod/mysql",
            "connector_class": "io.debezium.MySqlConnector",
        },
        {"hop": 4, "kind": "table", "qualified_name": str(RAW)},
    ]
    flat = {key: value for key, value in lake.table()["Parameters"].items() if key.startswith("catalog.")}
    assert flat.pop("catalog.last_synced").endswith("Z")
    assert flat.keys() - {"catalog.managed", "catalog.schema_as_of", "catalog.upstream_chain"} == {
        *("catalog.source_topics", "catalog.source_tables", "catalog.source_connectors", "catalog.source_jobs"),
        *("catalog.pipeline_type", "catalog.cluster_id"),
    }
    assert (flat["catalog.pipeline_type"], flat["catalog.cluster_id"]) == ("airflow", "lkc-abc123")
    assert block_of(lake.table()["Description"], "lineage") == "\n".join(
        [
            "Upstream lineage:",
            f"- table: {RAW}",
            "  - connector: prod/mysql [io.debezium.MySqlConnector]",
            f"    - topic: {TOPIC} [1 column]",
            "      - airflow_task: prod/etl.load [SQL: INSERT INTO orders SELECT 1]",
            "        → orders",
        ]
    )


def test_nothing_but_words_is_written_and_nobody_elses_are(lake: Lake) -> None:
    lake.changed(Description="Ask ann.", Parameters={"theirs": "1"}, TableType="EXTERNAL_TABLE")
    before = lake.table()
    lake.push()
    after = lake.table()
    ours = {"Description", "Parameters", "VersionId", "UpdateTime"}
    assert {key: value for key, value in after.items() if key not in ours} == {
        key: value for key, value in before.items() if key not in ours
    }
    assert without_block(after["Description"]) == "Ask ann."
    assert {key: value for key, value in after["Parameters"].items() if not key.startswith("catalog.")} == {
        "theirs": "1"
    }


def test_registering_and_pushing_again_and_again_writes_nothing(lake: Lake) -> None:
    lake.push()
    told = lake.table()
    for _ in range(2):
        lake.registered()
        lake.server.forget()
        assert [each.state for each in lake.push()] == ["unchanged"]
        assert not lake.server.writes
        lake.registered()
    assert lake.table() == told
    assert block_of(told["Description"]) == "What was sold."


@pytest.mark.parametrize("first", ["registration", "push"])
def test_the_tree_gives_way_to_a_long_description_and_nothing_flips(lake: Lake, first: str) -> None:
    for number in range(60):
        lake.world.ran(f"etl.more_{number}", [DatasetId("kafka://b:9092", f"topic_{number}")], [TOPIC])
    lake.push()
    assert len(lake.table()["Description"].encode()) > 1_900
    lake.world.said(ORDERS, "documentation", {"description": "Sold. " * 250}, at=3)
    for step in ("registration", "push") if first == "registration" else ("push", "registration"):
        lake.registered() if step == "registration" else lake.push()
    found = lake.table()["Description"]
    assert block_of(found) == ("Sold. " * 250).strip()
    assert "what lies farther upstream is left out" in (block_of(found, "lineage") or "")
    lake.server.forget()
    lake.push()
    lake.registered()
    lake.push()
    assert (lake.table()["Description"], dict(lake.server.writes)) == (found, {})
    assert len(found.encode()) <= 2_048


def test_the_text_of_the_user_is_never_cut(lake: Lake) -> None:
    theirs = "Bitte fragen: größe. " * 85
    lake.changed(Description=theirs)
    lake.push()
    lake.registered()
    lake.push()
    assert without_block(lake.table()["Description"]) == theirs
    assert block_of(lake.table()["Description"]) is not None


def test_what_is_switched_off_stays_as_it_is(lake: Lake) -> None:
    lake.push(set_parameters=False)
    assert "catalog.upstream_chain" not in lake.table()["Parameters"]
    assert block_of(lake.table()["Description"], "lineage")
    lake.changed(Description="Mine.")
    lake.push(set_description=False)
    assert lake.table()["Description"] == "Mine."
    assert len(lake.chain()) == 4
    lake.world.ran("etl.more", [DatasetId("s3://lake", "a/b")], [ORDERS], at=3)
    parameters = lake.table()["Parameters"]
    assert [each.state for each in lake.push(set_parameters=False, set_description=False)] == ["unchanged"]
    assert lake.table()["Parameters"] == parameters


def test_a_change_upstream_is_one_write_with_a_new_time(lake: Lake) -> None:
    lake.push()
    before = lake.table()["Parameters"]["catalog.last_synced"]
    lake.world.said(RAW, "schema", {"fields": [{"name": "id", "type": "int"}]}, at=3)
    lake.server.forget()
    assert [each.state for each in lake.push()] == ["updated"]
    assert sum(lake.server.writes.values()) == 1
    assert lake.chain()[3]["schema_fields"] == [{"name": "id", "type": "int"}]
    assert lake.table()["Parameters"]["catalog.last_synced"] > before


def test_lineage_that_has_ended_is_taken_away(bare: Lake) -> None:
    bare.world.said(ORDERS, "schema", {"fields": [{"name": "id", "type": "int"}]})
    bare.world.ran("etl.load", edges=[], reads=[TOPIC], writes=[ORDERS])
    bare.registered()
    bare.push()
    assert bare.chain()
    for at in range(2, 6):
        bare.world.ran("etl.load", at=at)
    assert [(each.state, each.hops) for each in bare.push()] == [("updated", 0)]
    ours = {key for key in bare.table()["Parameters"] if key.startswith("catalog.")}
    assert ours == {"catalog.managed", "catalog.schema_as_of"}
    assert "Description" not in bare.table() or bare.table()["Description"] == ""
    assert [each.state for each in bare.push()] == ["unchanged"]


def test_a_job_that_reads_nothing_known_is_a_hop_too_and_so_is_each_of_several(bare: Lake) -> None:
    bare.world.said(ORDERS, "schema", {"fields": [{"name": "id", "type": "int"}]})
    bare.world.ran("etl.fetch", [], [ORDERS])
    bare.world.ran("etl.load", [TOPIC], [ORDERS])
    bare.world.ran("etl.reload", [TOPIC], [ORDERS])
    bare.registered()
    bare.push()
    assert [(each["hop"], each["qualified_name"]) for each in bare.chain()] == [
        (1, "prod/etl.fetch"),
        (1, "prod/etl.load"),
        (1, "prod/etl.reload"),
        (2, str(TOPIC)),
    ]


def test_lineage_of_the_partitions_of_a_table_is_lineage_of_the_table(bare: Lake) -> None:
    days = [DatasetId("s3://lake", f"sales/orders/dt=2026-01-{day:02d}") for day in range(1, 15)]
    for day, each in enumerate(days):
        bare.world.said(each, "schema", {"fields": [{"name": "id", "type": "int"}]})
        bare.world.ran(f"etl.load_{day:02d}", [TOPIC], [each])
    bare.world.ran("etl.copy", [days[0]], [days[13]])
    bare.registered(*days)
    (done,) = bare.push(*days)
    assert done.state == "updated"
    hops = bare.chain()
    assert [each["qualified_name"] for each in hops if each["kind"] == "topic"] == [str(TOPIC)]
    assert [each["qualified_name"] for each in hops if each["hop"] == 1] == [
        "prod/etl.copy",
        *(f"prod/etl.load_{day:02d}" for day in range(4, 14)),
    ]


def test_what_lies_beyond_the_walk_is_said_to_be_left_out(bare: Lake) -> None:
    """Two hundred hops of two thousand columns, of a store and in a Glue as they are."""
    fields: Any = [{"name": f"column_{number}", "type": "decimal(10,2)"} for number in range(2_000)]
    steps = [ORDERS, *(DatasetId("kafka://b:9092", f"topic_{number}") for number in range(1, 101))]
    for number, (made, source) in enumerate(pairwise(steps)):
        bare.world.ran(f"etl.step_{number}", [source], [made])
        bare.world.said(source, "schema", {"fields": fields})
    bare.registered()
    bare.changed(Description="größe " * 100)
    (done,) = bare.push()
    assert (done.state, done.hops, done.truncated) == ("updated", 101, True)
    found = bare.table()
    assert found["Parameters"]["catalog.upstream_truncated"] == "true"
    assert len(found["Parameters"]["catalog.upstream_chain"].encode()) <= 64 * 1024
    hops = [each["hop"] for each in bare.chain()]
    assert hops == list(range(1, len(hops) + 1))
    assert 20 < len(hops) < 101
    assert without_block(found["Description"]) == "größe " * 100
    assert len(found["Description"].encode()) <= 2_048
    (shallow,) = bare.push(depth=2)
    assert (shallow.hops, shallow.truncated) == (5, True)
    assert [each.state for each in bare.push(depth=2)] == ["unchanged"]


# -- what is not written


def test_a_table_that_is_not_there_is_skipped_and_not_made(lake: Lake) -> None:
    other = DatasetId("s3://lake", "sales/other")
    lake.world.ran("etl.other", [TOPIC], [other])
    pushed = lake.push(other, ORDERS)
    assert [(each.table, each.state) for each in pushed] == [("sales.other", "missing"), ("sales.orders", "updated")]
    assert summary(pushed) == {
        "dry_run": False,
        "tables": 2,
        "updated": 1,
        "unchanged": 0,
        "skipped": 1,
        "errors": 0,
        "problems": [
            {
                "table": "sales.other",
                "state": "missing",
                "reason": "there is no such table in Glue: register it first",
            }
        ],
    }
    assert not hopeless(pushed)


@pytest.mark.parametrize("action", ["glue:GetTable", "glue:UpdateTable"])
def test_who_may_not_is_told_which_action_is_missing(lake: Lake, action: str) -> None:
    lake.server.deny(action)
    (done,) = lake.push()
    assert done.state == "denied"
    assert f"allow {action} to the role in use: AccessDeniedException" in done.reason
    assert (summary([done])["skipped"], hopeless([done])) == (1, True)


def test_a_link_to_a_table_is_left_alone(lake: Lake) -> None:
    link = {"Name": "link", "TargetTable": {"CatalogId": "1" * 12, "DatabaseName": "sales", "Name": "orders"}}
    lake.server.call("CreateTable", DatabaseName="sales", TableInput=link)
    linked = DatasetId("s3://lake", "sales/link")
    lake.world.ran("etl.link", [TOPIC], [linked])
    (done,) = lake.push(linked)
    assert done.state == "refused"
    assert "register that table instead" in done.reason
    assert not lake.server.writes


def test_what_aws_refuses_otherwise_is_an_error_of_that_table_alone(lake: Lake) -> None:
    def broken(request: dict[str, Any]) -> None:
        request["TableInput"]["Name"] = "x" * 300

    lake.server.before("UpdateTable", broken)
    (done,) = lake.push()
    assert (done.state, summary([done])["errors"]) == ("failed", 1)
    assert "glue:UpdateTable was refused: ValidationException" in done.reason


def test_datasets_that_are_no_table_or_are_gone_are_left_out(lake: Lake) -> None:
    lake.world.said(ORDERS, EXISTENCE, value=False, at=4)
    assert lake.push(ORDERS, RAW) == []
    assert not lake.server.calls


def test_a_dry_run_says_what_would_be_told_and_does_nothing(lake: Lake) -> None:
    (done,) = lake.push(dry_run=True)
    assert done.state == "updated"
    assert done.plan is not None
    assert "Description" in {each.member for each in done.plan.changes}
    assert not lake.server.writes
    assert lake.store.images("glue", "eu-west-1/sales/orders", limit=1)[0].body["before"] is None


def test_where_nothing_answers_it_says_so(lake: Lake) -> None:
    with GlueServer() as gone:
        client = gone.client(connect_timeout=1)
    target = Glue(GlueMapping(RULES), lambda _: client)
    with pytest.raises(TargetUnavailable, match="takes nothing"):
        lake._replace(target=target).push()


# -- other people


def test_somebody_who_writes_between_reading_and_writing_loses_nothing(lake: Lake) -> None:
    once = threading.Event()

    def neighbour(_: Any) -> None:
        if not once.is_set():
            once.set()
            lake.changed(Description="Theirs.", Parameters={"theirs": "yes"})

    lake.server.before("UpdateTable", neighbour)
    assert [each.state for each in lake.push()] == ["updated"]
    found = lake.table()
    assert without_block(found["Description"]) == "Theirs."
    assert (found["Parameters"]["theirs"], len(lake.chain())) == ("yes", 4)


def test_a_push_is_taken_back_to_the_byte(lake: Lake) -> None:
    lake.changed(Description="Theirs.")
    before = lake.table()
    lake.push()
    account = lake.target.account_of(None, None)
    assert undo_table(lake.store, account, "sales", "orders").kind == "update"
    changing = {"VersionId", "UpdateTime"}
    assert {key: value for key, value in lake.table().items() if key not in changing} == {
        key: value for key, value in before.items() if key not in changing
    }
