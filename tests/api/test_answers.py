"""What all answers have in common: the fields that were asked for, nothing a client has, packed where it is long."""

from __future__ import annotations

import gzip

import pytest
from fastapi.testclient import TestClient

from airflow_provider_catalog.services.caller import Caller
from tests.api.asking import PREFIX, answer, ask, problem
from tests.api.conftest import As
from tests.services.world import World

LINEAGE = f"{PREFIX}/lineage?dataset=orders"


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ("truncated", {"truncated": False}),
        ("lineage.upstream.name", {"lineage": {"upstream": [{"name": "raw"}]}}),
        (" direction , lineage.upstream.distance", {"direction": "both", "lineage": {"upstream": [{"distance": 1}]}}),
        ("nothing,truncated.deeper", {"truncated": False}),
        ("nothing", {}),
    ],
)
def test_only_the_fields_that_were_asked_for_come(
    client: TestClient, world: World, fields: str, found: dict[str, object]
) -> None:
    assert answer(client, "/lineage", dataset="orders", fields=fields) == found


def test_too_many_fields_are_a_problem(client: TestClient, world: World) -> None:
    assert "100 is the limit" in problem(client, "/lineage", 422, dataset="orders", fields="a," * 101)["detail"]
    problem(client, "/lineage", 422, dataset="orders", fields="a" * 5_001)


def test_what_the_client_has_is_not_sent_again(client: TestClient, world: World) -> None:
    tag = client.get(LINEAGE).headers["etag"]
    for stated in (tag, f'"other", {tag}', "*"):
        again = client.get(LINEAGE, headers={"If-None-Match": stated})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)


def test_what_has_changed_is_sent_again(client: TestClient, world: World) -> None:
    tag = client.get(LINEAGE).headers["etag"]
    world.ran("etl.more", ["more"], ["orders"], at=5)
    again = client.get(LINEAGE, headers={"If-None-Match": tag})
    assert again.status_code == 200
    assert again.headers["etag"] != tag


def test_other_fields_are_another_answer(client: TestClient, world: World) -> None:
    tags = {ask(client, "/lineage", dataset="orders", fields=fields).headers["etag"] for fields in ("", "depth")}
    assert len(tags) == 2


def test_long_answers_are_packed_for_who_can_unpack_them(client: TestClient, world: World) -> None:
    world.ran("etl.wide", ["orders"], [f"copy_{number:03d}" for number in range(50)], at=5)
    plain = client.get(LINEAGE, headers={"Accept-Encoding": "identity"})
    with client.stream("GET", LINEAGE, headers={"Accept-Encoding": "gzip"}) as response:
        packed = b"".join(response.iter_raw())
    assert "content-encoding" not in plain.headers
    assert response.headers["content-encoding"] == "gzip"
    assert gzip.decompress(packed) == plain.content
    assert len(packed) < len(plain.content) / 4
    assert response.headers["etag"] == plain.headers["etag"]


def test_short_answers_are_sent_as_they_are(client: TestClient, world: World) -> None:
    response = client.get(f"{PREFIX}/namespaces", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in response.headers


def test_nobody_else_may_keep_an_answer(client: TestClient, world: World) -> None:
    headers = client.get(LINEAGE).headers
    assert headers["cache-control"] == "private, no-cache"
    assert headers["vary"] == "Accept-Encoding, Authorization, Cookie"


def test_who_may_not_read_gets_no_answer(as_: As, world: World) -> None:
    found = problem(as_(Caller("token:robot", frozenset({"ingest"}))), "/lineage", 403, dataset="orders")
    assert "may not read the catalog" in found["detail"]
