"""What is to be done about an optimizer of an Iceberg table, by what is wanted of it and what is there.

Only what is wanted is compared: of the rest what AWS has stays. An update says all of it nevertheless, since AWS does
not tell what it does with what is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, TypeAlias

_Glue: TypeAlias = Mapping[str, Any]
Action: TypeAlias = Literal["create", "update", "delete", "none"]

CONFIGURATIONS = {
    "compaction": "compactionConfiguration",
    "retention": "retentionConfiguration",
    "orphan_file_deletion": "orphanFileDeletionConfiguration",
}
_STATES: Mapping[Action, str] = {"create": "created", "update": "updated", "delete": "deleted", "none": "unchanged"}


class Optimizer(NamedTuple):
    """As it is wanted. `configuration`: what AWS has under `icebergConfiguration`. `connection`: it leads into a VPC.
    What is empty may be as it is.
    """

    kind: str
    role_arn: str = ""
    enabled: bool = True
    configuration: _Glue = MappingProxyType({})
    connection: str = ""

    def to_glue(self) -> dict[str, Any]:
        stated: dict[str, Any] = {"enabled": self.enabled}
        stated |= {"roleArn": self.role_arn} if self.role_arn else {}
        stated |= {"vpcConfiguration": {"glueConnectionName": self.connection}} if self.connection else {}
        if self.configuration:
            stated[CONFIGURATIONS[self.kind]] = {"icebergConfiguration": dict(self.configuration)}
        return stated


class Plan(NamedTuple):
    """`configuration` is all that AWS is told."""

    action: Action
    configuration: _Glue = MappingProxyType({})

    @property
    def state(self) -> str:
        return _STATES[self.action]


def refusal(kind: str, table: _Glue) -> str:
    """Why a table cannot have such an optimizer; empty where it can."""
    if kind not in CONFIGURATIONS:
        return f"there is no optimizer {kind!r}: give {', '.join(CONFIGURATIONS)}"
    name = f"{table.get('DatabaseName')}.{table.get('Name')}"
    if link := table.get("TargetTable"):
        return f"{name} is a link to {link.get('DatabaseName')}.{link.get('Name')}: name that table"
    found = str((table.get("Parameters") or {}).get("table_type") or "")
    if found.upper() != "ICEBERG":
        return f"{name} is no Iceberg table (its table_type is {found or 'not set'}): AWS optimizes no others"
    return ""


def plan(wanted: Optimizer | None, actual: _Glue | None) -> Plan:
    """`actual` is a TableOptimizer of AWS. With None for what is wanted there is to be none."""
    if wanted is None:
        return Plan("none" if actual is None else "delete")
    stated = wanted.to_glue()
    if actual is None:
        return Plan("create", stated)
    there = actual.get("configuration") or {}
    merged = _merged(there, stated)
    return Plan("none") if merged == there else Plan("update", merged)


def last_run(actual: _Glue | None) -> dict[str, Any]:
    """As JSON; empty when there was none."""
    found: dict[str, Any] = _plain((actual or {}).get("lastRun") or {})
    return found


def _merged(there: _Glue, stated: _Glue) -> dict[str, Any]:
    return {**there, **{key: _over(there.get(key), value) for key, value in stated.items()}}


def _over(there: Any, stated: Any) -> Any:
    return _merged(there, stated) if isinstance(there, Mapping) and isinstance(stated, Mapping) else stated


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return {key: _plain(each) for key, each in value.items()} if isinstance(value, Mapping) else value
