"""What people say by hand, as envelopes: they take the same way as everything else, and so survive a rebuild."""

from __future__ import annotations

import json
from collections.abc import Iterable

from airflow_provider_catalog.model.codec import subject_to_json
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.model.identity import ColumnId, DatasetId, EntityId
from airflow_provider_catalog.model.statement import Claim
from airflow_provider_catalog.services.facts import TAG
from airflow_provider_catalog.services.times import now
from airflow_provider_catalog.store.protocol import Store

KIND = "edit"
UNSETTABLE = {"owner": "ownership", "description": "documentation"}


def edit(actor: str, claims: Iterable[Claim], time: int | None = None) -> Envelope:
    """The envelope in which a person says this."""
    said = [[subject_to_json(claim.subject), claim.aspect, claim.value] for claim in claims]
    document = {"actor": actor, "time": now() if time is None else time, "claims": said}
    return Envelope(KIND, json.dumps(document, ensure_ascii=False).encode("utf-8", "replace"), actor)


def owned_by(subject: EntityId | ColumnId, owners: Iterable[str]) -> Claim:
    return Claim.of(subject, "ownership", {"owners": [{"name": owner, "type": "OWNER"} for owner in owners]})


def described(subject: EntityId | ColumnId, description: str) -> Claim:
    return Claim.of(subject, "documentation", {"description": description})


def tagged(subject: EntityId | ColumnId, key: str, value: str = "") -> Claim:
    return Claim.of(subject, TAG + key, {"key": key, "value": value})


def untagged(subject: EntityId | ColumnId, key: str) -> Claim:
    """The tag is off, whoever else says it is on."""
    return Claim.of(subject, TAG + key, {"removed": True})


def unset(subject: EntityId | ColumnId, what: str) -> Claim:
    """Take one's word back, so that what sources say counts again: `owner`, `description` or `tag:KEY`."""
    return Claim.of(subject, UNSETTABLE.get(what, what), None)


def merged(store: Store, left: DatasetId, right: DatasetId) -> list[Claim]:
    """`left` is `right` from now on; that they were split is taken back."""
    claims = [Claim.of(left, "merged_into", {"namespace": right.namespace, "name": right.name})]
    for one, other in ((left, right), (right, left)):
        aspect = _distinct_from(other)
        if store.facts([one.uid], aspects=(aspect,)):
            claims.append(Claim.of(one, aspect, None))
    return claims


def split(store: Store, left: DatasetId, right: DatasetId) -> list[Claim]:
    """The two are not one, whatever sources say; that they were merged by hand is taken back."""
    claims = [Claim.of(left, _distinct_from(right), {"namespace": right.namespace, "name": right.name})]
    for one, other in ((left, right), (right, left)):
        into = [fact.value for fact in store.facts([one.uid], aspects=("merged_into",)) if isinstance(fact.value, dict)]
        if any(DatasetId(value["namespace"], value["name"]) == other for value in into):
            claims.append(Claim.of(one, "merged_into", None))
    return claims


def same_namespace(left: str, right: str) -> list[Claim]:
    """Every dataset of namespace `left` is the one of the same name in `right`."""
    return [Claim.of(EntityId("namespace", "", left), "alias_of", right)]


def own_namespace(left: str) -> list[Claim]:
    """`left` is no alias any more."""
    return [Claim.of(EntityId("namespace", "", left), "alias_of", None)]


def _distinct_from(dataset: DatasetId) -> str:
    return f"distinct_from:{dataset.namespace}/{dataset.name}"
