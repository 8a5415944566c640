"""Users of Airflow, as Airflow's own server knows them: the catalog is asked where its plugin has mounted it. And what
happens where Airflow cannot tell who they are.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from fastapi import FastAPI, HTTPException
from fastapi.testclient import TestClient

from airflow_provider_catalog.api import callers
from airflow_provider_catalog.store import open_store
from airflow_provider_catalog.store.protocol import Store
from tests.api import two_dags
from tests.deployment import Deployment
from tests.services.world import World

SCRIPT = str(Path(__file__).with_name("in_airflow.py"))
ROLES = ("VIEWER", "USER", "OP", "ADMIN")
READ = {"path": "/namespaces"}
EDIT = {
    "method": "POST",
    "path": "/edits?wait=0",
    "json": {"subject": {"dataset": "orders"}, "description": "x"},
}
HEADER = {"headers": {"X-Requested-With": "catalog"}}
ADMIN, VIEWER = ["root", "ADMIN"], ["eve", "VIEWER"]


class Answer(NamedTuple):
    status: int
    text: str


class Answers(dict[str, Answer]):
    """By the name of what was asked."""

    def statuses(self, *names: str) -> list[int]:
        return [self[name].status for name in names]


@pytest.fixture
def shop(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setenv("AIRFLOW__API_AUTH__JWT_SECRET", "one secret that all processes of this Airflow share")
    monkeypatch.setenv("AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS", "root:admin")
    monkeypatch.setenv("OPENLINEAGE_NAMESPACE", "prod")
    store = open_store(deployment.store_url)
    two_dags.fill(store)
    yield store
    store.close()


def ask(deployment: Deployment, asked: dict[str, Any], dags: dict[str, str] | None = None) -> Answers:
    work = deployment.home / "asked.json"
    work.write_text(json.dumps({"asked": asked, "dags": dags or {}}), encoding="utf-8")
    done = deployment.python(SCRIPT, str(work), embedded_worker="False")
    assert done.returncode == 0, done.stdout + done.stderr
    return Answers({name: Answer(*found) for name, found in json.loads(done.stdout.splitlines()[-1]).items()})


def test_users_of_airflow_by_bearer_and_by_cookie(deployment: Deployment, shop: Store) -> None:
    asked: dict[str, Any] = {
        **{f"{role} reads": {"user": ["ann", role], **READ} for role in ROLES},
        **{f"{role} reads by cookie": {"cookie": ["ann", role], **READ} for role in ROLES},
        **{f"{role} edits": {"user": [f"ann-{role}", role], **EDIT} for role in ROLES},
        **{f"{role} edits by cookie": {"cookie": [f"bob-{role}", role], **EDIT, **HEADER} for role in ROLES},
        "by cookie alone": {"cookie": ADMIN, **EDIT},
        "without a role": {"user": ["eve", None], **READ},
        "nobody reads": READ,
        "nobody edits": {**EDIT, **HEADER},
        "health": {"path": "/health"},
        "no token": {"bearer": "nonsense", **READ},
        "no token, but a cookie": {"bearer": "nonsense", "cookie": ADMIN, **READ},
        "no token of ours, but a cookie": {"bearer": "catalog_" + "x" * 43, "cookie": ADMIN, **READ},
        "the token of a viewer, the cookie of an admin": {"user": VIEWER, "cookie": ADMIN, **EDIT, **HEADER},
        "the token of an admin, the cookie of a viewer": {"user": ADMIN, "cookie": VIEWER, **EDIT},
        "made by another site": {"user": ADMIN, **EDIT, "headers": {"Sec-Fetch-Site": "cross-site"}},
        "a header that is no token": {"cookie": ADMIN, **EDIT, "headers": {"Authorization": "Basic cm9vdDpyb290"}},
        "unknown path": {"path": "/nothing"},
    }
    found = ask(deployment, asked)

    def of(what: str) -> list[int]:
        return found.statuses(*(f"{role} {what}" for role in ROLES))

    assert of("reads") == of("reads by cookie") == [200] * 4
    assert of("edits") == of("edits by cookie") == [403, 403, 202, 202]
    assert "a user needs PUT on assets" in found["VIEWER edits"].text
    assert found["by cookie alone"].status == 403
    assert "add the header X-Requested-With" in found["by cookie alone"].text
    assert found["without a role"].status == 403
    nobody = ("nobody reads", "nobody edits", "no token", "no token, but a cookie", "no token of ours, but a cookie")
    assert found.statuses(*nobody) == [401] * 5
    assert found.statuses("health", "unknown path") == [200, 404]
    assert found["the token of a viewer, the cookie of an admin"].status == 403
    assert found["the token of an admin, the cookie of a viewer"].status == 202
    assert found.statuses("made by another site", "a header that is no token") == [403, 403]
    actors = [each.producer for each in shop.envelopes(limit=100) if each.sender.startswith("user:")]
    assert sorted(actors) == ["ann-ADMIN", "ann-OP", "bob-ADMIN", "bob-OP", "root"]


def test_users_see_what_the_dags_of_their_teams_ran(
    deployment: Deployment, shop: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW__CORE__MULTI_TEAM", "True")
    users = {"anna": ["anna", "OP", ["team_a"]], "bert": ["bert", "OP", ["team_b"]], "root": ADMIN}
    paths = {f"run {run_id}": f"/run/{run_id}" for run_id in two_dags.RUNS}
    paths |= {job: f"/job?job=prod/{job}" for job in ("a.load", "b.sum")}
    paths |= {"dbt": "/job?job=dbt/model_b", "lineage": "/lineage?dataset=shop.public.orders&columns=true"}
    paths |= {"letters": "/dead-letters"}
    asked = {
        f"{name}: {what}": {"user": user, "path": path} for name, user in users.items() for what, path in paths.items()
    }
    found = ask(deployment, asked, {"a": "team_a", "b": "team_b"})

    def told(name: str) -> set[str]:
        """The DAGs of which this user was told what is for their readers only."""
        texts = "".join(
            answer.text for asked, answer in found.items() if asked.startswith(name) and answer.status == 200
        )
        return {dag for dag in "ab" if f"only-{dag}-sql" in texts and f"only-{dag}-column" in texts}

    assert (told("anna"), told("bert"), told("root")) == ({"a"}, {"b"}, {"a", "b"})
    for run_id in two_dags.RUNS:
        mine = run_id.startswith("only-a-")
        assert found.statuses(*(f"{name}: run {run_id}" for name in users)) == [
            200 if mine else 404,
            404 if mine else 200,
            200,
        ]
    assert found.statuses("anna: letters", "bert: letters", "root: letters") == [403, 403, 200]
    assert found.statuses("anna: dbt", "anna: lineage") == [200, 200]
    texts = "".join(answer.text for asked, answer in found.items() if asked.startswith("anna") and "run" not in asked)
    assert "only-b-" not in texts


def test_where_all_are_admins_no_other_site_makes_their_browsers_change_anything(
    deployment: Deployment, shop: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Airflow gives a bearer to whoever comes then, with or without a cookie."""
    monkeypatch.setenv("AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS", "True")
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    found = ask(
        deployment,
        {
            "read": READ,
            "edit": EDIT,
            "forged": {**EDIT, "headers": elsewhere},
            "read elsewhere": {**READ, "headers": elsewhere},
            "ours": {**EDIT, "headers": {**elsewhere, "X-Requested-With": "catalog"}},
        },
    )
    assert found.statuses("read", "edit", "forged", "read elsewhere", "ours") == [200, 202, 403, 200, 202]


