"""Every noun of the service. To load one is to enter its operations, so these are all there are."""

from __future__ import annotations

from tests.glue import (
    column_statistics,
    crawl_history,
    crawler_schedules,
    crawlers,
    crawls,
    databases,
    jobs,
    optimizers,
    partition_indexes,
    partitions,
    registries,
    schema_metadata,
    schema_versions,
    schemas,
    search,
    statistics_runs,
    tables,
    tags,
    versions,
)
from tests.glue.operations import OPERATIONS

__all__ = [
    "OPERATIONS",
    "column_statistics",
    "crawl_history",
    "crawler_schedules",
    "crawlers",
    "crawls",
    "databases",
    "jobs",
    "optimizers",
    "partition_indexes",
    "partitions",
    "registries",
    "schema_metadata",
    "schema_versions",
    "schemas",
    "search",
    "statistics_runs",
    "tables",
    "tags",
    "versions",
]
