"""dbt: what a document of `model.dbt` tells of a project and of one invocation, as `Changes`.

* `warehouse` and `places` say which datasets, jobs and runs nodes are; `parents` which task ran dbt,
* `project` knows the columns of nodes, and reads the SQL of models,
* `words` is what dbt says of things, `nodes` each node as designed, `results` what came of running it,
* `freshness` is how old the data of sources was found to be,
* `artifacts` and `profile` make documents of dbt's files, `exported` those that our macros left elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airflow_provider_catalog.errors import RejectedError
from airflow_provider_catalog.model.dbt import FORMAT, REVISIONS
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.model.statement import Changes
from airflow_provider_catalog.sources.checks import load, mapping
from airflow_provider_catalog.sources.dbt.freshness import freshness
from airflow_provider_catalog.sources.dbt.nodes import Nodes
from airflow_provider_catalog.sources.dbt.parents import parent
from airflow_provider_catalog.sources.dbt.places import Places
from airflow_provider_catalog.sources.dbt.results import Results
from airflow_provider_catalog.sources.timestamps import clamped, instant


def read(envelope: Envelope) -> Changes:
    document = mapping(load(envelope.payload), "")
    if document.get("format") != FORMAT:
        raise RejectedError(f"/format: {document.get('format')!r} is not read here, only {FORMAT}")
    places = Places(document)
    time = clamped(instant(document.get("generated_at"), "/generated_at").micros, envelope.recorded_at)
    nodes = Nodes(places, time + _revision(document))
    results = Results(places, parent(document), envelope.recorded_at)
    return Changes((*nodes.statements(), *results.statements(), *freshness(places, envelope.recorded_at)))


def _revision(document: Mapping[str, Any]) -> int:
    """A microsecond each: two manifests are further from each other."""
    told = document.get("revision")
    return min(max(told, 0), REVISIONS) if isinstance(told, int) else 0
