"""`[catalog] namespace_aliases` into the catalog, as the word of a source called "settings"."""

from __future__ import annotations

import json
from collections.abc import Mapping

from airflow_provider_catalog.model.codec import statement_to_json
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.model.identity import EntityId
from airflow_provider_catalog.model.statement import Claim, Content, Statement
from airflow_provider_catalog.services.times import now
from airflow_provider_catalog.store.protocol import Store

PRODUCER = "settings"
_ASPECT = "alias_of"
_PAGE = 1000


def declare(store: Store, aliases: Mapping[str, str]) -> bool:
    """Say what the settings say, if that is not what they said before; what they no longer say is taken back."""
    stated = _stated(store)
    changed = {
        name: aliases.get(name) for name in stated.keys() | aliases.keys() if stated.get(name) != aliases.get(name)
    }
    if not changed:
        return False
    claims = [Claim.of(EntityId("namespace", "", name), _ASPECT, target) for name, target in changed.items()]
    statement = Statement(PRODUCER, now(), content=Content.of(claims))
    store.accept([Envelope("statements", json.dumps([statement_to_json(statement)]).encode(), PRODUCER)])
    return True


def _stated(store: Store) -> dict[str, str]:
    """The aliases the settings stated last."""
    names: dict[int, str] = {}
    while page := store.scan("namespace", after=max(names, default=0), limit=_PAGE):
        names.update({entity.uid: entity.name for entity in page})
    facts = store.facts(list(names), aspects=(_ASPECT,)) if names else []
    return {names[fact.subject]: str(fact.value) for fact in facts if fact.producer == PRODUCER}
