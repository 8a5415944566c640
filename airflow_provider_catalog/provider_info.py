"""What Airflow's provider discovery asks for. `package-name` must equal the distribution's name or discovery fails.

Plain data: every Airflow process reads it at its start. Airflow passes the defaults of options through `str.format`, so
none may hold braces but `{AIRFLOW_HOME}`. The plugin is an entry point of its own (setup.cfg): Airflow ignores the key
`plugins` unless told otherwise, and would load it twice then.
"""

from __future__ import annotations

from typing import Any

from airflow_provider_catalog import __version__

_INTEGRATION = "Data Catalog"


def _option(
    kind: str, default: str, description: str, *, example: str | None = None, sensitive: bool = False
) -> dict[str, Any]:
    return {
        "description": f"{description}\n",
        "version_added": "0.1.0",
        "type": kind,
        "example": example,
        "default": default,
        "sensitive": sensitive,
    }


_OPTIONS = {
    "enabled": _option(
        "boolean", "True", "Off: no task is captured, and Airflow's own migration leaves the catalog alone."
    ),
    "store_url": _option(
        "string",
        "sqlite:///{AIRFLOW_HOME}/catalog.db",
        "Where the catalog is kept: a SQLite file on a local disk, a PostgreSQL database of its own, or behind another"
        " server (https://HOST/catalog/).",
        example="postgresql://catalog:secret@db:5432/catalog",
        sensitive=True,
    ),
    "ingest_url": _option(
        "string",
        "",
        "Where tasks hand over what they captured if they may not reach the store: the catalog's server.",
        example="https://airflow.example.com/catalog/",
    ),
    "ingest_token": _option(
        "string",
        "",
        "The token for that, of `airflow-catalog token create`.",
        sensitive=True,
    ),
    "namespace": _option(
        "string",
        "",
        "The namespace of Airflow's own tasks as jobs. Empty: that of the section [openlineage], else `default`.",
        example="production",
    ),
    "namespace_aliases": _option(
        "string",
        "",
        "Namespaces that are one, as a JSON object.",
        example='{"postgres://localhost:5432": "postgres://db:5432"}',
    ),
    "disabled_for_operators": _option(
        "string",
        "",
        "Operators that are never captured: their classes with their modules, separated by semicolons.",
        example="airflow.providers.standard.operators.bash.BashOperator;my.operators.Secret",
    ),
    "selective_enable": _option(
        "boolean", "False", "Capture only DAGs and tasks that ask for it, as in the section [openlineage]."
    ),
    "spool_dir": _option(
        "string",
        "{AIRFLOW_HOME}/catalog-spool",
        "Where tasks leave what they captured until it is handed over. It must outlive the task.",
    ),
    "spool_max_mb": _option("integer", "1024", "How large the spool may grow while nobody takes what is in it."),
    "deliver_timeout": _option("float", "2.0", "Seconds that a task that is done may take to hand over its spool."),
    "embedded_worker": _option(
        "boolean", "True", "The API server starts a worker of the catalog. Off where one is deployed by itself."
    ),
    "max_event_mb": _option(
        "integer", "16", "A larger event is not taken in: its head and the reason become a dead letter."
    ),
    "log_retention_days": _option(
        "integer", "30", "After so many days runs are let go of that only repeat what is known."
    ),
    "edge_patience": _option("integer", "3", "An observed edge closes after so many complete runs without it."),
    "publish": _option(
        "string",
        "",
        "Where the catalog is carried to: targets, or the paths of classes of your own, separated by commas.",
        example="files, glue, my_company.catalog.Wiki",
    ),
    "glue_mapping": _option(
        "string",
        "",
        "Which datasets are which tables of AWS Glue: a JSON list of rules, of which the first match counts.",
        example='[{"match": "s3://lake/{database}/{table}"}]',
    ),
    "glue_calls_per_second": _option(
        "integer", "50", "So many calls to AWS Glue a second at most: others work in the account, too."
    ),
}

_OPERATORS = (
    "database",
    *("glue_table", "glue_partitions", "glue_lineage", "glue_crawler", "glue_statistics", "glue_schema"),
    *("glue_optimizer", "glue_undo", "dbt_artifacts", "dbt_harvest"),
)
_CONSOLE = ("Table", "Database", "Crawler", "Schema")

_CONNECTION = {
    "connection-type": "catalog",
    "hook-class-name": "airflow_provider_catalog.hooks.catalog.CatalogHook",
    "hook-name": _INTEGRATION,
    "ui-field-behaviour": {
        "hidden-fields": [],
        "relabeling": {"schema": "Database"},
        "placeholders": {
            "host": "the server of a PostgreSQL store, or https://HOST/catalog/",
            "password": "of the database, or the token for https://",
            "port": "5432",
            "schema": "catalog",
            "extra": '{"store_url": "sqlite:////absolute/path/catalog.db"}',
        },
    },
}

_ASSET_URIS = {
    "schemes": (  # noqa: SIM905  words read better than a line for each
        "abfs abfss adf adl api arn athena awsathena azurecosmos azuredatafactory azurekusto cassandra clickhouse"
        " cockroach cosmos crate db2 dbfs dremio duckdb dynamodb elastic elasticsearch exa exasol fabric-warehouse"
        " filenet gcs glue http https impala inmemory jdbc kinesis kusto milvus mongo mssharepoint oceanbase opensearch"
        " oss pubsub s3a s3n s3tables sharepoint spanner spark sqlite sqlite3 sqlserver sqs synapse tableau unity"
        " unitycatalog wasb wasbs"
    ).split(),
    "handler": None,
    "to_openlineage_converter": "airflow_provider_catalog.asset_uris.to_openlineage",
}
"""The schemes that the model knows and no other provider registers. When one comes to do so it is asked and not we: of
several providers Airflow takes the last by name, and those of Airflow itself come after ours.
"""


def get_provider_info() -> dict[str, Any]:
    return {
        "package-name": "airflow-provider-catalog",
        "name": _INTEGRATION,
        "description": "A data catalog inside Apache Airflow: lineage, search and classification of your datasets.\n",
        "versions": [__version__],
        "integrations": [{"integration-name": _INTEGRATION, "tags": ["software"]}],
        "hooks": [_modules("airflow_provider_catalog.hooks.catalog", "airflow_provider_catalog.hooks.glue")],
        "operators": [_modules(*(f"airflow_provider_catalog.operators.{name}" for name in _OPERATORS))],
        "triggers": [_modules("airflow_provider_catalog.triggers.glue_statistics")],
        "bundles": [_modules("airflow_provider_catalog.bundles")],
        "connection-types": [_CONNECTION],
        "task-decorators": [
            {"name": "catalogued", "class-name": "airflow_provider_catalog.decorators.catalogued_task"}
        ],
        "asset-uris": [_ASSET_URIS],
        "extra-links": [
            "airflow_provider_catalog.links.CatalogLink",
            *(f"airflow_provider_catalog.operators.glue.Glue{noun}Link" for noun in _CONSOLE),
        ],
        "db-managers": ["airflow_provider_catalog.db_manager.CatalogDBManager"],
        "cli": ["airflow_provider_catalog.cli.airflow.commands"],
        "config": {"catalog": {"description": "The data catalog.\n", "options": _OPTIONS}},
    }


def _modules(*names: str) -> dict[str, Any]:
    return {"integration-name": _INTEGRATION, "python-modules": list(names)}
