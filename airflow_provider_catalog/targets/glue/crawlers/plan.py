"""From what a crawler is to be and what it is, to what is to be called. A crawler that is as it is to be costs nothing.

An update says only what changes: what it says nothing of AWS leaves as it is, and who does not touch the role needs no
right to pass it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from airflow_provider_catalog.targets.glue.crawlers import configuration
from airflow_provider_catalog.targets.glue.crawlers.canonical import POLICIES, canonical, policy
from airflow_provider_catalog.targets.glue.crawlers.schedule import expression_of
from airflow_provider_catalog.targets.glue.difference import Change, differences

Crawler: TypeAlias = Mapping[str, Any]
_APART = ("Name", "Tags")
_NOTHING: Crawler = {"Classifiers": [], "Configuration": configuration.PLAIN}
"""What is sent in the stead of None; for all else an empty text."""


@dataclass(frozen=True, slots=True)
class CrawlerPlan:
    """`request`: of CreateCrawler or UpdateCrawler."""

    kind: Literal["create", "update", "nothing"]
    request: Crawler = field(default_factory=dict)
    changes: tuple[Change, ...] = ()


def whole(request: Crawler, actual: Crawler | None) -> dict[str, Any]:
    """The crawler as it is to be. Its schedule is answered as more than the text it was told."""
    there = {**actual, "Schedule": expression_of(actual.get("Schedule"))} if actual else {}
    return {**there, **request}


def plan(request: Crawler, actual: Crawler | None) -> CrawlerPlan:
    """`actual`: as GetCrawler answers it, None where there is none."""
    if actual is None:
        told = {member: value for member, value in request.items() if value is not None}
        return CrawlerPlan("create", {**told, **_policies(told)})
    stated = [member for member in request if member not in _APART]
    before, after = canonical(whole({}, actual)), canonical(whole(request, actual))
    changes = differences(
        {member: before.get(member) for member in stated}, {member: after.get(member) for member in stated}
    )
    changed = dict.fromkeys(change.member.partition(".")[0] for change in changes)
    if not changed:
        return CrawlerPlan("nothing")
    told = {member: _told(member, request[member]) for member in changed}
    return CrawlerPlan("update", {"Name": request["Name"], **told, **_policies(told)}, changes)


def _told(member: str, value: Any) -> Any:
    return _NOTHING.get(member, "") if value is None and member not in POLICIES else value


def _policies(told: Crawler) -> dict[str, Any]:
    """What is said of half of one says all of it."""
    return {name: policy(name, told[name]) for name in POLICIES if name in told}
