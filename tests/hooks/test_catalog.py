"""`CatalogHook`: the store that a connection names."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowNotFoundException
from airflow.sdk.providers_manager_runtime import ProvidersManagerTaskRuntime

from airflow_provider_catalog.errors import ConfigError
from airflow_provider_catalog.hooks.catalog import CatalogHook
from airflow_provider_catalog.store import open_database
from airflow_provider_catalog.store.sql import schema
from tests.served import TOKEN, Server


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path))
    return tmp_path


def connection(monkeypatch: pytest.MonkeyPatch, name: str = "catalog_default", **stated: Any) -> None:
    monkeypatch.setenv(f"AIRFLOW_CONN_{name.upper()}", json.dumps({"conn_type": "catalog", **stated}))


def test_airflow_knows_the_connection_type() -> None:
    hook = ProvidersManagerTaskRuntime().hooks["catalog"]  # type: ignore[no-untyped-call]
    assert hook is not None
    assert (hook.hook_class_name, hook.hook_name, hook.connection_id_attribute_name) == (
        "airflow_provider_catalog.hooks.catalog.CatalogHook",
        CatalogHook.hook_name,
        CatalogHook.conn_name_attr,
    )


def test_without_a_connection_the_store_is_that_of_the_settings(home: Path) -> None:
    assert CatalogHook().store_url() == f"sqlite:///{home}/catalog.db"


def test_another_connection_that_does_not_exist_is_an_error_and_not_another_store() -> None:
    with pytest.raises(AirflowNotFoundException, match="catalog_prod"):
        CatalogHook("catalog_prod").store_url()


def test_a_connection_names_a_postgresql_store(monkeypatch: pytest.MonkeyPatch) -> None:
    stated = {"host": "db", "port": 5433, "login": "me", "password": "a@b/c", "schema": "catalog"}
    connection(monkeypatch, "prod", **stated)
    assert CatalogHook("prod").store_url() == "postgresql://me:a%40b%2Fc@db:5433/catalog"


@pytest.mark.parametrize(
    ("stated", "url"),
    [("postgresql://db/catalog", "postgresql://db/catalog"), ("/data/catalog.db", "sqlite:////data/catalog.db")],
)
def test_its_extra_may_name_any_store(monkeypatch: pytest.MonkeyPatch, stated: str, url: str) -> None:
    connection(monkeypatch, host="ignored", extra={"store_url": stated})
    assert CatalogHook().store_url() == url


def test_a_connection_that_names_no_store_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    connection(monkeypatch)
    with pytest.raises(ConfigError, match="catalog_default has neither a host"):
        CatalogHook().store_url()


def test_it_opens_the_store(monkeypatch: pytest.MonkeyPatch, store_url: str) -> None:
    connection(monkeypatch, extra={"store_url": store_url})
    assert CatalogHook().test_connection()[0] is True
    with closing(CatalogHook().get_conn()) as store:
        assert store.status().accepted == 0
    assert CatalogHook().test_connection() == (True, "The database answers and its tables are up to date.")


def test_testing_a_connection_makes_no_tables(monkeypatch: pytest.MonkeyPatch, store_url: str) -> None:
    connection(monkeypatch, extra={"store_url": store_url})
    works, said = CatalogHook().test_connection()
    assert works
    assert "no catalog tables yet" in said
    assert schema.is_new(store_url)


@pytest.mark.parametrize(
    "stated",
    [
        {},
        {"host": "127.0.0.1", "port": 1, "password": "hunter2"},
        {"extra": {"store_url": "mysql://u:hunter2@db/x"}},
        {"extra": {"store_url": "/dev/null/catalog.db"}},
    ],
)
def test_testing_a_connection_tells_what_is_wrong(monkeypatch: pytest.MonkeyPatch, stated: dict[str, Any]) -> None:
    connection(monkeypatch, **stated)
    works, said = CatalogHook().test_connection()
    assert not works
    assert said
    assert "hunter2" not in said


def test_a_store_that_an_older_version_made_does_not_pass_the_test(home: Path) -> None:
    url = f"sqlite:///{home}/catalog.db"
    with closing(open_database(url)) as store, store.engine.begin() as database:
        database.exec_driver_sql("UPDATE catalog_store_revision SET version_num = 'store_0000'")
    works, said = CatalogHook().test_connection()
    assert not works
    assert "store_0000" in said


# -- a connection that names a server


@pytest.mark.parametrize(
    ("stated", "url"),
    [
        ({"host": "https://h/catalog/", "password": "a@b/c"}, "https://token:a%40b%2Fc@h/catalog/"),
        ({"host": "http://h:8080/air/catalog"}, "http://h:8080/air/catalog/"),
        ({"host": "db", "password": "x", "extra": {"api_url": "https://h/catalog"}}, "https://token:x@h/catalog/"),
    ],
)
def test_a_connection_may_name_a_server_and_its_token(
    monkeypatch: pytest.MonkeyPatch, stated: dict[str, Any], url: str
) -> None:
    connection(monkeypatch, **stated)
    assert CatalogHook().store_url() == url


@pytest.mark.parametrize("stated", [{"host": "https://h/catalog/", "port": 8080}, {"extra": {"api_url": "h/catalog"}}])
def test_a_server_is_named_by_one_whole_url(monkeypatch: pytest.MonkeyPatch, stated: dict[str, Any]) -> None:
    connection(monkeypatch, **stated)
    with pytest.raises(ConfigError, match="URL"):
        CatalogHook().store_url()


def test_it_opens_the_store_behind_a_server(monkeypatch: pytest.MonkeyPatch, server: Server, home: Path) -> None:
    connection(monkeypatch, host=server.place, password="worker-secret")
    assert CatalogHook().test_connection() == (True, "The server answers and takes the token.")
    with closing(CatalogHook().get_conn()) as store:
        assert store.status() == server.state.store.status()
    assert list(home.glob("catalog*")) == []


@pytest.mark.parametrize(("token", "reason"), [("hunter2", "no such token"), (TOKEN, "needs the scope store")])
def test_a_token_that_the_server_does_not_take_fails_the_test(
    monkeypatch: pytest.MonkeyPatch, server: Server, token: str, reason: str
) -> None:
    connection(monkeypatch, host=server.place, password=token)
    works, said = CatalogHook().test_connection()
    assert not works
    assert reason in said
    assert "hunter2" not in said


def test_where_only_a_server_is_known_no_store_is_made(
    monkeypatch: pytest.MonkeyPatch, server: Server, home: Path
) -> None:
    monkeypatch.setenv("AIRFLOW__CATALOG__INGEST_URL", server.place)
    monkeypatch.setenv("AIRFLOW__CATALOG__INGEST_TOKEN", "worker-secret")
    with closing(CatalogHook().get_conn()) as store:
        assert store.status().accepted == 0
    assert list(home.glob("catalog*")) == []
