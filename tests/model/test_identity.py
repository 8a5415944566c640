"""Ids from golden data: adding a case is adding a line to tests/golden/identity."""

from __future__ import annotations

import copy
import inspect
import json
import pickle
import re
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import FrozenInstanceError
from functools import reduce
from itertools import permutations
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from openlineage.client.naming import dataset as naming

from airflow_provider_catalog.model import grammar
from airflow_provider_catalog.model.identity import (
    ColumnId,
    DatasetId,
    EntityId,
    IdentityError,
    JobId,
    better_display,
    column_uid,
    fold_column,
    run_uid,
    strip_secrets,
)
from airflow_provider_catalog.model.platforms import BY_SCHEME, by_scheme

GOLDEN = Path(__file__).parents[1] / "golden" / "identity"
POSTGRES = "postgres://h:5432"


def golden(name: str, *, named_by: str) -> pytest.MarkDecorator:
    cases = json.loads((GOLDEN / f"{name}.json").read_text())
    return pytest.mark.parametrize(
        "case", [pytest.param(case, id=f"{i}-{case[named_by]!r}") for i, case in enumerate(cases)]
    )


def pair(dataset: DatasetId | None) -> list[str] | None:
    return [dataset.namespace, dataset.name] if dataset else None


# Platforms


@golden("platforms", named_by="namespace")
def test_each_platform_keeps_what_the_conventions_say(case: dict[str, str]) -> None:
    dataset = DatasetId(case["namespace"], case["name"])
    assert pair(dataset) == [case["namespace"], case["name"]]
    assert (dataset.kind, dataset.platform, dataset.short_name) == ("dataset", case["platform"], case["short"])
    assert dataset.key == (case["namespace"], case["key"])
    assert DatasetId.parse(str(dataset), [case["namespace"], "s3://else", "elsewhere"]) == dataset


@golden("platforms", named_by="namespace")
def test_known_platforms_are_parsed_without_any_help(case: dict[str, str]) -> None:
    if case["platform"] != "unknown":
        dataset = DatasetId(case["namespace"], case["name"])
        assert DatasetId.parse(str(dataset)) == dataset


def test_every_row_of_the_table_has_a_golden_case() -> None:
    stated = {case["platform"] for case in json.loads((GOLDEN / "platforms.json").read_text())}
    assert {row.name for row in BY_SCHEME.values()} <= stated


def openlineage_names() -> Iterator[Any]:
    for name, platform in inspect.getmembers(naming, inspect.isclass):
        if hasattr(platform, "get_namespace") and platform is not naming.DatasetNaming:
            fields = [parameter for parameter in inspect.signature(platform).parameters if parameter != "self"]
            values: dict[str, Any] = {field: f"part{number}" for number, field in enumerate(fields)}
            values |= {"path": "/a/b"} if name in {"HDFS", "DBFS", "LocalFileSystem", "RemoteFileSystem"} else {}
            values |= {"resource_type": naming.PubSubResourceType.TOPIC} if "resource_type" in values else {}
            yield pytest.param(platform(**values), id=name)


@pytest.mark.parametrize("stated", list(openlineage_names()))
def test_what_the_openlineage_client_names_stays_as_named(stated: naming.DatasetNaming) -> None:
    dataset = DatasetId(stated.get_namespace(), stated.get_name())
    assert dataset.namespace == stated.get_namespace().replace("sqlserver:", "mssql:")
    assert dataset.name == stated.get_name()
    assert dataset.platform not in {"unknown", "sqlserver"}


# Cleaning


@golden("cleaning", named_by="given")
def test_spellings_of_one_dataset_become_one_id(case: dict[str, list[str]]) -> None:
    assert pair(DatasetId(*case["given"])) == case["kept"]
    assert DatasetId(*case["given"]) == DatasetId(*case["kept"])


def test_case_is_shown_as_stated_and_compared_as_the_platform_does() -> None:
    stated = DatasetId("snowflake://Org-Acc", "Db.Public.Orders")
    assert str(stated) == "snowflake://org-acc/Db.Public.Orders"
    assert stated == DatasetId("snowflake://org-acc", "DB.PUBLIC.ORDERS")
    assert stated.uid == DatasetId("snowflake://org-acc", "db.public.orders").uid
    assert DatasetId(POSTGRES, "db.public.Orders") != DatasetId(POSTGRES, "db.public.orders")


# Parsing


@golden("parse", named_by="text")
def test_text_is_parsed(case: dict[str, Any]) -> None:
    assert pair(DatasetId.parse(case["text"], iter(case.get("known", ())))) == case["id"]


