"""Which datasets are one: identity rules, the groups they make, and the node that stands for each group.

Rules come from facts: symlinks that producers state, merges and splits of people, namespaces that are aliases.
Nothing is
rewritten: statements and edges keep the ids as stated, and only the nodes of what a changed rule touches are set anew.
A rule that says two datasets are different silences every rule that says those two are the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from sqlalchemy import Table

from airflow_provider_catalog.model.codec import entity as entity_of
from airflow_provider_catalog.model.identity import DatasetId, EntityId, column_uid
from airflow_provider_catalog.store.sql import contents, meta, tables, values
from airflow_provider_catalog.store.sql.batch import Batch
from airflow_provider_catalog.store.sql.cache import KnownEntity

_BY_PERSON = 100
_BY_NAMESPACE = 50
_BY_SYMLINK = 10


class Alias(NamedTuple):
    """One row of the alias table. `preference` > 0: the right one stands for both."""

    left: int
    right: int
    rule: str
    producer: int
    same: bool
    preference: int


def is_rule(aspect: str) -> bool:
    return aspect in {"symlinks", "merged_into", "alias_of"} or aspect.startswith("distinct_from:")


def apply(batch: Batch) -> None:
    """Set the nodes anew of every group that the batch's rules or new datasets touch."""
    touched = _rules_changed(batch, {subject for subject, aspect in batch.changed if is_rule(aspect)})
    touched |= _namespaces_joined(batch, batch.created.values())
    if touched:
        _regroup(batch, touched)


# -- rules


def _rules_changed(batch: Batch, subjects: set[int]) -> set[int]:
    """Replace the rules of these subjects by what the facts say now."""
    if not subjects:
        return set()
    keys = [(uid,) for uid in sorted(subjects)]
    columns = tuple(column.name for column in tables.alias.columns)
    old = {Alias(*row) for row in batch.dialect.select(batch.connection, tables.alias, columns, ["left_id"], keys)}
    old = {alias._replace(same=bool(alias.same)) for alias in old if alias.rule != "namespace"}
    new = set(_stated_rules(batch, keys))
    key_of = tuple(column.name for column in tables.alias.primary_key.columns)
    batch.dialect.delete(batch.connection, tables.alias, key_of, sorted(tuple(alias[:4]) for alias in old - new))
    batch.dialect.insert(batch.connection, tables.alias, sorted(tuple(alias) for alias in new - old))
    changed = old ^ new
    touched = {uid for alias in changed for uid in (alias.left, alias.right)}
    if any(alias.rule == "alias_of" for alias in changed):
        batch.cache.namespace_rules = None
        touched |= _rename_namespaces(batch, {alias.left for alias in changed})
    return touched


def _stated_rules(batch: Batch, keys: list[tuple[int]]) -> Iterator[Alias]:
    columns = ("subject_id", "aspect", "producer_id", "value_id")
    facts = batch.dialect.select(batch.connection, tables.fact, columns, ["subject_id"], keys, "t.valid_to IS NULL")
    rules = [fact for fact in facts if is_rule(fact[1]) and fact[3] is not None]
    bodies = values.read(batch.dialect, batch.connection, {bytes(fact[3]) for fact in rules})
    for subject, aspect, producer, value in rules:
        for right, same, preference in _meaning(aspect, bodies[bytes(value)]):
            if right != subject:
                yield Alias(subject, right, aspect, producer, same, preference)


def _meaning(aspect: str, value: object) -> Iterator[tuple[int, bool, int]]:
    """The partners a rule names: (uid, same, preference)."""
    if aspect == "symlinks":
        for other, type_ in contents.symlinks(value):
            yield other.uid, True, _BY_SYMLINK if type_ == "TABLE" else -_BY_SYMLINK
    elif aspect == "alias_of":
        yield EntityId("namespace", "", str(value)).uid, True, _BY_NAMESPACE
    elif partner := contents.pair(value):
        yield partner.uid, aspect == "merged_into", _BY_PERSON if aspect == "merged_into" else 0


# -- namespaces


def _namespace_rules(batch: Batch) -> dict[str, str]:
    """Namespace -> the one it is an alias of, chains followed to their end."""
    direct = _direct_rules(batch)
    return {name: _chain(direct, name)[1] for name in direct}


def _direct_rules(batch: Batch) -> dict[str, str]:
    """A person's rule counts more than one of the settings."""
    rows = batch.connection.exec_driver_sql(
        "SELECT l.name, r.name FROM catalog_alias a JOIN catalog_entity l ON l.id = a.left_id"
        " JOIN catalog_entity r ON r.id = a.right_id LEFT JOIN catalog_producer p ON p.id = a.producer_id"
        " WHERE a.rule = 'alias_of' ORDER BY CASE WHEN p.name = 'human' THEN 1 ELSE 0 END, 1, 2"
    )
    return {_spelled(str(left)): _spelled(str(right)) for left, right in rows}


