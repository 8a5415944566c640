"""Dead letters as they are shown: what could not be read, who brought it, why not, and how it begins."""

from __future__ import annotations

from typing import Any

from airflow_provider_catalog.model.envelope import DeadLetter
from airflow_provider_catalog.services.times import iso

_HEAD = 200


def letter_to_json(letter: DeadLetter) -> dict[str, Any]:
    envelope = letter.envelope
    return {
        "id": letter.id.hex(),
        "recorded_at": iso(envelope.recorded_at),
        "kind": envelope.kind,
        "producer": envelope.producer,
        "sender": envelope.sender,
        "reason": letter.reason,
        "head": envelope.payload[:_HEAD].decode("utf-8", "replace"),
    }