# -- where Airflow fails


class Manager:
    """An auth manager that knows everybody, until something `breaks`."""

    def __init__(self, breaks: str = "") -> None:
        self._breaks = breaks

    def _try(self, what: str) -> None:
        if what == self._breaks:
            raise ConnectionError("the directory at ldap://secret:389 is down")

    async def user(self, _bearer: str) -> Any:
        self._try("who")
        return self

    def get_name(self) -> str:
        return "ann"

    def is_authorized_asset(self, *, method: str, user: Any) -> bool:
        self._try(method)
        return True

    def get_authorized_dag_ids(self, *, user: Any) -> set[str]:
        self._try("dags")
        return {"etl"}


@pytest.mark.parametrize("breaks", ["", "who", "GET", "PUT", "dags", "all dags"])
def test_where_airflow_cannot_tell_nobody_is_let_in(
    app: FastAPI, world: World, monkeypatch: pytest.MonkeyPatch, breaks: str
) -> None:
    def existing(_: Any) -> frozenset[str]:
        Manager._try(manager, "all dags")
        return frozenset({"etl"})

    manager = Manager(breaks)
    monkeypatch.setattr(callers, "resolve_user_from_token", manager.user)
    monkeypatch.setattr(callers, "get_auth_manager", lambda: manager)
    monkeypatch.setattr(callers.AirflowDags, "existing", property(existing))
    client = TestClient(app, headers={"Authorization": "Bearer x"})
    answer = client.get("/api/v1/lineage", params={"dataset": "orders"})
    assert answer.status_code == (500 if breaks else 200)
    assert ("insert into orders" in answer.text) is (not breaks)
    assert "ldap" not in answer.text


@pytest.mark.parametrize(("status", "answered"), [(401, 401), (403, 401), (429, 429), (502, 502)])
def test_only_airflows_word_that_this_is_nobody_is_one(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch, status: int, answered: int
) -> None:
    async def refused(_bearer: str) -> Any:
        raise HTTPException(status, "Airflow says so")

    monkeypatch.setattr(callers, "resolve_user_from_token", refused)
    answer = TestClient(app, headers={"Authorization": "Bearer x"}).get("/api/v1/namespaces")
    assert (answer.status_code, answer.headers["content-type"]) == (answered, "application/problem+json")
    assert ("log in to Airflow" in answer.text) is (answered == 401)
