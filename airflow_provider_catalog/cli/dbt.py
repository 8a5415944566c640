"""`dbt`: what the catalog does for a project of dbt. A module for each verb."""

from __future__ import annotations

from airflow_provider_catalog.cli import dbt_coverage, dbt_diff, dbt_ingest, dbt_init, dbt_lineage
from airflow_provider_catalog.cli.options import Subparsers, group

_VERBS = (dbt_init, dbt_ingest, dbt_lineage, dbt_coverage, dbt_diff)


def register(subparsers: Subparsers) -> None:
    verbs = group(subparsers, "dbt", "projects of dbt: connect them, read their runs, look at what they are made of")
    for verb in _VERBS:
        verb.register(verbs)
