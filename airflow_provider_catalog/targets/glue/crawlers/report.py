"""What a crawl did, table by table, as a task tells it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airflow_provider_catalog.targets.glue.crawlers.keeping import Kept
from airflow_provider_catalog.targets.glue.crawlers.snapshot import Found
from airflow_provider_catalog.targets.glue.difference import Change
from airflow_provider_catalog.targets.glue.limits import shown

_MOST = 20
"""Changes told of one table: a database keeps what a task returns."""

_Told = list[dict[str, Any]]


class Report:
    """Tables are called `database.table`. `refused`: why words of some could not be put back."""

    def __init__(self) -> None:
        self.refused: dict[str, str] = {}
        self._names: dict[str, list[str]] = {"created": [], "deleted": []}
        self._changed: _Told = []
        self._restored: _Told = []

    def add(self, found: Found, kept: Kept | None) -> None:
        name = f"{found.database}.{found.name}"
        if found.did == "changed":
            self._changed.append({"table": name, "changes": _texts(found.changes)})
        else:
            self._names[found.did].append(name)
        if kept and kept.reason:
            self.refused[name] = f"{', '.join(kept.members)}: {kept.reason}"
        elif kept:
            self._restored.append({"table": name, "members": kept.members})

    @property
    def tables(self) -> list[str]:
        return [*self._names["created"], *(each["table"] for each in self._changed), *self._names["deleted"]]

    def to_json(self) -> dict[str, Any]:
        return {**self._names, "changed": self._changed, "restored": self._restored}


def failure(crawler: Mapping[str, Any]) -> str:
    """Why its last crawl failed, in its own words; empty when it did not."""
    last = crawler.get("LastCrawl") or {}
    if last.get("Status") == "SUCCEEDED":
        return ""
    said = last.get("ErrorMessage") or "it said no more"
    where = f"{last.get('LogGroup')}/{last.get('LogStream')}, {last.get('MessagePrefix')}"
    return f"the crawl of {crawler.get('Name')} ended as {last.get('Status')}: {said} (log: {where})"


def _texts(changes: tuple[Change, ...]) -> list[str]:
    told = [f"{each.member}: {shown(str(each.before))} -> {shown(str(each.after))}" for each in changes[:_MOST]]
    return [*told, f"and {len(changes) - _MOST} more"] if len(changes) > _MOST else told
