"""When a crawler runs by itself, as AWS writes it: `cron(15 12 * * ? *)`, in UTC."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_EXPRESSION = re.compile(r"cron\((?P<fields>[^()]*)\)", re.IGNORECASE)
_FIELDS = ("minutes", "hours", "day of month", "month", "day of week", "year")
_DAY_OF_MONTH, _DAY_OF_WEEK = 2, 4
_OFTEN = re.compile(r"\*|(\*|\d+(-\d+)?)/[1-4]")
"""Minutes that come more often than every five."""


def expression_of(stated: Any) -> str:
    """Told as text, answered with its state beside it."""
    found = stated.get("ScheduleExpression") if isinstance(stated, Mapping) else stated
    return " ".join(str(found or "").split())


def fault(expression: str) -> str:
    """Why it is no schedule; empty when it is one, or none at all."""
    if not expression:
        return ""
    found = _EXPRESSION.fullmatch(expression)
    if found is None:
        return f"the schedule {expression!r} is not written as cron(0 2 * * ? *); crawlers take no rate(...)"
    fields = found["fields"].split()
    if len(fields) != len(_FIELDS):
        return f"the schedule {expression!r} has {len(fields)} fields, and AWS wants six: {', '.join(_FIELDS)}"
    if (fields[_DAY_OF_MONTH] == "?") == (fields[_DAY_OF_WEEK] == "?"):
        return f"the schedule {expression!r} has to have a ? for the day of month or for the day of week, not for both"
    return f"the schedule {expression!r} runs more often than every five minutes" if _OFTEN.fullmatch(fields[0]) else ""
