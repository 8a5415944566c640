"""A crawler, its tags and its database made what they are to be: read, planned and written, and planned again when
somebody was quicker.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from airflow_provider_catalog.errors import CatalogError
from airflow_provider_catalog.targets.glue.calls import Refused
from airflow_provider_catalog.targets.glue.crawlers import tags
from airflow_provider_catalog.targets.glue.crawlers.account import READY, Crawlers, is_busy
from airflow_provider_catalog.targets.glue.crawlers.plan import CrawlerPlan, plan, whole
from airflow_provider_catalog.targets.glue.crawlers.validity import CrawlerInvalid, faults
from airflow_provider_catalog.targets.glue.difference import Change

_TRIES = 8
_WAIT_SECONDS = 0.1
State = Literal["created", "updated", "unchanged"]


class CrawlerBusy(CatalogError):  # noqa: N818  a state, as in errors.py
    """It runs, and AWS updates none that does. Nothing was changed."""

    retryable = True

    def __init__(self, name: str) -> None:
        super().__init__(f"crawler {name!r} runs, and AWS changes none that does: wait for it, or stop it")
        self.name = name


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of it."""

    crawler: str
    state: State
    changes: tuple[Change, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {"crawler": self.crawler, "state": self.state, "changes": [each._asdict() for each in self.changes]}


class Applier:
    """`arn_of`: of a crawler by its name; asked for only where there are tags to look at."""

    def __init__(
        self,
        crawlers: Crawlers,
        arn_of: Callable[[str], str],
        *,
        creates_database: bool = True,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._crawlers = crawlers
        self._arn_of = arn_of
        self._creates_database = creates_database
        self._sleep = sleep

    def apply(self, request: Mapping[str, Any]) -> Applied:
        """Raises CrawlerBusy where it runs and would have to change."""
        name = request["Name"]
        planned = self._settled(name, request)
        database = self._database(request.get("DatabaseName"))
        if planned.kind == "create":
            return Applied(name, "created", database)
        changes = (*planned.changes, *self._tags(name, request.get("Tags", ...)), *database)
        return Applied(name, "updated" if changes else "unchanged", changes)

    def _settled(self, name: str, request: Mapping[str, Any]) -> CrawlerPlan:
        for tried in range(_TRIES):
            actual = self._crawlers.crawler(name)
            if wrong := faults(whole(request, actual)):
                raise CrawlerInvalid(name, wrong)
            planned = plan(request, actual)
            if planned.kind == "update" and actual and actual.get("State") != READY:
                raise CrawlerBusy(name)
            try:
                self._execute(planned)
            except Refused as error:
                if is_busy(error):
                    raise CrawlerBusy(name) from error
                if not error.retryable or tried == _TRIES - 1:
                    raise
                self._sleep(random.uniform(0, _WAIT_SECONDS * 2**tried))  # noqa: S311  no secret
            else:
                return planned
        raise AssertionError  # pragma: no cover

    def _execute(self, planned: CrawlerPlan) -> None:
        if planned.kind == "create":
            self._crawlers.create(planned.request)
        elif planned.kind == "update":
            self._crawlers.update(planned.request)

    def _tags(self, name: str, wanted: Any) -> tuple[Change, ...]:
        """Of a crawler that was there. Where nothing is said of tags nothing is asked."""
        if wanted is ...:
            return ()
        arn = self._arn_of(name)
        there = self._crawlers.tags(arn)
        planned = tags.plan(wanted or {}, there)
        self._crawlers.tag(arn, planned.add, planned.remove)
        return tuple(planned.changes(there))

    def _database(self, name: str | None) -> tuple[Change, ...]:
        """AWS takes a crawler whose database is missing, and fails each of its crawls."""
        if not name or not self._creates_database or self._crawlers.has_database(name):
            return ()
        self._crawlers.create_database(name)
        return (Change("Database", None, name),)
