"""Why AWS would refuse a crawler, and what to do about it, before it is asked.

What depends on what AWS has (roles, connections, classifiers) only AWS can tell.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from airflow_provider_catalog.errors import CatalogError
from airflow_provider_catalog.targets.glue.crawlers import configuration, schedule
from airflow_provider_catalog.targets.glue.crawlers.canonical import policy
from airflow_provider_catalog.targets.glue.crawlers.request import SHAPE, request_of, unknown
from airflow_provider_catalog.targets.glue.crawlers.tags import faults as faults_of_tags
from airflow_provider_catalog.targets.glue.limits import fault, shown
from airflow_provider_catalog.targets.glue.service_model import shape

_Crawler: TypeAlias = Mapping[str, Any]
_NAMES = ("NameString", "DescriptionString", "TablePrefix", "CrawlerSecurityConfiguration")
_CONNECTED = ("JdbcTargets", "MongoDBTargets")
_MOST_SAMPLES = 249
_SLOWEST, _FASTEST = 0.1, 1.5


class CrawlerInvalid(CatalogError):  # noqa: N818  what it is, as in errors.py
    """AWS would refuse it, and is not asked."""

    def __init__(self, name: str, reasons: tuple[str, ...]) -> None:
        super().__init__(f"AWS would refuse the crawler {name!r}: {'; '.join(reasons)}")
        self.name = name
        self.reasons = reasons


def read(stated: _Crawler) -> dict[str, Any]:
    """As CreateCrawler takes it, with nothing lost on the way."""
    request = request_of(stated)
    name = request.get("Name")
    if lost := unknown(stated, request):
        raise CrawlerInvalid(str(name), tuple(f"{each} is no member that AWS knows" for each in lost))
    if not isinstance(name, str) or not name:
        raise CrawlerInvalid("", ("Name is missing: what is the crawler called?",))
    return request


def faults(crawler: _Crawler) -> tuple[str, ...]:
    """`crawler`: all of it, as it is to be."""
    wrong = tuple(_of_shape(shape(SHAPE), crawler, ""))
    return wrong or (
        *_of_whole(crawler),
        *_of_targets(_targets(crawler)),
        *_of_policies(crawler, _targets(crawler)),
        *filter(None, (schedule.fault(schedule.expression_of(crawler.get("Schedule"))),)),
        *configuration.faults(crawler.get("Configuration")),
        *faults_of_tags(crawler.get("Tags") or {}),
    )


def _targets(crawler: _Crawler) -> dict[str, Any]:
    return {kind: found for kind, found in (crawler.get("Targets") or {}).items() if found}


# -- each member by itself


def _of_shape(of: Any, value: Any, path: str) -> Iterator[str]:
    """What the service model says of it."""
    if value is None:
        return
    if not isinstance(value, _PYTHON[of.type_name]) or (isinstance(value, bool) and of.type_name != "boolean"):
        yield f"{path} is {shown(str(value))}, and has to be {_KINDS[of.type_name]}"
    elif of.type_name == "structure":
        yield from _of_structure(of, value, path)
    elif of.type_name == "list":
        for at, each in enumerate(value):
            yield from _of_shape(of.member, each, f"{path}[{at}]")
    elif of.type_name == "string":
        yield from _of_text(of, value, path)


def _of_structure(of: Any, value: Mapping[str, Any], path: str) -> Iterator[str]:
    """AWS answers more of a crawler than it can be told, which does not matter."""
    if path:
        yield from (f"{path} has no {name}" for name in of.required_members if not value.get(name))
    for name, each in value.items():
        if name in of.members:
            yield from _of_shape(of.members[name], each, f"{path}.{name}" if path else name)


_PYTHON: Mapping[str, Any] = {
    "structure": Mapping,
    "map": Mapping,
    "list": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "double": int | float,
}
_KINDS = {
    "structure": "an object",
    "map": "an object",
    "list": "a list",
    "string": "a text",
    "boolean": "true or false",
    "integer": "a whole number",
    "double": "a number",
}


def _of_text(of: Any, value: str, path: str) -> Iterator[str]:
    allowed = of.metadata.get("enum")
    if allowed and value not in allowed:
        yield f"{path} is {shown(value)}, and has to be {' or '.join(allowed)}"
    elif of.name in _NAMES and (problem := fault(of.name, value)):
        yield f"{path} {shown(value)} {problem}"


# -- what goes with what


def _of_whole(crawler: _Crawler) -> Iterator[str]:
    kinds = _targets(crawler)
    if not crawler.get("Role"):
        yield "Role is missing: give the name or the ARN of the role that the crawler runs as"
    if not kinds:
        yield "Targets has none in it: give at least one, as {'S3Targets': [{'Path': 's3://lake/sales/'}]}"
    elif set(kinds) != {"CatalogTargets"} and not crawler.get("DatabaseName"):
        yield "DatabaseName is missing: only a crawler of nothing but catalog targets does without"


def _of_targets(kinds: Mapping[str, Any]) -> Iterator[str]:
    for each in kinds.get("S3Targets", ()):
        path = each.get("Path") or ""
        if not path or path.startswith("/"):
            yield f"the path {path!r} of an S3 target is not written as s3://bucket/folder/"
        if not 1 <= each.get("SampleSize", 1) <= _MOST_SAMPLES:
            yield f"SampleSize of {path} is {each['SampleSize']}, and has to be from 1 to {_MOST_SAMPLES}"
    for kind in _CONNECTED:
        for each in kinds.get(kind, ()):
            if not each.get("ConnectionName"):
                yield f"{kind} {each.get('Path', '')!r} has no ConnectionName: AWS reaches it by a connection of Glue"
    for each in kinds.get("DynamoDBTargets", ()):
        if not _SLOWEST <= each.get("scanRate", _FASTEST) <= _FASTEST:
            yield f"scanRate of {each.get('Path')} is {each['scanRate']}, and has to be from {_SLOWEST} to {_FASTEST}"


def _of_policies(crawler: _Crawler, kinds: Mapping[str, Any]) -> Iterator[str]:
    change = policy("SchemaChangePolicy", crawler.get("SchemaChangePolicy"))
    recrawl = policy("RecrawlPolicy", crawler.get("RecrawlPolicy"))["RecrawlBehavior"]
    if recrawl == "CRAWL_NEW_FOLDERS_ONLY":
        yield from _of_new_folders(change, kinds)
    elif recrawl == "CRAWL_EVENT_MODE":
        yield from _of_events(kinds)
    if "CatalogTargets" in kinds and change["DeleteBehavior"] != "LOG":
        yield f"catalog targets go with no DeleteBehavior but LOG, and it is {change['DeleteBehavior']}"


def _of_new_folders(change: Mapping[str, str], kinds: Mapping[str, Any]) -> Iterator[str]:
    if set(kinds) - {"S3Targets"}:
        yield "CRAWL_NEW_FOLDERS_ONLY goes with S3 targets alone: take CRAWL_EVERYTHING, or a crawler for each kind"
    if set(change.values()) != {"LOG"}:
        yield (
            "CRAWL_NEW_FOLDERS_ONLY goes with no SchemaChangePolicy but LOG and LOG, and it is "
            f"{change['UpdateBehavior']} and {change['DeleteBehavior']}: changed tables need CRAWL_EVERYTHING"
        )


def _of_events(kinds: Mapping[str, Any]) -> Iterator[str]:
    if set(kinds) not in ({"S3Targets"}, {"CatalogTargets"}):
        yield "CRAWL_EVENT_MODE goes with S3 targets alone, or with catalog targets alone"
    for kind, found in kinds.items():
        if not all(each.get("EventQueueArn") for each in found):
            yield f"CRAWL_EVENT_MODE needs an EventQueueArn in each of {kind}: that of an SQS queue S3 writes to"
