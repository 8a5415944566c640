"""Plans for made-up tables and wishes: what is not ours survives, twice is once, and everything can be taken back."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from airflow_provider_catalog.targets.glue.description import without_block
from airflow_provider_catalog.targets.glue.lineage.tree import tree
from airflow_provider_catalog.targets.glue.ownership import MEMORY
from airflow_provider_catalog.targets.glue.plan import plan
from airflow_provider_catalog.targets.glue.service_model import shape
from airflow_provider_catalog.targets.glue.table_input import input_of, kind_of
from airflow_provider_catalog.targets.glue.undo import before_image, undo
from airflow_provider_catalog.targets.glue.wanted import Column, Wanted
from tests.glue.model import mistakes
from tests.targets.glue.chains import chains
from tests.targets.glue.made_up import LONG, columns, plain, tables, texts_with_blocks, written
from tests.targets.glue.made_up import wishes as registrations

_BUSY = [HealthCheck.too_slow]
"""A table has many members, and a machine may have much else to do."""
MANY = settings(max_examples=500, suppress_health_check=_BUSY)
SOME = settings(max_examples=200, suppress_health_check=_BUSY)
FORMAT_KEYS = {"classification", "typeOfData", "compressionType", "delimiter", "skip.header.line.count", "table_type"}
FORMAT_KEYS |= {"spark.sql.sources.provider", "EXTERNAL"}
STORED = ("InputFormat", "OutputFormat", "SerdeInfo", "Location", "Compressed", "Columns")


def wishes() -> st.SearchStrategy[Wanted]:
    """Registrations and lineage, apart and together."""
    blocks = st.one_of(st.none(), LONG, chains().map(lambda chain: tree(chain, "orders")))
    told = st.fixed_dictionaries({"lineage_block": blocks, "words_only": st.sampled_from([False, False, True])})
    return st.builds(lambda wanted, more: replace(wanted, **more), registrations(), told)


def text(value: Any) -> str:
    return json.dumps(value, default=str, sort_keys=False)


@given(tables())
@MANY
def test_what_glue_tells_of_a_table_is_given_back_whole(table: dict[str, Any]) -> None:
    before = copy.deepcopy(table)
    found = input_of(table)
    assert table == before
    assert not mistakes(shape("TableInput"), json.loads(json.dumps(found, default=lambda time: time.timestamp())))
    allowed = shape("TableInput").members
    assert found.keys() == table.keys() & allowed.keys()
    for name in found.keys() - {"ViewDefinition"}:
        assert found[name] == table[name]
    for there, given_back in zip(
        table.get("ViewDefinition", {}).get("Representations", ()),
        found.get("ViewDefinition", {}).get("Representations", ()),
        strict=True,
    ):
        assert given_back == {name: value for name, value in there.items() if name != "IsStale"}


@given(tables().map(plain), wishes())
@MANY
def test_what_is_not_ours_survives_every_plan(table: dict[str, Any], wanted: Wanted) -> None:
    kept = copy.deepcopy((table, wanted))
    planned = plan(wanted, table)
    assert (table, wanted) == kept
    if planned.kind != "update":
        assert planned.table_input == ({} if planned.kind == "refuse" else input_of(table))
        return
    before, after = input_of(table), planned.table_input
    touched = {"StorageDescriptor", "PartitionKeys", "Parameters", "Description", "Owner"}
    assert {k: v for k, v in after.items() if k not in touched} == {k: v for k, v in before.items() if k not in touched}
    assert without_block(after.get("Description", "")) == without_block(before.get("Description", ""))
    assert after.get("Owner") == before.get("Owner", after.get("Owner"))
    old, new = before.get("Parameters", {}), after.get("Parameters", {})
    ours = {key for key in wanted.parameters if key.startswith("catalog.")} | {MEMORY}
    assert {key: new.get(key) for key in old.keys() - ours if old[key]} == {
        k: old[k] for k in old.keys() - ours if old[k]
    }
    assert new.keys() - old.keys() <= {*wanted.parameters, "owner", MEMORY, *FORMAT_KEYS}
    descriptor = before.get("StorageDescriptor", {})
    stored = after.get("StorageDescriptor", {})
    assert {k: v for k, v in stored.items() if k not in STORED} == {
        k: v for k, v in descriptor.items() if k not in STORED
    }
    columns_survive(before, after, whole=wanted.authoritative and bool(wanted.columns))


def columns_survive(before: Mapping[str, Any], after: Mapping[str, Any], *, whole: bool) -> None:
    keys = [key["Name"] for key in after.get("PartitionKeys", ())]
    old = [each for each in before.get("StorageDescriptor", {}).get("Columns", ()) if each["Name"] not in keys]
    new = {each["Name"]: each for each in after.get("StorageDescriptor", {}).get("Columns", ())}
    if not whole:
        assert [each["Name"] for each in old] == list(new)[: len(old)]
    for each in old:
        if found := new.get(each["Name"]):
            assert {k: v for k, v in found.items() if k not in {"Type", "Comment"}} == {
                k: v for k, v in each.items() if k not in {"Type", "Comment"}
            }
            assert found.get("Comment") == each.get("Comment") or not each.get("Comment")
    if before.get("PartitionKeys"):
        assert keys == [key["Name"] for key in before["PartitionKeys"]]


@given(st.one_of(st.none(), tables(), tables().map(plain)), wishes(), wishes())
@MANY
def test_a_plan_that_was_carried_out_leaves_nothing_to_do(
    table: dict[str, Any] | None, wanted: Wanted, other: Wanted
) -> None:
    """Not even when somebody else of us wanted something in between."""
    for each in (wanted, other, wanted):
        planned = plan(each, table)
        assert bool(planned.changes) == (planned.kind in {"create", "update"})
        assert bool(planned.reason) == (planned.kind == "refuse")
        if planned.kind == "refuse":
            return
        table = written(planned, table) if planned.changes else table
        again = plan(each, table)
        assert (again.kind, again.changes) == ("nothing", ())


@given(st.one_of(st.none(), tables().map(plain)), wishes())
@MANY
def test_what_a_plan_changed_is_taken_back_to_the_byte(table: dict[str, Any] | None, wanted: Wanted) -> None:
    planned = plan(wanted, table)
    assume(planned.kind in {"create", "update"})
    image = json.loads(json.dumps(before_image(planned, table)))
    now = written(planned, table)
    back = undo(image, now)
    if table is None:
        assert (back.kind, back.version_id) == ("delete", now["VersionId"])
        return
    assert (back.kind, back.version_id) == ("update", now["VersionId"])
    assert text(back.table_input) == text(input_of(table))
    assert undo(image, written(back, now)).kind == "nothing"
    assert undo(image, {**now, "Owner": "somebody else", "Retention": 7}).kind == "refuse"


@given(tables().map(plain), wishes(), texts_with_blocks())
@SOME
def test_what_is_written_is_within_the_limits(table: dict[str, Any], wanted: Wanted, description: str) -> None:
    theirs = {"Description": description} if not mistakes(shape("DescriptionString"), description) else {}
    for actual in (None, {**table, **theirs}):
        planned = plan(wanted, actual)
        sent = json.loads(json.dumps(planned.table_input, default=lambda time: time.timestamp()))
        if planned.kind in {"create", "update"}:
            assert not mistakes(shape("TableInput"), sent)


@given(tables(), wishes())
@SOME
def test_who_wants_words_alone_changes_nothing_else(table: dict[str, Any], wanted: Wanted) -> None:
    planned = plan(replace(wanted, words_only=True), table)
    assert {change.member.partition(".")[0] for change in planned.changes} <= {"Description", "Parameters"}
    assert not planned.archive
    assert plan(replace(wanted, words_only=True), None).kind == "refuse"


HOSTILE = st.text(st.characters(), max_size=20)
"""Of everything there is, halves of characters too."""


@given(
    st.builds(
        Wanted,
        HOSTILE,
        HOSTILE,
        columns=st.lists(st.builds(Column, HOSTILE, HOSTILE, HOSTILE), max_size=3).map(tuple),
        partition_keys=st.lists(st.builds(Column, HOSTILE, HOSTILE, HOSTILE), max_size=2).map(tuple),
        location=HOSTILE,
        format=st.one_of(HOSTILE, st.just("csv")),
        compression=HOSTILE,
        description_block=HOSTILE,
        lineage_block=HOSTILE,
        parameters=st.dictionaries(HOSTILE, st.one_of(st.none(), HOSTILE), max_size=3),
        owner=HOSTILE,
        dialect=HOSTILE,
        header_lines=st.integers(),
    ),
    st.one_of(st.none(), tables()),
    HOSTILE,
)
@SOME
def test_no_text_breaks_a_plan(wanted: Wanted, table: dict[str, Any] | None, memory: str) -> None:
    if table is not None:
        table = {**table, "Parameters": {**table.get("Parameters", {}), MEMORY: memory}}
    for each in (wanted, replace(wanted, database="d", name="n", location="")):
        planned = plan(each, table)
        assert planned.kind in {"create", "update", "nothing", "refuse"}
        if planned.kind in {"create", "update"}:
            sent = json.loads(json.dumps(planned.table_input, default=lambda time: time.timestamp()))
            assert not mistakes(shape("TableInput"), sent)
            assert undo(before_image(planned, table), written(planned, table)).kind in {"update", "delete"}


@given(tables())
@SOME
def test_only_tables_views_and_those_with_a_log_are_written(table: dict[str, Any]) -> None:
    planned = plan(Wanted("sales", "orders", (Column("new", "int"),), description_block="x"), table)
    if kind_of(table) == "table":
        assert planned.kind == "update"
        assert "new" in [each["Name"] for each in planned.table_input["StorageDescriptor"]["Columns"]]
    elif kind_of(table) in {"view", "iceberg", "delta", "hudi"}:
        assert {change.member for change in planned.changes} == {"Description"}
    else:
        assert planned.kind == "refuse"


@given(st.lists(columns(), max_size=6).map(tuple))
def test_new_columns_come_in_the_wanted_order(wanted: tuple[Column, ...]) -> None:
    planned = plan(Wanted("d", "n", wanted, format="parquet"), None)
    names = [each["Name"] for each in planned.table_input["StorageDescriptor"]["Columns"]]
    assert names == [name for name in dict.fromkeys(column.name.lower() for column in wanted) if name in names]
