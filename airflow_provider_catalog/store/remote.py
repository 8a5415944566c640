"""A catalog that is reached over HTTP: where it is, how to knock, and what it means when it does not let one in.

For the store over HTTP and for tasks that hand over, so it is standard library only and imports neither client.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from airflow_provider_catalog import __version__, errors
from airflow_provider_catalog.errors import (
    CatalogError,
    ConfigError,
    ForbiddenError,
    RejectedError,
    StoreError,
    StoreUnavailable,
    TooLargeError,
    UnauthenticatedError,
)
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.model.parcel import parcels

PROBLEM = "urn:airflow-catalog:"
"""The type of a problem is this and the name of the error."""
_PROBLEM_TYPE = "application/problem+json"
_OURS_ALONE = {"ConfigError", "TooManyRequestsError", "UnauthenticatedError"}
"""What these say is for whoever runs the server; here it means something else."""
_BUSY = {429, 502, 503, 504}
_WORTH_PACKING = 4_096
_SHOWN = 300
_FORM = "this is no URL of a catalog; it is https://HOST/catalog/"


def is_remote(url: str) -> bool:
    return url.strip().lower().startswith(("http://", "https://"))


@dataclass(frozen=True, slots=True)
class Remote:
    """`url` ends in /catalog, without a token. `option` is the setting to change when it is wrong."""

    url: str
    token: str = field(repr=False)
    option: str

    def __post_init__(self) -> None:
        """Clients that are given what no header can hold repeat it in their errors."""
        if not (self.token.isascii() and self.token.isprintable()):
            raise ConfigError("ingest_token", "it holds characters that no token has")

    @classmethod
    def of(cls, url: str, token: str = "", option: str = "store_url") -> Remote:
        """The token may stand in the URL instead: `https://token:SECRET@host/catalog/`."""
        try:
            parts = urlsplit(url.strip())
            place = _place(parts)
        except ValueError:
            raise ConfigError(option, _FORM) from None
        if not (place and is_remote(url)) or parts.query or parts.fragment:
            raise ConfigError(option, _FORM)
        stated = unquote(parts.password or parts.username or "")
        return cls(f"{parts.scheme}://{place}{parts.path.rstrip('/')}", token.strip() or stated, option)

    def or_token(self, find: Callable[[], str]) -> Remote:
        """With the one of the settings, where none was named."""
        return self if self.token else replace(self, token=find().strip())

    def at(self, path: str) -> str:
        return f"{self.url}/api/v1/{path}"

    @property
    def headers(self) -> dict[str, str]:
        known = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return {"User-Agent": f"airflow-catalog/{__version__}", "Accept": "application/json", **known}

    # -- what went wrong

    def silent(self, error: BaseException) -> StoreUnavailable:
        return StoreUnavailable(f"{self.url} does not answer: {str(error)[:_SHOWN] or type(error).__name__}")

    def no_catalog(self, found: str) -> ConfigError:
        return ConfigError(
            self.option,
            f"{self.url} is no catalog ({found[:_SHOWN]}). It is https://HOST/catalog/, with the path of the"
            " api-server's base_url before /catalog if it has one, and the server needs this package, too",
        )

    def refusal(self, status: int, kind: str, body: bytes, location: str = "") -> CatalogError:
        """The error that an answer without success stands for; errors of the catalog come back as themselves."""
        problem = _problem(body) if kind.startswith(_PROBLEM_TYPE) else {}
        if (known := _known(problem)) is not None:
            return known
        said = str(problem.get("detail") or f"{self.url} answers {status}")[:_SHOWN]
        if 300 <= status < 400:
            return ConfigError(
                self.option, f"{self.url} sends on to {location[:_SHOWN] or 'elsewhere'}: write that URL"
            )
        if status in _MEANINGS:
            return _MEANINGS[status](said)
        if status in _BUSY or (status >= 500 and not problem):
            return StoreUnavailable(said)
        if status >= 500:
            return StoreError(f"{said} ({problem.get('id', '')})")
        return RejectedError(said) if problem and status not in {404, 405} else self.no_catalog(f"{status} {kind}")


def _place(parts: SplitResult) -> str:
    """Host and port, as they stand in a URL; ValueError when the port is none."""
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    return host if parts.port is None else f"{host}:{parts.port}"


def _problem(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _known(problem: dict[str, Any]) -> CatalogError | None:
    name = str(problem.get("type", "")).removeprefix(PROBLEM)
    if name not in _ERRORS:
        return None
    data = problem.get("data")
    return _made(_ERRORS[name], str(problem.get("detail", "")), data if isinstance(data, dict) else {})


def _made(error: type[CatalogError], said: str, data: dict[str, Any]) -> CatalogError:
    """With the words and the data that it had where it was raised."""
    again = error.__new__(error, said)
    vars(again).update(data)
    return again


_ERRORS: dict[str, type[CatalogError]] = {
    name: error
    for name, error in vars(errors).items()
    if isinstance(error, type) and issubclass(error, CatalogError) and name not in _OURS_ALONE
}
_MEANINGS: dict[int, Callable[[str], CatalogError]] = {
    401: lambda said: UnauthenticatedError(
        f"{said}. The token ([catalog] ingest_token, or in the URL) is one that `airflow-catalog token create` printed"
    ),
    403: lambda said: ForbiddenError("this token", f"do that: {said}"),
    413: lambda said: _made(
        TooLargeError, f"{said}: too large. Raise the limit of the proxy before the server", {"size": 0, "limit": 0}
    ),
}


# -- what is sent


def packed(body: bytes) -> tuple[bytes, dict[str, str]]:
    """As it travels, and the headers that say so."""
    stated = {"Content-Type": "application/json"}
    if len(body) < _WORTH_PACKING:
        return body, stated
    return gzip.compress(body, 1, mtime=0), {**stated, "Content-Encoding": "gzip"}


def deliver(envelopes: Sequence[Envelope], send: Callable[[Sequence[Envelope]], None]) -> None:
    """In parcels, and where a server takes less than it usually does, in smaller ones."""
    for parcel in parcels(envelopes):
        _halved(parcel, send)


def _halved(parcel: Sequence[Envelope], send: Callable[[Sequence[Envelope]], None]) -> None:
    try:
        send(parcel)
    except TooLargeError:
        if len(parcel) == 1:
            raise
        middle = len(parcel) // 2
        _halved(parcel[:middle], send)
        _halved(parcel[middle:], send)
