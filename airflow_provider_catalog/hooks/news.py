"""Whether the catalog would learn anything from an envelope."""

from __future__ import annotations

from airflow_provider_catalog import sources
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.model.statement import EXISTENCE
from airflow_provider_catalog.store.protocol import Store


def is_news(store: Store, envelope: Envelope, producer: str) -> bool:
    """Not where it was told the same by this producer. That a thing exists is nobody's word alone."""
    claims = [claim for statement in sources.read(envelope).statements for claim in statement.content.claims]
    facts = store.facts(list({each.subject.uid for each in claims}), aspects={each.aspect for each in claims})
    told = (each for each in facts if each.producer == producer or each.aspect == EXISTENCE)
    known = {(each.subject, each.aspect): each.value for each in told}
    return any(known.get((each.subject.uid, each.aspect)) != each.value for each in claims)