@golden("ambiguous", named_by="text")
def test_text_that_names_no_one_dataset_lists_what_it_could_mean(case: dict[str, Any]) -> None:
    with pytest.raises(IdentityError) as caught:
        DatasetId.parse(case["text"], case["known"])
    error = pickle.loads(pickle.dumps(caught.value))  # noqa: S301  # what a worker sends home
    assert [str(candidate) for candidate in error.candidates] == case["candidates"]
    assert all(candidate in str(error) for candidate in case["candidates"])
    assert "give" in str(error)
    assert "hunter2" not in f"{error!r} {error} {error.text}"


def test_an_error_lists_no_more_than_can_be_read() -> None:
    with pytest.raises(IdentityError) as caught:
        DatasetId.parse("db.s.t", [f"postgres://h{number}:5432" for number in range(1000)])
    assert len(caught.value.candidates) == 20


@golden("asset_uris", named_by="uri")
def test_asset_uris_become_datasets(case: dict[str, Any]) -> None:
    assert pair(DatasetId.from_asset_uri(case["uri"])) == case["id"]


# Secrets


@golden("secrets", named_by="uri")
def test_no_secret_survives(case: dict[str, Any]) -> None:
    assert strip_secrets(case["uri"]) == case["clean"]
    made = [DatasetId(case["uri"], "a.b"), JobId(case["uri"], "job"), DatasetId.from_asset_uri(case["uri"])]
    with suppress(IdentityError):
        made.append(DatasetId.parse(f"{case['uri']}/a.b"))
    assert not [secret for secret in case["secrets"] if any(secret in str(each) for each in made)]


@pytest.mark.parametrize("text", ["a", "pass", "?token", "x://u:", "a=@", "?pass ", "://@/", "access_key="], ids=repr)
def test_long_garbage_takes_no_longer_than_it_is_long(text: str) -> None:
    """Quadratic would be minutes, linear is milliseconds."""
    started = process_time()
    strip_secrets(f"?{text * (50_000 // len(text))}@=")
    assert process_time() - started < 20


# Ids


def test_ids_are_numbers_that_do_not_change() -> None:
    """Stored ids depend on these: if one changes, so does every catalog there is."""
    assert DatasetId(POSTGRES, "db.public.orders").uid == 3_710_629_546_182_408_491
    assert JobId("airflow", "dag.task").uid == 1_142_447_407_475_738_167
    assert EntityId("owner", "people", "ada").uid == 4_181_553_655_856_276_047
    assert ColumnId(DatasetId(POSTGRES, "db.public.orders"), "id").uid == 3_538_970_510_170_902_768
    assert run_uid("not a uuid").hex() == "7a7dead41ec26a5fe241ba52175aaee2"


def test_kinds_and_lengths_are_part_of_an_id() -> None:
    ids = [
        DatasetId("a", "b"), JobId("a", "b"), EntityId("owner", "a", "b"), EntityId("team", "a", "b"),
        DatasetId("a", "/b"), DatasetId("a/", "b"), DatasetId("ab", "b"), DatasetId("a", "bb"),
    ]  # fmt: skip
    assert len({each.uid for each in ids}) == len(set(ids)) == len(ids)
    assert ids[0] != "a/b"


def test_datasets_and_jobs_are_themselves_however_they_are_asked_for() -> None:
    assert EntityId("dataset", "s3a://b", "/k") == DatasetId("s3://b", "k")
    assert isinstance(EntityId("job", "ns", "j"), JobId)


def test_ids_cannot_be_changed() -> None:
    column = ColumnId(DatasetId("a", "b"), "c")
    for made, field in ((column, "name"), (column.dataset, "name"), (JobId("a", "b"), "uid")):
        with pytest.raises(FrozenInstanceError):
            setattr(made, field, "x")
        assert not hasattr(made, "__dict__")


@pytest.mark.parametrize(
    "made",
    [
        DatasetId("s3a://B", "/K"),
        JobId("a", "b"),
        EntityId("owner", "a", "b"),
        ColumnId(DatasetId("snowflake://x", "d.s.t"), "Id"),
    ],
)
def test_ids_travel_between_processes(made: EntityId | ColumnId) -> None:
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        there = pickle.loads(pickle.dumps(made, protocol))  # noqa: S301  # our own bytes
        assert (there, there.uid, type(there), str(there), repr(there)) == (
            made,
            made.uid,
            type(made),
            str(made),
            repr(made),
        )
    assert copy.deepcopy(made) == made


def test_making_an_id_again_is_a_look_up() -> None:
    assert DatasetId(POSTGRES, "db.public.orders") is DatasetId(POSTGRES, "db.public.orders")


