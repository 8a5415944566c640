"""The lineage of a table as parameters: JSON at all times, within the limit, the farthest dropped first."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airflow_provider_catalog.targets.glue.limits import fault, size
from airflow_provider_catalog.targets.glue.lineage.chain import (
    CHAIN,
    MOST_BYTES,
    TRUNCATED,
    Chain,
    Field,
    Hop,
    chain_json,
    parameters,
)
from tests.targets.glue.chains import chains, wide

SEED = Chain(
    (
        Hop(1, "topic", "kafka://broker:9092/orders.v1", fields=(Field("order_id", "long"),)),
        Hop(2, "flink_job", "prod/enrich", is_job=True, into=0, sql="SELECT * FROM raw"),
        Hop(3, "connector", "prod/mysql", is_job=True, into=1, connector_class="MySqlConnector"),
    )
)


def read(chain: Chain) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(chain_json(chain.hops).text)
    return found


def test_a_chain_tells_of_each_hop_what_is_known_and_no_more() -> None:
    assert read(SEED) == [
        {
            "hop": 1,
            "kind": "topic",
            "qualified_name": "kafka://broker:9092/orders.v1",
            "schema_fields": [{"name": "order_id", "type": "long"}],
        },
        {"hop": 2, "kind": "flink_job", "qualified_name": "prod/enrich", "sql": "SELECT * FROM raw"},
        {"hop": 3, "kind": "connector", "qualified_name": "prod/mysql", "connector_class": "MySqlConnector"},
    ]


def test_flat_keys_are_there_for_what_there_is() -> None:
    found = {key: value for key, value in parameters(SEED).items() if value is not None and key != CHAIN}
    assert found == {
        "catalog.source_topics": "kafka://broker:9092/orders.v1",
        "catalog.source_connectors": "prod/mysql",
        "catalog.source_jobs": "prod/enrich",
    }


def test_without_lineage_every_key_is_to_go() -> None:
    assert set(parameters(Chain(truncated=True), ["kafka://lkc-1.confluent.cloud/orders"]).values()) == {None}


@pytest.mark.parametrize(
    ("hops", "pipeline"),
    [
        ([Hop(1, "airflow_task", "a", is_job=True), Hop(3, "dbt_model", "b", is_job=True, into=0)], "airflow"),
        ([Hop(1, "dbt_model", "a", is_job=True), Hop(1, "airflow_task", "b", is_job=True)], "airflow,dbt"),
        ([Hop(1, "job", "a", is_job=True)], None),
        ([Hop(1, "flink_job", "a", is_job=True)], "flink"),
        ([Hop(1, "tableflow_table", "a")], "tableflow"),
    ],
)
def test_the_pipeline_is_of_the_kind_that_makes_the_table_itself(hops: list[Hop], pipeline: str | None) -> None:
    assert parameters(Chain(hops))["catalog.pipeline_type"] == pipeline


def test_ids_of_confluent_are_told_where_a_name_has_them_the_nearest_first() -> None:
    hops = (Hop(1, "topic", "kafka://lkc-far.env-one.confluent.cloud:9092/orders"), Hop(2, "topic", "env-two/x"))
    found = parameters(Chain(hops), ["s3://lake/lkc-near/orders"])
    assert (found["catalog.environment_id"], found["catalog.cluster_id"]) == ("env-one", "lkc-near")
    assert parameters(Chain((Hop(1, "table", "my-env-1/pkc-2"),)))["catalog.environment_id"] is None


def test_two_hundred_hops_of_two_thousand_columns_are_held_within_the_limit() -> None:
    chain = wide(200, 2_000)
    found = parameters(chain)
    hops = json.loads(found[CHAIN] or "")
    assert size(found[CHAIN] or "") <= MOST_BYTES
    assert found[TRUNCATED] == "true"
    assert [each["hop"] for each in hops] == list(range(1, len(hops) + 1))
    assert 20 < len(hops) < 200
    fields = hops[1]["schema_fields"]
    assert fields[0] == {"name": "column_0", "type": "decimal(10,2)"}
    assert hops[1]["schema_fields_left_out"] == 2_000 - len(fields)
    assert all(fault("ParametersMapValue", value or "") == "" for value in found.values())


def test_what_fits_is_told_whole_however_wide_it_is() -> None:
    chain = wide(2, 1_400)
    assert size(chain_json(chain.hops).text) > MOST_BYTES * 0.9
    assert len(read(chain)[1]["schema_fields"]) == 1_400
    assert not chain_json(chain.hops).truncated


def test_hops_without_columns_are_dropped_only_where_they_do_not_fit() -> None:
    assert not chain_json(wide(500, 0).hops).truncated
    many = read(wide(5_000, 0))
    assert 500 < len(many) < 1_000
    assert [each["hop"] for each in many] == list(range(1, len(many) + 1))


def test_a_long_query_is_cut_before_a_hop_is_dropped() -> None:
    hops = [Hop(at, "flink_job", f"job_{at}", is_job=True, sql="ü" * 40_000) for at in range(1, 4)]
    found = read(Chain(hops))
    assert [each["sql"][-4:] for each in found] == [" ..."] * 3
    assert all(len(each["sql"].encode()) <= 1_000 for each in found)


def test_a_name_for_which_there_is_no_room_leaves_an_empty_chain_that_says_so() -> None:
    found = parameters(Chain((Hop(1, "table", "x" * 70_000),)))
    assert (found[CHAIN], found[TRUNCATED], found["catalog.source_tables"]) == ("[]", "true", None)


def test_what_the_walk_did_not_reach_is_said_to_be_left_out() -> None:
    assert parameters(SEED._replace(truncated=True))[TRUNCATED] == "true"
    assert parameters(SEED)[TRUNCATED] is None


def test_lists_of_names_hold_the_nearest_ones_whole() -> None:
    hops = tuple(Hop(at, "table", f"{at}-" + "x" * 1_000) for at in range(1, 200))
    names = (parameters(Chain(hops))["catalog.source_tables"] or "").split(",")
    assert 60 < len(names) < 66
    assert names == [hop.name for hop in hops[: len(names)]]


@given(chains(), st.integers(2, 3_000))
@settings(max_examples=500)
def test_a_chain_is_json_within_any_limit_and_holds_the_nearest(chain: Chain, most: int) -> None:
    found = chain_json(chain.hops, most)
    hops = json.loads(found.text)
    assert size(found.text) <= most
    assert [(each["hop"], each["kind"]) for each in hops] == [hop[:2] for hop in chain.hops[: len(hops)]]
    if not found.truncated:
        assert len(hops) == len(chain.hops)
        assert [len(each.get("schema_fields", ())) for each in hops] == [len(hop.fields) for hop in chain.hops]


@given(chains())
@settings(max_examples=300)
def test_every_parameter_is_one_that_aws_takes(chain: Chain) -> None:
    for key, value in parameters(chain).items():
        assert not fault("KeyString", key)
        assert value is None or (value and not fault("ParametersMapValue", value))
