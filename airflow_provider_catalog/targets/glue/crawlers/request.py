"""What people write of a crawler, as CreateCrawler takes it.

They write its members as AWS calls them, and in the words of a function that makes one crawler of a folder. What is
None is to be taken away; what is not written at all is left as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from airflow_provider_catalog.targets.glue.crawlers import configuration, schedule
from airflow_provider_catalog.targets.glue.service_model import within

SHAPE = "CreateCrawlerRequest"
_TRUTH = {"true": True, "false": False}


def words(
    *,
    name: str | None = None,
    role: str | None = None,
    database: str | None = None,
    paths: Sequence[str] | str | None = None,
    exclusions: Sequence[str] | None = None,
    **members: Any,
) -> dict[str, Any]:
    """Members by other words. A crawler that nobody named is called after its database."""
    named = name or (f"{database}-crawler" if database else None)
    stated = {"Name": named, "Role": role, "DatabaseName": database, **members}
    found = {member: value for member, value in stated.items() if value is not None}
    if paths:
        left_out = {"Exclusions": list(exclusions)} if exclusions else {}
        each = [paths] if isinstance(paths, str) else paths
        found["Targets"] = {"S3Targets": [{"Path": path, **left_out} for path in each]}
    return found


def request_of(stated: Mapping[str, Any]) -> dict[str, Any]:
    """What AWS has no room for is left out here: `unknown` names it."""
    read = {
        **stated,
        **_read(stated, "Configuration", configuration.text_of),
        **_read(stated, "Schedule", schedule.expression_of),
    }
    found = within(SHAPE, read, _typed)
    return {member: _without_none(value) for member, value in found.items()}


def _without_none(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_none(each) for name, each in value.items() if each is not None}
    return [_without_none(each) for each in value] if isinstance(value, list) else value


def _read(stated: Mapping[str, Any], member: str, read: Callable[[Any], Any]) -> dict[str, Any]:
    return {member: read(stated[member])} if stated.get(member) else {}


def unknown(stated: Any, request: Any, path: str = "") -> list[str]:
    """Members that were written and are not in the request."""
    if isinstance(stated, Mapping) and isinstance(request, Mapping):
        found: list[str] = []
        for name, value in stated.items():
            at = f"{path}.{name}" if path else str(name)
            if value is not None:
                found += unknown(value, request[name], at) if name in request else [at]
        return found
    if isinstance(stated, list | tuple) and isinstance(request, list):
        return [each for left, right in zip(stated, request, strict=True) for each in unknown(left, right, path)]
    return []


def _typed(kind: str, value: Any) -> Any:
    """A template makes text of everything."""
    if not isinstance(value, str) or kind == "string":
        return value
    if kind == "boolean":
        return _TRUTH.get(value.strip().lower(), value)
    try:
        return float(value) if kind in ("double", "float") else int(value)
    except ValueError:
        return value
