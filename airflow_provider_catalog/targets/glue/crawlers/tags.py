"""Tags of a crawler: those it is to have are all it has, but for those of AWS itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from airflow_provider_catalog.targets.glue.difference import Change

_THEIRS = "aws:"
_MOST, _LONGEST_KEY, _LONGEST_VALUE = 50, 128, 256


class TagPlan(NamedTuple):
    """What to write and what to take away."""

    add: Mapping[str, str]
    remove: tuple[str, ...]

    def changes(self, before: Mapping[str, str]) -> Iterator[Change]:
        for key in (*self.add, *self.remove):
            yield Change(f"Tags.{key}", before.get(key), self.add.get(key))


def arn(partition: str, region: str, account: str, crawler: str) -> str:
    """What tags are asked for by."""
    return f"arn:{partition}:glue:{region}:{account}:crawler/{crawler}"


def plan(wanted: Mapping[str, str], there: Mapping[str, str]) -> TagPlan:
    add = {key: value for key, value in wanted.items() if there.get(key) != value}
    return TagPlan(add, tuple(key for key in there if key not in wanted and not key.lower().startswith(_THEIRS)))


def faults(wanted: Mapping[str, Any]) -> Iterator[str]:
    if len(wanted) > _MOST:
        yield f"there are {len(wanted)} tags, and AWS takes {_MOST}"
    for key, value in wanted.items():
        if not isinstance(value, str):
            yield f"the tag {key} is {value!r}, and has to be a text"
        elif not 0 < len(key) <= _LONGEST_KEY or len(value) > _LONGEST_VALUE:
            most = f"{_LONGEST_KEY} characters at most, {_LONGEST_VALUE} of its value"
            yield f"the tag {key!r} is empty or too long: {most}"
        if key.lower().startswith(_THEIRS):
            yield f"the tag {key} begins with aws:, which is kept for AWS"
