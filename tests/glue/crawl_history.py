"""What crawls there were, how they ended and what they changed."""

from __future__ import annotations

import json

from tests.glue import pages
from tests.glue.crawls import RUNNING, Crawl, Crawler, Crawlers, found, log, look
from tests.glue.model import Document
from tests.glue.operations import operation
from tests.glue.refusals import invalid
from tests.glue.state import State


@operation("ListCrawls")
def history(state: State, request: Document) -> Document:
    """The latest first."""
    crawler = found(state, request["CrawlerName"])
    wanted = [each for each in request.get("Filters") or () if each.get("FieldName") == "STATE"]
    if len(wanted) < len(request.get("Filters") or ()):
        raise invalid("This server filters crawls by their state only.")
    page = pages.read(state, request, crawler.history, 20, lambda each: all(_is(each, one) for one in wanted))
    shown = [_crawl(crawler, each) for each in page.items]
    look(state, crawler)
    return {"Crawls": shown, **page.token}


@operation("GetCrawlerMetrics")
def metrics(state: State, request: Document) -> Document:
    shelf, names = state.of(Crawlers).shelf, request.get("CrawlerNameList")
    page = pages.read(state, request, shelf, 100, lambda each: not names or each.name in names)
    shown = [_metrics(each) for each in page.items]
    for crawler in page.items:
        look(state, crawler)
    return {"CrawlerMetricsList": shown, **page.token}


def _crawl(crawler: Crawler, crawl: Crawl) -> Document:
    shown = {**log(crawler, crawl), "CrawlId": crawl.id, "State": crawl.state, "StartTime": crawl.started}
    if crawl.ended is not None:
        shown["EndTime"] = crawl.ended
        shown["DPUHour"] = 0.0
    if crawl.error:
        shown["ErrorMessage"] = crawl.error
    if changes := {kind: json.dumps({"Count": count}) for kind, count in crawl.changes.items() if count}:
        shown["Summary"] = json.dumps({"TABLE": changes})
    return shown


def _metrics(crawler: Crawler) -> Document:
    """Of the last crawl that ended."""
    ended = next((crawl for crawl in reversed(crawler.history.values()) if crawl.ended is not None), None)
    changes = ended.changes if ended else {}
    seconds = ended.ended - ended.started if ended and ended.ended else 0.0
    return {
        "CrawlerName": crawler.name,
        "TimeLeftSeconds": 0.0,
        "StillEstimating": crawler.state == RUNNING,
        "LastRuntimeSeconds": seconds,
        "MedianRuntimeSeconds": seconds,
        "TablesCreated": changes.get("ADD", 0),
        "TablesUpdated": changes.get("UPDATE", 0),
        "TablesDeleted": changes.get("DELETE", 0),
    }


def _is(crawl: Crawl, wanted: Document) -> bool:
    equal: bool = wanted.get("FilterOperator", "EQ") == "EQ"
    return equal is (crawl.state == wanted.get("FieldValue"))
