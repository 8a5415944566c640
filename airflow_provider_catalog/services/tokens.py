"""Machine tokens: made, listed and revoked by whoever has the store, never over HTTP. `keyring` tells who holds one.

The secret is shown to whoever makes the token, once; what is kept of it is a hash.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection, Iterable
from typing import Any, Literal, TypeAlias

from airflow_provider_catalog.errors import CatalogError, NotFoundError
from airflow_provider_catalog.model.grammar import storable
from airflow_provider_catalog.services.keyring import PREFIX, SCOPES, Keyring, hashed
from airflow_provider_catalog.services.times import iso, maybe_iso, now
from airflow_provider_catalog.store.protocol import Token, Tokens

__all__ = ["MAX_RATE", "PREFIX", "SCOPES", "Keyring", "create", "listed", "revoke", "state", "token_to_json"]

State: TypeAlias = Literal["live", "expired", "revoked"]
MAX_RATE = 1_000
"""Requests a second, of one server process, where nothing else is said."""
_TEXT_LIMIT = 200
_SPAN = re.compile(r"([0-9]{1,9})([smhdw])")
_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}
_CENTURY = 100 * 366 * 86_400


def create(  # noqa: PLR0913  all that a token has
    tokens: Tokens,
    name: str,
    scopes: Collection[str],
    *,
    created_by: str,
    namespaces: Collection[str] = (),
    expires_in: str | None = None,
    max_rate: int = MAX_RATE,
    max_bytes: int | None = None,
) -> tuple[Token, str]:
    """The token and its secret, which nobody can be told again. `expires_in`: as `12h` or `90d`."""
    at, secret = now(), PREFIX + secrets.token_urlsafe(32)
    wanted = _scopes(scopes)
    _refuse_limits(wanted, namespaces)
    token = Token(
        id=secrets.token_hex(4),
        name=_text("name", name),
        hash=hashed(secret),
        scopes=wanted,
        namespaces=tuple(_text("namespace", each) for each in dict.fromkeys(namespaces)),
        max_rate=_positive("rate", max_rate),
        max_bytes=None if max_bytes is None else _positive("size", max_bytes),
        created_at=at,
        created_by=storable(created_by),
        expires_at=None if expires_in is None else at + _span(expires_in),
    )
    if not tokens.keep(token):
        raise CatalogError(f"there is a token {name!r} already: choose another name, or revoke that one first")
    return token, secret


def revoke(tokens: Tokens, id_or_name: str) -> Token:
    """The token as it is now. Of those that have had the name, the one that is live."""
    at, all_ = now(), tokens.list()
    found = [token for token in all_ if token.id == id_or_name]
    found = found or [token for token in all_ if token.name == id_or_name and token.revoked_at is None]
    if not found:
        raise NotFoundError("token", id_or_name, "`airflow-catalog token list` shows those that there are")
    token = max(found, key=lambda token: (token.live(at), token.created_at))
    tokens.revoke(token.id, at)
    return token._replace(revoked_at=token.revoked_at or at)


def listed(tokens: Tokens) -> list[Token]:
    """All there ever were, those that open something first."""
    at = now()
    return sorted(tokens.list(), key=lambda token: not token.live(at))


def state(token: Token) -> State:
    if token.revoked_at is not None:
        return "revoked"
    return "live" if token.live(now()) else "expired"


def token_to_json(token: Token) -> dict[str, Any]:
    """Without the hash, which is of no use to anybody."""
    return {
        "id": token.id,
        "name": token.name,
        "state": state(token),
        "scopes": list(token.scopes),
        "namespaces": list(token.namespaces),
        "max_rate": token.max_rate,
        "max_bytes": token.max_bytes,
        "created_at": iso(token.created_at),
        "created_by": token.created_by,
        "expires_at": maybe_iso(token.expires_at),
        "revoked_at": maybe_iso(token.revoked_at),
        "last_used_at": maybe_iso(token.last_used_at),
    }


def _scopes(stated: Iterable[str]) -> tuple[str, ...]:
    wanted = sorted(set(stated))
    unknown = [scope for scope in wanted if scope not in SCOPES]
    if unknown or not wanted:
        found = f"no scope is named {', '.join(map(repr, unknown))}" if unknown else "a token needs a scope"
        raise CatalogError(f"{found}: give one or more of {', '.join(SCOPES)}")
    return tuple(wanted)


def _refuse_limits(scopes: Collection[str], namespaces: Collection[str]) -> None:
    """A limit that would not hold is worse than none."""
    if namespaces and "store" in scopes:
        raise CatalogError("the scope store lets one use every call of the store: leave out the namespaces, or store")
    if namespaces and "ingest" not in scopes:
        raise CatalogError("namespaces limit what a token sends, not what it reads: leave them out, or add ingest")


def _text(what: str, stated: str) -> str:
    if not stated.isprintable() or stated != stated.strip() or not 0 < len(stated) <= _TEXT_LIMIT:
        raise CatalogError(f"{stated[:50]!r} is no {what}: write 1 to {_TEXT_LIMIT} characters that can be printed")
    return stated


def _positive(what: str, stated: int) -> int:
    if stated < 1:
        raise CatalogError(f"a {what} of {stated} lets nothing in: give at least 1")
    return stated


def _span(stated: str) -> int:
    """In microseconds."""
    found = _SPAN.fullmatch(stated.strip())
    if found is None:
        raise CatalogError(f"{stated!r} is no duration: write how long from now, as 12h, 90d or 52w")
    seconds = int(found[1]) * _SECONDS[found[2]]
    if not 0 < seconds <= _CENTURY:
        when = "at once" if seconds == 0 else "in more than a century: leave it out, so that it never does"
        raise CatalogError(f"a token that lives {stated} expires {when}")
    return seconds * 1_000_000
