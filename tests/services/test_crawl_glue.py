"""Crawls of a strict AWS Glue into a real store: what is sent, what is not, what is one and what is said to be gone."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_catalog.errors import CrawlError
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.services.crawl import Crawled, crawl
from airflow_provider_catalog.services.dataset import Description, describe
from airflow_provider_catalog.services.identity import find_dataset, resolve
from airflow_provider_catalog.services.lineage import walk
from airflow_provider_catalog.sources.crawlers.glue.client import GlueClient
from airflow_provider_catalog.sources.crawlers.glue.registry import RegistryReader
from airflow_provider_catalog.sources.crawlers.glue.tables import Asked
from airflow_provider_catalog.sources.crawlers.tables import ALL, Selection
from airflow_provider_catalog.store import open_store
from airflow_provider_catalog.store.protocol import Store
from airflow_provider_catalog.worker.columns import Columns
from airflow_provider_catalog.worker.merge import Merger
from tests.glue.refusals import Refused
from tests.glue.server import Faults, GlueServer
from tests.glue.state import Catalog
from tests.glue_crawled import ARN, ATHENA, Lake, table, view
from tests.glue_registries import Registries, Schema
from tests.served import Server


@pytest.fixture
def glue() -> Iterator[GlueServer]:
    with GlueServer() as server:
        yield server
    assert not server.failures


@pytest.fixture
def lake(glue: GlueServer) -> Lake:
    lake = Lake(glue)
    lake.create(table("orders"), table("customers"))
    return lake


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(open_store(f"sqlite:///{tmp_path / 'catalog.db'}")) as opened:
        yield opened


def crawled(store: Store, lake: Lake, selection: Selection = ALL, **asked: bool) -> Crawled:
    """What was sent is merged."""
    with lake.opened(selection, **asked) as found:
        done = crawl(store, found.catalog, found.tables, selection)
    Merger(store).drain()
    return done


def counts(store: Store, lake: Lake, selection: Selection = ALL, **asked: bool) -> tuple[int, int, int, int]:
    """New, changed, gone and unchanged. A database is one of them."""
    done = crawled(store, lake, selection, **asked).to_json()
    return done["new"], done["changed"], done["gone"], done["unchanged"]


def known(store: Store, name: str) -> Description:
    return describe(store, find_dataset(store, name))


def members(store: Store, name: str) -> set[str]:
    return {member.id for member in resolve(store, name).members}


# -- the whole way


def test_only_what_changed_is_sent(store: Store, lake: Lake) -> None:
    assert counts(store, lake) == (3, 0, 0, 0)
    assert counts(store, lake) == (0, 0, 0, 3)
    assert store.status().accepted == 3
    lake.update(table("orders", Description="What was sold"))
    assert counts(store, lake) == (0, 1, 0, 2)
    assert store.status().accepted == 4
    lake.drop("customers")
    assert counts(store, lake) == (0, 0, 1, 2)
    assert counts(store, lake) == (0, 0, 0, 2)
    assert (store.status().accepted, store.status().dead_letters) == (5, 0)
    assert (known(store, "sales/orders").exists, known(store, "sales/customers").exists) == (True, False)
    assert known(store, "sales/orders").description == "What was sold"


def test_a_comment_of_a_column_is_a_change_and_its_end_is_another(store: Store, lake: Lake) -> None:
    counts(store, lake)
    for comment in ("EUR", ""):
        stated = table("orders")
        stated["StorageDescriptor"]["Columns"][1]["Comment"] = comment
        lake.update(stated)
        assert counts(store, lake) == (0, 1, 0, 2)
        assert known(store, "sales/orders").columns[1].description == comment


def test_what_comes_back_is_told_of_once_more(store: Store, lake: Lake) -> None:
    counts(store, lake)
    for _ in range(3):
        lake.drop("customers")
        assert counts(store, lake) == (0, 0, 1, 2)
        assert not known(store, "sales/customers").exists
        lake.create(table("customers"))
        assert counts(store, lake) == (1, 0, 0, 2)
        assert known(store, "sales/customers").exists
    assert store.status().pending == 0


def test_a_crawl_that_is_repeated_before_it_is_merged_adds_nothing(store: Store, lake: Lake) -> None:
    for _ in range(3):
        with lake.opened() as found:
            assert crawl(store, found.catalog, found.tables).to_json()["new"] == 3
    assert store.status().accepted == 3


def test_what_only_writes_rows_changes_nothing(store: Store, lake: Lake) -> None:
    """A commit of Iceberg moves a pointer, a crawler of Glue counts again."""
    pointer = {"metadata_location": "s3://lake/orders/metadata/1.json", "recordCount": "1", "team": "shop"}
    lake.update(table("orders", Parameters=pointer))
    counts(store, lake)
    moved = {"metadata_location": "s3://lake/orders/metadata/2.json", "recordCount": "2", "team": "shop"}
    lake.update(table("orders", Parameters=moved))
    assert counts(store, lake) == (0, 0, 0, 3)
    lake.update(table("orders", Parameters=moved | {"team": "crm"}))
    assert counts(store, lake) == (0, 1, 0, 2)
    assert known(store, "sales/orders").aspects["properties"].value == {"team": "crm"}


def test_a_database_that_is_dropped_is_gone_with_all_in_it(store: Store, lake: Lake) -> None:
    lake.database("mart", Description="What is made of it")
    lake.create(table("big"), database="mart")
    assert counts(store, lake) == (5, 0, 0, 0)
    assert known(store, f"{ARN}/database/mart").description == "What is made of it"
    lake.server.call("DeleteDatabase", Name="mart")
    assert counts(store, lake) == (0, 0, 2, 3)
    assert not known(store, f"{ARN}/database/mart").exists


def test_secrets_in_parameters_are_not_sent(store: Store, lake: Lake) -> None:
    parameters = {"password": "hunter2", "url": "jdbc:postgresql://u:hunter2@h/d"}
    serde = {"SerializationLibrary": "x.Y", "Parameters": {"secret": "hunter2"}}
    stated = table("orders", Parameters=parameters)
    stated["StorageDescriptor"]["SerdeInfo"] = serde
    lake.update(stated)
    counts(store, lake)
    assert not [each for each in store.envelopes() if b"hunter2" in each.payload]


def test_a_table_of_any_name_is_another_dataset(store: Store, lake: Lake) -> None:
    names = ["orders.v1", "it's", "a/b", "x=1", "per cent %s", "ünïcødé ✓ 表", "back\\slash", "x" * 255]
    lake.create(*(table(name, f"s3://lake/{number}") for number, name in enumerate(names)))
    assert counts(store, lake) == (3 + len(names), 0, 0, 0)
    assert counts(store, lake) == (0, 0, 0, 3 + len(names))
    lake.drop(*names)
    assert counts(store, lake) == (0, 0, len(names), 3)
    assert store.status().dead_letters == 0


# -- what a crawl may say of tables that it did not see


def test_of_what_it_was_not_asked_for_it_says_nothing(store: Store, lake: Lake) -> None:
    lake.database("mart")
    lake.create(table("big"), database="mart")
    counts(store, lake)
    lake.drop("orders", "customers")
    lake.drop("big", database="mart")
    lake.server.forget()
    assert counts(store, lake, Selection(("sales.c*",))) == (0, 0, 1, 0)
    assert counts(store, lake, Selection(exclude=("mart.*", "*.orders"))) == (0, 0, 0, 1)
    assert lake.server.calls == {"GetDatabases": 2, "GetTables": 2}
    assert known(store, "sales/orders").exists
    assert known(store, "mart/big").exists
    assert counts(store, lake) == (0, 0, 2, 2)


@pytest.mark.parametrize("operation", ["GetDatabases", "GetTables"])
def test_a_crawl_that_is_cut_off_says_of_nothing_that_it_is_gone(store: Store, lake: Lake, operation: str) -> None:
    lake.database("zoo")
    lake.create(*(table(f"t{number:03d}") for number in range(150)))
    counts(store, lake)
    lake.drop("customers")
    lake.update(table("orders", Description="changed"))
    asked: list[Any] = []

    def break_off(request: Any) -> None:
        asked.append(request)
        if operation == "GetDatabases" or request.get("NextToken"):
            raise Refused("InternalServiceException", "We encountered an internal error. Please try again.", 500)

    lake.server.before(operation, break_off)
    with pytest.raises(CrawlError, match=r"InternalServiceException.*We encountered an internal error"):
        crawled(store, lake)
    assert asked
    assert known(store, "sales/customers").exists
    assert store.status().accepted == 154
    lake.server._before.clear()
    assert counts(store, lake) == (0, 1, 1, 152)


def test_of_a_database_that_it_may_not_look_into_it_says_nothing(
    store: Store, lake: Lake, caplog: pytest.LogCaptureFixture
) -> None:
    lake.database("mart")
    lake.create(table("big"), database="mart")
    counts(store, lake)
    lake.server.deny("glue:GetTables", f"{ARN}:database/mart")
    lake.drop("big", database="mart")
    lake.drop("orders")
    done = crawled(store, lake)
    assert (done.unread, len(done.plan.gone)) == (("mart",), 1)
    assert "AccessDeniedException" in caplog.text
    assert "allow glue:GetTables, on the catalog as well as on the database and the table" in caplog.text
    assert known(store, "mart/big").exists
    lake.server.allow("glue:GetTables")
    assert counts(store, lake) == (0, 0, 1, 3)


def test_who_may_see_no_database_at_all_is_told_what_they_lack(store: Store, lake: Lake) -> None:
    counts(store, lake)
    lake.server.deny("glue:GetDatabases")
    with pytest.raises(CrawlError, match=r"AccessDeniedException.*; allow glue:GetDatabases"):
        crawled(store, lake)
    assert known(store, "sales/orders").exists


def test_a_database_that_goes_while_we_look_takes_its_tables_with_it(store: Store, lake: Lake) -> None:
    lake.database("mart")
    lake.create(table("big"), database="mart")
    counts(store, lake)
    drops = iter(["mart"])
    lake.server.after("GetDatabases", lambda _: [lake.server.call("DeleteDatabase", Name=name) for name in drops])
    assert counts(store, lake) == (0, 0, 1, 4)
    assert counts(store, lake) == (0, 0, 1, 3)


# -- one table, several names


def test_all_names_of_a_table_are_one_dataset(store: Store, lake: Lake) -> None:
    """Also that of Spark, which tells of the folder and of the table in Glue."""
    counts(store, lake)
    spark = {
        "eventTime": "2026-05-01T00:00:00Z",
        "run": {"runId": "0191c4fe-0000-7000-8000-000000000001"},
        "job": {"namespace": "spark", "name": "load"},
        "outputs": [
            {
                "namespace": "s3://lake",
                "name": "orders",
                "facets": {
                    "symlinks": {"identifiers": [{"namespace": ARN, "name": "table/sales/orders", "type": "TABLE"}]}
                },
            }
        ],
    }
    store.accept([Envelope("openlineage", json.dumps(spark).encode())])
    Merger(store).drain()
    names = {f"{ARN}/table/sales/orders", f"{ATHENA}/AwsDataCatalog.sales.orders", "s3://lake/orders"}
    for name in (*names, f"{ARN}:table/sales/orders", "s3a://lake/orders/", "glue://sales/orders"):
        found = resolve(store, name)
        assert (found.canonical.id, {each.id for each in found.members}) == (f"{ARN}/table/sales/orders", names)
    assert [each.job for each in known(store, "sales/orders").uses]


def test_a_folder_of_two_tables_is_neither_and_of_one_again_when_the_other_goes(store: Store, lake: Lake) -> None:
    counts(store, lake)
    assert len(members(store, "sales/orders")) == 3
    lake.create(table("also", "s3a://lake/orders"))
    assert counts(store, lake) == (1, 1, 0, 2)
    assert resolve(store, "s3://lake/orders").members == resolve(store, "s3://lake/orders").members[:1]
    assert {len(members(store, f"sales/{name}")) for name in ("orders", "also")} == {2}
    assert counts(store, lake) == (0, 0, 0, 4)
    lake.drop("orders")
    assert counts(store, lake) == (0, 1, 1, 2)
    assert "s3://lake/orders" in members(store, "sales/also")
    assert members(store, "sales/orders") == {f"{ARN}/table/sales/orders"}


def test_a_folder_of_a_table_that_was_not_asked_for_is_still_that_ones(store: Store, lake: Lake) -> None:
    lake.database("mart")
    lake.create(table("big", "s3://lake/orders"), database="mart")
    counts(store, lake, Selection(("sales.*",)))
    assert "s3://lake/orders" in members(store, "sales/orders")
    assert counts(store, lake, Selection(("mart.*",))) == (2, 0, 0, 0)
    assert "s3://lake/orders" not in members(store, "mart/big")
    assert counts(store, lake, Selection(("sales.*",))) == (0, 1, 0, 2)
    assert "s3://lake/orders" not in members(store, "sales/orders")


def test_what_athena_calls_alike_in_two_accounts_is_not_one(store: Store, lake: Lake) -> None:
    with GlueServer(account="444455556666") as server:
        other = Lake(server)
        other.create(table("orders", "s3://other/orders"), table("returns", "s3://other/returns"))
        counts(store, lake)
        theirs = f"{ARN[:-12]}444455556666/table/sales"
        assert counts(store, other) == (3, 0, 0, 0)
        assert members(store, f"{theirs}/orders") == {f"{theirs}/orders", "s3://other/orders"}
        assert f"{ATHENA}/AwsDataCatalog.sales.returns" in members(store, f"{theirs}/returns")
        assert counts(store, lake) == (0, 1, 0, 2)
        assert members(store, f"{ARN}/table/sales/orders") == {f"{ARN}/table/sales/orders", "s3://lake/orders"}
        assert (counts(store, lake)[3], counts(store, other)[3]) == (3, 3)


def test_a_link_is_another_name_of_its_target(store: Store, lake: Lake) -> None:
    """To a table in the same account, and to a database in another one, which nobody can crawl."""
    lake.server.state.catalogs["444455556666"] = Catalog("444455556666")
    for operation, stated in (
        ("CreateDatabase", {"DatabaseInput": {"Name": "theirs", "Description": "All of it"}}),
        ("CreateTable", {"DatabaseName": "theirs", "TableInput": table("returns", "s3://other/returns")}),
    ):
        lake.server.call(operation, CatalogId="444455556666", **stated)
    target = {"CatalogId": "444455556666", "DatabaseName": "theirs"}
    lake.database("shared", TargetDatabase=target)
    own = {"CatalogId": "111122223333", "DatabaseName": "sales", "Name": "orders"}
    lake.create({"Name": "link", "TargetTable": own})
    assert counts(store, lake) == (6, 0, 0, 0)
    assert members(store, f"{ATHENA}/AwsDataCatalog.sales.link") == members(store, "s3://lake/orders")
    assert resolve(store, f"{ATHENA}/AwsDataCatalog.sales.link").canonical.id == f"{ARN}/table/sales/orders"
    theirs = f"{ARN[:-12]}444455556666"
    assert resolve(store, f"{ATHENA}/AwsDataCatalog.shared.returns").canonical.id == f"{theirs}/table/theirs/returns"
    assert resolve(store, f"{ARN}/database/shared").canonical.id == f"{theirs}/database/theirs"
    assert [column.name for column in known(store, "theirs/returns").columns] == ["id", "paid"]
    lake.drop("link")
    assert counts(store, lake) == (0, 0, 1, 5)
    assert known(store, "sales/orders").exists
    assert f"{ATHENA}/AwsDataCatalog.sales.link" not in members(store, "sales/orders")


def test_a_link_that_becomes_a_table_stands_for_nothing_else(store: Store, lake: Lake) -> None:
    target = {"CatalogId": "111122223333", "DatabaseName": "sales", "Name": "orders"}
    lake.create({"Name": "link", "TargetTable": target})
    counts(store, lake)
    lake.drop("link")
    lake.create(table("link"))
    assert counts(store, lake) == (0, 1, 0, 3)
    assert members(store, f"{ARN}/table/sales/link") & members(store, f"{ARN}/table/sales/orders") == set()
    assert known(store, f"{ARN}/table/sales/link").exists


def test_what_a_view_is_made_of_becomes_lineage(store: Store, lake: Lake) -> None:
    sql = "SELECT id, paid AS spent FROM orders WHERE paid > 100"
    hidden = base64.b64encode(json.dumps({"originalSql": sql, "schema": "sales"}).encode()).decode()
    lake.create(view("big", f"/* Presto View: {hidden} */"))
    counts(store, lake)
    Columns().publish(store, list(store.entities([each.uid for each in store.scan("dataset")]).values()))
    Merger(store).drain()
    answer = walk(store, "sales/big", level="column", column="spent", direction="upstream")
    assert [column.column for column in answer.upstream] == ["paid"]
    assert [each.label.id for each in walk(store, "sales/orders", direction="downstream").downstream] == [
        f"{ARN}/table/sales/big"
    ]


# -- more than there is at a glance


def test_the_columns_a_table_had_are_its_history(store: Store, lake: Lake) -> None:
    """Each since it had them. What was changed beside columns is no version of them."""
    clock = lake.server.state.clock
    clock.advance(-36_000)
    begun = clock.now()
    lake.create(table("returns", columns={"id": "int"}))
    for changed in ({"id": "int"}, {"id": "bigint"}, {"id": "bigint", "sold": "date"}):
        clock.advance(3_600)
        lake.update(table("returns", columns=changed))
    clock.advance(36_000 - 3 * 3_600)
    assert counts(store, lake) == (4, 0, 0, 0)
    assert [version.changes for version in known(store, "sales/returns").versions] == [()]
    assert counts(store, lake, versions=True) == (0, 3, 0, 1)
    found = known(store, "sales/returns")
    assert [(version.since / 1e6 - begun) / 3_600 for version in found.versions] == [0, 2, 3]
    assert [version.changed for version in found.versions] == [(), (("id", "int", "bigint"),), ()]
    assert found.versions[-1].added == ("sold",)
    assert found.created == begun * 1_000_000
    assert counts(store, lake, versions=True) == (0, 0, 0, 4)
    assert counts(store, lake) == (0, 0, 0, 4)


def test_partitions_are_counted_where_somebody_asks(store: Store, lake: Lake) -> None:
    days = [{"Name": "day", "Type": "date"}]
    lake.create(table("events", PartitionKeys=days))
    lake.create(table("projected", PartitionKeys=days, Parameters={"projection.enabled": "true"}))
    counts(store, lake)
    assert "partitions" not in known(store, "sales/events").aspects

    def add(*values: str) -> None:
        lake.server.call(
            "BatchCreatePartition",
            DatabaseName="sales",
            TableName="events",
            PartitionInputList=[{"Values": [value]} for value in values],
        )

    for first in range(0, 1_100, 100):
        add(*(f"{number}" for number in range(first, first + 100)))
    assert counts(store, lake) == (0, 0, 0, 5)
    lake.server.forget()
    assert counts(store, lake, partitions=True) == (0, 1, 0, 4)
    assert lake.server.calls["GetPartitions"] == 2
    assert known(store, "sales/events").aspects["partitions"].value == {"count": 1_100}
    assert counts(store, lake) == (0, 0, 0, 5)
    add("one more")
    assert counts(store, lake, partitions=True) == (0, 1, 0, 4)
    lake.update(table("events", PartitionKeys=days, Description="changed"))
    assert counts(store, lake) == (0, 1, 0, 4)
    assert known(store, "sales/events").aspects["partitions"].value == {"count": 1_101}


def test_schemas_of_the_registry_are_another_crawl_of_the_same_account(store: Store, lake: Lake) -> None:
    registries = Registries()
    avro = '{"type": "record", "name": "R", "fields": [{"name": "id", "type": "long"}]}'
    registries["sales"] = {"orders": Schema("AVRO", (avro,), "What was sold")}

    def again(selection: Selection = ALL) -> tuple[int, int, int, int]:
        reader = RegistryReader(GlueClient(registries, "here"), Asked(selection))
        with closing(reader), lake.opened() as found:
            done = crawl(store, found.registries, reader, selection).to_json()
        Merger(store).drain()
        return done["new"], done["changed"], done["gone"], done["unchanged"]

    assert (again(), again()) == ((1, 0, 0, 0), (0, 0, 0, 1))
    assert counts(store, lake) == (3, 0, 0, 0)
    found = known(store, f"{ARN}/schema/sales/orders")
    assert (found.description, [column.name for column in found.columns]) == ("What was sold", ["id"])
    more = '{"type": "record", "name": "R", "fields": [{"name": "id", "type": "long"}, {"name": "at", "type": "int"}]}'
    registries["sales"]["orders"] = Schema("AVRO", (avro, more), "What was sold")
    assert again() == (0, 1, 0, 0)
    assert known(store, f"{ARN}/schema/sales/orders").versions[-1].added == ("at",)
    registries.closed.add("sales")
    assert again() == (0, 0, 0, 0)
    del registries["sales"]
    assert again(Selection(("other.*",))) == (0, 0, 0, 0)
    assert again() == (0, 0, 1, 0)
    assert not known(store, f"{ARN}/schema/sales/orders").exists
    assert counts(store, lake) == (0, 0, 0, 3)


# -- bounds, and the ways it is asked


def test_a_dry_run_counts_and_sends_nothing(store: Store, lake: Lake) -> None:
    with lake.opened() as found:
        assert crawl(store, found.catalog, found.tables, dry_run=True).to_json()["new"] == 3
    assert store.status().accepted == 0


def test_a_catalog_behind_a_server_is_told_as_well(lake: Lake, server: Server) -> None:
    with closing(open_store(server.url)) as remote:
        assert counts(remote, lake) == (3, 0, 0, 0)
        assert counts(remote, lake) == (0, 0, 0, 3)
        assert len(members(remote, f"{ARN}/table/sales/orders")) == 3


def test_ten_thousand_tables_are_a_hundred_questions(store: Store, glue: GlueServer) -> None:
    lake = Lake(glue)
    lake.create(*(table(f"t{number}") for number in range(10_000)))
    taken: list[int] = []
    accept = store.accept

    def counted(envelopes: Sequence[Envelope]) -> Any:
        taken.append(len(envelopes))
        return accept(envelopes)

    with lake.opened() as found, pytest.MonkeyPatch.context() as patched:
        patched.setattr(store, "accept", counted)
        assert crawl(store, found.catalog, found.tables).to_json()["new"] == 10_001
    assert glue.calls == {"GetDatabases": 1, "GetTables": 100}
    assert max(taken) == 500
    Merger(store).drain()
    glue.forget()
    assert counts(store, lake) == (0, 0, 0, 10_001)
    assert glue.calls == {"GetDatabases": 1, "GetTables": 100}
    assert glue.writes == {}


def test_what_is_throttled_or_breaks_on_the_way_is_asked_for_again(store: Store, lake: Lake) -> None:
    lake.create(*(table(f"t{number}") for number in range(400)))
    shares = dict.fromkeys(("throttled", "too_many", "broken", "unavailable", "hung_up", "timed_out"), 0.07)
    lake.server.faults = Faults(seed=7, shares=shares)
    with lake.opened_patiently() as found:
        assert crawl(store, found.catalog, found.tables).to_json()["new"] == 403
    assert len(lake.server.faults.drawn) > 2
