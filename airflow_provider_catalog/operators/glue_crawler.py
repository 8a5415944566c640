"""Operators of the crawlers of AWS Glue: one makes a crawler what it is to be, one runs it and keeps what people wrote.

They extend those of the amazon provider. That one's `config` goes as it is into `GlueCrawlerApplyOperator`, which
stands for its create and its update; `GlueCrawlerRunOperator` is called as its namesake is.
"""

from __future__ import annotations

import glob
import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from airflow.providers.amazon.aws.hooks.glue_crawler import GlueCrawlerHook
from airflow.providers.amazon.aws.operators.glue_crawler import GlueCrawlerRunOperator as AmazonRunOperator
from airflow.providers.amazon.aws.triggers.glue_crawler import GlueCrawlerCompleteTrigger
from airflow.providers.amazon.aws.utils.mixins import aws_template_fields
from airflow.sdk import conf
from airflow.sdk.exceptions import AirflowException, AirflowFailException

from airflow_provider_catalog.hooks.glue_failures import telling
from airflow_provider_catalog.operators.glue import GlueCrawlerLink, GlueOperator

if TYPE_CHECKING:
    from datetime import timedelta

    from airflow.sdk import Context
    from airflow.triggers.base import BaseTrigger
    from botocore.exceptions import ClientError

    from airflow_provider_catalog.targets.glue.account import Account
    from airflow_provider_catalog.targets.glue.crawlers.report import Report
    from airflow_provider_catalog.targets.glue.crawlers.snapshot import Snapshot

_DEFERRABLE = conf.getboolean("operators", "default_deferrable", fallback=False)
_MOST_PACKED = 1_000_000
"""Characters of a snapshot that Airflow's database is asked to keep while a task is deferred: some 1500 tables of 20
columns with comments. Above that the task waits in its worker.
"""
_MOST_PATTERNS = 500


