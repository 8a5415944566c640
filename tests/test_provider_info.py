from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from importlib.metadata import entry_points, metadata
from pkgutil import resolve_name
from typing import Any

import pytest
from airflow.configuration import AIRFLOW_HOME, create_default_config_parser
from airflow.providers_manager import _create_provider_info_schema_validator

from airflow_provider_catalog import __version__
from airflow_provider_catalog.provider_info import get_provider_info
from airflow_provider_catalog.settings import Settings, settings
from tests.deployment import Deployment

OPTIONS: dict[str, dict[str, Any]] = get_provider_info()["config"]["catalog"]["options"]
TYPES = {bool: "boolean", int: "integer", float: "float"}


def test_airflow_accepts_the_provider_info() -> None:
    _create_provider_info_schema_validator().validate(  # type: ignore[no-untyped-call]
        get_provider_info()
    )


def test_the_provider_is_named_as_its_distribution() -> None:
    name = metadata("airflow-provider-catalog")["Name"]
    assert get_provider_info()["package-name"] == name == "airflow-provider-catalog"


def test_the_provider_tells_its_version() -> None:
    assert get_provider_info()["versions"] == [__version__]


def test_airflow_finds_the_provider_by_its_entry_point() -> None:
    points = entry_points(group="apache_airflow_provider")
    assert [point.load() for point in points if point.dist and point.dist.name == "airflow-provider-catalog"] == [
        get_provider_info
    ]


def dotted(value: Any) -> Iterator[str]:
    """Everything that names something of ours."""
    if isinstance(value, str):
        if value.startswith("airflow_provider_catalog."):
            yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from dotted(each)


@pytest.mark.parametrize("name", list(dotted(get_provider_info())))
def test_what_it_names_is_there(name: str) -> None:
    assert resolve_name(name)


def test_every_option_is_told_to_airflow_with_its_type() -> None:
    told = {name: option["type"] for name, option in OPTIONS.items()}
    assert told == {option.name: TYPES.get(type(option.default), "string") for option in fields(Settings)}


def test_the_defaults_that_airflow_shows_are_those_that_count() -> None:
    """Airflow formats them, and must not stumble over a brace."""
    shown = create_default_config_parser({"catalog": get_provider_info()["config"]["catalog"]})["catalog"]
    home = {"AIRFLOW_HOME": str(AIRFLOW_HOME)}
    stated = {f"AIRFLOW__CATALOG__{name.upper()}": value for name, value in shown.items()}
    assert shown.keys() == OPTIONS.keys()
    assert settings(home | stated) == settings(home)


def test_what_may_hold_a_password_is_sensitive() -> None:
    assert [name for name, option in OPTIONS.items() if option["sensitive"]] == ["store_url", "ingest_token"]


def test_airflow_itself_tells_where_the_catalog_is(deployment: Deployment) -> None:
    done = deployment.run("config", "get-value", "catalog", "store_url")
    assert done.stdout.splitlines()[-1] == deployment.store_url
