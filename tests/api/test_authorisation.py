"""Who may ask what, of every route there is: those that come later are asked, too."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from functools import reduce
from itertools import chain, combinations, product
from typing import Any, NamedTuple

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from airflow_provider_catalog.api.app import PREFIX
from airflow_provider_catalog.services.caller import Caller, Right
from airflow_provider_catalog.services.keyring import SCOPES
from airflow_provider_catalog.services.tokens import create
from airflow_provider_catalog.store.sql.store import SqlStore
from benchmarks import events
from tests.api import two_dags
from tests.api.conftest import As
from tests.services.callers import RIGHTS, FakeDags

OPEN = {"GET /health"}
"""To everybody, known or not."""
OPENED_BY: dict[str, set[Right]] = {
    "GET /metrics": {"metrics"},
    "GET /dead-letters": {"write"},
    "POST /dead-letters/retry": {"write"},
    "POST /edits": {"write"},
    "POST /edits/{edit_id}/undo": {"write"},
    "POST /lineage": {"ingest"},
    "POST /lineage/batch": {"ingest"},
    "POST /lineage/push": {"write"},
    "POST /metadata/register": {"ingest"},
    "POST /envelopes": {"ingest", "store"},
    "POST /changes": {"store"},
    "POST /store/dump": {"store"},
    "POST /store/{call}": {"store"},
}
"""Each of these rights is enough. Whatever else is only read is opened by the right to read."""


class Asked(NamedTuple):
    method: str
    path: str

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def url(self) -> str:
        return PREFIX + re.sub(r"{[^}]+}", "entities", self.path)

    def opened_by(self) -> set[Right]:
        return OPENED_BY.get(self.name, {"read"} if self.method == "GET" else set())


def routes(app: FastAPI) -> Iterator[Asked]:
    for route in app.routes:
        assert isinstance(route, APIRoute), f"nobody knows who may ask for {route}"
        assert route.path.startswith(PREFIX)
        for method in route.methods:
            yield Asked(method, route.path.removeprefix(PREFIX))


def forbidden(client: TestClient, asked: Asked) -> bool:
    status = client.request(asked.method, asked.url).status_code
    assert status != 401
    return status == 403


# -- nobody, somebody without rights, each right


def test_every_route_but_one_asks_who_is_there(app: FastAPI) -> None:
    client = TestClient(app)
    for asked in routes(app):
        answer = client.request(asked.method, asked.url)
        if asked.name in OPEN:
            assert answer.json().keys() == {"status", "version"}
            continue
        assert answer.status_code == 401, asked.name
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("path", ["", "/", "/nothing", "/docs", "/redoc", "/../openapi.json", "/lineage/nothing"])
def test_what_is_not_served_is_a_problem_without_data(app: FastAPI, path: str) -> None:
    answer = TestClient(app).get(PREFIX + path)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert "nothing is served at this path" in answer.json()["detail"]


def test_somebody_without_rights_gets_nothing(app: FastAPI, as_: As) -> None:
    client = as_(Caller("user:eve", frozenset()))
    for asked in routes(app):
        assert forbidden(client, asked) is (asked.name not in OPEN), asked.name


@pytest.mark.parametrize("right", RIGHTS)
def test_each_right_alone_opens_its_own_routes(app: FastAPI, as_: As, right: Right) -> None:
    client = as_(Caller("user:ann", frozenset({right})))
    opened = {asked.name for asked in routes(app) if not forbidden(client, asked)}
    assert opened == {asked.name for asked in routes(app) if right in asked.opened_by()} | OPEN


def test_the_table_names_routes_that_there_are(app: FastAPI) -> None:
    assert {*OPEN, *OPENED_BY} <= {asked.name for asked in routes(app)}


@pytest.mark.parametrize("scope", SCOPES)
def test_each_scope_of_a_token_opens_its_own_routes(app: FastAPI, store: SqlStore, scope: str) -> None:
    _, secret = create(store.tokens, "ci", [scope], created_by="ann")
    client = TestClient(app, headers={"Authorization": f"Bearer {secret}"})
    opened = {asked.name for asked in routes(app) if not forbidden(client, asked)}
    assert opened == {asked.name for asked in routes(app) if SCOPES[scope] & asked.opened_by()} | OPEN
    assert not {name for name in opened if OPENED_BY.get(name) == {"write"}}


def test_a_token_of_one_namespace_sends_nothing_about_another(app: FastAPI, store: SqlStore) -> None:
    (_, event), *_ = (list(events.run(events.job(number), 0)) for number in range(2))
    document = json.loads(event)
    named = {each["namespace"] for each in (document["job"], *document["inputs"], *document["outputs"])}
    parent = document["run"]["facets"].get("parent", {}).get("job", {})
    named |= {parent["namespace"]} if parent else set()
    for namespaces, status in ((named, 201), (named - {document["job"]["namespace"]} | {"other"}, 403)):
        _, secret = create(store.tokens, f"ci {status}", ["ingest"], created_by="ann", namespaces=namespaces)
        client = TestClient(app, headers={"Authorization": f"Bearer {secret}"})
        answer = client.post(f"{PREFIX}/lineage", content=event)
        assert answer.status_code == status, answer.text
        if status == 403:
            assert f"speak of the namespace {document['job']['namespace']!r}" in answer.json()["detail"]
    assert store.status().accepted == 1


# -- whoever may read DAG a and not DAG b

HALF = Caller("user:ann", frozenset({"read", "write", "ingest", "metrics"}), FakeDags({"a", "b"}, {"a"}))
WHOLE = Caller("user:bob", HALF.rights, FakeDags({"a", "b"}, {"a", "b"}))
TABLES = [f"shop.public.{name}" for name in two_dags.TABLES]
VALUES: dict[str, list[Any]] = {
    "dataset": TABLES,
    "source": TABLES,
    "target": TABLES,
    "job": [f"{'dbt' if name.startswith('model') else 'prod'}/{name}" for name in two_dags.JOBS],
    "run_id": list(two_dags.RUNS),
    "column": ["id"],
    "from": ["2024-01-01"],
    "to": ["0s"],
    "q": ["", "load", "only-b"],
    "dag": ["a", "b"],
    "columns": [True],
    "history": [True],
    "explain": [10_000],
}
"""Of each parameter that leads to something. What a route needs beyond these is to be added here."""
SUBJECT = ("dataset", "job", "column")


def questions(app: FastAPI) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every route that is read, with all that there is to ask of it."""
    for path, methods in app.openapi()["paths"].items():
        stated = {each["name"]: each.get("required", False) for each in methods.get("get", {}).get("parameters", ())}
        required = {name for name in stated if stated[name]}
        assert required <= VALUES.keys(), f"{path}: say in VALUES what to ask of it by {required - VALUES.keys()}"
        for names in choices(stated.keys() & VALUES.keys(), required) if "get" in methods else ():
            for values in product(*(VALUES[name] for name in names)):
                yield path, dict(zip(names, values, strict=True))


