"""What people said by hand: who, when, what and why; and how one of their edits is taken back.

The store knows who spoke when. What they said then is in the envelope in which they said it, and those are kept for
ever.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from airflow_provider_catalog.errors import CatalogError, NotFoundError
from airflow_provider_catalog.model.codec import subject_from_json
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.model.identity import ColumnId, EntityId
from airflow_provider_catalog.model.masking import mask_prose, masked
from airflow_provider_catalog.model.statement import Claim, Json, Origin
from airflow_provider_catalog.services.edits import KIND, edit, edit_id
from airflow_provider_catalog.services.times import iso
from airflow_provider_catalog.store.protocol import Fact, StatementRow, Store

_MOST = 1_000


class EditedSinceError(CatalogError):
    """Somebody has edited the same since: to undo the older edit would silence the newer one."""

    def __init__(self, actor: str, time: int, subject: EntityId | ColumnId, aspect: str) -> None:
        super().__init__(
            f"{actor} edited {aspect} of {subject} at {iso(time)}, after this edit: undo that one first, or edit anew"
        )
        self.actor = actor
        self.time = time


@dataclass(frozen=True, slots=True)
class Edit:
    """What one person said at one time. Without an `id` it did not come as an edit, and cannot be undone."""

    id: str | None
    actor: str
    time: int
    reason: str | None
    said: tuple[Claim, ...]
    undoes: str | None

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "time": iso(self.time),
            "actor": self.actor,
            "reason": self.reason,
            "said": [_claim_to_json(claim) for claim in self.said],
            "undoes": self.undoes,
        }


def edits(store: Store, subject: EntityId | ColumnId | None = None, *, limit: int = 50) -> tuple[Edit, ...]:
    """Newest first."""
    rows = store.audit(None if subject is None else subject.uid, min(limit, _MOST))
    return tuple(_edit(row, store.envelope(_id_of(row))) for row in rows)


def undo(store: Store, actor: str, which: str, *, reason: str = "") -> Envelope:
    """The edit that restores what people said before the one with this id, of all that it spoke of."""
    envelope = _find(store, which)
    said = _words(envelope).said
    if not said:
        raise NotFoundError("edit", which)
    time = _time_of(store, envelope, said[0])
    before = [_before(store, claim, time) for claim in said]
    return edit(actor, before, reason=reason, undoes=envelope.id.hex())


class _Words(NamedTuple):
    reason: str | None
    said: tuple[Claim, ...]
    undoes: str | None


def _find(store: Store, which: str) -> Envelope:
    try:
        found = store.envelope(bytes.fromhex(which))
    except ValueError:
        found = None
    if found is None or found.kind != KIND:
        raise NotFoundError("edit", which, "GET /edits lists them with their ids")
    return found


def _time_of(store: Store, envelope: Envelope, claim: Claim) -> int:
    """As the store has it: a clock that ran ahead was corrected."""
    rows = store.audit(claim.subject.uid, _MOST)
    found = next((row.time for row in rows if _id_of(row) == envelope.id), None)
    if found is None:
        raise NotFoundError("merged edit", envelope.id.hex(), "it was accepted, and no worker has read it yet")
    return found


def _before(store: Store, claim: Claim, time: int) -> Claim:
    """What people said of the same until then; None, which takes it back, where they said nothing."""
    spans = [fact for fact in store.history(claim.subject.uid, claim.aspect) if fact.origin is Origin.HUMAN]
    last = max(_said_at(spans), default=time)
    if last > time:
        raise EditedSinceError(_who(store, claim, last), last, claim.subject, claim.aspect)
    held = (f.value for f in spans if f.valid_from < time and (f.valid_to is None or f.valid_to >= time))
    return Claim.of(claim.subject, claim.aspect, next(held, None))


def _said_at(spans: Sequence[Fact]) -> Iterator[int]:
    """When it was said for the first time, and for the last."""
    for fact in spans:
        yield from (fact.valid_from, fact.valid_from if fact.last_seen is None else fact.last_seen)


def _who(store: Store, claim: Claim, time: int) -> str:
    rows = store.audit(claim.subject.uid, _MOST)
    return next((_actor(row) for row in rows if row.time == time), "somebody")


def _edit(row: StatementRow, envelope: Envelope | None) -> Edit:
    """Its own word on why is asked last: where nobody can tell what it concerns, it is not told to all."""
    if envelope is None:
        reason = row.details.get("reason")
        return Edit(None, _actor(row), row.time, reason if isinstance(reason, str) else None, (), None)
    return Edit(envelope.id.hex(), _actor(row), row.time, **_words(envelope)._asdict())


def _words(envelope: Envelope) -> _Words:
    """Without the secrets that somebody may have written, as the store has it."""
    document = json.loads(envelope.payload)
    said = tuple(
        Claim.of(subject_from_json(subject), aspect, masked(value, mask_prose))
        for subject, aspect, value in document["claims"]
    )
    reason = document.get("reason")
    return _Words(None if reason is None else mask_prose(reason), said, document.get("undoes"))


def _id_of(row: StatementRow) -> bytes:
    return edit_id(_actor(row), row.time)


def _actor(row: StatementRow) -> str:
    return str(row.details.get("actor", ""))


def _claim_to_json(claim: Claim) -> dict[str, Json]:
    return {"subject": _subject_to_json(claim.subject), "aspect": claim.aspect, "value": claim.value}


def _subject_to_json(subject: EntityId | ColumnId) -> dict[str, Json]:
    named = subject.dataset if isinstance(subject, ColumnId) else subject
    column = subject.name if isinstance(subject, ColumnId) else None
    return {"kind": subject.kind, "id": str(named) if named.namespace else named.name, "column": column}
