"""No text from outside breaks anything: whatever it is, it is found, not found, or refused, on every database.

On PostgreSQL a NUL in a parameter is an error, as is half a surrogate pair. Neither gets there: names are looked for by
their hashes, and prefixes are cleaned first.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote, urlencode

import orjson
import pytest

from airflow_provider_catalog.errors import NotFoundError
from airflow_provider_catalog.services.identity import find_entity, resolve
from airflow_provider_catalog.services.job import describe_run
from airflow_provider_catalog.services.lineage import impact, walk
from airflow_provider_catalog.services.search import search, suggest
from airflow_provider_catalog.store import open_store
from tests.api.asking import PREFIX, reader
from tests.api.questions import QUESTIONS, furnish
from tests.api.test_schemas import ROUTES

pytestmark = pytest.mark.timeout(900)
_LONG = 4_000
_MANY = (
    "a",
    "%25",
    "_",
    "\\",
    "/",
    ".",
    ":",
    "%23",
    "'",
    "(",
    "[",
    "{",
    "*",
    "%0A",
    "%20",
    "%C3%A9",
    "%F0%9F%A6%84",
    "%00",
)
_REPEATED = (*_MANY, "*a", "a.", "a/", "../", "://", "%252F", "[!a]", "(a%2B)%2B", "9")
TEXTS = (
    *(Path(__file__).parents[1] / "golden" / "api" / "hostile_texts.txt").read_text(encoding="utf-8").splitlines(),
    *(each * (_LONG // len(unquote(each))) for each in _REPEATED),
    "9" * (_LONG - 1) + "d",
    "a" * (_LONG + 1),
)
"""As they travel."""
NUMBERS = (
    *(
        "0",
        "-1",
        "1.5",
        "1e3",
        "nan",
        "inf",
        "-inf",
        "0x10",
        "1_0",
        "",
        "%201%20",
        "%00",
        "%D9%A1",
        "true",
        "null",
        "None",
    ),
    *(str(2**63), str(-(2**63) - 1), str(2**64), "9" * 400, "9" * 5_000, "-" + "9" * 5_000, "1e400"),
)
SURROGATES = ("\ud800", "\udfff", "orders\udc00", "a" * 3_999 + "\ud800", "s3://\ud800/\udc00", "\x00\ud800")


class Parameter(NamedTuple):
    """Where a text can come in: the route, its other parameters, and its name."""

    path: str
    others: dict[str, Any]
    name: str

    def asked(self, text: str) -> tuple[str, bytes]:
        """The path, as servers decode it, and the query, as it travels."""
        if f"{{{self.name}}}" in self.path:
            return PREFIX + self.path.replace(f"{{{self.name}}}", unquote(text)), b""
        others = urlencode({name: value for name, value in self.others.items() if name != self.name})
        return PREFIX + self.path, f"{others}&{self.name}={text}".encode()


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A store of each kind, that holds what there is to find."""
    if request.param == "sqlite":
        made = f"sqlite:///{tmp_path_factory.mktemp('hostile') / 'catalog.db'}"
    else:
        made = request.getfixturevalue("postgres_server").create_database(f"hostile_{uuid.uuid4().hex}")
    furnish(made)
    return made


@pytest.fixture(scope="module")
def app(url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with reader(url, tmp_path_factory.mktemp("reader")) as client:
        yield client.app


def parameters(app: Any, type_: str) -> list[Parameter]:
    """Those of our routes that take such a type."""
    asked = {question.path: question.params for question in reversed(QUESTIONS)}
    return [
        Parameter(route.path_format, asked.get(route.path, {}), each["name"])
        for route in ROUTES.values()
        for each in app.openapi()["paths"][PREFIX + route.path_format]["get"]["parameters"]
        if type_ in types_of(each["schema"])
    ]


def types_of(schema: dict[str, Any]) -> set[str]:
    within = schema.get("anyOf", ()) or ([schema["items"]] if "items" in schema else ())
    return {str(schema.get("type"))}.union(*map(types_of, within))


async def answered(app: Any, path: str, query: bytes) -> tuple[int, bytes]:
    """Straight from the application: a client of HTTP takes longer than all the rest."""
    status, body = 0, b""

    async def receive() -> dict[str, Any]:
        return {"type": "http.request"}

    async def send(message: dict[str, Any]) -> None:
        nonlocal status, body
        status, body = message.get("status", status), body + message.get("body", b"")

    scope = {"type": "http", "method": "GET", "path": path, "query_string": query, "headers": [], "app": app}
    await app({**scope, "http_version": "1.1", "root_path": "", "scheme": "http", "state": {}}, receive, send)
    return status, body


def refused(app: Any, some: Sequence[Parameter], texts: Sequence[str]) -> list[str]:
    """What is answered by none of what a text from outside may be answered by."""

    async def ask_all() -> list[str]:
        found = []
        for parameter, text in product(some, texts):
            status, body = await answered(app, *parameter.asked(text))
            known = orjson.loads(body) if body else None
            if status not in {200, 404, 422} or not isinstance(known, dict) or known.get("status", 200) != status:
                found.append(f"{parameter.path}?{parameter.name}={text[:50]!r}: {status} {body[:200]!r}")
        return found

    return asyncio.run(ask_all())


def test_there_are_enough_of_them() -> None:
    assert len(set(TEXTS)) == len(TEXTS) > 100


@pytest.mark.slow
def test_no_text_breaks_a_route(app: Any) -> None:
    some = [each for each in parameters(app, "string") if each.name != "fields"]
    assert len(some) > 40
    assert refused(app, some, TEXTS) == []


def test_no_field_that_is_asked_for_breaks_an_answer(app: Any) -> None:
    (some,) = [each for each in parameters(app, "string") if (each.path, each.name) == ("/lineage", "fields")]
    assert refused(app, [some], TEXTS) == []


@pytest.mark.parametrize("type_", ["integer", "number", "boolean"])
def test_no_text_breaks_a_number(app: Any, type_: str) -> None:
    some = parameters(app, type_)
    assert some
    assert refused(app, some, NUMBERS) == []


@pytest.mark.parametrize("text", SURROGATES, ids=lambda text: ascii(text[-12:]))
def test_half_a_surrogate_pair_breaks_no_service(url: str, text: str) -> None:
    """Over HTTP none arrives, since servers decode it to something else. Programs may have one."""
    with closing(open_store(url)) as store:
        for ask in (walk, impact, resolve, find_entity, describe_run):
            with pytest.raises(NotFoundError):
                ask(store, text)
        assert orjson.loads(orjson.dumps(suggest(store, text).to_json()))["suggestions"] == []
        assert orjson.loads(orjson.dumps(search(store, text).to_json()))["results"] == []
