"""What was read before is not read again: the same answers, at a fraction of the cost, in bounded memory."""

from __future__ import annotations

import json
import resource
from functools import partial
from threading import Thread
from time import process_time
from typing import Any

import orjson
import pytest

from airflow_provider_catalog.model import codec
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.model.identity import ColumnId, DatasetId
from airflow_provider_catalog.model.statement import Changes
from airflow_provider_catalog.sources import read
from airflow_provider_catalog.sources.openlineage import stable
from airflow_provider_catalog.sources.openlineage.memo import Memo
from airflow_provider_catalog.store import open_store

NAMESPACE = "postgres://db.example.com:5432"
COLUMNS = [f"column_{i}" for i in range(20)]
TABLES = ["warehouse.raw.job_0", "warehouse.raw.job_1", "warehouse.mart.job"]


def event(run: int, job: str = "job") -> bytes:
    """Two inputs, an output, 20 columns each, 30 column edges: what a SQL task sends, 10 KB."""
    schema = {
        "_producer": "p",
        "fields": [{"name": name, "type": "character varying", "fields": []} for name in COLUMNS],
    }
    sources = [f"warehouse.raw.{job}_{i}" for i in range(2)]
    fields: dict[str, Any] = {name: {"inputFields": []} for name in COLUMNS}
    for i in range(30):
        source = {"namespace": NAMESPACE, "name": sources[i // 20], "field": COLUMNS[i % 20], "transformations": []}
        fields[COLUMNS[i % 20]]["inputFields"].append(source)
    document = {
        "eventType": "COMPLETE",
        "eventTime": f"2024-05-01T{run // 3600 % 24:02d}:{run // 60 % 60:02d}:{run % 60:02d}.5Z",
        "producer": "https://github.com/apache/airflow/tree/providers-openlineage/2.20.3",
        "run": {
            "runId": f"run-{run}",
            "facets": {"parent": {"run": {"runId": "p"}, "job": {"namespace": "n", "name": "d"}}},
        },
        "job": {"namespace": "prod", "name": job, "facets": {"sql": {"query": f"INSERT INTO t SELECT {run}"}}},
        "inputs": [{"namespace": NAMESPACE, "name": name, "facets": {"schema": schema}} for name in sources],
        "outputs": [
            {
                "namespace": NAMESPACE,
                "name": f"warehouse.mart.{job}",
                "facets": {"schema": schema, "columnLineage": {"fields": fields}},
                "outputFacets": {"outputStatistics": {"rowCount": run}},
            }
        ],
    }
    return json.dumps(document).encode()


def test_a_run_of_a_known_job_shares_what_is_known_of_it() -> None:
    first, second = (read(Envelope("openlineage", event(run))).statements[0] for run in (1, 2))
    assert first.content is second.content
    assert first.lineage is second.lineage
    assert first.id != second.id
    assert len(first.lineage.columns) == 30


@pytest.fixture
def forgetful(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Only the ids of what was read are remembered; gives what was read, as often as it was."""
    told: list[bytes] = []
    first = stable._first

    def counted(key: bytes, raw: bytes, document: dict[str, Any]) -> stable.Stable:
        told.append(key)
        return first(key, raw, document)

    monkeypatch.setattr(stable, "_first", counted)
    monkeypatch.setattr(stable, "_remembered", Memo[stable.Stable](budget=0))
    monkeypatch.setattr(stable, "_ids", Memo[bytes](budget=100_000))
    return told


def test_what_is_known_by_its_ids_is_read_again_when_somebody_asks(forgetful: list[bytes]) -> None:
    first, second = (read(Envelope("openlineage", event(run))).statements[0] for run in (1, 2))
    assert len(forgetful) == 1
    assert (second.content, second.lineage) == (first.content, first.lineage)
    assert second.content
    assert second.lineage
    assert len(forgetful) == 1
    assert codec.statement_to_json(second)["lineage"] == codec.statement_to_json(first)["lineage"]
    assert second.content.claims == first.content.claims
    assert second.content.rows == first.content.rows
    assert len(forgetful) == 2


def test_what_the_store_knows_nobody_asks_for(forgetful: list[bytes], store_url: str) -> None:
    store = open_store(store_url)

    def merge(*runs: int) -> None:
        statements = [read(Envelope("openlineage", event(run))).statements[0] for run in runs]
        store.apply(Changes(tuple(statements)))

    merge(1)
    before = len(forgetful)
    merge(3, 4)
    merge(5)
    assert len(forgetful) == before
    assert (store.status().statements, store.status().columns) == (4, 60)
    edges = store.edges([ColumnId(DatasetId(NAMESPACE, name), COLUMNS[0]).uid for name in TABLES], level="column")
    assert {edge.last_seen for edge in edges} == {None}
    heard = store.heard({edge.job for edge in edges})
    assert list(heard.values()) == [read(Envelope("openlineage", event(5))).statements[0].time]
    store.close()


def test_another_store_asks_for_what_it_does_not_know(forgetful: list[bytes], store_url: str) -> None:
    read(Envelope("openlineage", event(1)))
    again = read(Envelope("openlineage", event(1))).statements[0]
    store = open_store(store_url)
    store.apply(Changes((again,)))
    assert len(forgetful) == 2
    assert (store.status().columns, store.status().column_edges) == (60, 30)
    store.close()


def test_documents_without_claims_or_lineage_are_known_by_heart(forgetful: list[bytes]) -> None:
    bare = {"eventTime": "2024-05-01T00:00:00Z", "run": {"runId": "r"}, "job": {"namespace": "n", "name": "j"}}
    first, second = (read(Envelope("openlineage", json.dumps(bare).encode())).statements[0] for _ in range(2))
    assert not second.content
    assert not second.lineage
    assert second.id == first.id
    assert len(forgetful) == 1


def test_a_known_job_costs_a_few_times_its_parsing() -> None:
    events = [Envelope("openlineage", event(run)) for run in range(300)]
    costs = [[_seconds(each, events) for each in (_parse, read)] for _ in range(7)]
    parse, whole = (min(cost) for cost in zip(*costs, strict=True))
    assert whole < 20 * parse  # of one seen for the first time it is some hundred


def _parse(envelope: Envelope) -> None:
    orjson.loads(envelope.payload)


def _seconds(what: Any, events: list[Envelope]) -> float:
    started = process_time()
    for envelope in events:
        what(envelope)
    return process_time() - started


@pytest.mark.parametrize("number", [1.5e-7, 1e16, 1e17, -1e-5, 5e-324, 1.7e308, 0.0001, 123456789.25, 0.0, -0.0])
def test_numbers_are_written_as_the_codec_writes_them(number: float) -> None:
    facets = {"acme": {"number": number}}
    document = {"eventTime": "2024-05-01T00:00:00Z", "run": {"runId": "r", "facets": facets}}
    document["job"] = {"namespace": "n", "name": "j"}
    details = read(Envelope("openlineage", json.dumps(document).encode())).statements[0].details
    assert details == codec.details({"facets": facets})


def test_the_memory_of_what_was_read_is_bounded_by_its_bytes() -> None:
    memo = Memo[bytes](budget=100)
    documents = [b"%010d" % i for i in range(15)]
    read = [document for document in (*documents, *documents[5:]) if _is_read(memo, document)]
    assert read == documents
    assert _is_read(memo, documents[0])
    assert _is_read(memo, documents[5])
    assert not _is_read(memo, documents[14])


def test_what_is_as_large_as_the_memory_is_not_kept() -> None:
    memo = Memo[bytes](budget=100)
    assert [_is_read(memo, b"x" * 50) for _ in range(2)] == [True, True]


def _is_read(memo: Memo[bytes], document: bytes) -> bool:
    """Whether it has to be read, because the memory does not have it."""
    fresh = document + b"!"
    return memo(document, lambda: fresh) is fresh


def test_threads_may_ask_at_once() -> None:
    memo = Memo[int](budget=500)
    wrong: list[int] = []

    def ask() -> None:
        numbers = [i % 97 for i in range(3_000)]
        wrong.extend(i for i in numbers if memo(b"%d" % i, partial(int, i)) != i)

    threads = [Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.parametrize("place", ["run", "job", "dataset", "sql", "documentation", "schema"])
def test_ten_megabytes_are_read_in_time_and_memory_of_their_size(place: str) -> None:
    size = 10 * 1024 * 1024
    large: dict[str, Any] = {"acme": {"text": "password=x " * (size // 11)}}
    facets = {
        "sql": {"sql": {"query": "select password = 'x', " * (size // 23)}},
        "documentation": {"documentation": {"description": "key " * (size // 4)}},
        "schema": {
            "schema": {
                "fields": [{"name": f"column_{i}", "type": "varchar", "description": "a key"} for i in range(100_000)]
            }
        },
    }
    wanted = facets.get(place, large)
    side = {"run": "run", "job": "job", "sql": "job"}.get(place, "dataset")
    document = {
        "eventTime": "2024-05-01T00:00:00Z",
        "run": {"runId": "r", "facets": wanted if side == "run" else {}},
        "job": {"namespace": "n", "name": "j", "facets": wanted if side == "job" else {}},
        "inputs": [{"namespace": "s3://b", "name": "k", "facets": wanted if side == "dataset" else {}}],
    }
    payload = json.dumps(document).encode()
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, process_time()
    statement = read(Envelope("openlineage", payload)).statements[0]
    assert process_time() - started < 20  # a second of an idle machine
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20 * len(payload) / 1024
    assert place in ("documentation", "schema", "sql") or "ignored" in json.loads(statement.details)
