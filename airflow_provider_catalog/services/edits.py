"""What people say by hand, as envelopes: they take the same way as everything else, and so survive a rebuild.

One person says one thing at one time: that is what an edit is known by, and how `audit` finds it again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from airflow_provider_catalog.errors import NotFoundError
from airflow_provider_catalog.model.codec import entity, subject_from_json, subject_to_json
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.model.identity import ColumnId, DatasetId, EntityId
from airflow_provider_catalog.model.statement import Claim
from airflow_provider_catalog.services.facts import TAG
from airflow_provider_catalog.services.identity import find_dataset, find_entity
from airflow_provider_catalog.services.naming import dataset_id
from airflow_provider_catalog.services.times import now
from airflow_provider_catalog.store.protocol import Store

KIND = "edit"
UNSETTABLE = {"owner": "ownership", "description": "documentation"}


class Wish(NamedTuple):
    """What a person wants to have said of one thing. None and nothing: as it was. A tag of None is off."""

    description: str | None = None
    owners: Sequence[str] | None = None
    tags: Mapping[str, str | None] = {}
    unset: Sequence[str] = ()
    merge_into: str = ""
    split_from: str = ""


def edit(
    actor: str, claims: Iterable[Claim], time: int | None = None, *, reason: str = "", undoes: str = ""
) -> Envelope:
    """The envelope in which a person says this. `undoes`: the id of the edit that this takes back."""
    moment = now() if time is None else time
    said = [[subject_to_json(claim.subject), claim.aspect, claim.value] for claim in claims]
    document = {"actor": actor, "time": moment, "claims": said}
    document |= {key: text for key, text in (("reason", reason), ("undoes", undoes)) if text}
    return Envelope(
        KIND, json.dumps(document, ensure_ascii=False).encode("utf-8", "replace"), actor, key=_key(actor, moment)
    )


def edit_id(actor: str, time: int) -> bytes:
    """Of the envelope in which this person spoke then."""
    return Envelope(KIND, b"", key=_key(actor, time)).id


def subjects(envelope: Envelope) -> list[EntityId | ColumnId]:
    """What an edit speaks of."""
    return [subject_from_json(subject) for subject, _, _ in json.loads(envelope.payload)["claims"]]


def _key(actor: str, time: int) -> str:
    return f"{time} {actor}"


def subject_of(store: Store, *, dataset: str = "", job: str = "", column: str = "") -> EntityId | ColumnId:
    """What is to be spoken of, if the catalog knows it."""
    if bool(dataset) == bool(job) or (column and job):
        raise ValueError("subject: name one dataset, one column with its dataset, or one job")
    if job:
        found = find_entity(store, job, ("job",))
        return entity(found.kind, found.namespace, found.name)
    node = find_dataset(store, dataset)
    if not column:
        return dataset_id(node)
    named = [ColumnId(dataset_id(member), column) for member in store.members(node.node)]
    if not store.columns([each.uid for each in named]):
        raise NotFoundError("column", f"{dataset_id(node)}#{column}", "`airflow-catalog show` lists those of a dataset")
    return ColumnId(dataset_id(node), column)


def claims_of(store: Store, subject: EntityId | ColumnId, wish: Wish) -> list[Claim]:
    """A wish, word by word."""
    claims = [] if wish.description is None else [described(subject, wish.description)]
    claims += [] if wish.owners is None else [owned_by(subject, wish.owners)]
    for key, value in wish.tags.items():
        claims.append(untagged(subject, key) if value is None else tagged(subject, key, value))
    for what in wish.unset:
        if what not in UNSETTABLE and not what.startswith(TAG):
            raise ValueError(f"unset: {what[:100]!r}: only {', '.join(UNSETTABLE)} and tag:KEY can be taken back")
        claims.append(unset(subject, what))
    claims += merged(store, *_two(store, subject, wish.merge_into)) if wish.merge_into else []
    claims += split(store, *_two(store, subject, wish.split_from)) if wish.split_from else []
    if not claims:
        raise ValueError("nothing is said: give description, owners, tags, unset, merge_into or split_from")
    return claims


def _two(store: Store, subject: EntityId | ColumnId, other: str) -> tuple[DatasetId, DatasetId]:
    if not isinstance(subject, DatasetId):
        raise ValueError("subject: only a dataset is merged with another, or split from it")  # noqa: TRY004  of the wrong kind, not type
    found = dataset_id(find_dataset(store, other))
    if found == subject:
        raise ValueError(f"both are {found}")
    return subject, found


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