# Columns


@golden("columns", named_by="platform")
def test_columns_fold_as_their_platform_does(case: dict[str, str]) -> None:
    assert fold_column(case["platform"], case["name"]) == case["folded"]


def test_a_column_is_known_by_its_dataset_and_folded_name() -> None:
    orders = DatasetId("snowflake://x", "d.s.orders")
    stated, folded = ColumnId(orders, "Order_Id"), ColumnId(DatasetId("snowflake://x", "D.S.ORDERS"), "ORDER_ID")
    assert stated == folded
    assert stated.uid == folded.uid == column_uid(orders.uid, fold_column("snowflake", "order_id"))
    assert (stated.kind, stated.name, stated.key) == ("column", "Order_Id", ("snowflake://x", "D.S.ORDERS", "ORDER_ID"))
    assert len({stated, folded, ColumnId(orders, ""), ColumnId(orders, "a.b.c")}) == 3


# Runs


def test_a_run_is_its_uuid_or_a_hash() -> None:
    run = uuid.uuid4()
    assert run_uid(str(run)) == run_uid(str(run).upper()) == run.bytes
    assert len(run_uid("manual__2026-01-01T00:00:00+00:00")) == len(run_uid("\ud800")) == 16


# What holds for every id

SEGMENT = st.text(max_size=12) | st.sampled_from(
    ["None", "main", "a/b", "a.b", "", "/", "x=1", "token=s", "?", "u:p@h", "'\"\n"]
)
NAMES = st.lists(SEGMENT, min_size=1, max_size=4).flatmap(
    lambda s: st.sampled_from("./:?&;@ ").map(lambda sep: sep.join(s))
)
NAMESPACES = (
    st.sampled_from([case["namespace"] for case in json.loads((GOLDEN / "platforms.json").read_text())])
    | st.builds("{}://{}".format, st.sampled_from([*sorted(BY_SCHEME), "x-any", "Jdbc:Mysql"]), NAMES)
    | NAMES
)
DATASETS = st.builds(DatasetId, NAMESPACES, NAMES)


@given(DATASETS)
@example(DatasetId("", ""))
@example(DatasetId("postgres://h", "None.a/b"))
@example(DatasetId("x://u:abc", "k@z"))
def test_an_id_shown_is_the_id_parsed(dataset: DatasetId) -> None:
    assert DatasetId.parse(str(dataset), [dataset.namespace]) == dataset


@given(DATASETS)
def test_cleaning_twice_is_cleaning_once(dataset: DatasetId) -> None:
    assert pair(DatasetId(dataset.namespace, dataset.name)) == pair(dataset)
    assert DatasetId(*dataset.key) == dataset
    assert 0 <= dataset.uid < 2**63
    assert dataset.short_name
    str(dataset).encode()


@given(NAMESPACES, NAMES)
def test_only_storable_text_comes_out(namespace: str, name: str) -> None:
    for made in (DatasetId(namespace, name), JobId(namespace, name)):
        assert "\x00" not in f"{made.namespace}{made.name}"


@given(st.text() | NAMESPACES)
def test_garbage_is_refused_or_parsed_and_never_worse(text: str) -> None:
    DatasetId.from_asset_uri(text)
    assert strip_secrets(strip_secrets(text)) == strip_secrets(text)
    with suppress(IdentityError):
        DatasetId.parse(text, ["s3://b"])


@given(
    st.sampled_from(["postgres", "s3", "mongodb+srv", "x"]), st.text(st.characters(exclude_characters="\n"), min_size=1)
)
def test_no_password_survives_in_user_info(scheme: str, noise: str) -> None:
    assume(not re.match(r"[0-9]{1,5}[/?#]|.*@[^/?#]+[/?#]", noise))  # reads as a port, or as a host
    assert "hunter2" not in strip_secrets(f"{scheme}://user:{noise}hunter2@host/db")


@given(st.sampled_from(sorted(BY_SCHEME)), st.text())
def test_folding_twice_is_folding_once(platform: str, name: str) -> None:
    folded = fold_column(platform, name)
    assert fold_column(platform, folded) == folded == grammar.fold_column(by_scheme(platform), name)


@given(st.lists(st.sampled_from(["orders", "Orders", "ORDERS", "oRders"]), min_size=1, max_size=4), st.booleans())
def test_the_case_shown_does_not_depend_on_the_order_stated(stated: list[str], upper: bool) -> None:
    folded = "ORDERS" if upper else "orders"
    shown = {reduce(lambda a, b: better_display(a, b, folded), order) for order in permutations(stated)}
    assert shown == {folded if folded in stated else min(stated)}
