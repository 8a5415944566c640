"""Kinds of databases that Airflow's hooks speak SQL to, as data: what their connections say, and where.

The rows follow the hooks' own OpenLineage methods where they have some, since a table must have one name whoever tells
of it; else the naming conventions of OpenLineage, as `model.platforms` has them.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, TypeAlias

Place: TypeAlias = Literal["server", "host", "file", "redshift", "snowflake", "athena", "bigquery", "spanner"]
"""How a namespace is made of a connection; `connections` has a function for each."""

FIELD = "@schema"
"""The connection's own field "schema", which means a database to some; other keys are of its extras."""


class Family(NamedTuple):
    """One row. Keys are asked in order, and the last resort is what the server does by itself."""

    scheme: str
    dialect: str = ""
    port: int | None = None
    database: tuple[str, ...] = ()
    schema: tuple[str, ...] = ()
    last_database: str | None = None
    last_schema: str | None = None
    place: Place = "server"
    local: bool = False
    """Clients take a connection without a host for this machine."""


_IN_FIELD = (FIELD, "database", "dbname", "database_name")
_SCHEMA = (FIELD, "schema")
_ON_POSTGRES = Family("postgres", "postgres", 5432, _IN_FIELD, ("currentschema",), last_schema="public", local=True)
_ON_MYSQL = Family("mysql", "mysql", 3306, schema=_IN_FIELD, local=True)

FAMILIES = {
    "postgres": _ON_POSTGRES,
    "cockroachdb": _ON_POSTGRES._replace(scheme="cockroachdb", port=26257),
    "crate": Family("crate", "postgres", 4200, schema=_SCHEMA, last_database="crate", last_schema="doc"),
    "redshift": Family("redshift", "redshift", 5439, _IN_FIELD, last_schema="public", place="redshift"),
    "vertica": Family("vertica", "postgres", 5433, _IN_FIELD, last_schema="public"),
    "materialize": Family("materialize", "materialize", 6875, _IN_FIELD, last_schema="public"),
    "risingwave": Family("risingwave", "risingwave", 4566, _IN_FIELD, last_schema="public"),
    "mysql": _ON_MYSQL,
    "mariadb": _ON_MYSQL._replace(scheme="mariadb"),
    "singlestore": _ON_MYSQL._replace(scheme="singlestore", dialect="singlestore"),
    "oceanbase": _ON_MYSQL._replace(scheme="oceanbase", port=2881),
    "tidb": _ON_MYSQL._replace(scheme="tidb", port=4000),
    "doris": _ON_MYSQL._replace(scheme="doris", dialect="doris", port=9030),
    "starrocks": _ON_MYSQL._replace(scheme="starrocks", dialect="starrocks", port=9030),
    "mssql": Family("mssql", "tsql", 1433, _IN_FIELD, last_schema="dbo"),
    "synapse": Family("synapse", "tsql", 1433, last_schema="dbo"),
    "oracle": Family("oracle", "oracle", 1521, ("service_name", "sid", FIELD)),
    "db2": Family("db2", "", 50000, _IN_FIELD, ("currentschema", "schema")),
    "hana": Family("hana", "", 30015, ("databasename", "database"), _SCHEMA),
    "sqlite": Family("sqlite", "sqlite", place="file"),
    "duckdb": Family("duckdb", "duckdb", place="file"),
    "snowflake": Family("snowflake", "snowflake", None, ("database", "db"), _SCHEMA, None, "PUBLIC", "snowflake"),
    "bigquery": Family("bigquery", "bigquery", None, ("project", "project_id"), ("dataset",), place="bigquery"),
    "spanner": Family("spanner", "bigquery", None, ("database_id", FIELD), place="spanner"),
    "athena": Family(
        "awsathena", "athena", None, ("catalog",), (*_SCHEMA, "schema_name"), "AwsDataCatalog", "default", "athena"
    ),
    "trino": Family("trino", "trino", 8080, ("catalog",), _SCHEMA, "hive"),
    "presto": Family("presto", "presto", 8080, ("catalog",), _SCHEMA, "hive"),
    "hive": Family("hive", "hive", 10000, schema=_IN_FIELD, last_schema="default"),
    "impala": Family("impala", "impala", 21050, schema=_IN_FIELD, last_schema="default"),
    "spark": Family("spark", "spark", schema=_IN_FIELD, last_schema="default"),
    "databricks": Family("databricks", "databricks", None, ("catalog",), _SCHEMA, None, "default", "host"),
    "clickhouse": Family("clickhouse", "clickhouse", 9000, schema=_IN_FIELD, last_schema="default"),
    "teradata": Family("teradata", "teradata", 1025, schema=_IN_FIELD),
    "exasol": Family("exasol", "exasol", 8563, schema=_SCHEMA),
    "dremio": Family("dremio", "dremio", 31010, schema=_SCHEMA),
    "drill": Family("drill", "drill", 8047, schema=_SCHEMA),
    "druid": Family("druid", "druid", 8082, last_schema="druid"),
    "pinot": Family("pinot", "", 8099),
    "kylin": Family("kylin", "", 7070, (FIELD, "project"), last_schema="DEFAULT"),
    "elasticsearch": Family("elasticsearch", "", 9200),
    "opensearch": Family("opensearch", "", 9200),
}

