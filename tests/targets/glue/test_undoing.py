"""What the catalog did to tables is taken back, step by step: on the strict server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from airflow_provider_catalog.errors import TargetUnavailable
from airflow_provider_catalog.store.sql.store import SqlStore
from airflow_provider_catalog.targets.glue.account import Account
from airflow_provider_catalog.targets.glue.calls import Calls
from airflow_provider_catalog.targets.glue.mapping import GluePlace
from airflow_provider_catalog.targets.glue.plan import Plan
from airflow_provider_catalog.targets.glue.reading import GlueTable
from airflow_provider_catalog.targets.glue.undoing import undo_table
from airflow_provider_catalog.targets.glue.wanted import Column, Wanted
from airflow_provider_catalog.targets.glue.writer import Writer
from tests.glue.faults import Faults
from tests.glue.server import GlueServer

ORDERS = Wanted("sales", "orders", (Column("id", "int"),), location="s3://lake/sales/orders/", format="parquet")
MORE = replace(ORDERS, columns=(Column("id", "int"), Column("paid", "date")), owner="finance")


class Table:
    """One table, as the catalog wants it, as it is there, and back."""

    def __init__(self, server: GlueServer, store: SqlStore) -> None:
        self.server = server
        self.store = store
        self.account = Account(Calls(server.client(parameter_validation=False), sleep=lambda _: None))

    def write(self, wanted: Wanted) -> None:
        table = GlueTable(GluePlace(wanted.database, wanted.name), wanted, (1,))
        writer = Writer(lambda *_: self.account, self.store.keep_images, sleep=lambda _: None)
        (outcome,) = writer.write([table])
        assert not outcome.reason

    def undo(self, *, dry_run: bool = False) -> Plan:
        return undo_table(self.store, self.account, "Sales", "Orders", dry_run=dry_run, sleep=lambda _: None)

    @property
    def now(self) -> Mapping[str, Any] | None:
        """But for what AWS counts: versions and times."""
        found = self.account.table("sales", "orders")
        return found and {key: value for key, value in found.items() if key not in {"VersionId", "UpdateTime"}}

    def changed_by_somebody(self, **parameters: str) -> None:
        found = self.account.table("sales", "orders")
        assert found is not None
        kept = {"Name", "Description", "StorageDescriptor", "PartitionKeys", "TableType"} & found.keys()
        stated = {key: found[key] for key in kept} | {"Parameters": {**found["Parameters"], **parameters}}
        self.server.call("UpdateTable", DatabaseName="sales", TableInput=stated)


@pytest.fixture
def table(server: GlueServer, store: SqlStore) -> Table:
    return Table(server, store)


def test_every_step_is_taken_back_the_last_one_first(table: Table) -> None:
    table.write(ORDERS)
    before = table.now
    table.write(MORE)
    assert table.now != before
    assert table.undo().kind == "update"
    assert table.now == before
    assert table.undo().kind == "delete"
    assert table.now is None
    assert table.undo().kind == "refuse"


def test_a_look_changes_nothing(table: Table) -> None:
    table.write(ORDERS)
    there, writes = table.now, dict(table.server.writes)
    assert table.undo(dry_run=True).kind == "delete"
    assert (table.now, dict(table.server.writes)) == (there, writes)


def test_what_somebody_changed_since_is_left_alone(table: Table) -> None:
    table.write(ORDERS)
    table.changed_by_somebody(theirs="x")
    plan = table.undo()
    assert (plan.kind, plan.reason) == ("refuse", "somebody changed it since: Parameters.theirs")
    assert table.now is not None


def test_of_a_table_that_the_catalog_never_changed_it_says_so(table: Table) -> None:
    plan = table.undo()
    assert plan.kind == "refuse"
    assert plan.reason.startswith("the catalog has not changed Sales.Orders, in eu-west-1")


def test_the_same_name_in_another_account_is_another_table(table: Table) -> None:
    table.write(ORDERS)
    (image,) = table.store.images("glue")
    table.store.keep_images([image._replace(taken_at=2**60, body={**image.body, "catalog_id": "210987654321"})])
    mine = Account(Calls(table.server.client(parameter_validation=False)), "111122223333")
    assert undo_table(table.store, mine, "sales", "orders").kind == "delete"
    assert [each.taken_at for each in table.store.images("glue")] == [2**60]


def test_an_image_of_what_was_never_carried_out_is_passed_over(table: Table) -> None:
    table.write(ORDERS)
    before = table.now
    table.server.faults = Faults(shares={"throttled": 1.0}, only={"UpdateTable"})
    with pytest.raises(TargetUnavailable):
        table.write(MORE)
    table.server.faults = Faults()
    assert len(table.store.images("glue")) == 2
    assert table.now == before
    assert table.undo().kind == "delete"
    assert not table.store.images("glue")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(steps=st.lists(st.sampled_from(["id", "paid", "note", "owner"]), min_size=1, max_size=6))
def test_as_many_steps_back_as_there_were_forward(table: Table, steps: list[str]) -> None:
    wanted, states = ORDERS, [table.now]
    for i, step in enumerate(steps):
        if step == "owner":
            wanted = replace(wanted, owner=f"team {i}")
        else:
            wanted = replace(wanted, columns=(*wanted.columns, Column(f"{step}_{i}", "int")))
        table.write(wanted)
        states.append(table.now)
    while len(states) > 1:
        assert table.now == states.pop()
        table.undo()
    assert table.now is None


def test_undoing_holds_up_under_throttles_and_a_lost_answer(table: Table) -> None:
    table.write(ORDERS)
    before = table.now
    table.write(MORE)
    table.server.faults = Faults(7, {"throttled": 0.15, "broken_after": 0.15})
    table.undo()
    table.server.faults = Faults()
    assert table.now == before
