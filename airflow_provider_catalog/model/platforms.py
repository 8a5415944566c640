"""Platforms as data: how each one writes its namespaces and names, and whether case counts.

Adding a platform is adding a row to `_ROWS`, which `grammar` reads; no code branches on a platform's name. The rows
follow the OpenLineage naming conventions and add what Airflow operators, dbt and the cloud catalogs emit beyond them.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal, NamedTuple

Case = Literal["exact", "lower", "upper"]


class Platform(NamedTuple):
    """One row. A platform nobody knows is the row with all defaults, called by its URI scheme."""

    name: str
    schemes: tuple[str, ...] = ()
    """URI schemes and ARN services that mean it; the first is the one ids are written with."""
    case: Case = "exact"
    """What case unquoted identifiers are stored in; `exact` where two names differing in case are two datasets."""
    separator: str = "."
    """Between the parts of a name; empty where a name has no parts."""
    levels: int = 0
    """How many parts a full name has; 0 where it is a path of any depth."""
    start: Literal["", "key", "/"] = ""
    """How a path begins: an object key without a slash, a file path with one."""
    inside: int = 0
    """Path segments that belong to the namespace; -1 = all of a database file's path."""
    word: Literal["never", "local", "always"] = "never"
    """Whether the namespace is the bare platform name: never, without a host, or always."""
    schema: str = ""
    """The default schema: said or not, it is the same table."""
    host: tuple[str, str] = ("", "")
    """Regular expression and replacement that bring an endpoint's host to the form of the naming conventions."""
    prefix: str = ""
    """What a name begins with that is left out where its URI stands for an ARN."""
    columns: Case | None = None
    """The same for columns, where it is another rule than for tables."""
    container: bool = False
    """What stands before the @ is a storage container, not a user."""


UNKNOWN = Platform("unknown")
_SNOWFLAKE_HOST = (r"\.snowflakecomputing\.(com|cn)(?=$|:)", "")
_REDSHIFT_HOST = (r"^([^.:]+)\.[^.:]+\.([^.:]+)\.redshift(?:-serverless)?\.amazonaws\.com(?:\.cn)?(?=$|:)", r"\1.\2")

