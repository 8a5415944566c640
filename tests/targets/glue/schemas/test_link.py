"""What the catalog is told of a topic and of a table that a schema describes."""

from __future__ import annotations

import pytest

from airflow_provider_catalog.model.identity import DatasetId
from airflow_provider_catalog.targets.glue.schemas.link import Link, events

SAID = {"registry": "events", "schema": "order", "version": 3}
COLUMNS = {"fields": [{"name": "id", "type": "long"}]}
TABLE = DatasetId("s3://lake", "sales/orders")


@pytest.mark.parametrize(
    ("topic", "type_"),
    [
        (DatasetId("kafka://broker:9092", "orders"), "TOPIC"),
        (DatasetId("arn:aws:kinesis:eu-west-1:111122223333", "stream/orders"), "STREAM"),
    ],
)
def test_a_topic_is_what_its_platform_calls_it_and_has_the_columns(topic: DatasetId, type_: str) -> None:
    (event,) = events(Link(SAID, topic), COLUMNS, "2026-01-01T00:00:00+00:00", "ours")
    assert event == {
        "eventTime": "2026-01-01T00:00:00+00:00",
        "producer": "ours",
        "dataset": {
            "namespace": topic.namespace,
            "name": topic.name,
            "facets": {"datasetType": {"datasetType": type_}, "glueSchema": SAID, "schema": COLUMNS},
        },
    }


def test_a_schema_without_fields_says_nothing_of_columns() -> None:
    (event,) = events(Link(SAID, DatasetId("kafka://b:9092", "orders")), None, "2026-01-01T00:00:00+00:00", "ours")
    assert "schema" not in event["dataset"]["facets"]


def test_topic_and_table_name_each_other_and_the_table_keeps_its_columns() -> None:
    topic = DatasetId("kafka://b:9092", "orders")
    first, second = (each["dataset"] for each in events(Link(SAID, topic, TABLE), COLUMNS, "2026-01-01", "ours"))
    assert first["facets"]["glueSchema"] == {**SAID, "table": "s3://lake/sales/orders"}
    assert second["facets"] == {"glueSchema": {**SAID, "topic": "kafka://b:9092/orders"}}
    assert list(events(Link(SAID), COLUMNS, "2026-01-01", "ours")) == []