def choices(names: AbstractSet[str], required: AbstractSet[str]) -> Iterator[list[str]]:
    """With and without each of those that say what is asked about, as far as they go together."""
    free = [name for name in SUBJECT if name in names - required]
    for left_out in chain.from_iterable(combinations(free, count) for count in range(len(free) + 1)):
        chosen = names - set(left_out)
        if not chosen >= {"dataset", "job"} and ("column" not in chosen or "dataset" in chosen):
            yield sorted(chosen)


def answers(app: FastAPI, client: TestClient) -> dict[str, str]:
    """By route, all that it answers, without what it repeats of the question."""
    found: dict[str, str] = {}
    for path, chosen in questions(app):
        inside = {name: value for name, value in chosen.items() if f"{{{name}}}" in path}
        answer = client.get(path.format(**inside), params={k: v for k, v in chosen.items() if k not in inside})
        assert answer.status_code in {200, 403, 404}, (path, chosen, answer.text)
        repeated = [value for value in chosen.values() if str(value).startswith("only-")]
        found[path] = found.get(path, "") + reduce(lambda text, value: text.replace(value, ""), repeated, answer.text)
    return found


@pytest.fixture
def shop(store: SqlStore) -> SqlStore:
    two_dags.fill(store)
    return store


@pytest.mark.usefixtures("shop")
def test_no_route_tells_of_a_dag_what_only_its_readers_may_know(app: FastAPI, as_: As) -> None:
    told = answers(app, as_(HALF))
    assert len(told) > 20
    assert {path: re.findall(r".{50}only-b-.{20}", text) for path, text in told.items() if "only-b-" in text} == {}


@pytest.mark.usefixtures("shop")
def test_what_is_told_of_a_readable_dag_is_all_of_it(app: FastAPI, as_: As) -> None:
    """Else nothing would be proved by what is not told of the other."""
    told = "".join(answers(app, as_(HALF)).values())
    assert {place for place in two_dags.PLACES if f"only-a-{place}" in told} == set(two_dags.PLACES)
    assert {run for run in two_dags.RUNS if f'"{run}"' in told} == {run for run in two_dags.RUNS if "only-a-" in run}


@pytest.mark.usefixtures("shop")
def test_whoever_reads_every_dag_is_told_everything(app: FastAPI, as_: As) -> None:
    told = "".join(answers(app, as_(WHOLE)).values())
    for dag in "ab":
        assert {place for place in two_dags.PLACES if f"only-{dag}-{place}" in told} == set(two_dags.PLACES)
    assert "only-b-reason" in told
    assert {run for run in two_dags.RUNS if f'"{run}"' in told} == set(two_dags.RUNS)


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize("run_id", two_dags.RUNS)
def test_a_run_of_a_hidden_dag_is_answered_as_if_there_were_none(as_: As, run_id: str) -> None:
    hidden, missing = (as_(HALF).get(f"{PREFIX}/run/{each}") for each in (run_id, "x" * len(run_id)))
    assert hidden.status_code == (200 if run_id.startswith("only-a-") else 404)
    if hidden.status_code == 404:
        same = {key: value for key, value in hidden.json().items() if key != "id"}
        assert json.dumps(same).replace(run_id, "x" * len(run_id)) == json.dumps(
            {key: value for key, value in missing.json().items() if key != "id"}
        )


@pytest.mark.usefixtures("shop")
def test_what_came_in_is_not_for_who_reads_only_some_dags(as_: As) -> None:
    refused = as_(HALF).get(f"{PREFIX}/dead-letters")
    assert refused.status_code == 403
    assert "GET on every DAG" in refused.json()["detail"]
    assert len(as_(WHOLE).get(f"{PREFIX}/dead-letters").json()["dead_letters"]) == 1
