"""Assets in the events of the OpenLineage provider, asked through Airflow's own registry."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from itertools import chain
from typing import Any

import pytest
from airflow.providers.common.io.assets import file
from airflow.providers.openlineage.utils.utils import translate_airflow_asset
from airflow.sdk import Asset
from airflow.sdk.definitions import asset as definitions
from airflow.sdk.definitions.asset import normalize_noop
from airflow.sdk.providers_manager_runtime import ProvidersManagerTaskRuntime

from airflow_provider_catalog.asset_uris import to_openlineage
from airflow_provider_catalog.capture.assets import asset_records
from airflow_provider_catalog.errors import RejectedError
from airflow_provider_catalog.model.identity import DatasetId
from airflow_provider_catalog.model.platforms import BY_SCHEME
from airflow_provider_catalog.provider_info import get_provider_info
from airflow_provider_catalog.sources.assets import NAMESPACE, dataset_of

(ENTRY,) = get_provider_info()["asset-uris"]
SCHEMES: list[str] = ENTRY["schemes"]
OFFICIAL = {
    "amazon": {"s3", "redshift"},
    "apache-hdfs": {"hdfs"},
    "apache-hive": {"hive", "hive2"},
    "apache-kafka": {"kafka"},
    "common-io": {"file"},
    "databricks": {"databricks"},
    "ftp": {"ftp", "ftps"},
    "google": {"bigquery", "gs"},
    "microsoft-mssql": {"mssql"},
    "mongo": {"mongodb"},
    "mysql": {"mysql", "mariadb"},
    "oracle": {"oracle"},
    "postgres": {"postgres", "postgresql"},
    "presto": {"presto"},
    "sftp": {"sftp"},
    "snowflake": {"snowflake"},
    "teradata": {"teradata"},
    "trino": {"trino"},
}
"""What the providers of Airflow register themselves, in 2026."""
OTHERS = {"box", "cockroachdb"}
"""What providers of other people do."""
NO_SCHEME = {"ibm_db_sa"}
"""Schemes of SQLAlchemy that a URI cannot have."""

SECRET = "hunter2"
PATHS = (
    "host:1/a/b/c",
    "/data/shop.db/orders",
    "//data/shop.db/orders",
    "",
    "/",
    "host",
    "host/",
    "host//a///b//",
    "ho st/a b/c\td",
    "höst/täble/日本/😀",
    "host/%00/%2F/%zz/%",
    "host/a\x00b",
    f"user:{SECRET}@host/a/b/c",
    f"user:{SECRET}@[::1]:5432/a/b",
    f"host/a/b/c?password={SECRET}&z=1&a=%20",
    f"host/a/b/c?sig={SECRET}#top",
    "host:none/a",
    "host:99999999/a",
    "[host/a",
    "?",
    "#",
    "@/:?#",
    "host/" + "x" * 1_400,
    "host/" + "ü" * 1_400,
    "host/" + "/" * 1_400,
)
HOSTILE = [f"{scheme}://{path}" for scheme in SCHEMES for path in PATHS]
HOSTILE += [f"{scheme}:{path}" for scheme in SCHEMES for path in PATHS if "@" not in path]

ignore_passwords = pytest.mark.filterwarnings("ignore:An Asset URI should not contain a password")


def runtime() -> Any:
    return ProvidersManagerTaskRuntime()  # type: ignore[no-untyped-call]


def converted(asset: Asset) -> DatasetId | None:
    """Read as we read an event of OpenLineage. The provider keeps errors to itself, this does not."""
    found = to_openlineage(asset, None)
    return None if found is None else DatasetId(found.namespace, found.name)


def recorded(asset: Asset) -> DatasetId | None:
    """By our own record of a task. None: it is too long, or a name and no dataset outside Airflow."""
    (record,) = asset_records([asset])
    with suppress(RejectedError):
        found = dataset_of(record, "")
        return None if found.namespace == NAMESPACE else found
    return None


def made(uri: str) -> Asset | None:
    """Airflow takes not every URI."""
    with suppress(ValueError):
        return Asset(uri=uri, name="asset")
    return None


def test_every_scheme_that_we_know_is_somebodys() -> None:
    theirs = set(chain.from_iterable(OFFICIAL.values())) | OTHERS
    assert sorted(SCHEMES) == sorted((BY_SCHEME.keys() | {"arn", "jdbc"}) - theirs - NO_SCHEME)
    assert len(SCHEMES) == len(set(SCHEMES))


def test_airflow_asks_us_about_each_of_them_and_leaves_its_uris_alone() -> None:
    manager = runtime()
    for scheme in SCHEMES:
        assert manager.asset_to_openlineage_converters[scheme] is to_openlineage
        assert manager.asset_uri_handlers[scheme] is normalize_noop
        assert scheme not in manager.asset_factories


@pytest.mark.parametrize(
    ("uri", "namespace", "name"),
    [
        ("glue://db/orders", "glue://", "table/db/orders"),
        ("arn:aws:glue:eu-west-1:1234:table/db/orders", "arn:aws:glue:eu-west-1:1234", "table/db/orders"),
        ("athena://athena.eu-west-1.amazonaws.com/cat/db/t", "awsathena://athena.eu-west-1.amazonaws.com", "cat.db.t"),
        ("clickhouse://h:9000/db/t", "clickhouse://h:9000", "db.t"),
        ("s3a://lake/raw/orders", "s3://lake", "raw/orders"),
        ("gcs://lake/raw", "gs://lake", "raw"),
        ("abfss://box@account.dfs.core.windows.net/raw", "abfss://box@account.dfs.core.windows.net", "raw"),
        ("unitycatalog://h/cat/db/my%20table", "unitycatalog://h", "cat.db.my table"),
        ("jdbc:postgresql://db:5432/shop/public/orders", "postgres://db:5432", "shop.public.orders"),
        ("https://example.com/data.csv?v=2", "https://example.com", "data.csv?v=2"),
    ],
)
def test_an_asset_is_the_dataset_that_its_uri_names(uri: str, namespace: str, name: str) -> None:
    found = translate_airflow_asset(Asset(uri), None)
    assert found is not None
    assert (found.namespace, found.name) == (namespace, name)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_openlineage_provider_and_our_own_record_name_one_dataset(scheme: str) -> None:
    uri = {"arn": "arn:aws:dynamodb:x:1:table/a", "jdbc": "jdbc:oracle:thin:@//h:1521/a"}.get(scheme)
    asset = Asset(uri or f"{scheme}://host:1/a/b/c")
    found = translate_airflow_asset(asset, None)
    assert found is not None
    assert found == to_openlineage(asset, None)
    assert DatasetId(found.namespace, found.name) == recorded(asset)


@ignore_passwords
def test_whatever_a_uri_holds_both_name_one_dataset_and_no_secret() -> None:
    named = 0
    for uri in HOSTILE:
        if asset := made(uri):
            dataset = converted(asset)
            assert SECRET not in f"{dataset}", uri
            assert dataset == recorded(asset), uri
            assert translate_airflow_asset(asset, None) == to_openlineage(asset, None), uri
            named += dataset is not None
    assert named > len(HOSTILE) / 3


@ignore_passwords
def test_installing_us_changes_no_uri_and_refuses_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """Airflow compares assets by their URIs: DAGs wait for them."""
    with_us = [sanitized(uri) for uri in HOSTILE]
    monkeypatch.setattr(definitions, "_get_uri_normalizer", lambda _scheme: None)
    assert with_us == [sanitized(uri) for uri in HOSTILE]


def sanitized(uri: str) -> str:
    try:
        return Asset(uri=uri, name="asset").uri
    except ValueError as error:
        return repr(error)


def test_when_another_provider_comes_to_own_a_scheme_it_is_asked_and_not_we(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from airflow.providers.common.io import get_provider_info as theirs

    monkeypatch.setattr(theirs, "get_provider_info", registering(theirs.get_provider_info, "duckdb"))
    monkeypatch.setattr(ProvidersManagerTaskRuntime, "_initialized", False)
    monkeypatch.setattr(ProvidersManagerTaskRuntime, "_instance", None)
    manager = runtime()
    assert manager.asset_to_openlineage_converters["duckdb"] is file.convert_asset_to_openlineage
    assert manager.asset_uri_handlers["duckdb"] is file.sanitize_uri
    assert manager.asset_to_openlineage_converters["sqlite"] is to_openlineage


def registering(get_info: Callable[[], dict[str, Any]], scheme: str) -> Callable[[], dict[str, Any]]:
    info = get_info()
    (entry,) = info["asset-uris"]
    return lambda: {**info, "asset-uris": [{**entry, "schemes": [*entry["schemes"], scheme]}]}


def test_registering_loads_nothing_else() -> None:
    """Every process that makes an asset does it."""
    said = "import sys, airflow_provider_catalog.asset_uris; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True).stdout.split()
    assert [name for name in loaded if name.startswith("airflow_provider_catalog")] == [
        "airflow_provider_catalog",
        "airflow_provider_catalog.asset_uris",
    ]
    assert not {"airflow", "openlineage"} & set(loaded)
