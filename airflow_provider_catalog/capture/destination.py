"""Where envelopes go from the spool: into the log of the store, without what the store itself needs to be imported, or
to the catalog's server, which has the store.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from airflow_provider_catalog.errors import ConfigError
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.settings import Settings
from airflow_provider_catalog.store.sql import append

if TYPE_CHECKING:
    from urllib.request import OpenerDirector

_SQLITE = re.compile(r"sqlite(?:\+\w+)?:///(?P<path>[^?]+)")
_PROBLEM_BYTES = 65_536
_POSTGRES = re.compile(r"postgres(?:ql)?(?:\+\w+)?://")


class Destination(Protocol):
    """`accept` returns when all of them are durable, or raises. `seconds` bounds each wait, not their sum."""

    def accept(self, envelopes: Sequence[Envelope], seconds: float) -> None: ...


def destination(chosen: Settings) -> Destination:
    """Where `ingest_url` is set it counts: tasks may not reach the store then."""
    url = chosen.ingest_url or chosen.store_url
    if found := _SQLITE.match(url):
        return SqliteLog(append.log_file(Path(found["path"]).expanduser().absolute()))
    if _POSTGRES.match(url):
        return PostgresLog(_POSTGRES.sub("postgresql://", url, count=1))
    from airflow_provider_catalog.store.remote import is_remote

    if is_remote(url):
        return HttpLog(url, chosen.ingest_token, "ingest_url" if chosen.ingest_url else "store_url")
    raise ConfigError("store_url", "tasks can hand over to sqlite:///, postgresql:// and https:// only")


class SqliteLog:
    """The log's file. It is not made here: whoever migrates the store makes it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def accept(self, envelopes: Sequence[Envelope], seconds: float) -> None:
        import sqlite3

        uri = f"{self._path.as_uri()}?mode=rw"
        with closing(sqlite3.connect(uri, uri=True, timeout=seconds, isolation_level=None)) as connection:
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(append.SQLITE, append.rows(envelopes))
            connection.execute("COMMIT")


class PostgresLog:
    """The log in PostgreSQL, by one statement, which is its own transaction."""

    def __init__(self, url: str) -> None:
        self._url = url

    def accept(self, envelopes: Sequence[Envelope], seconds: float) -> None:
        import psycopg

        limit = f"-c statement_timeout={int(seconds * 1000)} -c lock_timeout={int(seconds * 1000)}"
        with psycopg.connect(
            self._url,
            autocommit=True,
            connect_timeout=max(2, int(seconds)),  # the driver takes no less
            options=limit,
            application_name="airflow-catalog-capture",
        ) as connection:
            columns = [list(column) for column in zip(*append.rows(envelopes), strict=True)]
            connection.execute(append.POSTGRES, (append.APPEND_LOCK, *columns))


class HttpLog:
    """The log behind the catalog's server. Nothing counts as taken that the server has not accounted for, and no other
    host that it may send us to gets the token.
    """

    def __init__(self, url: str, token: str = "", option: str = "ingest_url") -> None:
        from airflow_provider_catalog.store.remote import Remote

        self._remote = Remote.of(url, option=option).or_token(lambda: token)

    def __str__(self) -> str:
        return self._remote.url

    def accept(self, envelopes: Sequence[Envelope], seconds: float) -> None:
        from airflow_provider_catalog.store.remote import deliver

        deliver(envelopes, lambda parcel: self.hand_over(parcel, seconds))

    def hand_over(self, parcel: Sequence[Envelope], seconds: float) -> None:
        """All in one request. What will not pass however often it is tried says what to change."""
        from airflow_provider_catalog.model.parcel import Receipt, to_json
        from airflow_provider_catalog.store.remote import packed

        body, headers = packed(json.dumps(to_json(parcel)).encode())
        answer = self._answer("envelopes", seconds, body, headers)
        try:
            Receipt.of(json.loads(answer), len(parcel))
        except ValueError as error:
            raise self._remote.no_catalog(str(error)) from None

    def health(self, seconds: float) -> str:
        """The version of the server."""
        answer = self._answer("health", seconds)
        try:
            return str(json.loads(answer)["version"])
        except (LookupError, TypeError, ValueError):
            raise self._remote.no_catalog("it does not tell its version") from None

    def _answer(
        self, path: str, seconds: float, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> bytes:
        from http.client import HTTPException
        from urllib.error import HTTPError
        from urllib.request import Request

        stated = {**self._remote.headers, **(headers or {})}
        request = Request(self._remote.at(path), body, stated)  # noqa: S310  it is http or https
        try:
            with _opener().open(request, timeout=seconds) as response:
                answer: bytes = response.read()
        except HTTPError as error:
            with error:
                kind, location = error.headers.get("Content-Type", ""), error.headers.get("Location", "")
                raise self._remote.refusal(error.code, kind, error.read(_PROBLEM_BYTES), location) from None
        except (OSError, HTTPException) as error:
            raise self._remote.silent(error) from None
        return answer


def _opener() -> OpenerDirector:
    """It stays where it is: with a redirect it would take the token along."""
    from urllib.request import HTTPRedirectHandler, build_opener

    class Staying(HTTPRedirectHandler):
        def redirect_request(self, *_: Any, **__: Any) -> None:
            return None

    return build_opener(Staying)