def _spelled(namespace: str) -> str:
    """As datasets spell it: `postgresql://h` is `postgres://h`."""
    return DatasetId(namespace, "/").namespace


def _chain(direct: dict[str, str], name: str) -> tuple[list[str], str]:
    """What a chain goes through, and its end; of a circle, its smallest member, so that every member agrees."""
    seen = [name]
    while (name := direct.get(name, "")) and name not in seen:
        seen.append(name)
    return seen, min(seen[seen.index(name) :]) if name else seen[-1]


def _rename_namespaces(batch: Batch, namespaces: set[int]) -> set[int]:
    """Rules between the datasets of namespaces that became aliases or stopped being so."""
    names = {
        _spelled(r[0])
        for r in batch.dialect.select(batch.connection, tables.entity, ["name"], ["id"], [(n,) for n in namespaces])
    }
    direct = _direct_rules(batch)
    chains = {name: _chain(direct, name) for name in direct}
    rules = {name: end for name, (_, end) in chains.items()}
    # The end of every chain moves that goes through one of them
    names |= {name for name, (through, _) in chains.items() if not names.isdisjoint(through)}
    columns = ("id", "namespace", "name")
    keys = [("dataset", name) for name in sorted(names)]
    members = batch.dialect.select(batch.connection, tables.entity, columns, ("kind", "namespace"), keys)
    return _link(batch, [entity_of("dataset", namespace, name) for _, namespace, name in members], rules)


def _namespaces_joined(batch: Batch, created: Iterable[EntityId]) -> set[int]:
    datasets = [entity for entity in created if entity.kind == "dataset"]
    if not datasets or not _have_namespace_rules(batch):
        return set()
    rules = _namespace_rules(batch)
    concerned = rules.keys() | set(rules.values())
    return _link(batch, [dataset for dataset in datasets if dataset.namespace in concerned], rules)


def _have_namespace_rules(batch: Batch) -> bool:
    if batch.cache.namespace_rules is None:
        count = batch.connection.exec_driver_sql(
            "SELECT count(*) FROM catalog_alias WHERE rule = 'alias_of'"
        ).scalar_one()
        batch.cache.namespace_rules = int(count)
    return batch.cache.namespace_rules > 0


def _link(batch: Batch, datasets: Collection[EntityId], rules: dict[str, str]) -> set[int]:
    """Every dataset of an aliased namespace is the one of its name in the canonical namespace, known or not."""
    keys = [(dataset.uid,) for dataset in datasets]
    columns = tuple(column.name for column in tables.alias.columns)
    rows = batch.dialect.select(batch.connection, tables.alias, columns, ["left_id"], keys, "t.rule = 'namespace'")
    old = {Alias(*row)._replace(same=bool(row[4])) for row in rows}
    new = {
        Alias(dataset.uid, DatasetId(rules[dataset.namespace], dataset.name).uid, "namespace", 0, True, _BY_NAMESPACE)
        for dataset in datasets
        if rules.get(dataset.namespace, dataset.namespace) != dataset.namespace
    }
    key_of = tuple(column.name for column in tables.alias.primary_key.columns)
    batch.dialect.delete(batch.connection, tables.alias, key_of, sorted(tuple(alias[:4]) for alias in old - new))
    batch.dialect.insert(batch.connection, tables.alias, sorted(tuple(alias) for alias in new - old))
    return {dataset.uid for dataset in datasets} | {alias.right for alias in old | new}


# -- groups


def _regroup(batch: Batch, touched: set[int]) -> None:
    aliases = _reachable(batch, touched)
    stored = batch.dialect.select(
        batch.connection,
        tables.entity,
        ("id", "namespace", "name", "node_id"),
        ["id"],
        [(uid,) for uid in sorted(touched | {uid for alias in aliases for uid in (alias.left, alias.right)})],
        "t.kind = 'dataset'",
    )
    known = {row[0]: KnownEntity(*row[1:]) for row in stored}
    moved: dict[int, int] = {}
    for group in _groups(set(known), aliases):
        node = _representative(group & known.keys(), aliases, known)
        moved.update({uid: node for uid in group & known.keys() if known[uid].node != node})
    batch.dialect.update(batch.connection, tables.entity, ["id"], ["node_id"], sorted(moved.items()))
    if moved:
        meta.increment(batch.connection, meta.NAMES)
        meta.increment(batch.connection, meta.EDGES)
    batch.outgoing |= moved.keys() | {known[uid].node for uid in moved}
    _move_edges(batch, moved, known)
    _move_columns(batch, moved, known)
    for uid, node in moved.items():
        batch.cache.entities.put(uid, known[uid]._replace(node=node))


