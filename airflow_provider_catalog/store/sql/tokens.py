"""Tokens as rows. They are the store's own affair: nothing derives them, and a rebuild leaves them as they are."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Engine

from airflow_provider_catalog.store.protocol import Token
from airflow_provider_catalog.store.sql.dialect import dialect_of, retryable_errors
from airflow_provider_catalog.store.sql.tables import token as table

_NAMING_LOCK = 0x636174616C6F6A
_FIELDS = tuple(table.c[name] for name in Token._fields)


class Tokens:
    """The tokens of one database. See `store.protocol`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._reader = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._dialect = dialect_of(engine)

    def close(self) -> None:
        self._engine.dispose()

    def keep(self, token: Token) -> bool:
        """Under a lock: two that take one name at once must not both get it."""
        live = sa.and_(table.c.revoked_at.is_(None), sa.func.coalesce(table.c.expires_at > token.created_at, sa.true()))
        taken = sa.select(table.c.id).where(sa.or_(table.c.id == token.name, sa.and_(table.c.name == token.name, live)))
        with self._dialect.writing(self._engine, _NAMING_LOCK) as connection:
            if connection.execute(taken).first() is not None:
                return False
            connection.execute(sa.insert(table).values(_row(token)))
        return True

    def list(self) -> Sequence[Token]:
        """In the order in which they were made."""
        return self._read(sa.select(*_FIELDS).order_by(table.c.created_at, table.c.id))

    def find(self, hash_: bytes) -> Token | None:
        return next(iter(self._read(sa.select(*_FIELDS).where(table.c.hash == hash_))), None)

    def revoke(self, id_: str, at: int) -> None:
        """Once: what was revoked stays revoked since then."""
        with self._dialect.writing(self._engine) as connection:
            live = sa.update(table).where(table.c.id == id_, table.c.revoked_at.is_(None))
            connection.execute(live.values(revoked_at=at))

    def used(self, times: Mapping[str, int]) -> None:
        """Never backwards, whichever process is the last to write."""
        moved = sa.update(table).where(
            table.c.id == sa.bindparam("used_id"), sa.func.coalesce(table.c.last_used_at, 0) < sa.bindparam("used_at")
        )
        rows = [{"used_id": id_, "used_at": at} for id_, at in sorted(times.items())]
        if rows:
            with self._dialect.writing(self._engine) as connection:
                connection.execute(moved.values(last_used_at=sa.bindparam("used_at")), rows)

    def _read(self, query: sa.Select[Any]) -> Sequence[Token]:
        with retryable_errors(), self._reader.connect() as connection:
            return [_token(row) for row in connection.execute(query)]


def _row(token: Token) -> dict[str, Any]:
    return {**token._asdict(), "scopes": " ".join(token.scopes), "namespaces": json.dumps(token.namespaces)}


def _token(row: Any) -> Token:
    stored = Token(*row)
    scopes, namespaces = str(stored.scopes).split(), json.loads(str(stored.namespaces))
    return stored._replace(hash=bytes(stored.hash), scopes=tuple(scopes), namespaces=tuple(namespaces))
