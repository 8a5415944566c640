"""Tables registered by a worker while AWS throttles, breaks and forgets to say that it has done what it was asked, and
somebody else edits the same tables all the time.

`CATALOG_GLUE_TABLES=10000 pytest tests/targets/glue/test_ten_thousand.py --timeout 1800` registers so many instead of
five hundred. Each is registered twice: new, and when its schema has changed. What it costs is compared with a run in
which nothing goes wrong. The server is another process, so that memory is that of the writer.
"""

from __future__ import annotations

import os
import threading
import tracemalloc
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from random import Random
from typing import Any, NamedTuple

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from airflow_provider_catalog.errors import TargetUnavailable
from airflow_provider_catalog.store import open_database
from airflow_provider_catalog.store.sql.store import SqlStore
from airflow_provider_catalog.targets.glue.mapping import GlueMapping
from airflow_provider_catalog.targets.glue.service_model import shape
from airflow_provider_catalog.targets.glue.target import Glue
from airflow_provider_catalog.worker.publish import Publisher
from benchmarks.glue import COLUMNS, RULES, Lake
from benchmarks.peers.glue_server import GlueProcess

pytestmark = pytest.mark.slow
TABLES = int(os.environ.get("CATALOG_GLUE_TABLES", "500"))
DATABASES = max(2, TABLES // 500)
TROUBLE = {
    "throttled": 0.12,
    "too_many": 0.04,
    "broken": 0.05,
    "broken_after": 0.04,
    "unavailable": 0.03,
    "bad_gateway": 0.02,
}
"""Three in ten calls."""
ADDED = ("added", "bigint")
MOST_MB = 32
"""Whatever the number of tables."""
CONFLICT = "ConcurrentModificationException"
SAID_OF_TABLES = {"EntityNotFoundException", "AlreadyExistsException"}


class Client:
    """boto3's, with what it asked for and was answered, each try of its own."""

    def __init__(self, glue: GlueProcess) -> None:
        self.refused: Counter[str] = Counter()
        self.calls = 0
        self._lock = threading.Lock()
        place = glue.environment
        self.boto3 = boto3.client(
            "glue",
            endpoint_url=place["AWS_ENDPOINT_URL_GLUE"],
            region_name=place["AWS_DEFAULT_REGION"],
            aws_access_key_id="testing",
            aws_secret_access_key="testing",
            config=Config(retries={"total_max_attempts": 1, "mode": "standard"}, max_pool_connections=16),
        )
        self.boto3.meta.events.register("before-send.glue", self._sent)
        self.boto3.meta.events.register("after-call.glue", self._answered)

    def _sent(self, **_: Any) -> None:
        with self._lock:
            self.calls += 1

    def _answered(self, parsed: dict[str, Any], **_: Any) -> None:
        if code := parsed.get("Error", {}).get("Code"):
            self.refused[code] += 1


class Neighbour(threading.Thread):
    """Writes numbers that go up into parameters, and into comments of the first column: under a lock, as it should be.
    `said` is what it was told that it has written.
    """

    def __init__(self, glue: GlueProcess, places: Sequence[tuple[str, str]]) -> None:
        super().__init__(name="neighbour")
        self.client = Client(glue)
        self.said: dict[tuple[str, str], dict[str, str]] = {}
        self._places = places
        self._random = Random(1)
        self._leave = threading.Event()
        self._known = set(self.client.boto3.meta.service_model.shape_for("TableInput").members)

    def run(self) -> None:
        number = 0
        while not self._leave.is_set():
            number += 1
            self._edit(self._random.choice(self._places), f"note_{number % 3}", str(number))

    def leave(self) -> None:
        self._leave.set()
        self.join()

    def _edit(self, place: tuple[str, str], key: str, value: str) -> None:
        """Whatever goes wrong, at once once more. Tables that are not there yet are left alone."""
        glue, code = self.client.boto3, CONFLICT
        while code:
            code = ""
            try:
                found = glue.get_table(DatabaseName=place[0], Name=place[1])["Table"]
                made, version = self._changed(found, key, value), found["VersionId"]
                glue.update_table(DatabaseName=place[0], TableInput=made, VersionId=version, SkipArchive=True)
            except ClientError as error:
                code = error.response["Error"]["Code"]
                if code == "EntityNotFoundException":
                    return
        self.said.setdefault(place, {}).update({key: value, "": value})

    def _changed(self, found: dict[str, Any], key: str, value: str) -> dict[str, Any]:
        table = {name: each for name, each in found.items() if name in self._known}
        first, *others = table["StorageDescriptor"]["Columns"]
        stored = {**table["StorageDescriptor"], "Columns": [{**first, "Comment": value}, *others]}
        return {**table, "Parameters": {**table["Parameters"], key: value}, "StorageDescriptor": stored}


class Told(NamedTuple):
    """What came of it. `tables` are as Glue has them in the end."""

    client: Client
    tables: dict[tuple[str, str], dict[str, Any]]
    neighbour: Neighbour | None = None
    took_mb: float = 0


def register(store: SqlStore, lake: Lake, client: Client) -> float:
    """As a worker does it that is started again whenever AWS takes nothing: all, and all of it changed. Returns the MB
    that publishing took, besides what the store remembers of what it was told.
    """
    publisher = Publisher(store, Glue(GlueMapping(RULES), lambda _: client.boto3))
    took = []
    for more in ((), (ADDED,)):
        lake.say(range(TABLES), *more)
        before, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        while _waiting(store):
            with suppress(TargetUnavailable):
                publisher.once()
            store.outbox.retry()
        took.append(tracemalloc.get_traced_memory()[1] - before)
    return max(took) / 1e6


def _waiting(store: SqlStore) -> bool:
    (standing,) = store.outbox.standing() or (None,)
    return standing is None or bool(standing.waiting or standing.refused)


def tables_of(glue: GlueProcess) -> dict[tuple[str, str], dict[str, Any]]:
    client = Client(glue).boto3
    databases = [each["Name"] for page in _pages(client, "get_databases") for each in page["DatabaseList"]]
    pages = (page for name in databases for page in _pages(client, "get_tables", DatabaseName=name))
    return {(each["DatabaseName"], each["Name"]): each for page in pages for each in page["TableList"]}


def _pages(client: Any, operation: str, **request: Any) -> Iterator[Any]:
    return iter(client.get_paginator(operation).paginate(**request))


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """Nothing goes wrong, and nobody else is there."""
    url = f"sqlite:///{tmp_path_factory.mktemp('calm') / 'catalog.db'}"
    with GlueProcess() as glue, closing(open_database(url)) as store:
        client = Client(glue)
        register(store, Lake(store, DATABASES), client)
        return Told(client, tables_of(glue))


@pytest.fixture(scope="module")
def rough(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """AWS's own model is read before memory is looked at: once, however many tables there are."""
    url = f"sqlite:///{tmp_path_factory.mktemp('rough') / 'catalog.db'}"
    with GlueProcess() as glue, closing(open_database(url)) as store:
        lake, client = Lake(store, DATABASES), Client(glue)
        neighbour = Neighbour(glue, [lake.place(number) for number in range(TABLES)])
        glue.goes_wrong(TROUBLE, seed=7)
        neighbour.start()
        shape("Table")
        tracemalloc.start()
        try:
            took = register(store, lake, client)
        finally:
            tracemalloc.stop()
            neighbour.leave()
        glue.goes_wrong({})
        return Told(client, tables_of(glue), neighbour, took)


def columns(table: dict[str, Any]) -> list[tuple[str, str]]:
    return [(each["Name"], each["Type"]) for each in table["StorageDescriptor"]["Columns"]]


def test_every_registration_arrives(rough: Told) -> None:
    assert len(rough.tables) == TABLES
    assert [place for place, table in rough.tables.items() if columns(table) != [*COLUMNS, ADDED]] == []


def test_nothing_that_somebody_else_wrote_is_lost(rough: Told) -> None:
    assert rough.neighbour
    said = rough.neighbour.said
    found = {place: rough.tables[place]["Parameters"] | {"": _comment(rough.tables[place])} for place in said}
    assert [place for place in said if not said[place].items() <= found[place].items()] == []


def _comment(table: dict[str, Any]) -> str:
    return str(table["StorageDescriptor"]["Columns"][0]["Comment"])


def test_it_was_as_rough_as_that(rough: Told) -> None:
    """Of all calls so many went wrong, and both met what the other had just written."""
    assert rough.neighbour
    wrong = rough.client.refused.total() - sum(rough.client.refused[code] for code in SAID_OF_TABLES)
    assert wrong > 0.25 * rough.client.calls
    assert len(rough.neighbour.said) > TABLES / 10
    assert rough.client.refused[CONFLICT] > 0


def test_it_takes_at_most_three_times_the_calls(calm: Told, rough: Told) -> None:
    assert calm.client.refused.keys() <= SAID_OF_TABLES
    assert rough.client.calls <= 3 * calm.client.calls


def test_memory_is_bounded(rough: Told) -> None:
    assert rough.took_mb < MOST_MB
