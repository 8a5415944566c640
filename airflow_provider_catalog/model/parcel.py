"""Parcels: envelopes on their way over HTTP, as JSON. Written by whoever hands over, tasks too, and read by the server.

An envelope is {kind, payload (base64), key, producer, recorded_at}, and {sender} where one store hands on to another.
Its number is for the server to say, so it does not travel.
"""

from __future__ import annotations

import binascii
from base64 import b64decode, b64encode
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, Self

from airflow_provider_catalog.model.envelope import Envelope

_MOST_BYTES = 8 * 1024 * 1024
_MOST_ENVELOPES = 1_000
_TEXTS = ("kind", "payload", "key", "producer")
_LATEST = 1 << 62


class Receipt(NamedTuple):
    """What became of a parcel. `refused` are places in it, with the reasons; they are dead letters."""

    stored: int
    duplicates: int
    refused: tuple[tuple[int, str], ...] = ()

    def to_json(self) -> dict[str, Any]:
        refused = [{"index": place, "reason": reason} for place, reason in self.refused]
        return {"stored": self.stored, "duplicates": self.duplicates, "refused": refused}

    @classmethod
    def of(cls, document: Any, count: int) -> Self:
        """ValueError unless it accounts for so many envelopes: they may not be thrown away then."""
        try:
            refused = tuple((int(each["index"]), str(each["reason"])) for each in document["refused"])
            receipt = cls(int(document["stored"]), int(document["duplicates"]), refused)
        except (LookupError, TypeError, ValueError):
            raise ValueError("this is no receipt for envelopes") from None
        if (told := receipt.stored + receipt.duplicates + len(refused)) != count:
            raise ValueError(f"a receipt for {told} envelopes, but {count} were sent")
        return receipt


def parcels(envelopes: Sequence[Envelope]) -> Iterator[list[Envelope]]:
    """No larger than a server with the settings it comes with takes, except of one envelope that is."""
    parcel: list[Envelope] = []
    size = 0
    for envelope in envelopes:
        if parcel and (len(parcel) == _MOST_ENVELOPES or size + len(envelope.payload) > _MOST_BYTES):
            yield parcel
            parcel, size = [], 0
        parcel.append(envelope)
        size += len(envelope.payload)
    if parcel:
        yield parcel


def to_json(envelopes: Sequence[Envelope], *, senders: bool = False) -> list[dict[str, Any]]:
    return [_written(envelope) | ({"sender": envelope.sender} if senders else {}) for envelope in envelopes]


def _written(envelope: Envelope) -> dict[str, Any]:
    return {
        "kind": envelope.kind,
        "payload": b64encode(envelope.payload).decode(),
        "key": envelope.key,
        "producer": envelope.producer,
        "recorded_at": envelope.recorded_at,
    }


def from_json(document: Any, sender: str = "") -> list[Envelope]:
    """Of what anybody may have written: ValueError says where it is wrong. Keys of later versions are passed over.

    `sender`: of those that state none.
    """
    if type(document) is not list:
        raise ValueError("/: expected a list of envelopes")
    return [_read(stated, f"/{place}", sender) for place, stated in enumerate(document)]


def _read(stated: Any, at: str, sender: str) -> Envelope:
    if type(stated) is not dict:
        raise ValueError(f"{at}: expected an object")
    kind, payload, key, producer = (_text(stated.get(name, ""), f"{at}/{name}") for name in _TEXTS)
    if not kind:
        raise ValueError(f"{at}/kind: is missing")
    said, recorded_at = _bytes(payload, f"{at}/payload"), _time(stated.get("recorded_at", 0), f"{at}/recorded_at")
    return Envelope(kind, said, producer, recorded_at, key, sender=_text(stated.get("sender", sender), f"{at}/sender"))


def _text(value: Any, at: str) -> str:
    if type(value) is not str:
        raise ValueError(f"{at}: expected a string")
    return value


def _bytes(text: str, at: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"{at}: expected base64") from None


def _time(value: Any, at: str) -> int:
    if type(value) is not int or not 0 <= value < _LATEST:
        raise ValueError(f"{at}: expected microseconds since 1970")
    return value
