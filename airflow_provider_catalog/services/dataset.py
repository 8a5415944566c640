"""All that is known of one dataset, each word with who said it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from airflow_provider_catalog.model.identity import ColumnId
from airflow_provider_catalog.model.statement import EXISTENCE
from airflow_provider_catalog.services.facts import TAG, Resolved, Tag, owners, resolve, tags, text
from airflow_provider_catalog.services.lineage.answer import Total, criticality, impact_score
from airflow_provider_catalog.services.naming import Label, dataset_id, label, labels
from airflow_provider_catalog.services.schema import SchemaVersion, fields, versions
from airflow_provider_catalog.services.times import iso
from airflow_provider_catalog.store.protocol import Entity, Fact, Port, StatementRow, Store

_EDITS = 10
_RULES = ("symlinks", "merged_into", "distinct_from:")


@dataclass(frozen=True, slots=True)
class ColumnInfo:
    """A column; its own documentation and tags win over what the schema says of it."""

    name: str
    type: str
    description: str
    tags: tuple[Tag, ...]

    def to_json(self) -> dict[str, Any]:
        tags_ = [tag.to_json() for tag in self.tags]
        return {"name": self.name, "type": self.type, "description": self.description, "tags": tags_}


@dataclass(frozen=True, slots=True)
class Use:
    """A job that reads or writes the dataset."""

    job: Label
    reads: bool
    since: int
    last_seen: int
    producers: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        how = "reads" if self.reads else "writes"
        seen = {"since": iso(self.since), "last_seen": iso(self.last_seen)}
        return {"job_id": self.job.id, "how": how, **seen, "said_by": list(self.producers)}


@dataclass(frozen=True, slots=True)
class Description:
    """A dataset. `aspects` holds the winning words under the names producers use."""

    dataset: Label
    namespace: str
    exists: bool
    aspects: Mapping[str, Resolved]
    tags: tuple[Tag, ...]
    columns: tuple[ColumnInfo, ...]
    versions: tuple[SchemaVersion, ...]
    uses: tuple[Use, ...]
    members: tuple[Label, ...]
    upstream: Total | None
    downstream: Total | None
    edits: tuple[StatementRow, ...] = ()

    @property
    def description(self) -> str:
        return text(self.aspects.get("documentation"), "description")

    @property
    def owners(self) -> list[str]:
        return owners(self.aspects.get("ownership"))

    @property
    def location(self) -> str:
        return text(self.aspects.get("dataSource"), "uri")

    def to_json(self) -> dict[str, Any]:
        return {
            "dataset": self.dataset.id,
            "name": self.dataset.name,
            "platform": self.dataset.platform,
            "namespace": self.namespace,
            "exists": self.exists,
            "description": self.description,
            "owners": self.owners,
            "location": self.location,
            "tags": [tag.to_json() for tag in self.tags],
            "columns": [column.to_json() for column in self.columns],
            "schema_versions": [version.to_json() for version in self.versions],
            "jobs": [use.to_json() for use in self.uses],
            "members": [member.id for member in self.members],
            **self._totals(),
            "edits": [{"time": iso(edit.time), "by": edit.details.get("actor")} for edit in self.edits],
            "said": {aspect: resolved.to_json() for aspect, resolved in self.aspects.items() if aspect != "schema"},
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
    """The canonical dataset that `found` belongs to, with what is said of all its members."""
    members = store.members(found.node)
    uids = [member.uid for member in members]
    node = next((member for member in members if member.uid == found.node), found)
    facts = store.facts(uids, as_of=as_of)
    aspects = {aspect: word for aspect, word in resolve(facts).items() if not aspect.startswith((TAG, *_RULES))}
    existence = aspects.pop(EXISTENCE, None)
    totals = store.totals([node.uid]).get(node.uid)
    counted = totals is not None and totals.computed_at is not None
    return Description(
        dataset=label(node),
        namespace=node.namespace,
        exists=existence is None or existence.value is not False,
        aspects={aspect: word for aspect, word in aspects.items() if aspect != "tags"},
        tags=tags(facts),
        columns=_columns(store, members, aspects.get("schema"), as_of),
        versions=versions(list(chain.from_iterable(store.history(uid, "schema") for uid in uids))),
        uses=_uses(store, uids, as_of),
        members=tuple(map(label, members)),
        upstream=Total(totals.upstream, exact=True, as_of=totals.computed_at) if totals and counted else None,
        downstream=Total(totals.downstream, exact=True, as_of=totals.computed_at) if totals and counted else None,
        edits=tuple(store.audit(found.uid, limit=_EDITS)),
    )


def _columns(
    store: Store, members: Collection[Entity], schema: Resolved | None, as_of: int | None
) -> tuple[ColumnInfo, ...]:
    """The columns of the schema that counts, with what is said of the column under any name of the dataset."""
    shown = fields(schema.value) if schema else []
    column_of = {ColumnId(dataset_id(member), name).uid: name for member in members for name, _ in shown}
    said: defaultdict[str, list[Fact]] = defaultdict(list)
    for fact in store.facts(list(column_of), as_of=as_of) if column_of else ():
        said[column_of[fact.subject]].append(fact)
    return tuple(
        ColumnInfo(
            name,
            str(field.get("type") or ""),
            text(resolve(said[name]).get("documentation"), "description") or str(field.get("description") or ""),
            tags(said[name]),
        )
        for name, field in shown
    )


def _uses(store: Store, uids: Collection[int], as_of: int | None) -> tuple[Use, ...]:
    ports: defaultdict[tuple[int, bool], list[Port]] = defaultdict(list)
    for port in store.ports(datasets=uids, as_of=as_of):
        ports[port.job, port.direction == "r"].append(port)
    entities = store.entities({job for job, _ in ports})
    uses = [
        Use(
            labels(entities, job),
            reads,
            min(port.valid_from for port in some),
            max(port.last_seen for port in some),
            tuple(sorted({port.producer for port in some})),
        )
        for (job, reads), some in ports.items()
    ]
    return tuple(sorted(uses, key=lambda use: (use.reads, use.job.id)))
