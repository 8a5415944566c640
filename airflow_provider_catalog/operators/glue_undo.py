"""Takes back what the catalog did to a table of AWS Glue."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from airflow.providers.amazon.aws.utils.mixins import aws_template_fields
from airflow.sdk.exceptions import AirflowFailException

from airflow_provider_catalog.hooks.glue_failures import telling
from airflow_provider_catalog.operators.glue import GlueOperator, GlueTableLink

if TYPE_CHECKING:
    from airflow.sdk import Context


class GlueUndoOperator(GlueOperator):
    """Puts a table back as it was before the catalog changed it last; one that the catalog had made is deleted. Run
    again it takes back the change before that one. A table that somebody else changed since is left alone, and the
    task fails.

    The catalog goes on wanting what it wants: correct it there, too, or the table is written with the next change.

    :param database: its database (templated)
    :param table: its name (templated)
    :param dry_run: only say what would be done
    """

    template_fields: Sequence[str] = aws_template_fields("catalog_id", "catalog_conn_id", "database", "table")
    operator_extra_links = (GlueTableLink(),)

    def __init__(self, *, database: str, table: str, dry_run: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.database = database
        self.table = table
        self.only_look = dry_run

    def execute(self, context: Context) -> dict[str, Any]:
        from airflow_provider_catalog.targets.glue.undoing import undo_table

        self.link(context, GlueTableLink, database=self.database, table=self.table)
        with telling(), self.store() as store:
            plan = undo_table(store, self.account, self.database, self.table, dry_run=self.only_look)
        if plan.kind == "refuse":
            raise AirflowFailException(f"{self.database}.{self.table}: {plan.reason}")
        changes = [change.member for change in plan.changes]
        self.log.info("%s.%s: %s %s", self.database, self.table, plan.kind, ", ".join(changes))
        return {"database": plan.database, "table": plan.name, "state": plan.kind, "changes": changes}
