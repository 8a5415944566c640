"""Partitions of a table of AWS Glue that a task registers, without a crawl."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, cast

from airflow.providers.amazon.aws.utils.mixins import aws_template_fields

from airflow_provider_catalog.hooks.glue import GlueTableHook
from airflow_provider_catalog.hooks.glue_asked import PartitionsAsked
from airflow_provider_catalog.links import CatalogLink
from airflow_provider_catalog.operators.glue import GlueOperator, GlueTableLink


class GluePartitionsRegisterOperator(GlueOperator):
    """Adds the partitions of a table that are not there yet. None is ever taken away, and nothing is written where
    nothing changes.

    Returns `{"database", "table", "added": 2, "updated": 0, "unchanged": 5, "ignored": 0, "failed": [{"values",
    "reason"}], "failures": 0}`. One that is refused holds up no other.

    :param database: the database of the table (templated)
    :param table: a table with partition keys (templated)
    :param partitions: a list of values by name, `{"dt": "{{ ds }}", "hour": 3}`, of values in order, or of paths such
        as `s3://lake/orders/dt=2026-01-01/hour=3/`; with a folder of its own `{"values": …, "location": "s3://…"}`
        (templated)
    :param from_location: those whose folders `key=value` are below that of the table
    :param if_exists: `skip` leaves a partition that is there alone, `update` gives it the folder that is stated and the
        format of the table
    :param strict: whether the task fails when some were refused; else they are in what it returns
    :param dry_run: only looks, and says what it would do
    """

    aws_hook_class = GlueTableHook
    template_fields: Sequence[str] = aws_template_fields(
        "catalog_id", "catalog_conn_id", "database", "table", "partitions"
    )
    template_fields_renderers = dict.fromkeys(("partitions",), "json")
    operator_extra_links = (GlueTableLink(), CatalogLink())

    def __init__(
        self,
        *,
        database: str,
        table: str,
        partitions: Collection[Any] | str | None = None,
        from_location: bool = False,
        if_exists: str = "skip",
        strict: bool = True,
        dry_run: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.database = database
        self.table = table
        self.partitions = partitions
        self.from_location = from_location
        self.if_exists = if_exists
        self.strict = strict
        self.plan_only = dry_run
        PartitionsAsked(database, table, partitions, from_location, if_exists).check()

    def execute(self, context: Any) -> dict[str, Any]:
        self.link(context, GlueTableLink, database=self.database.lower(), table=self.table.lower())
        return cast("GlueTableHook", self.hook).register_partitions(
            self.database,
            self.table,
            self.partitions,
            from_location=self.from_location,
            if_exists=self.if_exists,
            dry_run=self.plan_only,
            strict=self.strict,
        )
