"""One form for what a crawler is told and for what GetCrawler answers: what means the same looks the same.

AWS fills in what it was told nothing of, keeps the name of a role alone, and answers lists in any order. Only the order
of classifiers counts: the first that fits is taken.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from airflow_provider_catalog.targets.glue.crawlers import configuration
from airflow_provider_catalog.targets.glue.crawlers.schedule import expression_of

_Members: TypeAlias = Mapping[str, Any]

POLICIES: Mapping[str, _Members] = {
    "RecrawlPolicy": {"RecrawlBehavior": "CRAWL_EVERYTHING"},
    "SchemaChangePolicy": {"UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": "DEPRECATE_IN_DATABASE"},
    "LineageConfiguration": {"CrawlerLineageSettings": "DISABLE"},
    "LakeFormationConfiguration": {"UseLakeFormationCredentials": False, "AccountId": ""},
}
"""As AWS has them where it is told nothing."""

_OF_TARGETS: Mapping[str, _Members] = {"MongoDBTargets": {"ScanAll": True}, "DynamoDBTargets": {"scanAll": True}}
_CALLED = ("ConnectionName", "DatabaseName", "Path", "Paths", "DeltaTables")
"""By what people know a target. Those of S3 may have a connection, which is no part of their name."""


def canonical(crawler: _Members) -> dict[str, Any]:
    """Of the members that it has. What is None there is as if AWS had been told nothing."""
    forms = {**_FORMS, "Configuration": _configuration(crawler)}
    return {name: forms.get(name, _plain)(value) for name, value in crawler.items()}


def policy(name: str, stated: Any) -> dict[str, Any]:
    """All of it."""
    said = stated if isinstance(stated, Mapping) else {}
    return {**POLICIES[name], **{member: value for member, value in said.items() if value is not None}}


def role(stated: Any) -> str:
    """An account has no two roles of one name, whatever their paths."""
    return str(stated or "").rpartition("/")[2]


def targets(stated: Any) -> dict[str, Any]:
    """By kind and by what they are called."""
    kinds = stated if isinstance(stated, Mapping) else {}
    return {kind: _named(kind, found) for kind, found in kinds.items() if found}


def _named(kind: str, stated: Sequence[_Members]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for each in sorted((_target(kind, one) for one in stated), key=lambda one: json.dumps(one, sort_keys=True)):
        name = " ".join(_called(kind, each))
        while name in found:
            name += " again"
        found[name] = each
    return found


def _target(kind: str, stated: _Members) -> dict[str, Any]:
    said = {name: sorted(value) if isinstance(value, list) else value for name, value in stated.items()}
    return {**_OF_TARGETS.get(kind, {}), **{name: value for name, value in said.items() if value is not None}}


def _called(kind: str, target: _Members) -> list[str]:
    names = [name for name in _CALLED if target.get(name) and (kind != "S3Targets" or name == "Path")]
    return [" ".join(found) if isinstance(found := target[name], list) else str(found) for name in names]


def _configuration(crawler: _Members) -> Callable[[Any], Any]:
    of_catalog = bool((crawler.get("Targets") or {}).get("CatalogTargets"))
    return lambda stated: configuration.canonical(stated, of_catalog=of_catalog)


def _plain(stated: Any) -> Any:
    return stated


def _policy(name: str) -> Callable[[Any], Any]:
    return lambda stated: policy(name, stated)


_FORMS: Mapping[str, Callable[[Any], Any]] = {
    "Role": role,
    "Targets": targets,
    "Schedule": lambda stated: expression_of(stated).casefold(),
    "DatabaseName": lambda stated: str(stated or "").lower(),
    **{name: _policy(name) for name in POLICIES},
}
