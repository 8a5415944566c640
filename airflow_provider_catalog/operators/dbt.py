"""Operators of dbt: by one name, whichever module they are in."""

from __future__ import annotations

from airflow_provider_catalog.operators.dbt_artifacts import DbtArtifactsIngestOperator
from airflow_provider_catalog.operators.dbt_harvest import DbtHarvestOperator

__all__ = ("DbtArtifactsIngestOperator", "DbtHarvestOperator")