_ROWS = (
    Platform("postgres", ("postgres", "postgresql"), levels=3),
    Platform("cockroachdb", ("cockroachdb", "cockroach"), levels=3),
    Platform("crate", ("crate",), levels=3),
    Platform("mysql", ("mysql",), levels=2, columns="lower"),
    Platform("mariadb", ("mariadb",), levels=2, columns="lower"),
    Platform("oceanbase", ("oceanbase",), levels=2, columns="lower"),
    Platform("clickhouse", ("clickhouse",), levels=2),
    Platform("cassandra", ("cassandra",), levels=2),
    Platform("milvus", ("milvus",), levels=2),
    Platform("mongodb", ("mongodb", "mongo"), levels=2),
    Platform("spanner", ("spanner",), levels=3),
    Platform("fabric-warehouse", ("fabric-warehouse",), levels=3),
    Platform("bigquery", ("bigquery",), levels=3, word="always", columns="lower"),
    Platform("mssql", ("mssql", "sqlserver"), "lower", levels=3),
    Platform("synapse", ("synapse",), "lower", levels=2),
    Platform("redshift", ("redshift",), "lower", levels=3, host=_REDSHIFT_HOST),
    Platform("athena", ("awsathena", "athena"), "lower", levels=3),
    Platform("trino", ("trino",), "lower", levels=3),
    Platform("presto", ("presto",), "lower", levels=3),
    Platform("hive", ("hive", "hive2"), "lower", levels=2),
    Platform("impala", ("impala",), "lower", levels=2),
    Platform("spark", ("spark",), "lower", levels=2),
    Platform("databricks", ("databricks",), "lower", levels=3),
    Platform("unitycatalog", ("unitycatalog", "unity"), "lower", levels=3),
    Platform("dremio", ("dremio",), "lower", levels=3),
    Platform("sqlite", ("sqlite", "sqlite3"), "lower", levels=1, inside=-1, schema="main"),
    Platform("duckdb", ("duckdb",), "lower", levels=1, inside=-1, schema="main"),
    Platform("snowflake", ("snowflake",), "upper", levels=3, host=_SNOWFLAKE_HOST),
    Platform("oracle", ("oracle",), "upper", levels=3),
    Platform("teradata", ("teradata",), "upper", levels=2),
    Platform("db2", ("db2", "ibm_db_sa"), "upper", levels=3),
    Platform("exasol", ("exasol", "exa"), "upper", levels=2),
    Platform("glue", ("glue",), "lower", "/", prefix="table/"),
    Platform("s3tables", ("s3tables",), "lower", "/"),
    Platform("dynamodb", ("dynamodb",), separator="/"),
    Platform("azurecosmos", ("azurecosmos", "cosmos"), separator="/", inside=2),
    Platform("azurekusto", ("azurekusto", "kusto"), separator="/"),
    Platform("azuredatafactory", ("azuredatafactory", "adf"), separator="/"),
    Platform("s3", ("s3", "s3a", "s3n"), separator="/", start="key"),
    Platform("gs", ("gs", "gcs"), separator="/", start="key"),
    Platform("abfss", ("abfss", "abfs"), separator="/", start="key", container=True),
    Platform("wasbs", ("wasbs", "wasb"), separator="/", start="key", container=True),
    Platform("adl", ("adl",), separator="/", start="key"),
    Platform("oss", ("oss",), separator="/", start="key"),
    Platform("box", ("box",), separator="/", start="key", inside=1),
    Platform("filenet", ("filenet",), separator="/", start="key", inside=1),
    Platform("mssharepoint", ("mssharepoint", "sharepoint"), separator="/", start="key", inside=1),
    Platform("http", ("http",), separator="/", start="key"),
    Platform("https", ("https",), separator="/", start="key"),
    Platform("api", ("api",), separator="/", start="key"),
    Platform("tableau", ("tableau",), separator="/", start="key"),
    Platform("file", ("file",), separator="/", start="/", word="local"),
    Platform("hdfs", ("hdfs",), separator="/", start="/"),
    Platform("dbfs", ("dbfs",), separator="/", start="/"),
    Platform("sftp", ("sftp",), separator="/", start="/"),
    Platform("ftp", ("ftp", "ftps"), separator="/", start="/"),
    Platform("kafka", ("kafka",), separator="", levels=1),
    Platform("kinesis", ("kinesis",), separator="/"),
    Platform("sqs", ("sqs",), separator=""),
    Platform("pubsub", ("pubsub",), separator=":", word="always"),
    Platform("elasticsearch", ("elasticsearch", "elastic"), separator="", levels=1),
    Platform("opensearch", ("opensearch",), separator="", levels=1),
    Platform("inmemory", ("inmemory",), separator="", levels=1),
)

BY_SCHEME = {scheme: row for row in _ROWS for scheme in (*row.schemes, row.name)}
_SCHEME = re.compile(r"(?i)([a-z][a-z0-9+._-]*)://|arn:[^:/]*:([a-z0-9-]+):")


def by_scheme(scheme: str) -> Platform:
    """Drivers do not count: `postgresql+psycopg2` is PostgreSQL."""
    lowered = scheme.lower()
    return BY_SCHEME.get(lowered) or BY_SCHEME.get(lowered.partition("+")[0]) or UNKNOWN._replace(name=lowered)


@lru_cache(maxsize=8_192)
def by_namespace(namespace: str) -> Platform:
    """An ARN's platform is its service; a bare word is one only where the naming conventions say so."""
    if found := _SCHEME.match(namespace):
        return by_scheme(found[1] or found[2])
    row = BY_SCHEME.get(namespace, UNKNOWN)
    return UNKNOWN if row.word == "never" else row
