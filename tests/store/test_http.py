"""The store over HTTP, beside the contract that it keeps: what errors and wrong URLs mean, and what is too large."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_catalog import errors
from airflow_provider_catalog.api import problems
from airflow_provider_catalog.errors import (
    CatalogError,
    ConfigError,
    CrawlError,
    ForbiddenError,
    IdentityCollision,
    LeaseLost,
    NotFoundError,
    RejectedError,
    StoreError,
    StoreOutdated,
    StoreUnavailable,
    TargetUnavailable,
    TooLargeError,
    TooManyRequestsError,
    UnauthenticatedError,
)
from airflow_provider_catalog.model.codec import statement_to_json
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.services.caller import Caller
from airflow_provider_catalog.services.tokens import create
from airflow_provider_catalog.sources import read
from airflow_provider_catalog.store import http, open_database, open_store
from airflow_provider_catalog.store.protocol import Accepted, Store
from airflow_provider_catalog.store.remote import Remote
from airflow_provider_catalog.store.stream import Tables, written
from airflow_provider_catalog.worker.batch import Applier
from airflow_provider_catalog.worker.merge import Merger
from tests.conftest import StartProxy
from tests.served import TOKEN, Server, impostor
from tests.store.histories import history
from tests.store.saying import completed, say


@pytest.fixture
def served(server: Server, made_sqlite: Path, tmp_path: Path) -> Server:
    """An empty store behind the server."""
    from tests.store.conftest import _copied

    server.serve(_copied(made_sqlite, tmp_path))
    return server


@pytest.fixture
def store(served: Server) -> Iterator[Store]:
    with closing(open_store(served.url)) as opened:
        yield opened


def asked(url: str) -> Any:
    with closing(open_store(url)) as store:
        return store.status()


# -- errors

RAISED: list[CatalogError] = [
    NotFoundError("dataset", "a/b", "look again"),
    ForbiddenError("token:x", "do that"),
    RejectedError("/x: is missing" * 100),
    TooLargeError(5, 4),
    StoreUnavailable("locked"),
    StoreOutdated("store_0000", "store_0001"),
    StoreError("no"),
    IdentityCollision(1, "a", "b"),
    LeaseLost("merge", "bob"),
    TargetUnavailable("atlas", "no route"),
    CrawlError("postgres://db:5432/shop", "connection refused"),
]


def refused(error: Exception) -> CatalogError:
    """As it arrives."""
    answer = problems.of(error)
    remote = Remote.of("https://host/catalog/")
    return remote.refusal(answer.status_code, answer.headers["content-type"], bytes(answer.body))


@pytest.mark.parametrize("error", RAISED, ids=lambda error: type(error).__name__)
def test_an_error_comes_back_as_itself_with_all_that_it_carries(error: CatalogError) -> None:
    again = refused(error)
    assert type(again) is type(error)
    assert (str(again), vars(again), again.retryable) == (str(error), vars(error), error.retryable)


def test_every_error_of_ours_has_a_meaning_on_the_other_side() -> None:
    ours = {name for name, each in vars(errors).items() if isinstance(each, type) and issubclass(each, CatalogError)}
    told = {type(error).__name__ for error in RAISED}
    never = {"ArtifactsError"}  # raised where dbt's files are read, before a store is asked
    others = {"AccessError", "CatalogError", "ConfigError", "TooManyRequestsError", "UnauthenticatedError"}
    assert ours - told == never | others


@pytest.mark.parametrize("error", [TooManyRequestsError("too often", 1), ConfigError("store_url", "it is empty")])
def test_what_only_the_servers_people_can_change_is_worth_another_try(error: CatalogError) -> None:
    again = refused(error)
    assert (type(again), str(again)) == (StoreUnavailable, str(error))


def test_a_mistake_of_the_server_names_the_id_under_which_its_log_tells_more() -> None:
    again = refused(ZeroDivisionError())
    assert type(again) is StoreError
    assert "The log of the server tells of it under this id (" in str(again)


@pytest.mark.parametrize(
    ("status", "kind", "error", "advice"),
    [
        (301, "text/html", ConfigError, "sends on to https://elsewhere/: write that URL"),
        (401, "text/html", UnauthenticatedError, "token create"),
        (403, "text/html", ForbiddenError, "this token may not"),
        (
            404,
            "text/html",
            ConfigError,
            "https://host/catalog is no catalog (404 text/html). It is https://HOST/catalog/",
        ),
        (404, "application/problem+json", ConfigError, "is no catalog"),
        (405, "application/problem+json", ConfigError, "is no catalog"),
        (200, "text/html", ConfigError, "is no catalog"),
        (400, "text/html", ConfigError, "is no catalog"),
        (413, "text/html", TooLargeError, "limit of the proxy"),
        (429, "", StoreUnavailable, "answers 429"),
        (500, "text/plain", StoreUnavailable, "answers 500"),
        (502, "text/html", StoreUnavailable, "answers 502"),
        (503, "text/html", StoreUnavailable, "answers 503"),
        (504, "text/html", StoreUnavailable, "answers 504"),
        (422, "application/problem+json", RejectedError, "answers 422"),
    ],
)
def test_whatever_stands_before_the_server_is_understood(
    status: int, kind: str, error: type[CatalogError], advice: str
) -> None:
    again = Remote.of("https://host/catalog/").refusal(status, kind, b'{"status": 4}', "https://elsewhere/")
    assert type(again) is error
    assert advice in str(again)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b'{"type": 1, "detail": null, "data": 3}'])
def test_a_problem_that_is_none_is_still_an_error(body: bytes) -> None:
    again = Remote.of("https://host/catalog/").refusal(503, "application/problem+json", body)
    assert type(again) is StoreUnavailable


# -- where it is


@pytest.mark.parametrize(
    ("url", "place", "token"),
    [
        ("https://host/catalog/", "https://host/catalog", ""),
        ("https://host/catalog", "https://host/catalog", ""),
        ("HTTP://host:8080/air/flow/catalog//", "http://host:8080/air/flow/catalog", ""),
        (" https://token:se%2Fcret@host/catalog/ ", "https://host/catalog", "se/cret"),
        ("https://secret@host:1/catalog/", "https://host:1/catalog", "secret"),
        ("http://[::1]:8080/catalog/", "http://[::1]:8080/catalog", ""),
    ],
)
def test_a_url_says_where_and_perhaps_with_which_token(url: str, place: str, token: str) -> None:
    remote = Remote.of(url)
    assert (remote.url, remote.token) == (place, token)
    assert remote.at("health") == f"{place}/api/v1/health"
    assert Remote.of(url, "argument").token == "argument"


@pytest.mark.parametrize(
    "url",
    ["https://", "https:///catalog/", "https://u:hunter2@host:port/catalog/", "ftp://host/", "https://h/?a=hunter2"],
)
def test_what_is_no_url_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(ConfigError, match="https://HOST/catalog/") as caught:
        Remote.of(url, option="ingest_url")
    assert caught.value.option == "ingest_url"
    assert "hunter2" not in str(caught.value)


def test_the_token_is_shown_nowhere(served: Server) -> None:
    url = served.url.replace("worker-secret", "hunter2")
    with closing(open_store(url)) as store:
        with pytest.raises(UnauthenticatedError) as caught:
            store.status()
        shown = [repr(store), str(caught.value), repr(Remote.of(url))]
    assert served.place.rstrip("/") in shown[0]
    assert "hunter2" not in "".join(shown)


def test_a_url_without_a_token_takes_that_of_the_settings(served: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW__CATALOG__INGEST_TOKEN", "worker-secret")
    assert asked(served.place).accepted == 0
    monkeypatch.setenv("AIRFLOW__CATALOG__INGEST_TOKEN", TOKEN)
    with pytest.raises(
        ForbiddenError, match="token:task may not use the store over HTTP: a token needs the scope store"
    ):
        asked(served.place)


@pytest.mark.parametrize("token", ["hunter2\nX-Other: 1", "hunter2 é", "hunter2\x7f"])
def test_what_no_header_can_hold_is_no_token_and_is_not_shown(token: str) -> None:
    with pytest.raises(ConfigError) as stated:
        Remote.of("https://h/catalog/", token)
    with pytest.raises(ConfigError) as found:
        Remote.of("https://h/catalog/").or_token(lambda: token)
    assert [stated.value.option, found.value.option] == ["ingest_token", "ingest_token"]
    assert "hunter2" not in f"{stated.value} {found.value}"


def test_a_token_of_the_catalog_opens_what_it_was_made_for(served: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """With nobody in the place of those who look at tokens."""
    monkeypatch.setattr(served.app, "dependency_overrides", {})
    _, all_of_it = create(served.state.store.tokens, "worker", ["store"], created_by="ann")
    _, to_send = create(served.state.store.tokens, "task", ["ingest"], created_by="ann")
    with closing(open_store(served.url.replace("worker-secret", all_of_it))) as store:
        assert store.accept([Envelope("task", b"1")]) == Accepted(1, 0)
        with closing(open_store(served.url.replace("worker-secret", to_send))) as sender:
            assert sender.accept([Envelope("task", b"2")]) == Accepted(1, 0)
            with pytest.raises(ForbiddenError):
                sender.pending(1)
        assert {each.payload: each.sender for each in store.pending(10)} == {b"1": "", b"2": "token:task"}
    with pytest.raises(UnauthenticatedError):
        asked(served.url.replace("worker-secret", f"{to_send}x"))


def test_what_needs_the_database_is_not_done_over_http() -> None:
    with pytest.raises(ConfigError, match="where the catalog's server runs"):
        open_database("https://host/catalog/")


# -- when it is not there


def test_a_server_that_is_down_is_unavailable() -> None:
    with pytest.raises(StoreUnavailable, match=r"http://127\.0\.0\.1:1/catalog does not answer"):
        asked("http://127.0.0.1:1/catalog/")


def test_a_server_that_is_silent_is_unavailable(
    served: Server, start_proxy: StartProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "_ANSWER_SECONDS", 0.3)
    proxy = start_proxy("127.0.0.1", served.port)
    proxy.blackhole()
    begun = time.monotonic()
    with pytest.raises(StoreUnavailable, match="timed out"):
        asked(served.url.replace(str(served.port), str(proxy.port)))
    assert time.monotonic() - begun < 30


def test_a_connection_that_breaks_is_unavailable_and_the_next_call_makes_another(
    served: Server, start_proxy: StartProxy
) -> None:
    proxy = start_proxy("127.0.0.1", served.port)
    with closing(open_store(served.url.replace(str(served.port), str(proxy.port)))) as store:
        assert store.status().accepted == 0
        proxy.delay(0.5)
        timer = threading.Timer(0.2, proxy.reset)
        timer.start()
        with pytest.raises(StoreUnavailable):
            store.status()
        timer.join()
        proxy.heal()
        assert store.status().accepted == 0


@pytest.mark.parametrize(
    ("status", "kind", "body", "error", "problem"),
    [
        (404, "text/html", b"<html>", ConfigError, "is no catalog"),
        (200, "text/html", b"<html>", ConfigError, "is no catalog"),
        (200, "application/json", b"{", StoreError, "cannot read: not JSON"),
        (200, "application/json", b"[1]", StoreError, "cannot read: /: expected 10 items, found 1"),
        (500, "text/plain", b"Internal Server Error", StoreUnavailable, "answers 500"),
    ],
)
def test_somebody_elses_server_is_told_from_a_catalog(
    status: int, kind: str, body: bytes, error: type[CatalogError], problem: str
) -> None:
    with impostor(status, body, Content_Type=kind) as (url, _), pytest.raises(error, match=problem) as caught:
        asked(url)
    assert type(caught.value) is error


def test_an_answer_that_cannot_be_unpacked_is_none() -> None:
    headers = {"Content_Type": "application/json", "Content_Encoding": "gzip"}
    with impostor(200, b"no gzip", **headers) as (url, _), pytest.raises(StoreUnavailable, match="does not answer"):
        asked(url)


def test_nobody_is_followed_elsewhere() -> None:
    """The token would go along."""
    with (
        impostor(200) as (elsewhere, shown),
        impostor(307, Location=elsewhere) as (url, _),
        pytest.raises(ConfigError, match=f"sends on to {elsewhere}"),
    ):
        asked(url)
    assert shown == []


# -- what it does beside the contract


def test_many_threads_share_one(store: Store) -> None:
    with ThreadPoolExecutor(8) as pool:
        done = pool.map(lambda number: store.accept([Envelope("task", b"%d" % number)]), range(40))
    assert list(done) == [Accepted(1, 0)] * 40
    assert store.status().accepted == 40


def test_a_worker_from_afar_makes_what_one_beside_the_store_makes(served: Server, store: Store) -> None:
    """Also of what tells who sent it: two workers may be at one envelope."""
    payloads = [json.dumps([statement_to_json(statement)]).encode() for statement in history(3, 40)]
    sent = [Envelope("statements", payload, recorded_at=1, sender="token:spark") for payload in payloads]
    behind = served.state.store
    behind.accept([*sent, Envelope("openlineage", b"unreadable")])
    merged = Merger(store).drain()
    assert (merged.envelopes, merged.rejected, store.status().pending) == (41, 1, 0)
    again = Applier(behind).apply(behind.envelopes(), advance=False)
    assert (again.statements, again.duplicates) == (0, merged.statements + merged.duplicates)


def test_what_is_too_large_for_one_request_goes_in_several(served: Server, store: Store) -> None:
    served.serve(str(served.state.settings.store_url), max_event_mb=1)
    rng = random.Random(1)
    assert store.accept([Envelope("task", rng.randbytes(700_000)) for _ in range(12)]) == Accepted(12, 0)
    with pytest.raises(TooLargeError) as caught:
        store.accept([Envelope("task", rng.randbytes(5_000_000))])
    assert caught.value.limit == 4 * 1024 * 1024


def test_changes_that_are_too_large_are_split_by_whoever_merges(served: Server, store: Store) -> None:
    served.callers["small"] = Caller("token:small", frozenset({"store"}), max_bytes=3_000)
    payloads = [json.dumps([statement_to_json(completed(n, details={"n": noise(n)}))]).encode() for n in range(1, 9)]
    envelopes = [Envelope("statements", payload) for payload in payloads]
    with closing(open_store(served.url.replace("worker-secret", "small"))) as small:
        with pytest.raises(TooLargeError):
            say(small, *(statement for envelope in envelopes for statement in read(envelope).statements))
        assert Applier(small).apply(envelopes, advance=False).statements == 8


def noise(seed: int) -> str:
    return random.Random(seed).randbytes(600).hex()


def test_what_the_server_refuses_is_kept_there_and_is_no_trouble_here(
    served: Server, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    served.callers["ours"] = Caller("token:ours", frozenset({"ingest"}), namespaces=("airflow",))
    with closing(open_store(served.url.replace("worker-secret", "ours"))) as ours:
        assert ours.accept([Envelope("openlineage", b"unreadable")]) == Accepted(0, 0)
    assert "dead letters have it: not JSON" in caplog.text
    assert [letter.envelope.payload for letter in store.dead_letters()] == [b"unreadable"]


# -- the dump

TABLES: list[tuple[str, list[tuple[Any, ...]]]] = [
    ("entity", [(1, "a\u2028b\x85\r\n", None), (2**63 - 1, b"\0\xff", 0.1)]),
    ("empty", []),
    ("run", [(True, "é")]),
]


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_a_dump_comes_out_as_it_went_in_wherever_it_is_cut(size: int) -> None:
    stream = b"".join(written(TABLES))
    chunks = [stream[start : start + size] for start in range(0, len(stream), size)]
    assert [(name, list(rows)) for name, rows in Tables(chunks)] == TABLES


def test_rows_that_nobody_reads_are_passed_over() -> None:
    assert [name for name, _ in Tables(written(TABLES))] == ["entity", "empty", "run"]


def test_a_dump_that_was_cut_off_is_no_smaller_store() -> None:
    *lines, end = b"".join(written(TABLES)).splitlines(keepends=True)
    assert end == b"null\n"
    for count in range(len(lines) + 1):
        with pytest.raises(StoreUnavailable, match="cut off"):
            dump_of_lines(lines[:count])


def dump_of_lines(lines: Sequence[bytes]) -> dict[str, list[tuple[Any, ...]]]:
    return {name: list(rows) for name, rows in Tables(lines)}
