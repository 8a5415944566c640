"""`GlueTableHook` as `@task` uses it: told by the strict server, which counts each call."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk import Asset
from airflow.sdk.exceptions import AirflowException, AirflowFailException

from airflow_provider_catalog.hooks.glue import GlueTableHook
from airflow_provider_catalog.model.identity import DatasetId
from airflow_provider_catalog.services.dataset import describe
from airflow_provider_catalog.services.identity import find_dataset
from tests.glue.faults import Faults
from tests.glue.server import GlueServer
from tests.glue_lake import COLUMNS, Lake
from tests.services.world import World

ORDERS = DatasetId("s3://lake", "sales/orders")
PLACE: dict[str, Any] = {"database": "sales", "table": "orders"}


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lake]:
    with GlueServer() as server:
        found = Lake(server, tmp_path)
        found.connect(monkeypatch)
        monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path))
        yield found
    assert not server.failures


@pytest.fixture
def hook(lake: Lake) -> GlueTableHook:
    return GlueTableHook()


def knows(lake: Lake, *datasets: DatasetId, **columns: str) -> None:
    with lake.store() as store:
        for each in datasets or (ORDERS,):
            fields: list[Any] = [{"name": name, "type": type_} for name, type_ in (columns or {"id": "int"}).items()]
            World(store).said(each, "schema", {"fields": fields})


def states(done: dict[str, Any]) -> list[str]:
    return [each["state"] for each in done["tables"]]


# -- what the catalog knows


@pytest.mark.parametrize(
    "dataset",
    ["s3://lake/sales/orders", "orders", Asset("s3://lake/sales/orders"), ["s3://lake/sales/orders/"], '["orders"]'],
    ids=["a URI", "a name", "an asset", "a list", "a list that a template made"],
)
def test_a_dataset_of_the_catalog_becomes_the_table_that_a_rule_says(
    lake: Lake, hook: GlueTableHook, dataset: Any
) -> None:
    knows(lake, id="BIGINT", amount="NUMERIC(10,2)")
    done = hook.register_table(dataset)
    assert (states(done), done["created"]) == (["created"], 1)
    assert lake.types() == {"id": "bigint", "amount": "decimal(10,2)"}
    assert lake.table()["StorageDescriptor"]["Location"] == "s3://lake/sales/orders/"


def test_what_is_stated_of_its_place_counts_more_than_the_rules(lake: Lake, hook: GlueTableHook) -> None:
    knows(lake)
    done = hook.register_table(str(ORDERS), database="Mart-2", table="Orders-Of_Today")
    assert [(each["database"], each["table"]) for each in done["tables"]] == [("Mart-2", "Orders-Of_Today")]
    assert lake.table("mart-2", "orders-of_today")["StorageDescriptor"]["Location"] == "s3://lake/sales/orders/"
    lake.server.forget()
    assert hook.register_table(str(ORDERS), database="Mart-2", table="Orders-Of_Today")["unchanged"] == 1
    assert lake.sent() == 0


def test_a_dataset_that_no_rule_knows_is_a_table_where_both_names_are_stated(lake: Lake, hook: GlueTableHook) -> None:
    elsewhere = DatasetId("postgres://db:5432", "shop.public.orders")
    knows(lake, elsewhere)
    with pytest.raises(AirflowFailException, match=r"no rule of .* glue_mapping says which table it is"):
        hook.register_table(str(elsewhere))
    with pytest.raises(AirflowFailException, match="state both names"):
        hook.register_table(str(elsewhere), table="orders")
    assert states(hook.register_table(str(elsewhere), **PLACE)) == ["created"]


def test_one_that_the_catalog_does_not_know_yet_may_be_tried_again(lake: Lake, hook: GlueTableHook) -> None:
    """The others are done all the same."""
    knows(lake)
    with pytest.raises(AirflowException, match=r"s3://lake/sales/none: no dataset named .*@task\.catalogued") as caught:
        hook.register_table(["s3://lake/sales/none", str(ORDERS)])
    assert not isinstance(caught.value, AirflowFailException)
    assert lake.types() == {"id": "int"}


def test_one_name_for_several_datasets_is_not_tried_again(lake: Lake, hook: GlueTableHook) -> None:
    knows(lake, ORDERS, DatasetId("s3://lake", "other/orders"))
    with pytest.raises(AirflowFailException, match="it could be"):
        hook.register_table("orders")


# -- what the DAG states


@pytest.mark.parametrize(
    "columns",
    [
        COLUMNS,
        [{"name": "id", "type": "bigint"}, {"name": "amount", "type": "decimal(10,2)", "comment": ""}],
        [("id", "bigint"), ("amount", "decimal(10,2)")],
        '{"id": "bigint", "amount": "decimal(10,2)"}',
    ],
    ids=["names and types", "columns", "pairs", "what a template made"],
)
def test_a_table_that_is_stated_is_made_with_its_database(lake: Lake, hook: GlueTableHook, columns: Any) -> None:
    done = hook.register_table(
        **PLACE,
        columns=columns,
        partition_keys=["dt"],
        location="s3://lake/sales/orders/",
        format="parquet",
        compression="snappy",
        description="What was sold.",
        parameters={"retention_days": 90, "hot": True},
        table_owner="ann",
    )
    assert states(done) == ["created"]
    found = lake.table()
    assert lake.types() == {"id": "bigint", "amount": "decimal(10,2)"}
    assert [(each["Name"], each["Type"]) for each in found["PartitionKeys"]] == [("dt", "string")]
    assert "What was sold." in found["Description"]
    assert found["Owner"] == "ann"
    expected = {"retention_days": "90", "hot": "true", "owner": "ann", "classification": "parquet"}
    assert {key: found["Parameters"].get(key) for key in expected} == expected
    lake.server.forget()
    again = hook.register_table(**PLACE, columns=columns, parameters={"retention_days": 90, "hot": True})
    assert (states(again), lake.sent()) == (["unchanged"], 0)


def test_names_are_in_lower_case_there_and_mean_one_table_in_any(lake: Lake, hook: GlueTableHook) -> None:
    for database, table in (("Sales", "ORDERS"), ("SALES", "Orders")):
        hook.register_table(database=database, table=table, columns={"Id": "int"})
    assert lake.types() == {"id": "int"}
    assert lake.server.writes["CreateTable"] == 1
    assert lake.server.writes["UpdateTable"] == 0


def test_the_catalog_is_told_of_a_table_that_only_the_dag_knows_and_not_again(lake: Lake, hook: GlueTableHook) -> None:
    stated: dict[str, Any] = {
        "columns": [{"name": "id", "type": "bigint", "comment": "of the order"}],
        "partition_keys": {"dt": "date"},
        "location": "s3://lake/sales/orders/",
        "format": "orc",
        "description": "What was sold.",
        "table_owner": "ann",
    }
    hook.register_table(**PLACE, **stated)
    with lake.store() as store:
        found = describe(store, find_dataset(store, "arn:aws:glue:eu-west-1:111122223333:table/sales/orders"))
        told = found.to_json()
        accepted = store.status().accepted
    assert [(each.name, each.type, each.description) for each in found.columns] == [
        ("id", "bigint", "of the order"),
        ("dt", "date", ""),
    ]
    assert "What was sold." in str(told)
    assert "ann" in str(told)
    assert accepted == 2
    hook.register_table(**PLACE, **stated)
    with lake.store() as store:
        assert store.status().accepted == accepted
    hook.register_table(**PLACE, **{**stated, "description": "What is sold."})
    with lake.store() as store:
        assert store.status().accepted == accepted + 1


def test_a_table_and_the_folder_it_lies_in_are_one_dataset(lake: Lake, hook: GlueTableHook) -> None:
    knows(lake)
    hook.register_table(str(ORDERS))
    table = "arn:aws:glue:eu-west-1:111122223333:table/sales/orders"
    assert lake.known(table).node == lake.known(str(ORDERS)).node
    lake.server.forget()
    done = hook.register_table([str(ORDERS), table])
    assert (states(done), lake.sent()) == (["unchanged"], 0)
    assert (done["tables"][0]["catalog_id"], done["tables"][0]["region"]) == ("111122223333", "eu-west-1")


def test_where_the_catalog_takes_nothing_the_table_is_registered_and_the_log_says_so(
    lake: Lake, hook: GlueTableHook, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from airflow_provider_catalog.errors import StoreUnavailable
    from airflow_provider_catalog.store.sql.store import SqlStore

    def refuse(*_: Any) -> Any:
        raise StoreUnavailable("the disk is full")

    monkeypatch.setattr(SqlStore, "accept", refuse)
    assert states(hook.register_table(**PLACE, columns=COLUMNS)) == ["created"]
    assert "The catalog was not told of what was registered: the disk is full" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("stated", "problem"),
    [
        ({"columns": "id bigint"}, "columns is a text and no JSON"),
        ({"columns": 7}, "columns must be a mapping"),
        ({"columns": [{"type": "int"}]}, "which is no column"),
        ({"columns": {"id": 7}}, "which is no column"),
        ({"columns": [None]}, "which is no column"),
        ({"parameters": "[1]"}, "parameters must be a mapping"),
        ({"if_exists": "replace"}, "if_exists is 'replace'; it must be one of merge, update, skip, fail"),
        ({"if_missing": "skip"}, "if_missing is 'skip'; it must be one of create, fail"),
        ({"dataset": "orders", "columns": COLUMNS}, "with dataset the catalog says what the table is, and not columns"),
        ({"database": ""}, "say which table it is"),
        ({"table": "a" * 256}, "less than or equal to 255"),
    ],
)
def test_what_is_stated_wrongly_is_told_and_nothing_is_tried(
    lake: Lake, hook: GlueTableHook, stated: dict[str, Any], problem: str
) -> None:
    with pytest.raises(AirflowFailException, match=problem):
        hook.register_table(**{**PLACE, **stated})
    assert lake.sent() == 0


# -- what is there already


@pytest.fixture
def edited(lake: Lake, hook: GlueTableHook) -> Lake:
    """A table of ours that a person has worked on since."""
    hook.register_table(
        **PLACE, columns=COLUMNS, format="parquet", location="s3://lake/sales/orders/", description="What was sold."
    )
    found = lake.table()
    columns = found["StorageDescriptor"]["Columns"]
    columns[0]["Comment"] = "the number on the bill"
    columns.append({"Name": "note", "Type": "string"})
    lake.rewrite(
        Description=f"Ask the sales team. {found['Description']}",
        Parameters={**found["Parameters"], "cost_center": "42"},
        StorageDescriptor={
            **found["StorageDescriptor"],
            "Columns": columns,
            "SortColumns": [{"Column": "id", "SortOrder": 1}],
        },
    )
    lake.server.forget()
    return lake


def untouched(found: dict[str, Any]) -> None:
    assert found["Description"].startswith("Ask the sales team. ")
    assert found["Parameters"]["cost_center"] == "42"
    assert found["StorageDescriptor"]["Columns"][0]["Comment"] == "the number on the bill"
    assert found["StorageDescriptor"]["SortColumns"] == [{"Column": "id", "SortOrder": 1}]


NEW = {"id": "bigint", "amount": "double", "day": "date"}


@pytest.mark.parametrize(
    ("if_exists", "state", "types"),
    [
        ("merge", "updated", {"id": "bigint", "amount": "double", "note": "string", "day": "date"}),
        ("update", "updated", NEW),
        ("skip", "skipped", {**COLUMNS, "note": "string"}),
    ],
)
def test_what_becomes_of_a_table_that_is_there(
    edited: Lake, hook: GlueTableHook, if_exists: str, state: str, types: dict[str, str]
) -> None:
    done = hook.register_table(**PLACE, columns=NEW, description="What is sold.", if_exists=if_exists)
    assert (states(done), edited.types()) == ([state], types)
    assert edited.sent() == (1 if state == "updated" else 0)
    untouched(edited.table())
    assert ("What is sold." in edited.table()["Description"]) is (state == "updated")
    edited.server.forget()
    assert hook.register_table(**PLACE, columns=NEW, description="What is sold.", if_exists=if_exists)
    assert edited.sent() == 0


def test_one_that_must_be_the_same_is_an_error_that_names_what_is_not(edited: Lake, hook: GlueTableHook) -> None:
    with pytest.raises(
        AirflowFailException, match=r"sales\.orders: .*if_exists is fail: StorageDescriptor\.Columns\.a"
    ):
        hook.register_table(**PLACE, columns=NEW, if_exists="fail")
    assert edited.sent() == 0
    assert hook.register_table(**PLACE, columns=COLUMNS, if_exists="fail")["unchanged"] == 1


def test_one_that_must_be_there_is_an_error_where_it_is_not(lake: Lake, hook: GlueTableHook) -> None:
    with pytest.raises(AirflowFailException, match=r"sales\.orders: it is not there, and if_missing is fail"):
        hook.register_table(**PLACE, columns=COLUMNS, if_missing="fail")
    assert lake.sent() == 0


@pytest.mark.parametrize("if_exists", ["skip", "fail"])
def test_one_that_somebody_makes_between_looking_and_making_is_treated_as_one_that_is_there(
    lake: Lake, hook: GlueTableHook, if_exists: str
) -> None:
    lake.server.call("CreateDatabase", DatabaseInput={"Name": "sales"})
    theirs = {"Name": "orders", "StorageDescriptor": {"Columns": [{"Name": "theirs", "Type": "int"}]}}
    once = threading.Event()

    def quicker(_: Any) -> None:
        if not once.is_set():
            once.set()
            lake.server.call("CreateTable", DatabaseName="sales", TableInput=theirs)

    lake.server.before("CreateTable", quicker)
    if if_exists == "skip":
        assert states(hook.register_table(**PLACE, columns=COLUMNS, if_exists="skip")) == ["skipped"]
    else:
        with pytest.raises(AirflowFailException, match="if_exists is fail"):
            hook.register_table(**PLACE, columns=COLUMNS, if_exists="fail")
    assert lake.types() == {"theirs": "int"}


def test_a_neighbour_who_writes_between_reading_and_writing_loses_nothing(edited: Lake, hook: GlueTableHook) -> None:
    once = threading.Event()

    def neighbour(_: Any) -> None:
        if not once.is_set():
            once.set()
            edited.rewrite(Parameters={**edited.table()["Parameters"], "theirs": "yes"})

    edited.server.before("UpdateTable", neighbour)
    hook.register_table(**PLACE, columns=NEW)
    assert edited.server.refusals["ConcurrentModificationException"] == 1
    assert (edited.table()["Parameters"]["theirs"], edited.types()["day"]) == ("yes", "date")
    untouched(edited.table())


def test_a_dry_run_says_what_it_would_do_and_does_nothing(edited: Lake, hook: GlueTableHook) -> None:
    done = hook.register_table(**PLACE, columns=NEW, dry_run=True)
    assert states(done) == ["updated"]
    assert "StorageDescriptor.Columns.amount.Type: 'decimal(10,2)' -> 'double'" in done["tables"][0]["changes"]
    assert hook.register_table(database="sales", table="new", columns=NEW, dry_run=True)["created"] == 1
    assert edited.sent() == 0
    with edited.store() as store:
        assert [each.name for each in store.scan("dataset")] == ["table/sales/orders", "sales/orders"]


def test_what_was_there_before_is_kept_to_be_taken_back(edited: Lake, hook: GlueTableHook) -> None:
    hook.register_table(**PLACE, columns=NEW)
    with edited.store() as store:
        newest, _ = store.images("glue", "eu-west-1/sales/orders")
    assert newest.body["before"]["Parameters"]["cost_center"] == "42"


# -- what goes wrong


def test_all_that_is_refused_is_told_together_when_the_rest_is_done(lake: Lake, hook: GlueTableHook) -> None:
    names = [DatasetId("s3://lake", f"sales/{name}") for name in ("orders", "bills", "carts")]
    knows(lake, *names)
    for name in ("orders", "carts"):
        lake.server.deny("glue:CreateTable", f"*table/sales/{name}")
    with pytest.raises(AirflowFailException, match=r"sales\.orders: allow glue:CreateTable .*; sales\.carts: allow"):
        hook.register_table([str(each) for each in names])
    assert lake.types("bills") == {"id": "int"}


def test_with_three_of_ten_calls_throttled_every_table_arrives(lake: Lake, hook: GlueTableHook) -> None:
    names = [DatasetId("s3://lake", f"sales/t{number}") for number in range(40)]
    knows(lake, *names)
    lake.server.faults = Faults(7, {"throttled": 0.2, "broken": 0.05, "broken_after": 0.05})
    done = hook.register_table([str(each) for each in names])
    lake.server.faults = Faults()
    assert set(states(done)) <= {"created", "unchanged"}
    assert lake.server.writes["CreateTable"] == 40


def test_where_nothing_answers_it_is_worth_another_try(
    lake: Lake, hook: GlueTableHook, monkeypatch: pytest.MonkeyPatch
) -> None:
    with GlueServer() as gone:
        Lake(gone, Path("/nowhere")).connect(monkeypatch)
    monkeypatch.setenv("AIRFLOW__CATALOG__STORE_URL", lake.store_url)
    with pytest.raises(AirflowException, match="the target glue takes nothing") as caught:
        hook.register_table(**PLACE, columns=COLUMNS)
    assert not isinstance(caught.value, AirflowFailException)


def test_a_link_to_another_table_is_refused_with_what_to_do(lake: Lake, hook: GlueTableHook) -> None:
    lake.server.call("CreateDatabase", DatabaseInput={"Name": "sales"})
    target = {"CatalogId": "111122223333", "DatabaseName": "other", "Name": "orders"}
    lake.server.call("CreateTable", DatabaseName="sales", TableInput={"Name": "orders", "TargetTable": target})
    with pytest.raises(AirflowFailException, match="it is a link to"):
        hook.register_table(**PLACE, columns=COLUMNS)


def test_partitions_that_paths_name_are_added_to_a_table_that_stays_as_it_is(lake: Lake, hook: GlueTableHook) -> None:
    days = [DatasetId("s3://lake", f"sales/orders/dt=2026-01-0{day}") for day in (1, 2)]
    knows(lake, *days)
    assert hook.register_table(str(days[0]))["tables"][0]["partitions"] == 1
    done = hook.register_table([*map(str, days)])
    assert (states(done), done["tables"][0]["partitions"]) == (["unchanged"], 1)
    assert [*lake.partitions()] == [("2026-01-01",), ("2026-01-02",)]
