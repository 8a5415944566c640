"""Crawlers: what they are told, and how they stand. What a crawl does a test says: see `crawls.plan`."""

from __future__ import annotations

from tests.glue import crawler_rules, pages, tags
from tests.glue.crawls import READY, RUNNING, Crawler, Crawlers, found, look
from tests.glue.model import Document
from tests.glue.operations import operation
from tests.glue.refusals import Refused, exists, too_many
from tests.glue.state import State

_TARGETS = (
    "S3Targets",
    "JdbcTargets",
    "MongoDBTargets",
    "DynamoDBTargets",
    "CatalogTargets",
    "DeltaTargets",
    "IcebergTargets",
    "HudiTargets",
)
_DEFAULTS: Document = {
    "Classifiers": [],
    "RecrawlPolicy": {"RecrawlBehavior": "CRAWL_EVERYTHING"},
    "SchemaChangePolicy": {"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": "DEPRECATE_IN_DATABASE"},
    "LineageConfiguration": {"CrawlerLineageSettings": "DISABLE"},
    "LakeFormationConfiguration": {"UseLakeFormationCredentials": False, "AccountId": ""},
}
"""What AWS says of a crawler that was told nothing of it."""


@operation("CreateCrawler", writes=True)
def create(state: State, request: Document) -> Document:
    crawlers, name = state.of(Crawlers), request["Name"]
    if name in crawlers.shelf:
        raise exists(f"Crawler with name {name} already exists")
    if len(crawlers.shelf) >= state.limits.crawlers:
        raise too_many("Number of CRAWLER resources exceeds the account limit.")
    told = _told({**_DEFAULTS, **_stated(request)})
    crawler_rules.expect(told)
    tags.made(state, f"crawler/{name}", request.get("Tags"))
    crawlers.shelf[name] = Crawler(told, state.clock.now(), "SCHEDULED" if told.get("Schedule") else None)
    return {}


@operation("UpdateCrawler", writes=True)
def update(state: State, request: Document) -> Document:
    """What it is told nothing of stays as it was."""
    crawler = found(state, request["Name"])
    if crawler.state != READY:
        said = "Cannot update Crawler while running. Please stop crawl or wait until it completes to update."
        raise Refused(state.of(Crawlers).busy, said)
    told = _told({**crawler.told, **_stated(request)})
    crawler_rules.expect(told)
    if told.get("Schedule") != crawler.told.get("Schedule"):
        crawler.schedule = "SCHEDULED" if told.get("Schedule") else None
    crawler.told, crawler.updated, crawler.version = told, state.clock.now(), crawler.version + 1
    return {}


@operation("DeleteCrawler", writes=True)
def delete(state: State, request: Document) -> Document:
    name = request["Name"]
    crawler = found(state, name)
    if crawler.state != READY:
        raise Refused("CrawlerRunningException", f"Crawler with name {name} is running")
    if crawler.turning:
        raise Refused("SchedulerTransitioningException", f"The schedule of crawler {name} is transitioning")
    del state.of(Crawlers).shelf[name]
    tags.gone(state, f"crawler/{name}")
    return {}


@operation("GetCrawler")
def get(state: State, request: Document) -> Document:
    return {"Crawler": _shown(state, found(state, request["Name"]))}


@operation("GetCrawlers")
def find(state: State, request: Document) -> Document:
    page = pages.read(state, request, state.of(Crawlers).shelf, 100)
    return {"Crawlers": [_shown(state, each) for each in page.items], **page.token}


@operation("BatchGetCrawlers")
def get_many(state: State, request: Document) -> Document:
    shelf, names = state.of(Crawlers).shelf, request["CrawlerNames"]
    shown = [_shown(state, shelf[name]) for name in names if name in shelf]
    return {"Crawlers": shown, "CrawlersNotFound": [name for name in names if name not in shelf]}


@operation("ListCrawlers")
def names(state: State, request: Document) -> Document:
    wanted = (request.get("Tags") or {}).items()
    shelf = state.of(Crawlers).shelf
    page = pages.read(state, request, shelf, 100, lambda each: wanted <= tags.of(state, f"crawler/{each.name}").items())
    return {"CrawlerNames": [each.name for each in page.items], **page.token}


def _stated(request: Document) -> Document:
    return {name: value for name, value in request.items() if name != "Tags" and value is not None}


def _told(crawler: Document) -> Document:
    """As AWS keeps it: the name of the role alone, all kinds of targets, policies whole."""
    policies = {
        name: {**_DEFAULTS[name], **crawler[name]}
        for name in ("RecrawlPolicy", "SchemaChangePolicy", "LineageConfiguration", "LakeFormationConfiguration")
    }
    targets = {kind: crawler["Targets"].get(kind) or [] for kind in _TARGETS}
    targets["S3Targets"] = [{"Exclusions": [], **target} for target in targets["S3Targets"]]
    role = crawler["Role"].partition(":role/")[2] or crawler["Role"]
    told = {**crawler, **policies, "Targets": targets, "Role": role}
    return {name: value for name, value in told.items() if name != "Schedule" or value}


def _shown(state: State, crawler: Crawler) -> Document:
    crawl = crawler.crawl
    elapsed = state.clock.now() - crawl.started if crawl and crawler.state == RUNNING else 0
    shown = {
        **crawler.told,
        "State": crawler.state,
        "CrawlElapsedTime": int(elapsed * 1000),
        "CreationTime": crawler.created,
        "LastUpdated": crawler.updated,
        "Version": crawler.version,
    }
    if crawler.last:
        shown["LastCrawl"] = crawler.last
    if expression := crawler.told.get("Schedule"):
        shown["Schedule"] = {"ScheduleExpression": expression, "State": crawler.schedule}
    look(state, crawler)
    return shown
