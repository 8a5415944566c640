"""Schedules of crawlers: set, started and stopped. On its way from one to the other it is TRANSITIONING for a look."""

from __future__ import annotations

from tests.glue import crawler_rules
from tests.glue.crawls import Crawler, found
from tests.glue.model import Document
from tests.glue.operations import operation
from tests.glue.refusals import Refused
from tests.glue.state import State

_SCHEDULED, _NOT_SCHEDULED = "SCHEDULED", "NOT_SCHEDULED"


@operation("UpdateCrawlerSchedule", writes=True)
def update(state: State, request: Document) -> Document:
    crawler = _settled(state, request["CrawlerName"])
    expression = request.get("Schedule")
    crawler_rules.expect_schedule(expression)
    told = {name: value for name, value in crawler.told.items() if name != "Schedule"}
    crawler.told = {**told, "Schedule": expression} if expression else told
    crawler.schedule = _SCHEDULED if expression else None
    return {}


@operation("StartCrawlerSchedule", writes=True)
def start(state: State, request: Document) -> Document:
    crawler = _settled(state, request["CrawlerName"])
    if crawler.schedule is None:
        raise Refused("NoScheduleException", f"Crawler {crawler.name} has no schedule")
    if crawler.schedule == _SCHEDULED:
        raise Refused("SchedulerRunningException", f"The schedule of crawler {crawler.name} is running")
    return _turn(crawler, _SCHEDULED)


@operation("StopCrawlerSchedule", writes=True)
def stop(state: State, request: Document) -> Document:
    crawler = _settled(state, request["CrawlerName"])
    if crawler.schedule != _SCHEDULED:
        raise Refused("SchedulerNotRunningException", f"The schedule of crawler {crawler.name} is not running")
    return _turn(crawler, _NOT_SCHEDULED)


def _settled(state: State, name: str) -> Crawler:
    """The crawler, unless its schedule is on its way from one state to another."""
    crawler = found(state, name)
    if crawler.turning:
        raise Refused("SchedulerTransitioningException", f"The schedule of crawler {name} is transitioning")
    return crawler


def _turn(crawler: Crawler, after: str) -> Document:
    crawler.schedule, crawler.turning = "TRANSITIONING", after
    return {}