_TYPES = {
    **dict.fromkeys(
        ("postgresql", "greenplum", "yugabyte", "yugabytedb", "alloydb", "timescaledb", "citus"), "postgres"
    ),
    **dict.fromkeys(("pgvector", "pgsql", "neon", "supabase"), "postgres"),
    **dict.fromkeys(("cockroach",), "cockroachdb"),
    **dict.fromkeys(("cratedb",), "crate"),
    **dict.fromkeys(("memsql",), "singlestore"),
    **dict.fromkeys(("sqlserver", "azure_sql", "fabric"), "mssql"),
    **dict.fromkeys(("azure_synapse", "synapse_sql"), "synapse"),
    **dict.fromkeys(("ibm_db2", "ibmdb2", "ibm_db_sa"), "db2"),
    **dict.fromkeys(("saphana", "sap"), "hana"),
    **dict.fromkeys(("gcpbigquery", "google_cloud_bigquery"), "bigquery"),
    **dict.fromkeys(("gcpspanner",), "spanner"),
    **dict.fromkeys(("awsathena",), "athena"),
    **dict.fromkeys(("starburst",), "trino"),
    **dict.fromkeys(("hiveserver2", "hive2", "hive_cli", "hive_metastore"), "hive"),
    **dict.fromkeys(("spark_sql", "spark_connect", "spark2", "kyuubi"), "spark"),
    **dict.fromkeys(("ch",), "clickhouse"),
    **dict.fromkeys(("exa",), "exasol"),
    **dict.fromkeys(("pinot_admin", "pinot_broker"), "pinot"),
}

_LIKELY = {"google_cloud_platform": "bigquery", "aws": "athena"}
"""What SQL goes to over a connection that many kinds of hooks share."""

_HINTS = {
    **{name: name for name in ("redshift", "spanner", "bigquery", "athena", "snowflake", "databricks", "cockroachdb")},
    **{name: name for name in ("crate", "vertica", "singlestore", "mariadb", "mysql", "oracle", "teradata", "trino")},
    **{name: name for name in ("presto", "impala", "clickhouse", "exasol", "dremio", "drill", "druid", "pinot")},
    **{name: name for name in ("kylin", "elasticsearch", "opensearch", "duckdb", "sqlite", "synapse", "db2", "hana")},
    **dict.fromkeys(("postgres", "psql", "psycopg", "asyncpg"), "postgres"),
    **dict.fromkeys(("mssql", "sqlserver", "sql server", "freetds"), "mssql"),
    **{name: name for name in ("hive", "spark")},
}
"""Words in the names of hooks' classes and of drivers. The first that is found counts."""


def known_as(conn_type: str) -> str:
    """The family of a connection type; empty where the type alone does not tell."""
    name = conn_type.lower().replace("-", "_")
    return _TYPES.get(name, name if name in FAMILIES else "")


def hinted_by(text: str) -> str:
    """The family that the name of a class or of a driver speaks of."""
    lowered = text.lower()
    return next((family for word, family in _HINTS.items() if word in lowered), "")


def likely(conn_type: str) -> str:
    return _LIKELY.get(conn_type.lower(), "")
