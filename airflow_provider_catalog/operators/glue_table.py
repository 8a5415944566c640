"""Tables of AWS Glue that a task registers: what the catalog knows, or what the DAG states."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from airflow.providers.amazon.aws.utils.mixins import aws_template_fields

from airflow_provider_catalog.hooks.glue import GlueTableHook
from airflow_provider_catalog.hooks.glue_asked import TableAsked
from airflow_provider_catalog.links import CatalogLink
from airflow_provider_catalog.operators.glue import GlueDatabaseLink, GlueOperator, GlueTableLink

_STATED = ("columns", "partition_keys", "location", "format", "compression", "description", "parameters", "table_owner")


class GlueTableRegisterOperator(GlueOperator):
    """Makes tables of Glue what they are to be. What others wrote into one stays, and nothing is written where nothing
    changes.

    Returns `{"tables": [{"database", "table", "state", "changes", "notes", "partitions", ...}], "created": 1,
    "updated": 0, "unchanged": 0, "skipped": 0, "refused": 0}`. When all is done it fails with what was refused.

    Either the catalog says what a table is:

    :param dataset: an id or a URI that the catalog knows, an Asset, or a list of them (templated)
    :param database: counts more than the rules of `[catalog] glue_mapping` (templated)
    :param table: as well; of several datasets it is one table (templated)

    or the DAG does, and the catalog is told:

    :param database: it is made where it is missing (templated)
    :param table: names are in lower case there (templated)
    :param columns: a mapping of names to types of any database, or a list of `{"name", "type", "comment"}` (templated)
    :param partition_keys: the same, or a list of names (templated)
    :param location: a folder (templated)
    :param format: parquet, orc, avro, json, csv, tsv, delta, hudi, iceberg (templated)
    :param compression: gzip, snappy, zstd, … (templated)
    :param description: goes between two marks, and what stands outside of them is people's (templated)
    :param parameters: a value of None takes one away that was written from here (templated)
    :param table_owner: who it belongs to; `owner` is the task's (templated)

    :param if_exists: what becomes of a table that is there. `merge` adds what is stated, `update` takes away columns
        that are not, `skip` leaves it alone, `fail` fails unless it is so already
    :param if_missing: `create`, or `fail`
    :param dry_run: only looks, and says what it would do
    """

    aws_hook_class = GlueTableHook
    template_fields: Sequence[str] = aws_template_fields(
        "catalog_id", "catalog_conn_id", "dataset", "database", "table", *_STATED
    )
    template_fields_renderers = dict.fromkeys(("columns", "partition_keys", "parameters"), "json")
    operator_extra_links = (GlueTableLink(), GlueDatabaseLink(), CatalogLink())

    def __init__(  # noqa: PLR0913  whatever can be said of a table
        self,
        *,
        dataset: Any = None,
        database: str | None = None,
        table: str | None = None,
        columns: Mapping[str, str] | Sequence[Any] | str | None = None,
        partition_keys: Mapping[str, str] | Sequence[Any] | str | None = None,
        location: str | None = None,
        format: str | None = None,  # noqa: A002  what everybody calls it
        compression: str | None = None,
        description: str | None = None,
        parameters: Mapping[str, Any] | str | None = None,
        table_owner: str | None = None,
        if_exists: str = "merge",
        if_missing: str = "create",
        dry_run: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.dataset = dataset
        self.database = database
        self.table = table
        self.columns = columns
        self.partition_keys = partition_keys
        self.location = location
        self.format = format
        self.compression = compression
        self.description = description
        self.parameters = parameters
        self.table_owner = table_owner
        self.if_exists = if_exists
        self.if_missing = if_missing
        self.plan_only = dry_run
        said = {name: getattr(self, name) for name in _STATED if getattr(self, name) is not None}
        TableAsked(dataset, database, table, said, if_exists, if_missing).check()

    def execute(self, context: Any) -> dict[str, Any]:
        hook = cast("GlueTableHook", self.hook)
        stated: dict[str, Any] = {name: getattr(self, name) for name in ("database", "table", *_STATED)}
        policy: dict[str, Any] = {"if_exists": self.if_exists, "if_missing": self.if_missing}
        done = hook.register_table(self.dataset, **stated, **policy, dry_run=self.plan_only)
        self._link(context, done["tables"])
        return done

    def _link(self, context: Any, tables: Sequence[Mapping[str, Any]]) -> None:
        """To the first of them, and to the database that it is in."""
        for each in tables[:1]:
            meta = cast("Any", self.hook.get_conn()).meta
            place = (context, self, each["region"] or meta.region_name, meta.partition)
            names = {"catalog_id": each["catalog_id"] or "", "database": each["database"]}
            GlueTableLink.persist(*place, table=each["table"], **names)
            GlueDatabaseLink.persist(*place, **names)
