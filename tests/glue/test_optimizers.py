from __future__ import annotations

from typing import Any

import pytest

from tests.glue import optimizers
from tests.glue.orders import refusal
from tests.glue.server import GlueServer

ROLE = "arn:aws:iam::111122223333:role/compactor"
PLACE = {"CatalogId": "111122223333", "DatabaseName": "sales", "TableName": "iceberg"}
COMPACTION: dict[str, Any] = {**PLACE, "Type": "compaction"}
TOLD = {"TableOptimizerConfiguration": {"roleArn": ROLE, "enabled": True}}


@pytest.fixture
def iceberg(sales: Any) -> Any:
    given = {"Name": "iceberg", "Parameters": {"table_type": "ICEBERG", "metadata_location": "s3://b/m.json"}}
    sales.create_table(DatabaseName="sales", TableInput=given)
    return sales


def configuration(glue: Any) -> dict[str, Any]:
    found: dict[str, Any] = glue.get_table_optimizer(**COMPACTION)["TableOptimizer"]["configuration"]
    return found


def test_a_table_has_one_optimizer_of_each_type(iceberg: Any) -> None:
    iceberg.create_table_optimizer(**COMPACTION, **TOLD)
    assert refusal(iceberg.create_table_optimizer, **COMPACTION, **TOLD).code == "AlreadyExistsException"
    found = iceberg.get_table_optimizer(**COMPACTION)
    assert found["TableOptimizer"] == {
        "type": "compaction",
        "configuration": TOLD["TableOptimizerConfiguration"],
        "configurationSource": "table",
    }
    retention = {**PLACE, "Type": "retention"}
    assert refusal(iceberg.get_table_optimizer, **retention).code == "EntityNotFoundException"
    iceberg.create_table_optimizer(**retention, **TOLD)


def test_an_update_leaves_what_it_says_nothing_of(iceberg: Any) -> None:
    assert refusal(iceberg.update_table_optimizer, **COMPACTION, **TOLD).code == "EntityNotFoundException"
    iceberg.create_table_optimizer(**COMPACTION, **TOLD)
    strategy = {"icebergConfiguration": {"strategy": "sort"}}
    told = {"roleArn": ROLE, "compactionConfiguration": strategy}
    iceberg.update_table_optimizer(**COMPACTION, TableOptimizerConfiguration=told)
    assert configuration(iceberg) == {"roleArn": ROLE, "enabled": True, "compactionConfiguration": strategy}
    iceberg.delete_table_optimizer(**COMPACTION)
    assert refusal(iceberg.delete_table_optimizer, **COMPACTION).code == "EntityNotFoundException"


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ({"TableName": "orders"}, TOLD["TableOptimizerConfiguration"]),
        ({}, {"enabled": True}),
        ({}, {"roleArn": ROLE, "retentionConfiguration": {}}),
    ],
)
def test_what_glue_refuses_of_an_optimizer(iceberg: Any, place: dict[str, Any], told: dict[str, Any]) -> None:
    request = {**COMPACTION, **place, "TableOptimizerConfiguration": told}
    assert refusal(iceberg.create_table_optimizer, **request).code == "InvalidInputException"


def test_many_are_read_at_once_and_those_that_are_not_there_are_named(server: GlueServer, iceberg: Any) -> None:
    iceberg.create_table_optimizer(**COMPACTION, **TOLD)
    entry = {"catalogId": "111122223333", "databaseName": "sales", "tableName": "iceberg", "type": "compaction"}
    wanted = [entry, {**entry, "type": "retention"}]
    answer = iceberg.batch_get_table_optimizer(Entries=wanted)
    assert [each["tableOptimizer"]["type"] for each in answer["TableOptimizers"]] == ["compaction"]
    assert [(each["type"], each["error"]["ErrorCode"]) for each in answer["Failures"]] == [
        ("retention", "EntityNotFoundException")
    ]


def test_runs_are_told_the_latest_first(server: GlueServer, iceberg: Any) -> None:
    iceberg.create_table_optimizer(**COMPACTION, **TOLD)
    assert iceberg.list_table_optimizer_runs(**COMPACTION)["TableOptimizerRuns"] == []
    for event in ("completed", "failed"):
        optimizers.run(server.state, "sales", "iceberg", "compaction", eventType=event)
    found = iceberg.list_table_optimizer_runs(**COMPACTION)["TableOptimizerRuns"]
    assert [each["eventType"] for each in found] == ["failed", "completed"]
    assert iceberg.get_table_optimizer(**COMPACTION)["TableOptimizer"]["lastRun"]["eventType"] == "failed"