class GlueCrawlerApplyOperator(GlueOperator):
    """Makes a crawler what it is to be: creates it, or changes what differs, tags included. Its database is made, too.

    Returns `{"crawler", "state": created | updated | unchanged, "changes": [{"member", "before", "after"}]}`. A crawler
    that is as it is to be costs no write. What is not stated is left as it is; what is None is taken away, as are tags
    that are not among those stated.

    :param config: as CreateCrawler takes it; `Configuration` may be a dict (templated)
    :param crawler_name: without it that of the database and `-crawler` (templated)
    :param role: the name or the ARN of the role that it runs as (templated)
    :param database_name: where its tables go (templated)
    :param s3_path: a folder, or several; for other targets there is `config` (templated)
    :param exclusions: patterns of what is left out of these folders (templated)
    :param schedule: `cron(0 2 * * ? *)` (templated)
    :param configuration: the member Configuration, as a dict or as JSON (templated)
    :param tags: all its tags (templated)
    :param create_database: whether a missing database is made
    :param poll_interval: seconds between two looks at a crawler that runs, and so cannot be changed
    :param max_attempts: how many such looks, before the task fails
    :param deferrable: whether it waits in the triggerer
    """

    template_fields: Sequence[str] = aws_template_fields(
        *("config", "crawler_name", "role", "database_name", "s3_path", "exclusions", "schedule", "configuration"),
        *("tags", "catalog_id", "catalog_conn_id"),
    )
    template_fields_renderers: ClassVar[dict[str, str]] = {"config": "json", "configuration": "json", "tags": "json"}
    operator_extra_links = (GlueCrawlerLink(),)

    def __init__(  # noqa: PLR0913  the words for a crawler of a folder
        self,
        *,
        config: Mapping[str, Any] | None = None,
        crawler_name: str | None = None,
        role: str | None = None,
        database_name: str | None = None,
        s3_path: Sequence[str] | str | None = None,
        exclusions: Sequence[str] | None = None,
        schedule: str | None = None,
        configuration: Mapping[str, Any] | str | None = None,
        tags: Mapping[str, str] | None = None,
        create_database: bool = True,
        poll_interval: int = 15,
        max_attempts: int = 120,
        deferrable: bool = _DEFERRABLE,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.config = config
        self.crawler_name = crawler_name
        self.role = role
        self.database_name = database_name
        self.s3_path = s3_path
        self.exclusions = exclusions
        self.schedule = schedule
        self.configuration = configuration
        self.tags = tags
        self.create_database = create_database
        self.poll_interval = poll_interval
        self.max_attempts = max_attempts
        self.deferrable = deferrable

    def execute(self, context: Context) -> dict[str, Any]:
        from airflow_provider_catalog.targets.glue.crawlers.applying import CrawlerBusy

        with telling():
            request = self._request()
            self.link(context, GlueCrawlerLink, crawler=request["Name"])
            try:
                return self._apply(request)
            except CrawlerBusy as busy:
                self.log.info("%s", busy)
            if self.deferrable:
                self._defer(request["Name"])
            self._wait(request["Name"])
            return self._apply(request)

    def execute_complete(
        self,
        context: Context,  # noqa: ARG002  Airflow's signature
        event: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """How the crawl ended is not ours to judge: the crawler is changed if it can be."""
        self.log.info("Waited for the crawler: %s", event)
        with telling():
            return self._apply(self._request())

    def _request(self) -> dict[str, Any]:
        from airflow_provider_catalog.targets.glue.crawlers.request import words
        from airflow_provider_catalog.targets.glue.crawlers.validity import CrawlerInvalid, read

        stated = words(
            name=self.crawler_name,
            role=self.role,
            database=self.database_name,
            paths=self.s3_path,
            exclusions=self.exclusions,
            Schedule=self.schedule,
            Configuration=self.configuration,
            Tags=self.tags,
        )
        config = dict(self.config or {})
        if twice := [member for member in stated if member in config and member != "Name"]:
            raise CrawlerInvalid(str(config.get("Name")), tuple(f"{each} is stated twice" for each in twice))
        return read({**stated, **config, **({"Name": self.crawler_name} if self.crawler_name else {})})

    def _apply(self, request: Mapping[str, Any]) -> dict[str, Any]:
        from airflow_provider_catalog.targets.glue.crawlers.account import Crawlers
        from airflow_provider_catalog.targets.glue.crawlers.applying import Applier

        crawlers = Crawlers(self.calls, request.get("CatalogId") or self.catalog_id)
        done = Applier(crawlers, self._arn, creates_database=self.create_database).apply(request)
        for change in done.changes:
            self.log.info("%s: %r -> %r", *change)
        self.log.info("Crawler %s: %s", done.crawler, done.state)
        return done.to_json()

    def _arn(self, name: str) -> str:
        from airflow_provider_catalog.targets.glue.crawlers.tags import arn

        client: Any = self.hook.get_conn()
        return arn(client.meta.partition, client.meta.region_name, self.hook.account_id, name)

    def _wait(self, name: str) -> None:
        """A crawler that still runs when this ends is refused once more, which says so."""
        from airflow_provider_catalog.targets.glue.crawlers.account import READY, Crawlers

        crawlers = Crawlers(self.calls)
        for _ in range(self.max_attempts):
            time.sleep(self.poll_interval)
            crawler = crawlers.crawler(name)
            if crawler is None or crawler.get("State") == READY:
                return

    def _defer(self, name: str) -> None:
        self.defer(
            trigger=GlueCrawlerCompleteTrigger(
                crawler_name=name,
                waiter_delay=self.poll_interval,
                waiter_max_attempts=self.max_attempts,
                aws_conn_id=self.aws_conn_id,
                region_name=self.region_name,
                verify=self.verify,
                botocore_config=self.botocore_config,
            ),
            method_name="execute_complete",
        )


class GlueCrawlerRunOperator(GlueOperator, AmazonRunOperator):
    """Runs a crawler, tells what it did to which tables, puts back what it wiped, and tells the catalog.

    Returns `{"crawler", "created": [table], "changed": [{"table", "changes"}], "deleted": [table], "restored":
    [{"table", "members"}], "catalog": counts}`; tables are `database.table`. What crawls count anew each time
    (`recordCount` and such) is no change. A crawl that failed fails the task, in the crawler's own words, when what it
    did is settled. Without waiting nothing is known but the crawler.

    :param restore: put back descriptions, owners, comments and parameters that are missing after the crawl
    :param tell_catalog: read the tables that were changed into the catalog
    :param crawler_name, poll_interval, wait_for_completion, deferrable, fail_on_already_running: as in the amazon
        provider
    """

    aws_hook_class = GlueCrawlerHook  # type: ignore[assignment]  # either makes a client of Glue
    template_fields: Sequence[str] = aws_template_fields("crawler_name", "catalog_id", "catalog_conn_id")
    operator_extra_links = (GlueCrawlerLink(),)

    def __init__(self, *, restore: bool = True, tell_catalog: bool = True, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.restore = restore
        self.tell_catalog = tell_catalog
        self._packed = ""

    @property
    def _hook_parameters(self) -> dict[str, Any]:
        """The amazon provider calls Glue through the hook itself, so boto3 has to be patient here."""
        from botocore.config import Config

        from airflow_provider_catalog.sources.crawlers.glue.opening import config

        plain = super(GlueOperator, self)._hook_parameters
        return {**plain, "config": config().merge(Config(**(self.botocore_config or {})))}

    def execute(self, context: Context) -> Any:
        from botocore.exceptions import ClientError, WaiterError

        with telling():
            self.link(context, GlueCrawlerLink, crawler=self.crawler_name)
            before = self._snapshot() if self.deferrable or self.wait_for_completion else None
            try:
                super().execute(context)
            except WaiterError as error:
                self.log.info("%s", error)
            except ClientError as error:
                raise _refused(error) from error
            return {"crawler": self.crawler_name} if before is None else self._settled(before)

    def defer(
        self,
        *,
        trigger: BaseTrigger,
        method_name: str,
        kwargs: dict[str, Any] | None = None,
        timeout: timedelta | float | None = None,
    ) -> NoReturn:
        """What was there before goes with it."""
        with_it = {**(kwargs or {}), "snapshot": self._packed}
        super().defer(trigger=trigger, method_name=method_name, kwargs=with_it, timeout=timeout)

    def execute_complete(
        self,
        context: Context,  # noqa: ARG002  Airflow's signature
        event: dict[str, Any] | None = None,
        snapshot: str = "",
    ) -> Any:
        """The event says that the crawl is over; how it went the crawler itself tells better."""
        from airflow_provider_catalog.targets.glue.crawlers.snapshot import Snapshot

        self.log.info("The crawl is over: %s", event)
        with telling():
            return self._settled(Snapshot.unpacked(snapshot))

    # -- before

    def _snapshot(self) -> Snapshot:
        from airflow_provider_catalog.targets.glue.crawlers.reach import Reach
        from airflow_provider_catalog.targets.glue.crawlers.snapshot import Snapshot

        crawler = self._crawler()
        snapshot = Snapshot(Reach(crawler).tables(self._account_of(crawler)))
        self._packed = snapshot.packed() if self.deferrable else ""
        if len(self._packed) > _MOST_PACKED:
            self.log.warning("%d tables are too many to defer: the task waits in its worker", len(snapshot))
            self.deferrable, self.wait_for_completion = False, True
        return snapshot

    def _crawler(self) -> Mapping[str, Any]:
        from airflow_provider_catalog.targets.glue.crawlers.account import Crawlers

        found = Crawlers(self.calls).crawler(self.crawler_name)
        if found is None:
            raise AirflowFailException(
                f"there is no crawler {self.crawler_name!r} here: make it with its Apply operator"
            )
        return found

    def _account_of(self, crawler: Mapping[str, Any]) -> Account:
        from airflow_provider_catalog.targets.glue.account import Account

        return Account(self.calls, self.catalog_id or crawler.get("CatalogId"))

    # -- and after

    def _settled(self, before: Snapshot) -> dict[str, Any]:
        """A crawl that failed has changed tables, too."""
        from airflow_provider_catalog.targets.glue.crawlers.account import READY
        from airflow_provider_catalog.targets.glue.crawlers.report import failure

        crawler = self._crawler()
        if crawler.get("State") != READY:
            raise AirflowException(f"crawler {self.crawler_name!r} still runs, and this task has waited long enough")
        report = self._report(crawler, before)
        catalog = self._tell(crawler, report) if self.tell_catalog and report.tables else None
        answer = {"crawler": self.crawler_name, **report.to_json(), "catalog": catalog}
        self.log.info("%s", answer)
        if failed := failure(crawler):
            raise AirflowException(failed)
        if report.refused:
            raise AirflowFailException(f"what the crawl wiped could not be put back: {report.refused}")
        return answer

    def _report(self, crawler: Mapping[str, Any], before: Snapshot) -> Report:
        from airflow_provider_catalog.targets.glue.crawlers.keeping import keep
        from airflow_provider_catalog.targets.glue.crawlers.reach import Reach
        from airflow_provider_catalog.targets.glue.crawlers.report import Report

        account, report = self._account_of(crawler), Report()
        for found in before.compared(Reach(crawler).tables(account)):
            report.add(found, keep(account, found) if self.restore else None)
        return report

    def _tell(self, crawler: Mapping[str, Any], report: Report) -> dict[str, Any] | None:
        """Of these tables alone: of the others nothing is said, nor that they are gone. The crawl itself is done, so a
        catalog that cannot be told costs the task nothing.
        """
        from airflow_provider_catalog.errors import CatalogError
        from airflow_provider_catalog.services.crawl import crawl
        from airflow_provider_catalog.sources.crawlers.glue.opening import opened
        from airflow_provider_catalog.sources.crawlers.glue.tables import Asked
        from airflow_provider_catalog.sources.crawlers.tables import Selection

        selection = Selection(_patterns(report.tables))
        catalog_id = self.catalog_id or crawler.get("CatalogId")
        try:
            with self.store() as store, opened(self._client, catalog_id, Asked(selection)) as glue:
                return crawl(store, glue.catalog, glue.tables, selection).to_json()
        except CatalogError as error:
            self.log.warning("The catalog was not told of the crawl: %s", error)
            return None

    def _client(self, service: str) -> Any:
        from airflow.providers.amazon.aws.hooks.base_aws import AwsGenericHook

        hook: Any = AwsGenericHook(client_type=service, **self._hook_parameters)
        return hook.get_conn()


def _patterns(tables: Sequence[str]) -> tuple[str, ...]:
    """Of very many, all of their databases: each pattern is compared with each table."""
    if len(tables) > _MOST_PATTERNS:
        return tuple(dict.fromkeys(f"{glob.escape(each.partition('.')[0])}.*" for each in tables))
    return tuple(glob.escape(each) for each in tables)


def _refused(error: ClientError) -> Exception:
    from airflow_provider_catalog.targets.glue.calls import Refused
    from airflow_provider_catalog.targets.glue.crawlers.account import is_busy

    said = error.response.get("Error", {})
    refused = Refused("start_crawler", str(said.get("Code")), str(said.get("Message")))
    if not is_busy(refused):
        return refused
    return AirflowException(f"{refused.message}: with fail_on_already_running=False the task waits for that crawl")
