"""Statistics of columns that AWS Glue counts, read back into the catalog."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any, TypeAlias

from airflow.providers.amazon.aws.utils.mixins import aws_template_fields
from airflow.sdk.configuration import conf
from airflow.sdk.exceptions import AirflowException, AirflowFailException

from airflow_provider_catalog.hooks.glue_failures import telling
from airflow_provider_catalog.operators.glue import GlueOperator, GlueTableLink

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from airflow.sdk import Context

    from airflow_provider_catalog.model.identity import DatasetId
    from airflow_provider_catalog.sources.crawlers.glue.catalog import GlueCatalog
    from airflow_provider_catalog.store.protocol import Entity, Store
    from airflow_provider_catalog.targets.glue.statistics.runs import StatisticsRuns

_Glue: TypeAlias = "Mapping[str, Any]"


class GlueColumnStatisticsOperator(GlueOperator):
    """Lets AWS Glue count the values of columns, waits for it, and tells the catalog: distinct values, nulls, the least
    and the greatest, lengths. Where a run on the table is going on it waits for that one. What the catalog knows
    already is not sent again.

    Returns `{"dataset", "run_id", "joined", "columns", "errors", "sent"}`: how many columns have statistics, why others
    have none, and whether anything was new.

    :param database: the database of the table (templated)
    :param table: (templated)
    :param role: with which AWS reads the table; needed to run (templated)
    :param columns: names, or one text with commas; without any, all but the partition keys (templated)
    :param sample_size: percent of the rows; without it all of them
    :param security_configuration: of Glue, for what the run writes (templated)
    :param run: off, only what was counted before is read
    :param deferrable: wait in the triggerer
    :param poll_interval: seconds between two looks
    :param max_attempts: how many of them, before the task fails and the run goes on
    """

    template_fields: Sequence[str] = aws_template_fields(
        *("catalog_id", "catalog_conn_id", "database", "table"), *("role", "columns", "security_configuration")
    )
    operator_extra_links = (GlueTableLink(),)

    def __init__(  # noqa: PLR0913  all that AWS asks for, and how to wait
        self,
        *,
        database: str,
        table: str,
        role: str = "",
        columns: Sequence[str] | str = (),
        sample_size: float | None = None,
        security_configuration: str = "",
        run: bool = True,
        deferrable: bool = conf.getboolean("operators", "default_deferrable", fallback=False),
        poll_interval: float = 30,
        max_attempts: int = 240,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.database = database
        self.table = table
        self.role = role
        self.columns = columns
        self.sample_size = sample_size
        self.security_configuration = security_configuration
        self.run = run
        self.deferrable = deferrable
        self.poll_interval = poll_interval
        self.max_attempts = max_attempts

    def execute(self, context: Context) -> dict[str, Any]:
        self.link(context, GlueTableLink, database=self.database, table=self.table)
        with telling():
            if not self.run:
                return self._read_back("", joined=False)
            run_id, joined = self._started()
            if self.deferrable:
                self._defer(run_id, joined=joined)
            self._wait(run_id)
            return self._read_back(run_id, joined=joined)

    def execute_complete(
        self,
        context: Context,  # noqa: ARG002  Airflow's signature
        event: dict[str, Any] | None = None,
        joined: bool = False,  # noqa: FBT001, FBT002  by name, of what `defer` was given
    ) -> dict[str, Any]:
        if not event or event.get("status") != "success":
            found = event or {}
            kind = AirflowException if found.get("retryable", True) else AirflowFailException
            raise kind(str(found.get("message") or "the trigger said nothing"))
        with telling():
            return self._read_back(event["run_id"], joined=joined)

    # -- the run

    @property
    def _runs(self) -> StatisticsRuns:
        from airflow_provider_catalog.targets.glue.statistics.runs import StatisticsRuns

        return StatisticsRuns(self.calls, self.catalog_id)

    @property
    def _asked(self) -> list[str]:
        """A template makes one text. Names are in lower case in Glue."""
        stated = self.columns.split(",") if isinstance(self.columns, str) else self.columns
        return [name.strip().lower() for name in stated if name.strip()]

    def _started(self) -> tuple[str, bool]:
        if not self.role:
            raise AirflowFailException("give role: the role that AWS is to read the table with")
        table = self._table()
        started = self._runs.start(
            table["DatabaseName"],
            table["Name"],
            Role=self.role,
            ColumnNameList=self._asked or None,
            SampleSize=self.sample_size,
            SecurityConfiguration=self.security_configuration or None,
        )
        self.log.info("%s the run %s", "Waiting for" if started.joined else "Started", started.id)
        return started

    def _defer(self, run_id: str, *, joined: bool) -> None:
        from airflow_provider_catalog.triggers.glue_statistics import GlueColumnStatisticsTrigger

        trigger = GlueColumnStatisticsTrigger(
            run_id=run_id,
            waiter_delay=self.poll_interval,
            waiter_max_attempts=self.max_attempts,
            aws_conn_id=self.aws_conn_id,
            region_name=self.region_name,
            verify=self.verify,
            botocore_config=self.botocore_config,
        )
        self.defer(trigger=trigger, method_name="execute_complete", kwargs={"joined": joined})

    def _wait(self, run_id: str) -> None:
        for looked in range(self.max_attempts):
            if looked:
                time.sleep(self.poll_interval)
            if self._runs.over(run_id):
                return
        raise AirflowException(f"the run {run_id} was not over after {self.max_attempts} looks; it goes on in AWS")

    def _expect_success(self, run_id: str) -> None:
        found = self._runs.look(run_id)
        if found["Status"] != "SUCCEEDED":
            reason = found.get("ErrorMessage") or "AWS does not say why"
            raise AirflowException(f"the run {run_id} ended as {found['Status']}: {reason}")

    # -- what it found

    def _read_back(self, run_id: str, *, joined: bool) -> dict[str, Any]:
        from airflow_provider_catalog.targets.glue.statistics.columns import column_metrics, unsaid

        if run_id:
            self._expect_success(run_id)
        table = self._table()
        names = self._asked or [str(each["Name"]) for each in _columns(table)]
        listed, refused = self._runs.statistics(table["DatabaseName"], table["Name"], names)
        errors = dict(unsaid(refused))
        if errors:
            self.log.warning("There are no statistics of %s", errors)
        counted = column_metrics(listed)
        sent = bool(counted) and self._tell(table, listed, counted)
        done = {"run_id": run_id, "joined": joined, "columns": len(counted), "errors": errors, "sent": sent}
        return {"dataset": str(self._dataset(table)), **done}

    def _table(self) -> _Glue:
        found = self.account.table(self.database, self.table)
        if found is None:
            raise AirflowFailException(f"there is no table {self.database}.{self.table} in AWS Glue")
        return found

    def _tell(self, table: _Glue, listed: Sequence[_Glue], counted: _Glue) -> bool:
        """Whether anything was new. Where nobody knows the columns they are told, too, or nothing would be shown."""
        from airflow_provider_catalog.model.envelope import Envelope
        from airflow_provider_catalog.targets.glue.statistics.columns import analyzed, event

        dataset, producer = self._dataset(table), f"statistics:{self._catalog(table)}"
        with self.store() as store:
            if not _new(store, dataset, producer, counted):
                return False
            known = store.facts([member.uid for member in _members(store, dataset)], aspects=("schema",))
            columns = () if known else _columns(table)
            document = event(producer, analyzed(listed), dataset.namespace, dataset.name, counted, columns)
            store.accept([Envelope("openlineage", json.dumps(document).encode(), producer)])
        return True

    def _catalog(self, table: _Glue) -> GlueCatalog:
        from airflow_provider_catalog.sources.crawlers.glue.catalog import GlueCatalog

        client: Any = self.hook.get_conn()
        return GlueCatalog.of(
            client.meta.partition, client.meta.region_name, self.catalog_id or str(table["CatalogId"])
        )

    def _dataset(self, table: _Glue) -> DatasetId:
        found = self._catalog(table).dataset(str(table["DatabaseName"]), str(table["Name"]))
        if found is None:
            raise AirflowFailException(f"the catalog keeps no name as long as {table['Name'][:100]}…")
        return found


def _columns(table: _Glue) -> Sequence[_Glue]:
    found: Sequence[_Glue] = (table.get("StorageDescriptor") or {}).get("Columns") or ()
    return found


def _new(store: Store, dataset: DatasetId, producer: str, counted: _Glue) -> bool:
    """Whether we said anything else of a column before, or nothing."""
    from airflow_provider_catalog.model.identity import ColumnId
    from airflow_provider_catalog.targets.glue.statistics.columns import METRICS

    column_of = {ColumnId(dataset, name).uid: name for name in counted}
    facts = store.facts(list(column_of), aspects=(METRICS,))
    said = {column_of[fact.subject]: fact.value for fact in facts if fact.producer == producer}
    return any(said.get(name) != value for name, value in counted.items())


def _members(store: Store, dataset: DatasetId) -> Sequence[Entity]:
    """All the names of the dataset; none where nobody has spoken of it."""
    found = store.entities([dataset.uid]).get(dataset.uid)
    return store.members(found.node) if found else ()
