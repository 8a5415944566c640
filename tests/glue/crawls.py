"""Crawls: how long they take, what they do to the catalog and how they end, as a test plans it.

    crawls.plan(server.state, "raw", effect=lambda: server.call("CreateTable", ...), looks=3)

A crawl goes on by being looked at, never by time: so a client that waits sees each state, however fast or slow it is.
It is RUNNING for so many looks; then its effect happens, and it is STOPPING for one more.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.glue.model import Document
from tests.glue.operations import operation
from tests.glue.refusals import Refused, not_found
from tests.glue.shelf import Shelf
from tests.glue.state import State

READY, RUNNING, STOPPING = "READY", "RUNNING", "STOPPING"
_ENDS = {"SUCCEEDED": "COMPLETED", "FAILED": "FAILED", "CANCELLED": "STOPPED"}


@dataclass(slots=True)
class Plan:
    """`error`: it fails with that when its effect has happened."""

    effect: Callable[[], object] = lambda: None
    looks: int = 1
    error: str = ""


@dataclass(slots=True)
class Crawl:
    started: float
    left: int
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    state: str = RUNNING
    ended: float | None = None
    error: str = ""
    changes: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Crawler:
    """`schedule` is None where there is none; `turning` is what it will be after it was TRANSITIONING for a look."""

    told: Document
    created: float
    schedule: str | None
    turning: str = ""
    state: str = READY
    version: int = 1
    updated: float = 0.0
    crawl: Crawl | None = None
    last: Document | None = None
    history: Shelf[int, Crawl] = field(default_factory=Shelf)

    def __post_init__(self) -> None:
        self.updated = self.created

    @property
    def name(self) -> str:
        return str(self.told["Name"])


class Crawlers:
    """`busy` is the code by which an update of one that runs is refused; some saw InvalidInputException."""

    def __init__(self) -> None:
        self.shelf: Shelf[str, Crawler] = Shelf()
        self.plans: dict[str, Plan] = {}
        self.busy = "CrawlerRunningException"


def found(state: State, name: str) -> Crawler:
    crawler = state.of(Crawlers).shelf.get(name)
    if crawler is None:
        raise not_found(f"Crawler entry with name {name} does not exist")
    return crawler


def plan(state: State, name: str, effect: Callable[[], object] = lambda: None, looks: int = 1, error: str = "") -> None:
    """What each crawl of that crawler is from now on."""
    state.of(Crawlers).plans[name] = Plan(effect, looks, error)


def look(state: State, crawler: Crawler) -> None:
    """Somebody was shown how it stands: it goes on."""
    if crawler.turning:
        crawler.schedule, crawler.turning = crawler.turning, ""
    if crawler.state == STOPPING:
        crawler.state, crawler.crawl = READY, None
    elif crawler.crawl is not None:
        crawler.crawl.left -= 1
        if crawler.crawl.left <= 0:
            _carry_out(state, crawler, crawler.crawl)


def log(crawler: Crawler, crawl: Crawl) -> Document:
    return {"LogGroup": "/aws-glue/crawlers", "LogStream": crawler.name, "MessagePrefix": crawl.id}


@operation("StartCrawler", writes=True)
def start(state: State, request: Document) -> Document:
    crawler = found(state, request["Name"])
    if crawler.state != READY:
        raise Refused("CrawlerRunningException", f"Crawler with name {crawler.name} has already started")
    looks = state.of(Crawlers).plans.get(crawler.name, Plan()).looks
    crawler.crawl = crawler.history[-len(crawler.history)] = Crawl(state.clock.now(), looks)
    crawler.state = RUNNING
    return {}


@operation("StopCrawler", writes=True)
def stop(state: State, request: Document) -> Document:
    crawler = found(state, request["Name"])
    if crawler.state == STOPPING:
        raise Refused("CrawlerStoppingException", f"Crawler with name {crawler.name} is already stopping")
    if crawler.crawl is None:
        raise Refused("CrawlerNotRunningException", f"Crawler with name {crawler.name} isn't running")
    _end(state, crawler, crawler.crawl, "CANCELLED")
    return {}


def _carry_out(state: State, crawler: Crawler, crawl: Crawl) -> None:
    planned = state.of(Crawlers).plans.get(crawler.name, Plan())
    before = _versions(state, crawler)
    planned.effect()
    after = _versions(state, crawler)
    crawl.error = planned.error
    crawl.changes = {
        "ADD": len(after.keys() - before.keys()),
        "UPDATE": sum(after[name] != before[name] for name in after.keys() & before.keys()),
        "DELETE": len(before.keys() - after.keys()),
    }
    _end(state, crawler, crawl, "FAILED" if planned.error else "SUCCEEDED")


def _end(state: State, crawler: Crawler, crawl: Crawl, status: str) -> None:
    crawl.state, crawl.ended, crawler.state = _ENDS[status], state.clock.now(), STOPPING
    crawler.last = {**log(crawler, crawl), "Status": status, "StartTime": crawl.started}
    if crawl.error:
        crawler.last["ErrorMessage"] = crawl.error


def _versions(state: State, crawler: Crawler) -> dict[str, str]:
    found = state.catalog({}).databases.get(crawler.told.get("DatabaseName", "").lower())
    return {name: table.document["VersionId"] for name, table in found.tables.items()} if found else {}
