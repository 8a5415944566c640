"""Lineage: what a dataset is made of, what depends on it, how two are connected, what went wrong before, what changed.

Every question is answered with a bounded number of bulk reads, in the face of cycles and hubs too, and says when there
is more than it shows.
"""

from __future__ import annotations

from airflow_provider_catalog.services.lineage.answer import (
    LineageAnswer,
    LineageNode,
    Total,
    Transformation,
    criticality,
    impact_score,
)
from airflow_provider_catalog.services.lineage.diff import Diff, diff
from airflow_provider_catalog.services.lineage.impact import Impact, impact
from airflow_provider_catalog.services.lineage.links import Link
from airflow_provider_catalog.services.lineage.path import Hop, PathAnswer, path
from airflow_provider_catalog.services.lineage.reach import Filters
from airflow_provider_catalog.services.lineage.root_cause import RootCause, Suspect, root_cause
from airflow_provider_catalog.services.lineage.walk import walk

__all__ = [
    "Diff",
    "Filters",
    "Hop",
    "Impact",
    "LineageAnswer",
    "LineageNode",
    "Link",
    "PathAnswer",
    "RootCause",
    "Suspect",
    "Total",
    "Transformation",
    "criticality",
    "diff",
    "impact",
    "impact_score",
    "path",
    "root_cause",
    "walk",
]