def _reachable(batch: Batch, start: set[int]) -> set[Alias]:
    """All rules that touch the groups of these datasets, ring by ring. Bounded by the size of the groups."""
    columns = tuple(column.name for column in tables.alias.columns)
    found: set[Alias] = set()
    seen: set[int] = set()
    ring = set(start)
    while ring:
        seen |= ring
        keys = [(uid,) for uid in sorted(ring)]
        rows = batch.dialect.select(batch.connection, tables.alias, columns, ["left_id"], keys)
        rows += batch.dialect.select(batch.connection, tables.alias, columns, ["right_id"], keys)
        found |= {Alias(*row)._replace(same=bool(row[4])) for row in rows if row[2] != "alias_of"}
        ring = {uid for alias in found for uid in (alias.left, alias.right)} - seen
    return found


def _groups(members: set[int], aliases: Collection[Alias]) -> Iterator[set[int]]:
    """Connected by rules that nobody silenced."""
    silenced = {frozenset(alias[:2]) for alias in aliases if not alias.same}
    beside: defaultdict[int, set[int]] = defaultdict(set)
    for alias in aliases:
        if alias.same and frozenset(alias[:2]) not in silenced:
            beside[alias.left].add(alias.right)
            beside[alias.right].add(alias.left)
    waiting = set(members)
    while waiting:
        group: set[int] = set()
        ring = {waiting.pop()}
        while ring:
            group |= ring
            ring = {other for uid in ring for other in beside[uid]} - group
        waiting -= group
        yield group


def _representative(group: set[int], aliases: Collection[Alias], known: dict[int, KnownEntity]) -> int:
    """The member that rules prefer; of equals the first by name, so that the order of arrival does not count."""
    toward: dict[int, int] = dict.fromkeys(group, 0)
    away: dict[int, int] = dict.fromkeys(group, 0)
    for alias in aliases:
        if alias.same and alias.left in group and alias.right in group:
            loser, winner = (alias.left, alias.right) if alias.preference > 0 else (alias.right, alias.left)
            strength = abs(alias.preference)
            toward[winner] = max(toward[winner], strength)
            away[loser] = max(away[loser], strength)
    return min(group, key=lambda uid: (away[uid] - toward[uid], away[uid], *entity_of("dataset", *known[uid][:2]).key))


# -- what hangs on nodes


def _move_edges(batch: Batch, moved: dict[int, int], known: dict[int, KnownEntity]) -> None:
    rows = [(known[uid].node, uid, node) for uid, node in sorted(moved.items())]
    _renode(batch, tables.edge, rows)
    batch.outgoing |= _fed(batch, tables.edge, rows)


def _move_columns(batch: Batch, moved: dict[int, int], known: dict[int, KnownEntity]) -> None:
    keys = [(uid,) for uid in sorted(moved)]
    columns = batch.dialect.select(batch.connection, tables.column, ("id", "dataset_id", "name"), ["dataset_id"], keys)
    rows, named = [], set()
    for uid, dataset, name in columns:
        node, before = moved[dataset], known[dataset].node
        new = uid if node == dataset else column_uid(node, name)
        old = uid if before == dataset else column_uid(before, name)
        rows.append((old, uid, new))
        named.add((new, node, name, False))
    batch.dialect.insert(batch.connection, tables.column, sorted(named))
    _renode(batch, tables.column_edge, sorted(rows))
    fed = sorted((uid,) for uid in _fed(batch, tables.column_edge, sorted(rows)))
    datasets = batch.dialect.select(batch.connection, tables.column, ["dataset_id"], ["id"], fed)
    batch.outgoing |= {dataset for (dataset,) in datasets}


def _renode(batch: Batch, table: Table, rows: list[tuple[int, int, int]]) -> None:
    """Rows are (node so far, stated id, new node): the node is indexed, the stated id is not."""
    for end in ("source", "target"):
        batch.dialect.update(batch.connection, table, [f"{end}_node", f"{end}_id"], [f"{end}_node"], rows)


def _fed(batch: Batch, table: Table, rows: list[tuple[int, int, int]]) -> set[int]:
    """What is made of those that have other nodes now: of something else, as it will be told."""
    keys = [(node, uid) for _, uid, node in rows]
    by = ("source_node", "source_id")
    found = batch.dialect.select(batch.connection, table, ["target_node"], by, keys, "t.valid_to IS NULL")
    return {node for (node,) in found}
