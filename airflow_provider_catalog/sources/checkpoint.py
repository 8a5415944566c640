"""Checkpoints: statements as the store wrote them into its own log, with the ids they had.

Nobody else writes this kind, so it is trusted; what comes from outside is of kind "statements".
"""

from __future__ import annotations

from airflow_provider_catalog.model import codec
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.model.statement import Changes
from airflow_provider_catalog.sources.checks import load, mapping


def read(envelope: Envelope) -> Changes:
    return Changes(tuple(codec.checkpoint_from_json(dict(mapping(load(envelope.payload), "")))))
