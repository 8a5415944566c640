"""What is to be done of a plan where a table is there already, or is not: the words that operators take.

| `if_exists` | a table that is there |
|---|---|
| `merge` | gets what is wanted beside what it has |
| `update` | has these columns and no others afterwards; whatever else it has stays |
| `skip` | is left as it is |
| `fail` | must be so already |

`if_missing`: `create` makes one that is not there, with `fail` it must be there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from airflow_provider_catalog.targets.glue.difference import Change
from airflow_provider_catalog.targets.glue.limits import shown
from airflow_provider_catalog.targets.glue.plan import Plan, plan
from airflow_provider_catalog.targets.glue.table_input import Table
from airflow_provider_catalog.targets.glue.wanted import Wanted
from airflow_provider_catalog.targets.glue.writer import Outcome

_NAMED = 10
_STATES = {"create": "created", "update": "updated", "nothing": "unchanged"}
STATES = (*_STATES.values(), "skipped", "refused")


@dataclass(frozen=True, slots=True)
class Policy:
    """The words as they were checked already."""

    exists: str = "merge"
    missing: str = "create"

    def plan(self, wanted: Wanted, actual: Table | None) -> Plan:
        if actual is not None and self.exists == "skip":
            return Plan(
                "nothing", wanted.database.lower(), wanted.name.lower(), notes=("it is there and stays as it is",)
            )
        planned = plan(replace(wanted, authoritative=True) if self.exists == "update" else wanted, actual)
        if planned.kind == "create" and self.missing == "fail":
            return _refused(planned, "it is not there, and if_missing is fail")
        if planned.kind == "update" and self.exists == "fail":
            return _refused(planned, f"it is there and not the same, and if_exists is fail: {_named(planned)}")
        return planned

    def state(self, outcome: Outcome) -> str:
        if outcome.plan is None or outcome.reason:
            return "refused"
        found = _STATES[outcome.plan.kind]
        return "skipped" if found == "unchanged" and self.exists == "skip" else found


def _refused(planned: Plan, reason: str) -> Plan:
    return Plan("refuse", planned.database, planned.name, reason=reason)


def _named(planned: Plan) -> str:
    names = [each.member for each in planned.changes]
    return f"{', '.join(names[:_NAMED])}{f' and {len(names) - _NAMED} more' if len(names) > _NAMED else ''}"


def told(change: Change) -> str:
    """A change in a sentence."""
    return f"{change.member}: {shown(str(change.before))} -> {shown(str(change.after))}"
