"""The store over HTTP, for those who may not reach its database: every call is asked of the API of a catalog's server.

Its token needs the scope `store`. Nothing is made or migrated from here: that is the server's affair.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from typing import TYPE_CHECKING, Any

from airflow_provider_catalog.errors import RejectedError, StoreError
from airflow_provider_catalog.model.codec import statement_to_json
from airflow_provider_catalog.model.envelope import DeadLetter, Envelope
from airflow_provider_catalog.model.parcel import Receipt, to_json
from airflow_provider_catalog.model.statement import Changes
from airflow_provider_catalog.settings import settings
from airflow_provider_catalog.store.calls import CALLS, CHANGES, Call
from airflow_provider_catalog.store.protocol import Accepted, Applied, Store
from airflow_provider_catalog.store.remote import Remote, deliver, packed
from airflow_provider_catalog.store.stream import Tables
from airflow_provider_catalog.store.wire import dumps, loads

if TYPE_CHECKING:
    import httpx

log = logging.getLogger(__name__)
_CONNECT_SECONDS, _ANSWER_SECONDS = 10.0, 60.0
_LONG_SECONDS = 320.0
"""A little longer than the server itself waits for its database."""
_LONG = {"changes", "store/dump", "store/recompute_totals"}
_IDLE_SECONDS = 4.0
"""Less than servers keep an idle connection, so that no call goes into one that is just closed."""


class HttpStore(Store):
    """One object per process is enough; it may be used from several threads. Most of its calls are made below."""

    remote = True

    def __init__(self, url: str, token: str = "") -> None:
        import httpx

        self._remote = Remote.of(url, token).or_token(lambda: settings().ingest_token)
        self._client = httpx.Client(headers=self._remote.headers, limits=httpx.Limits(keepalive_expiry=_IDLE_SECONDS))

    def __repr__(self) -> str:
        return f"HttpStore({self._remote.url!r})"

    def close(self) -> None:
        self._client.close()

    def accept(self, envelopes: Sequence[Envelope]) -> Accepted:
        """What the server refuses it keeps as a dead letter: neither stored nor lost."""
        receipts: list[Receipt] = []

        def send(parcel: Sequence[Envelope]) -> None:
            receipts.append(
                self._ask("envelopes", to_json(parcel, senders=True), lambda answer: Receipt.of(answer, len(parcel)))
            )

        deliver(envelopes, send)
        for reason in [reason for receipt in receipts for _, reason in receipt.refused]:
            log.warning("The catalog refused an envelope, its dead letters have it: %s", reason)
        return Accepted(sum(each.stored for each in receipts), sum(each.duplicates for each in receipts))

    def apply(self, changes: Changes, *, merged_to: int | None = None, rejected: Sequence[DeadLetter] = ()) -> Applied:
        """As they are stated: whoever reads an envelope, here or there, makes the same statements of it."""
        statements = [statement_to_json(statement) for statement in changes.statements]
        document = CHANGES.write(statements, merged_to=merged_to, rejected=rejected, as_stated=True)
        applied: Applied = self._ask("changes", document, lambda answer: Applied(**CHANGES.result.read(answer, "")))
        return applied

    def glance(self) -> AbstractContextManager[None]:
        """The server remembers, and checks for each call."""
        return nullcontext()

    def dump(self) -> Iterator[tuple[str, Iterable[tuple[Any, ...]]]]:
        with self._answer("store/dump", {}) as response:
            yield from Tables(response.iter_bytes())

    def call(self, call: Call, *values: Any, **named: Any) -> Any:
        """Any other one."""
        return self._ask(
            f"store/{call.name}", call.write(*values, **named), lambda answer: call.result.read(answer, "")
        )

    def _ask(self, path: str, document: Any, read: Callable[[Any], Any]) -> Any:
        with self._answer(path, document) as response:
            body = response.read()
        try:
            return read(loads(body))
        except (RejectedError, TypeError, ValueError) as error:
            raise StoreError(f"{self._remote.url} answers what this version cannot read: {error}") from error

    @contextmanager
    def _answer(self, path: str, document: Any) -> Iterator[httpx.Response]:
        """One that is what was asked for; else the error that it stands for."""
        import httpx

        body, headers = packed(dumps(document))
        seconds = httpx.Timeout(_LONG_SECONDS if path in _LONG else _ANSWER_SECONDS, connect=_CONNECT_SECONDS)
        request = self._client.build_request(
            "POST", self._remote.at(path), content=body, headers=headers, timeout=seconds
        )
        try:
            with closing(self._client.send(request, stream=True)) as response:
                self._check(response)
                yield response
        except httpx.RequestError as error:
            raise self._remote.silent(error) from error

    def _check(self, response: httpx.Response) -> None:
        kind = response.headers.get("content-type", "")
        if response.status_code != 200 or "json" not in kind:
            location = response.headers.get("location", "")
            raise self._remote.refusal(response.status_code, kind, response.read(), location)


def _method(call: Call) -> Callable[..., Any]:
    def method(self: HttpStore, *values: Any, **named: Any) -> Any:
        return self.call(call, *values, **named)

    method.__name__, method.__qualname__ = call.name, f"HttpStore.{call.name}"
    return method


for _name, _call in CALLS.items():
    setattr(HttpStore, _name, _method(_call))
