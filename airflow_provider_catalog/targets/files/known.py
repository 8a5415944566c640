"""What the store knows of files that a run wrote: whether somebody else tells their columns, and what we told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from airflow_provider_catalog.model.identity import DatasetId
from airflow_provider_catalog.model.schema import field_names
from airflow_provider_catalog.model.statement import EXISTENCE
from airflow_provider_catalog.services.facts import resolve
from airflow_provider_catalog.services.members import nodes_by_member
from airflow_provider_catalog.services.naming import dataset_id
from airflow_provider_catalog.store.protocol import Entity, Fact, Store
from airflow_provider_catalog.targets.files.finding import may_tell
from airflow_provider_catalog.targets.files.storage import NAME

FACET = "parquetFooter"
_SCHEMA, _STORAGE, _MARK = "schema", "storage", f"facet:{FACET}"


class Known(NamedTuple):
    """A dataset that is a file or folder. `written`: when a run was last heard of that writes it. `elsewhere`: since
    when somebody else tells its columns, if anybody does. `told`: the file that we told of and what came of it, both
    empty when nothing we said counts any more; `since`: when we said anything last. `stored`: somebody else tells how
    it is stored.
    """

    node: int
    dataset: DatasetId
    written: int
    elsewhere: int | None = None
    version: str = ""
    fingerprint: str = ""
    since: int = 0
    stored: bool = False


def known(store: Store, datasets: Collection[Entity]) -> Iterator[Known]:
    """Those of the datasets that are worth a look."""
    node_of = nodes_by_member(store, [each.uid for each in datasets])
    paths: dict[int, DatasetId] = {}
    for uid, entity in sorted(store.entities(node_of).items()) if node_of else ():
        if _may_be_read(name := dataset_id(entity)):
            paths.setdefault(node_of[uid], name)
    members = [uid for uid, node in node_of.items() if node in paths]
    written = _written(store, members, node_of)
    said = _said(store, [uid for uid in members if node_of[uid] in written], node_of)
    for node, at in sorted(written.items()):
        facts = said[node]
        existence = resolve(facts).get(EXISTENCE)
        if existence is None or existence.value is not False:
            yield _known(node, paths[node], at, facts)


def _may_be_read(name: DatasetId) -> bool:
    if name.platform == "s3":
        bucket = name.namespace.removeprefix("s3://")
        return name.namespace != bucket and ":" not in bucket and may_tell(name.name)
    return name.namespace == "file" and may_tell(name.name)


def _written(store: Store, members: Sequence[int], node_of: dict[int, int]) -> dict[int, int]:
    found: dict[int, int] = {}
    for port in store.ports(datasets=members) if members else ():
        if port.direction == "w" and port.dataset in node_of:
            node = node_of[port.dataset]
            found[node] = max(found.get(node, 0), port.last_seen)
    return found


def _said(store: Store, members: Sequence[int], node_of: dict[int, int]) -> defaultdict[int, list[Fact]]:
    found: defaultdict[int, list[Fact]] = defaultdict(list)
    for fact in store.facts(members, aspects=(EXISTENCE, _SCHEMA, _STORAGE, _MARK)) if members else ():
        found[node_of[fact.subject]].append(fact)
    return found


def _known(node: int, dataset: DatasetId, written: int, facts: Sequence[Fact]) -> Known:
    ours = [fact for fact in facts if fact.producer == NAME and fact.aspect != EXISTENCE]
    others = [fact for fact in facts if fact.producer != NAME and fact.value is not None]
    elsewhere = [fact.valid_from for fact in others if fact.aspect == _SCHEMA and any(field_names(fact.value))]
    mark = next((fact.value for fact in ours if fact.aspect == _MARK and isinstance(fact.value, dict)), {})
    return Known(
        node,
        dataset,
        written,
        elsewhere=max(elsewhere, default=None),
        version=_text(mark, "version"),
        fingerprint=_text(mark, "fingerprint"),
        since=max((fact.valid_from for fact in ours), default=0),
        stored=any(fact.aspect == _STORAGE for fact in others),
    )


def _text(mark: object, key: str) -> str:
    value = mark.get(key) if isinstance(mark, dict) else None
    return value if isinstance(value, str) else ""
