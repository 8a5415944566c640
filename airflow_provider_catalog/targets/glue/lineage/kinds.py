"""What a hop of lineage is called: in the words of LineageBridge where they fit, in the catalog's own where not.

Whoever told of a dataset or job may have said what it is; else the platform tells.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from airflow_provider_catalog.model.platforms import BY_SCHEME

JOB = "job"
CONNECTOR, EXTERNAL = "connector", "external_dataset"
TOPIC, TABLE, FILE = "topic", "table", "file"
_STREAMS = frozenset({"kafka", "kinesis", "sqs", "pubsub"})
_CONNECTORS = ("debezium_", "kafka_connect")
_JOBS = {"flink": "flink_job", "ksqldb": "ksqldb_query", "ksql": "ksqldb_query"}
_CLASS = "connector.class"
_FILES = frozenset({"s3", "gs", "abfss", "wasbs", "adl", "oss", "file", "hdfs", "dbfs", "sftp", "ftp"})
_TABLES = frozenset({"glue", "s3tables", "dynamodb"})
"""Beside those whose names have a fixed number of parts."""
_WORD = re.compile(r"[^a-z0-9]+")


def of_dataset(platform: str, said: str = "", more: str = "") -> str:
    """`said` and `more`: type and subtype of its facet datasetType."""
    if "tableflow" in f"{said} {more}".lower():
        return "tableflow_table"
    if said:
        return _WORD.sub("_", said.lower()).strip("_") or EXTERNAL
    if platform in _STREAMS:
        return TOPIC
    if platform in _FILES:
        return FILE
    known = BY_SCHEME.get(platform)
    return TABLE if platform in _TABLES or (known and known.levels) else EXTERNAL


def of_job(job_type: str | None) -> str:
    """`job_type` as the catalog has it: `airflow_task`, `dbt_model`, `spark_sql_job`."""
    kind = job_type or JOB
    if kind.startswith(_CONNECTORS) or kind.endswith("_connector"):
        return CONNECTOR
    return _JOBS.get(kind.partition("_")[0], kind)


def connector_class(details: Mapping[str, Any]) -> str:
    """As Debezium tells its settings in a facet of its runs: lines of `key=value`, or nested by the dots of keys."""
    facets = details.get("facets")
    for facet in facets.values() if isinstance(facets, dict) else ():
        settings = facet.get("configs", facet) if isinstance(facet, dict) else None
        for found in _classes(settings):
            if isinstance(found, str) and found:
                return found
    return ""


def _classes(settings: Any) -> Iterator[Any]:
    if isinstance(settings, dict):
        nested = settings.get("connector")
        yield settings.get(_CLASS) or (nested.get("class") if isinstance(nested, dict) else None)
    elif isinstance(settings, list):
        lines = (str(each).partition("=") for each in settings)
        yield from (value for key, _, value in lines if key == _CLASS)
