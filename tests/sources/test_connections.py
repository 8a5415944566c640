"""Connections from golden data: adding a case is adding a line to a file of tests/golden/connections.

`UPDATE_GOLDEN=1 pytest tests/sources/test_connections.py` writes what is expected anew: read the difference before you
commit. A table is named as SQL over the connection would name it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openlineage.client.naming import dataset as naming
from openlineage.common.provider.snowflake import fix_account_name

from airflow_provider_catalog.model.identity import DatasetId
from airflow_provider_catalog.model.record import ConnectionRecord
from airflow_provider_catalog.sources.connections import database
from airflow_provider_catalog.sources.database_families import FAMILIES
from airflow_provider_catalog.sources.sql import lineage

GOLDEN = Path(__file__).parents[1] / "golden" / "connections"
CASES = [
    pytest.param(path, i, id=f"{path.stem}-{i}-{case['connection'].get('conn_type')}-{case['about']}")
    for path in sorted(GOLDEN.glob("*.json"))
    for i, case in enumerate(json.loads(path.read_text()))
]


def named(connection: ConnectionRecord, table: str, operator: str = "") -> tuple[DatasetId | None, dict[str, Any]]:
    """The dataset, and what else is known of where it is."""
    where = database(connection, operator)
    (name,) = lineage(f"SELECT * FROM {table}", where.dialect, *where.session(None, None)).inputs  # noqa: S608  only read
    return where.dataset(name), {"dialect": where.dialect} | ({"reason": where.reason} if where.reason else {})


@pytest.mark.parametrize(("path", "number"), CASES)
def test_tables_have_the_names_of_the_golden_files(path: Path, number: int) -> None:
    cases = json.loads(path.read_text())
    case = cases[number]
    dataset, known = named(case["connection"], case["table"], case.get("operator", ""))
    found = {"dataset": [dataset.namespace, dataset.name] if dataset else None, **known}
    if os.environ.get("UPDATE_GOLDEN"):
        case["expected"] = found
        path.write_text("[\n" + ",\n".join(f" {json.dumps(each, ensure_ascii=False)}" for each in cases) + "\n]\n")
    assert found == case["expected"]


@pytest.mark.parametrize("account", ["org-acc", "xy1", "xy1.eu-west-1", "xy1.west-europe.azure", "xy1.a.b.privatelink"])
def test_accounts_of_snowflake_are_told_as_openlineage_tells_them(account: str) -> None:
    where = database({"conn_type": "snowflake", "extra": {"account": account}})
    assert where.namespace == f"snowflake://{fix_account_name(account)}"


@pytest.mark.parametrize(
    ("connection", "table", "said"),
    [
        (
            {"conn_type": "postgres", "host": "h", "schema": "d"},
            "s.t",
            naming.Postgres(host="h", port="5432", database="d", schema="s", table="t"),
        ),
        ({"conn_type": "mysql", "host": "h"}, "d.t", naming.MySQL(host="h", port="3306", database="d", table="t")),
        (
            {"conn_type": "trino", "host": "h", "extra": {"catalog": "c"}},
            "s.t",
            naming.Trino(host="h", port="8080", catalog="c", schema="s", table="t"),
        ),
        (
            {"conn_type": "redshift", "host": "c.x.eu-west-1.redshift.amazonaws.com", "schema": "d"},
            "s.t",
            naming.Redshift(
                cluster_identifier="c", region="eu-west-1", port="5439", database="d", schema="s", table="t"
            ),
        ),
        (
            {"conn_type": "snowflake", "extra": {"account": "o-a", "database": "D"}},
            "S.T",
            naming.Snowflake(organization_name="o", account_name="a", database="D", schema="S", table="T"),
        ),
        (
            {"conn_type": "gcpbigquery", "extra": {"project": "p"}},
            "d.t",
            naming.BigQuery(project_id="p", dataset_name="d", table_name="t"),
        ),
        (
            {"conn_type": "athena", "extra": {"region_name": "eu-west-1"}},
            "d.t",
            naming.Athena(region_name="eu-west-1", catalog="AwsDataCatalog", database="d", table="t"),
        ),
        (
            {"conn_type": "hiveserver2", "host": "h"},
            "d.t",
            naming.Hive(host="h", port="10000", database="d", table="t"),
        ),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, dict | str) else "",
)
def test_names_are_those_of_openlineage(connection: ConnectionRecord, table: str, said: naming.DatasetNaming) -> None:
    assert named(connection, table)[0] == DatasetId(said.get_namespace(), said.get_name())


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_every_family_knows_how_it_is_called(family: str) -> None:
    extra = {"account": "o-a", "region_name": "r", "project_id": "p", "instance_id": "i"}
    where = database({"conn_type": family, "host": "/h" if family in ("sqlite", "duckdb") else "h", "extra": extra})
    assert not where.reason
    assert where.namespace.startswith(FAMILIES[family].scheme)


def test_a_statement_may_have_defaults_of_its_own() -> None:
    postgres = database({"conn_type": "postgres", "host": "h", "schema": "shop"})
    mysql = database({"conn_type": "mysql", "host": "h", "schema": "shop"})
    sqlite = database({"conn_type": "sqlite", "host": "/x.db"})
    trino = database({"conn_type": "trino", "host": "h", "schema": "s", "extra": {"catalog": "lake"}})
    assert postgres.session(None, "mart") == ("shop", "mart")
    assert postgres.session("crm", None) == ("crm", "public")
    assert mysql.session("crm", None) == (None, "crm")
    assert sqlite.session("crm", "mart") == (None, None)
    assert trino.session("crm", None) == ("lake", "crm")
    assert trino.session("crm", "mart") == ("crm", "mart")


SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=30)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "conn_type": st.sampled_from([*FAMILIES, "jdbc", "odbc", "aws", "generic"]) | SCALARS,
            "hook": SCALARS,
            "host": st.text(max_size=40).map(lambda text: f"jdbc:{text}") | SCALARS,
            "port": SCALARS,
            "schema": SCALARS,
            "extra": st.dictionaries(st.sampled_from(["account", "driver", "host", "region"]), SCALARS) | SCALARS,
        },
    )
)
def test_no_connection_is_too_strange(connection: Any) -> None:
    where = database(connection)
    dataset = where.dataset("a.b.c")
    assert (dataset is None) == bool(where.reason)


def test_nobody_learns_who_logs_in() -> None:
    for host in ("u:hunter2@h", "postgresql://u:hunter2@h:1/d", "jdbc:postgresql://u:hunter2@h/d?password=hunter2"):
        assert "hunter2" not in repr(database({"conn_type": "postgres", "host": host}))
