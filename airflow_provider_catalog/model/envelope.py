"""Envelopes: everything that comes in, kept as it came before anybody reads it."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b


@dataclass(frozen=True, slots=True)
class Envelope:
    """A payload as it came. `key` is what makes a second delivery the same one; without it the payload itself does.

    `sender`: who sent it over HTTP, as the server knew them; empty where it came another way.
    """

    kind: str
    payload: bytes
    producer: str = ""
    recorded_at: int = 0
    key: str = ""
    seq: int = 0
    sender: str = ""

    @property
    def id(self) -> bytes:
        hasher = blake2b(self.kind.encode(), digest_size=16)
        hasher.update(b"\0")
        hasher.update(self.key.encode() if self.key else self.payload)
        return hasher.digest()


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An envelope that could not become a statement, with the reason and enough of it to see why."""

    envelope: Envelope
    reason: str
    envelope_id: bytes = b""

    @property
    def id(self) -> bytes:
        """Of the whole envelope, also when only its head is at hand."""
        return self.envelope_id or self.envelope.id

    @property
    def refused(self) -> bool:
        """Whoever sent it may not say it: it was never accepted, and reading it again makes that no better."""
        return bool(self.envelope.sender) and not self.envelope.seq
