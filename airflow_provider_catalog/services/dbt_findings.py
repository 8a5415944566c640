"""What two manifests differ in, and whom that concerns in dbt and beyond: what `dbt diff` tells."""

from __future__ import annotations

from typing import Any, NamedTuple

from airflow_provider_catalog.services.dbt_diff import Change
from airflow_provider_catalog.services.dbt_impact import DbtImpact
from airflow_provider_catalog.services.dbt_outside import Outside


class Findings(NamedTuple):
    """All that is told of them. `outside` None: the catalog was not asked, or did not answer."""

    changes: tuple[Change, ...]
    inside: DbtImpact
    outside: Outside | None
    notes: tuple[str, ...]
    failing: tuple[str, ...]
    """The kinds of changes that fail."""

    @property
    def failed(self) -> bool:
        return any(change.kind in self.failing for change in self.changes)

    def owners(self) -> dict[str, tuple[str, ...]]:
        """Who is to be told, of what."""
        found = dict(self.inside.owned)
        for owner, theirs in (self.outside.owned if self.outside else {}).items():
            found[owner] = tuple(dict.fromkeys((*found.get(owner, ()), *theirs)))
        return dict(sorted(found.items()))

    def to_json(self) -> dict[str, Any]:
        return {
            "failed": self.failed,
            "breaking": sum(change.breaking for change in self.changes),
            "changes": [change.to_json() for change in self.changes],
            "affected": self.inside.to_json(),
            "outside": self.outside.to_json() if self.outside else None,
            "owners": {owner: list(theirs) for owner, theirs in self.owners().items()},
            "notes": list(self.notes),
        }
