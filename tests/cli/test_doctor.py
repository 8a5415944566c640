"""`doctor` on hosts whose tasks hand over to a server, and on those that should."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_catalog.cli import main
from airflow_provider_catalog.cli.deployment import _executors
from airflow_provider_catalog.settings import Settings
from airflow_provider_catalog.store import open_database
from airflow_provider_catalog.store.sql.outbox import Refused
from tests.served import TOKEN, Server, impostor
from tests.services.world import shop


class Doctor:
    """What it finds, by what is set."""

    def __init__(self, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch = monkeypatch
        self._capsys = capsys
        monkeypatch.setenv("AIRFLOW_HOME", str(home))
        for name in ("STORE_URL", "SPOOL_DIR", "PUBLISH"):
            monkeypatch.delenv(f"AIRFLOW__CATALOG__{name}", raising=False)

    def __call__(self, **options: str) -> tuple[int, list[dict[str, Any]]]:
        for name, value in options.items():
            self._monkeypatch.setenv(f"AIRFLOW__CATALOG__{name.upper()}", value)
        code = main(["doctor", "--no-airflow", "--output", "json"])
        return code, json.loads(self._capsys.readouterr().out)


@pytest.fixture
def doctor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Doctor:
    return Doctor(tmp_path / "home", monkeypatch, capsys)


def problems(found: list[dict[str, Any]]) -> str:
    return "; ".join(each["what"] for each in found if each["level"] == "fail")


def test_a_host_that_was_told_of_a_server_alone_needs_no_store(doctor: Doctor, server: Server, tmp_path: Path) -> None:
    code, found = doctor(ingest_url=server.place, ingest_token=TOKEN)
    assert (code, problems(found)) == (0, "")
    assert f"tasks hand over to {server.place.rstrip('/')} (version " in " ".join(each["what"] for each in found)
    assert not (tmp_path / "home" / "catalog.db").exists()


def test_a_token_that_is_not_taken_is_found(doctor: Doctor, server: Server) -> None:
    code, found = doctor(ingest_url=server.place, ingest_token="hunter2")
    assert code == 1
    assert "tasks cannot hand over" in problems(found)
    assert "no such token" in problems(found)
    assert "hunter2" not in str(found)


def test_a_url_that_is_none_of_ours_is_found(doctor: Doctor) -> None:
    with impostor(404, b"<html>", Content_Type="text/html") as (url, _):
        assert "is no catalog (404 text/html)" in problems(doctor(ingest_url=url)[1])
    assert "does not answer" in problems(doctor(ingest_url="http://127.0.0.1:1/catalog/")[1])


def test_a_store_that_was_named_is_looked_at_beside_the_server(doctor: Doctor, server: Server, tmp_path: Path) -> None:
    found = doctor(ingest_url=server.place, ingest_token=TOKEN, store_url=f"sqlite:///{tmp_path / 'none.db'}")[1]
    assert "has no catalog tables yet" in problems(found)


def test_the_store_of_this_host_is_looked_at_where_everybody_is_told_of_the_server(
    doctor: Doctor, server: Server, tmp_path: Path
) -> None:
    open_database(f"sqlite:///{tmp_path / 'home' / 'catalog.db'}").close()
    found = doctor(ingest_url=server.place, ingest_token=TOKEN)[1]
    assert f"the store answers: sqlite:///{tmp_path / 'home' / 'catalog.db'}" in [each["what"] for each in found]


def test_a_store_behind_a_server_is_asked_over_http(doctor: Doctor, server: Server) -> None:
    code, found = doctor(store_url=server.url)
    whats = [each["what"] for each in found]
    assert code == 0
    assert f"the store answers: {server.place.rstrip('/')}" in whats
    assert "no worker is alive, 0 envelopes wait to be merged" in whats
    assert "worker-secret" not in str(found)


def test_targets_that_are_down_or_refuse_are_found(doctor: Doctor, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'catalog.db'}"
    with closing(open_database(url)) as store:
        shop(store)
        page = store.outbox.page("library", 2)
        store.outbox.settle(page, [Refused(page.due[0].node, "library", 1, None, "no")])
        store.outbox.down("ruin", "no route")
        store.outbox.down("formerly", "long gone")
    assert "ruin" not in str(doctor(store_url=url)[1])
    code, found = doctor(publish="tests.worker.targets.Library, tests.worker.targets.Ruin")
    told = {each["what"]: each["level"] for each in found if "library" in each["what"] or "ruin" in each["what"]}
    assert (code, told) == (
        1,
        {
            "what changes is published to library, ruin": "ok",
            "the target library refused 1 datasets": "warn",
            "the target ruin takes nothing, 5 datasets wait: no route": "fail",
        },
    )


def test_a_target_that_cannot_be_made_is_found(doctor: Doctor, tmp_path: Path) -> None:
    code, found = doctor(store_url=f"sqlite:///{tmp_path / 'catalog.db'}", publish="no.such.Target")
    assert code == 1
    assert "[catalog] publish: no.such.Target cannot be made" in problems(found)


@pytest.mark.parametrize(
    ("options", "executor", "level", "advice"),
    [
        ({}, "CeleryExecutor", "fail", "or ingest_url to the catalog's server"),
        ({"store_url": "postgresql://db/c"}, "KubernetesExecutor", "warn", "or set [catalog] ingest_url"),
        ({"ingest_url": "https://h/catalog/"}, "CeleryExecutor", "ok", ""),
        ({"ingest_url": "https://h/catalog/"}, "KubernetesExecutor", "ok", ""),
        ({}, "LocalExecutor", "ok", ""),
    ],
)
def test_where_tasks_run_decides_what_they_need(
    options: dict[str, str], executor: str, level: str, advice: str, tmp_path: Path
) -> None:
    chosen = Settings(**{"store_url": "sqlite:////x.db", "spool_dir": str(tmp_path / "spool"), **options})  # type: ignore[arg-type]
    [(found, _, said)] = _executors(chosen, chosen.store_url, executor.lower())
    assert found == level
    assert said.endswith(advice)
