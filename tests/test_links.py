"""The button "Catalog" on a task's page."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from airflow.providers_manager import ProvidersManager
from airflow.sdk import DAG, task
from airflow.serialization.serialized_objects import DagSerialization

from airflow_provider_catalog.api.app import PREFIX, made
from airflow_provider_catalog.links import CatalogLink


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of settings of its own."""
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path))


def link_of(dag_id: str = "etl", task_id: str = "load") -> str:
    return CatalogLink().get_link(None, ti_key=SimpleNamespace(dag_id=dag_id, task_id=task_id))


def test_airflow_knows_the_link() -> None:
    names = ProvidersManager().extra_links_class_names  # type: ignore[no-untyped-call]
    assert "airflow_provider_catalog.links.CatalogLink" in names


@pytest.mark.parametrize(
    ("base", "url"),
    [
        ("", "/catalog/api/v1/job?job=prod%2Fetl.load"),
        ("https://airflow.example.com", "https://airflow.example.com/catalog/api/v1/job?job=prod%2Fetl.load"),
        ("http://host:8080/team/", "http://host:8080/team/catalog/api/v1/job?job=prod%2Fetl.load"),
    ],
)
def test_it_leads_to_the_job_on_the_host_of_the_api_server(
    base: str, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRFLOW__API__BASE_URL", base)
    monkeypatch.setenv("AIRFLOW__CATALOG__NAMESPACE", "prod")
    assert link_of() == url


def test_whatever_the_task_is_called_the_name_arrives_whole() -> None:
    link = urlsplit(link_of("dag with späce", "a&b=c#d?e/f+g%20"))
    assert parse_qs(link.query) == {"job": ["default/dag with späce.a&b=c#d?e/f+g%20"]}
    assert (link.path, link.fragment) == ("/catalog/api/v1/job", "")


def test_its_path_and_query_are_those_of_a_route() -> None:
    link = urlsplit(link_of())
    told = made().openapi()["paths"][link.path.removeprefix("/catalog")]["get"]
    assert link.path.startswith(f"/catalog{PREFIX}/")
    assert [each["name"] for each in told["parameters"] if each["required"]] == list(parse_qs(link.query))


def test_only_tasks_of_ours_have_it_and_keep_it_in_a_serialized_dag() -> None:
    with DAG("linked", schedule=None) as dag:

        @task.catalogued
        def ours() -> None: ...

        @task.catalogued
        def mapped(number: int) -> None: ...

        @task
        def another() -> None: ...

        ours()
        mapped.expand(number=[1, 2])
        another()
    stored = DagSerialization.from_dict(json.loads(json.dumps(DagSerialization.to_dict(dag))))
    links: dict[str, Any] = {
        name: [(link.name, link.xcom_key) for link in stored.get_task(name).operator_extra_links]
        for name in ("ours", "mapped", "another")
    }
    kept = [("Catalog", "_link_CatalogLink")]
    assert links == {"ours": kept, "mapped": kept, "another": []}
