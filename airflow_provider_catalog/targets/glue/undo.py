"""What a plan changed, taken back: only where nobody has changed the table since.

An image is JSON: the table before and as the plan left it. Whoever carries a plan out keeps its image first.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from airflow_provider_catalog.targets.glue.difference import differences
from airflow_provider_catalog.targets.glue.plan import Plan, schema_of, version_of
from airflow_provider_catalog.targets.glue.service_model import within
from airflow_provider_catalog.targets.glue.table_input import Table, input_of

_SHOWN = 10


def before_image(plan: Plan, actual: Table | None) -> dict[str, Any]:
    """`actual`: what the plan was made of."""
    before = None if actual is None else _as_json(actual)
    return {"database": plan.database, "name": plan.name, "before": before, "after": _as_json(plan.table_input)}


def undo(image: Mapping[str, Any], actual: Table | None) -> Plan:
    """`actual`: the table as it is now. What was made by the plan is to be deleted."""
    before, after = image["before"], image["after"]
    found = (image["database"], image["name"])
    if actual is None:
        return Plan("nothing", *found) if before is None else Plan("refuse", *found, reason="somebody deleted it since")
    now = _as_json(actual)
    if before is not None and not differences(before, now):
        return Plan("nothing", *found)
    if since := [each.member for each in differences(after, now)]:
        more = f" and {len(since) - _SHOWN} more" if len(since) > _SHOWN else ""
        return Plan("refuse", *found, reason=f"somebody changed it since: {', '.join(since[:_SHOWN])}{more}")
    version = version_of(actual)
    if before is None:
        return Plan("delete", *found, version_id=version)
    archive = schema_of(before) != schema_of(now)
    return Plan("update", *found, within("TableInput", before, _thawed), version, archive, differences(now, before))


def _as_json(table: Table) -> dict[str, Any]:
    found: dict[str, Any] = within("TableInput", input_of(table), _frozen)
    return found


def _frozen(_kind: str, value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _thawed(kind: str, value: Any) -> Any:
    if kind == "timestamp" and isinstance(value, str):
        with suppress(ValueError):
            return datetime.fromisoformat(value)
    return value
