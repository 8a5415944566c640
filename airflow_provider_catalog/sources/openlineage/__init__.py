"""OpenLineage events of any version of the specification: one event, one `Statement`, mostly.

* `event` reads what is new in every event: when, which run, how it ended.
* `stable` reads what stays the same from run to run, the job with its datasets, and remembers it by its bytes.
* `claims` and `lineage` are the two halves of that; `metrics` is what a dataset counts of itself.
* `details` is what belongs to one event alone.
"""

from __future__ import annotations

from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.model.statement import Changes
from airflow_provider_catalog.sources.checks import load, mapping
from airflow_provider_catalog.sources.openlineage import event


def read(envelope: Envelope) -> Changes:
    return Changes(event.statements(mapping(load(envelope.payload), ""), envelope))


def check(envelope: Envelope) -> None:
    """A tenth of the work of reading it."""
    event.check(mapping(load(envelope.payload), ""), envelope)
