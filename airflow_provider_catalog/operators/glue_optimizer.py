"""Optimizers of Iceberg tables, which AWS runs by itself: compaction, retention of snapshots, orphan files."""

from __future__ import annotations

import random
import time
from itertools import count
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from airflow.providers.amazon.aws.utils.mixins import aws_template_fields
from airflow.sdk.exceptions import AirflowFailException

from airflow_provider_catalog.hooks.glue_failures import telling
from airflow_provider_catalog.operators.glue import GlueOperator, GlueTableLink

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from airflow.sdk import Context

    from airflow_provider_catalog.targets.glue.optimizer import Optimizer, Plan

_Glue: TypeAlias = "Mapping[str, Any]"

_TRIES, _WAIT_SECONDS = 8, 0.05
_MISSING = "EntityNotFoundException"


class GlueTableOptimizerOperator(GlueOperator):
    """Sees to it that an Iceberg table has an optimizer, or none. Nothing is called when it is as it should be.

    Returns `{"optimizer", "state", "last_run"}`; the state is created, updated, unchanged or deleted.

    :param database: the database of the table (templated)
    :param table: an Iceberg table (templated)
    :param optimizer: compaction, retention or orphan_file_deletion (templated)
    :param role_arn: the role that AWS optimizes with; needed where there is no optimizer yet (templated)
    :param enabled: off, it stays and does nothing
    :param configuration: what AWS has under `icebergConfiguration`, as `{"snapshotRetentionPeriodInDays": 5}`; what it
        does not name stays as it is (templated)
    :param vpc_connection: the connection of Glue through which buckets in a VPC are reached (templated)
    :param state: present, or absent
    """

    template_fields: Sequence[str] = aws_template_fields(
        *("catalog_id", "catalog_conn_id", "database", "table"),
        *("optimizer", "role_arn", "configuration", "vpc_connection"),
    )
    operator_extra_links = (GlueTableLink(),)

    def __init__(  # noqa: PLR0913  what an optimizer is made of
        self,
        *,
        database: str,
        table: str,
        optimizer: str,
        role_arn: str = "",
        enabled: bool = True,
        configuration: Mapping[str, Any] | None = None,
        vpc_connection: str = "",
        state: Literal["present", "absent"] = "present",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if state not in ("present", "absent"):
            raise ValueError(f"state: {state!r} is neither present nor absent")
        self.database = database
        self.table = table
        self.optimizer = optimizer
        self.role_arn = role_arn
        self.enabled = enabled
        self.configuration = configuration
        self.vpc_connection = vpc_connection
        self.state = state

    def execute(self, context: Context) -> dict[str, Any]:
        self.link(context, GlueTableLink, database=self.database, table=self.table)
        with telling():
            return self._settled()

    def _settled(self) -> dict[str, Any]:
        from airflow_provider_catalog.targets.glue.optimizer import last_run

        place = self._place()
        if place is None:
            return self._result("unchanged", {})
        state, actual = self._carried_out(place)
        return self._result(state, last_run(actual))

    def _result(self, state: str, last: Mapping[str, Any]) -> dict[str, Any]:
        self.log.info("The optimizer %s of %s.%s: %s", self.optimizer, self.database, self.table, state)
        return {"optimizer": self.optimizer, "state": state, "last_run": dict(last)}

    def _place(self) -> _Glue | None:
        """What every call names. A table that is gone has no optimizer."""
        from airflow_provider_catalog.targets.glue.optimizer import refusal

        found = self.account.table(self.database, self.table)
        if found is None and self.state == "absent":
            return None
        if found is None:
            raise AirflowFailException(f"there is no table {self.database}.{self.table} in AWS Glue")
        if reason := refusal(self.optimizer, found):
            raise AirflowFailException(reason)
        catalog = self.catalog_id or found["CatalogId"]
        named = {"CatalogId": catalog, "DatabaseName": found["DatabaseName"], "TableName": found["Name"]}
        return {**named, "Type": self.optimizer}

    def _carried_out(self, place: _Glue) -> tuple[str, _Glue | None]:
        """What was done, and what was there. Planned again where somebody else was quicker, or an answer was lost."""
        from airflow_provider_catalog.targets.glue.calls import Refused
        from airflow_provider_catalog.targets.glue.optimizer import plan

        state = ""
        for tried in count(1):
            actual = self._actual(place)
            planned = plan(self._wanted(), actual)
            state = planned.state if state in ("", "unchanged") else state
            try:
                self._execute(planned, place)
            except Refused as error:
                if tried == _TRIES or not (error.retryable or error.code == _MISSING):
                    raise
                time.sleep(random.uniform(0, _WAIT_SECONDS * 2**tried))  # noqa: S311  no secret
            else:
                return state, actual
        raise AssertionError  # pragma: no cover

    def _wanted(self) -> Optimizer | None:
        from airflow_provider_catalog.targets.glue.optimizer import Optimizer

        if self.state == "absent":
            return None
        return Optimizer(self.optimizer, self.role_arn, self.enabled, self.configuration or {}, self.vpc_connection)

    def _actual(self, place: _Glue) -> _Glue | None:
        from airflow_provider_catalog.targets.glue.calls import Refused

        try:
            found: _Glue = self.calls("get_table_optimizer", **place)["TableOptimizer"]
        except Refused as error:
            if error.code != _MISSING:
                raise
            return None
        return found

    def _execute(self, planned: Plan, place: _Glue) -> None:
        if planned.action == "create" and "roleArn" not in planned.configuration:
            raise AirflowFailException("give role_arn: the role that AWS is to optimize the table with")
        if planned.action == "delete":
            self.calls("delete_table_optimizer", **place)
        elif planned.action != "none":
            operation = f"{planned.action}_table_optimizer"
            self.calls(operation, **place, TableOptimizerConfiguration=planned.configuration)
