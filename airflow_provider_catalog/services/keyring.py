"""Who holds a token: asked at every request of a machine, in the server's one event loop, and so answered from memory.

What is remembered counts for a few seconds, so a token that was revoked opens nothing after that, in any process. A
secret is looked up by the hash of its 256 random bits: how long that takes tells nothing about any other secret, so
there is nothing that would have to be compared in constant time.
"""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeVar

from airflow_provider_catalog.errors import TooManyRequestsError, UnauthenticatedError
from airflow_provider_catalog.services.caller import Caller, Right
from airflow_provider_catalog.services.times import iso, now
from airflow_provider_catalog.store.protocol import Token, Tokens

log = logging.getLogger(__name__)
PREFIX = "catalog_"
SCOPES: dict[str, frozenset[Right]] = {
    "ingest": frozenset({"ingest"}),
    "metrics": frozenset({"metrics"}),
    "read": frozenset({"read"}),
    "store": frozenset({"store", "read", "ingest", "metrics"}),
}
"""What each lets its holder do. None lets anybody write: an edit is a person's word."""

T = TypeVar("T")
_FORM = re.compile(PREFIX + r"[A-Za-z0-9_-]{43}")
_SECONDS = 3.0
_MOST = 10_000
_MINUTE = 60_000_000
_ADVICE = "make one with `airflow-catalog token create`"


def hashed(secret: str) -> bytes:
    return sha256(secret.encode()).digest()


class Keyring:
    """One per process; any number of threads may ask. `clock` counts seconds, `today` tells the moment."""

    def __init__(
        self, tokens: Tokens, *, clock: Callable[[], float] = time.monotonic, today: Callable[[], int] = now
    ) -> None:
        self._tokens = tokens
        self._clock = clock
        self._today = today
        self._lock = threading.Lock()
        self._held: dict[bytes, _Held] = {}
        self._refused: dict[bytes, tuple[float, str]] = {}
        self._uses = _Uses(tokens)

    def remembered(self, secret: str) -> Caller | None:
        """At once. None: the store must be asked, by `caller`."""
        key = _key(secret)
        with self._lock:
            self._refuse_again(key)
            held = self._held.get(key)
            return self._admitted(held) if held is not None and self._clock() < held.fresh_until else None

    def caller(self, secret: str) -> Caller:
        """Asks the store."""
        key = _key(secret)
        with self._lock:
            self._refuse_again(key)
        asked = self._clock()
        token = self._tokens.find(key)
        with self._lock:
            held = self._learned(key, token, asked + _SECONDS)
            caller = self._admitted(held)
            due = held.due(self._today())
        if due:
            self._uses.add(held.token.id, held.noted_at)
        return caller

    def close(self) -> None:
        """What is being written is written first."""
        self._uses.close()

    def _refuse_again(self, key: bytes) -> None:
        """A flood of one wrong token is no flood of questions to the store."""
        until, problem = self._refused.get(key, (None, ""))
        if until is not None and self._clock() < until:
            raise UnauthenticatedError(problem)

    def _learned(self, key: bytes, token: Token | None, until: float) -> _Held:
        held = self._held.pop(key, None)
        if token is None or not token.live(self._today()):
            problem = _problem(token)
            _put(self._refused, key, (until, problem))
            raise UnauthenticatedError(problem)
        held = held or _Held(token, _caller(token), _Rate(token.max_rate, self._clock()))
        held.fresh_until = until
        held.noted_at = max(held.noted_at, token.last_used_at or 0)
        _put(self._held, key, held)
        return held

    def _admitted(self, held: _Held) -> Caller:
        token = held.token
        if not token.live(self._today()):
            raise UnauthenticatedError(_problem(token))
        if wait := held.rate.take(self._clock()):
            raise TooManyRequestsError(f"the token {token.name} may ask {token.max_rate} times a second", wait)
        return held.caller


class _Rate:
    """Requests a second; those of one second may come at once."""

    def __init__(self, most: int, at: float) -> None:
        self._most = most
        self._left = float(most)
        self._at = at

    def take(self, at: float) -> float:
        """How many seconds it is too early; 0: there was room, which is taken."""
        self._left = min(self._most, self._left + (at - self._at) * self._most)
        self._at = at
        if self._left < 1:
            return (1 - self._left) / self._most
        self._left -= 1
        return 0.0


@dataclass(slots=True)
class _Held:
    """A token that opens something, as the store had it last."""

    token: Token
    caller: Caller
    rate: _Rate
    fresh_until: float = 0.0
    noted_at: int = 0

    def due(self, at: int) -> bool:
        """Whether it is time again to write down that it is used."""
        if at - self.noted_at < _MINUTE:
            return False
        self.noted_at = at
        return True


class _Uses:
    """When tokens were last used, written by a thread that ends when all is written.

    A store that is busy, or away, holds up no request with this, and no thread that answers one.
    """

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self._lock = threading.Lock()
        self._times: dict[str, int] = {}
        self._writer: threading.Thread | None = None

    def add(self, id_: str, at: int) -> None:
        with self._lock:
            self._times[id_] = at
            if self._writer is None:
                self._start()

    def close(self) -> None:
        writer = self._writer
        if writer is not None:
            writer.join()

    def _start(self) -> None:
        """Where no more threads can be had, whoever comes next tries again."""
        writer = threading.Thread(target=self._write, name="catalog-token-uses", daemon=True)
        with suppress(RuntimeError):
            writer.start()
            self._writer = writer

    def _write(self) -> None:
        while times := self._next():
            try:
                self._tokens.used(times)
            except Exception:
                log.warning("When tokens were last used could not be written down", exc_info=True)

    def _next(self) -> dict[str, int]:
        with self._lock:
            times, self._times = self._times, {}
            if not times:
                self._writer = None
            return times


def _key(secret: str) -> bytes:
    if not _FORM.fullmatch(secret):
        raise UnauthenticatedError(f"this is no token of the catalog, or was not copied as a whole: {_ADVICE}")
    return hashed(secret)


def _problem(token: Token | None) -> str:
    """Only whoever has the secret is told anything about the token."""
    if token is None:
        return f"no such token: it was made for another catalog, or never; {_ADVICE}"
    if token.revoked_at is not None:
        return f"the token {token.name} was revoked at {iso(token.revoked_at)}: {_ADVICE}"
    return f"the token {token.name} expired at {iso(token.expires_at or 0)}: {_ADVICE}"


def _caller(token: Token) -> Caller:
    """A scope of a newer version opens nothing here."""
    rights = frozenset[Right]().union(*(SCOPES.get(scope, frozenset()) for scope in token.scopes))
    return Caller(f"token:{token.name}", rights, namespaces=token.namespaces, max_bytes=token.max_bytes)


def _put(memory: dict[bytes, T], key: bytes, value: T) -> None:
    """The oldest goes when there are too many."""
    memory.pop(key, None)
    memory[key] = value
    if len(memory) > _MOST:
        del memory[next(iter(memory))]
