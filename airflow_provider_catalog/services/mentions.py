"""What our capture told of one run: each way in which the task named its data, what was used of that, and why the rest
was not.

Only our own capture says how it came to know. Events of others name what they know and no more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from airflow_provider_catalog.services.runs import sql_of

_SHOWN = 3
_ITS_CONNECTION = "its connection "
_TOO_SOON: Mapping[Any, str] = {
    "running": "it has not ended: what a task reads and writes is told at its end",
    "skipped": "it was skipped",
    "failed": "it failed before anything told of data",
    "up_for_retry": "it failed before anything told of data",
}


@dataclass(frozen=True, slots=True)
class Mention:
    """Datasets that one mechanism named and that were used; or names that were not, with the reason."""

    mechanism: str
    what: str
    used: bool
    names: tuple[str, ...] = ()
    reason: str = ""
    connection: str = ""
    note: str = ""
    confidence: float = 1.0
    more: int = 0

    @property
    def why(self) -> str:
        """The reason for who does not see the rest: of which connection, and of what where nothing was named."""
        if self.connection and self.reason.startswith(_ITS_CONNECTION):
            return f"connection {self.connection} {self.reason.removeprefix(_ITS_CONNECTION)}"
        reason = self.reason if self.names else ": ".join(filter(None, (self.what, self.reason, self.note)))
        return f"{reason} (connection {self.connection})" if self.connection else reason

    def to_json(self) -> dict[str, Any]:
        return {
            "mechanism": self.mechanism,
            "what": self.what,
            "used": self.used,
            "reason": self.reason or None,
            "connection": self.connection or None,
            "datasets" if self.used else "tables": list(self.names),
            "more": self.more,
            "confidence": self.confidence,
            "note": self.note or None,
        }


@dataclass(frozen=True, slots=True)
class Told:
    """All that was told of one run. `airflow`: which run it was to Airflow, and how it ended."""

    airflow: Mapping[str, Any]
    mentions: tuple[Mention, ...]
    incomplete: tuple[str, ...]
    versions: Mapping[str, str]
    has_sql: bool

    @property
    def operator(self) -> str:
        return str(self.airflow.get("operator_class") or self.airflow.get("operator") or "")

    @property
    def why_nothing(self) -> str:
        """Why no dataset is known from it; empty where one is."""
        if any(mention.used and not mention.what.startswith("drop ") for mention in self.mentions):
            return ""
        reasons = [*_unused(self.mentions), *self.incomplete]
        return "; ".join(reasons) or self._why_silent()

    def _why_silent(self) -> str:
        if self.mentions:
            return "it only drops tables"
        if too_soon := _TOO_SOON.get(self.airflow.get("state")):
            return too_soon
        if "operator_class" not in self.airflow:
            return "its own process told nothing, Airflow only told how it ended"
        return "its SQL names no table" if self.has_sql else "no hook, SQL, inlets, outlets or declaration told of data"


def told(details: Iterable[Mapping[str, Any]]) -> Told | None:
    """What is known of a run from the details of its statements, in their order; None without any of ours."""
    ours = [each for each in details if is_ours(each)]
    if not ours:
        return None
    return Told(
        airflow={key: value for each in ours for key, value in each["airflow"].items()},
        mentions=tuple(dict.fromkeys(mention for each in ours for mention in _mentions(each))),
        incomplete=tuple(dict.fromkeys(lack for each in ours for lack in _lacks(each))),
        versions={name: version for each in ours for name, version in _versions(each)},
        has_sql=any(sql_of(each) is not None for each in ours),
    )


def is_ours(details: Mapping[str, Any]) -> bool:
    return isinstance(details.get("airflow"), dict)


def _mentions(details: Mapping[str, Any]) -> Iterator[Mention]:
    for entry in details.get("capture") or ():
        if "mechanism" in entry:
            known = {key: entry[key] for key in _PLAIN if key in entry}
            yield Mention(names=tuple(entry.get("datasets") or entry.get("tables") or ()), **known)


_PLAIN = ("mechanism", "what", "used", "reason", "connection", "note", "confidence", "more")


def _lacks(details: Mapping[str, Any]) -> Iterator[str]:
    """What is missing: by the task's own word, by what could not be read, by what was too much to keep."""
    yield from details.get("incomplete") or ()
    ignored = details.get("ignored") or ()
    yield from (f"{path}: {reason}" for path, reason in ignored)
    if (count := details.get("ignored_count", 0)) > len(ignored):
        yield f"{count - len(ignored)} more could not be read"
    for entry in details.get("capture") or ():
        if entry.get("truncated"):
            yield f"only the first of {entry['entries']} mentions are kept"


def _versions(details: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if version := (details.get("processing_engine") or {}).get("version"):
        yield "airflow", version
    if version := details.get("producer_version"):
        yield "catalog", version


def _unused(mentions: Iterable[Mention]) -> list[str]:
    """Each reason once, with the first of what it lost."""
    lost: dict[str, dict[str, None]] = {}
    for mention in mentions:
        if not mention.used:
            lost.setdefault(mention.why, {}).update(dict.fromkeys(mention.names))
    return [f"{why}: {_some(list(names))}" if names else why for why, names in lost.items()]


def _some(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
