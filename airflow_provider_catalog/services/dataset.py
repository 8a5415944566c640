"""All that is known of one dataset, each word with who said it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from airflow_provider_catalog.model.statement import EXISTENCE
from airflow_provider_catalog.services.columns import ColumnInfo, columns
from airflow_provider_catalog.services.console import ConsoleLink, console_links
from airflow_provider_catalog.services.facts import TAG, Resolved, Tag, owners, resolve, tags, text
from airflow_provider_catalog.services.lineage.answer import Total, criticality, impact_score
from airflow_provider_catalog.services.naming import Label, dataset_id, label
from airflow_provider_catalog.services.place import Place, place
from airflow_provider_catalog.services.schema import SchemaVersion, schema_versions
from airflow_provider_catalog.services.statistics import METRICS, Statistics, statistics
from airflow_provider_catalog.services.times import iso, maybe_iso
from airflow_provider_catalog.services.uses import Use, uses
from airflow_provider_catalog.store.protocol import Entity, StatementRow, Store

_EDITS = 10
_RULES = ("symlinks", "merged_into", "distinct_from:")


@dataclass(frozen=True, slots=True)
class Description:
    """A dataset. `aspects` holds the winning words under the names producers use; `created`: since when it exists."""

    dataset: Label
    namespace: str
    place: Place
    exists: bool
    created: int | None
    aspects: Mapping[str, Resolved]
    tags: tuple[Tag, ...]
    columns: tuple[ColumnInfo, ...]
    versions: tuple[SchemaVersion, ...]
    statistics: Statistics
    uses: tuple[Use, ...]
    members: tuple[Label, ...]
    links: tuple[ConsoleLink, ...]
    upstream: Total | None
    downstream: Total | None
    edits: tuple[StatementRow, ...] = ()

    @property
    def type(self) -> str | None:
        return dataset_type(self.aspects)

    @property
    def description(self) -> str:
        return text(self.aspects.get("documentation"), "description")

    @property
    def owners(self) -> list[str]:
        return owners(self.aspects.get("ownership"))

    @property
    def location(self) -> str:
        return text(self.aspects.get("dataSource"), "uri")

    @property
    def classification(self) -> str | None:
        """What the tag of that name says."""
        return next((tag.value for tag in self.tags if tag.key.lower() == "classification"), None)

    @property
    def updated(self) -> int | None:
        """When a job was last seen to write it."""
        return max((use.last_seen for use in self.uses if not use.reads), default=None)

    def to_json(self) -> dict[str, Any]:
        return {
            "dataset": self.dataset.id,
            **self._heading(),
            "exists": self.exists,
            **self._times(),
            "description": self.description,
            "owner": next(iter(self.owners), None),
            "owners": self.owners,
            "location": self.location,
            "tags": [tag.to_json() for tag in self.tags],
            "classification": self.classification,
            "statistics": {"column_count": len(self.columns), **self.statistics.to_json()},
            "columns": [column.to_json() for column in self.columns],
            "schema_versions": [version.to_json() for version in self.versions],
            "jobs": [use.to_json() for use in self.uses],
            "members": [member.id for member in self.members],
            "links": [link.to_json() for link in self.links],
            **self._totals(),
            "edits": [{"time": iso(edit.time), "by": edit.details.get("actor")} for edit in self.edits],
            "said": {aspect: resolved.to_json() for aspect, resolved in self.aspects.items() if aspect != "schema"},
        }

    def _heading(self) -> dict[str, Any]:
        return {
            "dataset_id": self.dataset.id,
            "name": self.dataset.name,
            "type": self.type,
            "platform": self.dataset.platform,
            "namespace": self.namespace,
            "database": self.place.database,
            "schema": self.place.schema,
        }

    def _times(self) -> dict[str, Any]:
        """A first schema is no change."""
        changed = self.versions[-1].since if len(self.versions) > 1 else None
        return {
            "created_at": maybe_iso(self.created),
            "last_updated": maybe_iso(self.updated),
            "last_schema_change": maybe_iso(changed),
        }

    def _totals(self) -> dict[str, Any]:
        if self.upstream is None or self.downstream is None:
            return {}
        score = impact_score(self.downstream.count)
        return {
            "total_upstream": self.upstream.count,
            "total_downstream": self.downstream.count,
            "impact_score": score,
            "criticality": criticality(score),
        }


def describe(store: Store, found: Entity, *, as_of: int | None = None) -> Description:
    """The canonical dataset that `found` belongs to, with what is said of all its members. Of the past, what runs
    counted is left out: their numbers are those of today.
    """
    members = store.members(found.node)
    uids = [member.uid for member in members]
    node = next((member for member in members if member.uid == found.node), found)
    facts = store.facts(uids, as_of=as_of)
    aspects = {aspect: word for aspect, word in resolve(facts).items() if not aspect.startswith((TAG, *_RULES))}
    existence = aspects.pop(EXISTENCE, None)
    ports = store.ports(datasets=uids, as_of=as_of)
    totals = store.totals([node.uid]).get(node.uid)
    counted = totals is not None and totals.computed_at is not None
    return Description(
        dataset=label(node),
        namespace=node.namespace,
        place=place(node, aspects),
        exists=existence is None or existence.value is not False,
        created=min((f.valid_from for f in facts if f.aspect == EXISTENCE and f.value is True), default=None),
        aspects={aspect: word for aspect, word in aspects.items() if aspect != "tags"},
        tags=tags(facts),
        columns=columns(store, members, aspects.get("schema"), as_of=as_of),
        versions=schema_versions(store, uids),
        statistics=statistics(store, members, ports, aspects.get(METRICS)) if as_of is None else Statistics(),
        uses=uses(store, ports),
        members=tuple(map(label, members)),
        links=console_links(map(dataset_id, members)),
        upstream=Total(totals.upstream, exact=True, as_of=totals.computed_at) if totals and counted else None,
        downstream=Total(totals.downstream, exact=True, as_of=totals.computed_at) if totals and counted else None,
        edits=tuple(store.audit(found.uid, limit=_EDITS)),
    )


def dataset_type(aspects: Mapping[str, Resolved]) -> str | None:
    """`table`, `view`, `topic` …, if anybody said so."""
    return text(aspects.get("datasetType"), "datasetType").lower() or None
