from __future__ import annotations

from importlib.metadata import entry_points, metadata

from airflow.providers_manager import _create_provider_info_schema_validator

from airflow_provider_catalog import __version__
from airflow_provider_catalog.provider_info import get_provider_info


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
