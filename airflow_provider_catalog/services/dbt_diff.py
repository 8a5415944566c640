"""What became of the nodes of a dbt project and of their columns from one manifest to another.

Databases and schemas are not compared, since a manifest of a pull request seldom has those of production: only how a
project names its relations, what columns they have, of which types, and what these are made of.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from airflow_provider_catalog.model.masking import mask_sql
from airflow_provider_catalog.services.dbt_manifest import Manifest
from airflow_provider_catalog.services.dbt_sql import is_rewritten
from airflow_provider_catalog.services.widening import widens
from airflow_provider_catalog.sources.dbt.project import ColumnSource, Project, has_sql

REMOVED = ("node_removed", "column_removed")
CHANGED = ("relation_changed", "type_changed")
HARMLESS = ("source_removed", "source_moved", "node_added", "column_added", "logic_changed")
"""A source is somebody else's table: what a project says of it no more is there all the same."""
FAIL_ON: Mapping[str, tuple[str, ...]] = {"removed": REMOVED, "changed": (*REMOVED, *CHANGED), "never": ()}
_LONGEST = 500


class Change(NamedTuple):
    """One difference. `column` empty: of the node as a whole, or of which rows it has."""

    kind: str
    unique_id: str
    name: str
    column: str = ""
    before: str = ""
    after: str = ""

    @property
    def breaking(self) -> bool:
        """Who reads it as it was can no longer be sure to."""
        return self.kind not in HARMLESS

    @property
    def what(self) -> str:
        return f"{self.name}.{self.column}" if self.column else self.name

    def to_json(self) -> dict[str, Any]:
        return {
            "change": self.kind,
            "breaking": self.breaking,
            "unique_id": self.unique_id,
            "name": self.name,
            "column": self.column or None,
            "before": self.before or None,
            "after": self.after or None,
        }


def alike(old: Manifest, new: Manifest) -> tuple[Manifest, Manifest]:
    """Both, each with the columns that only the other's database tells of nodes that are the same in both.

    Often one of them has no catalog.json: without this, SQL that nobody touched would be understood on one side only.
    """
    return old.knowing(_lacking(old, new)), new.knowing(_lacking(new, old))


def _lacking(one: Manifest, other: Manifest) -> Mapping[str, Sequence[str]]:
    has, seen = one.seen_columns(), other.seen_columns()
    return {each: seen[each] for each in seen if each not in has and each in one.nodes and _is_same(one, other, each)}


def _is_same(one: Manifest, other: Manifest, unique_id: str) -> bool:
    first, second = (
        (said.checksum(unique_id), _relation(said.nodes[unique_id]), said.documented(unique_id))
        for said in (one, other)
    )
    return first == second


def changes(old: Manifest, new: Manifest) -> tuple[Change, ...]:
    """What breaks first, then by name; columns in their order."""
    before, after = dict.fromkeys(old.relations()), dict.fromkeys(new.relations())
    found = [_gone(old, each) for each in before if each not in after]
    found += [Change("node_added", each, new.short_name(each)) for each in after if each not in before]
    both = [each for each in before if each in after]
    found += [change for each in both for change in _changes(old, new, each)]
    logics = _whole(old, found), restored(old, new, found)
    found += [change for each in both for change in _logic(old, new, logics, each)]
    found += _rewritten(old, new, both, found)
    order = (*REMOVED, *CHANGED, *HARMLESS)
    return tuple(sorted(found, key=lambda each: (not each.breaking, each.name, order.index(each.kind))))


def _whole(old: Manifest, found: Iterable[Change]) -> Project:
    """The old project, its changed nodes as well known as `restored` has them."""
    known = {each: old.columns(each) or {} for each in _short(found)}
    return old.with_columns({each: tuple(names.values()) for each, names in known.items()})


def _short(found: Iterable[Change]) -> set[str]:
    """What has less columns than before."""
    return {change.unique_id for change in found if change.kind == "column_removed"}


def restored(old: Manifest, new: Manifest, found: Iterable[Change]) -> Project:
    """The new project as if no column had gone: SQL that still names one can be read as it is meant."""
    columns = {each: {**(old.columns(each) or {}), **(new.columns(each) or {})} for each in _short(found)}
    return new.with_columns({each: tuple(names.values()) for each, names in columns.items()})


def _gone(old: Manifest, unique_id: str) -> Change:
    return Change(
        "source_removed" if _is_source(old, unique_id) else "node_removed", unique_id, old.short_name(unique_id)
    )


def _is_source(manifest: Manifest, unique_id: str) -> bool:
    return manifest.nodes[unique_id].get("resource_type") == "source"


def _changes(old: Manifest, new: Manifest, unique_id: str) -> Iterator[Change]:
    name = new.short_name(unique_id)
    was, now = (_relation(each.nodes[unique_id]) for each in (old, new))
    if was != now:
        yield Change(
            "source_moved" if _is_source(new, unique_id) else "relation_changed", unique_id, name, "", was, now
        )
    yield from (Change(kind, unique_id, name, column) for kind, column in _columns(old, new, unique_id))
    for column, before, after in _types(old, new, unique_id):
        yield Change("type_changed", unique_id, name, column, before, after)


def _relation(node: Mapping[str, Any]) -> str:
    """As far as the project says it, and not the target."""
    config = node.get("config")
    stated = config if isinstance(config, dict) else {}
    if stated.get("materialized") == "ephemeral":
        return "no relation: it is ephemeral"
    name = node.get("identifier") or node.get("alias") or node.get("name")
    own = (stated.get("database"), stated.get("schema")) if node.get("resource_type") != "source" else ()
    return ".".join(str(part) for part in (*own, name) if part)


def _columns(old: Manifest, new: Manifest, unique_id: str) -> Iterator[tuple[str, str]]:
    """Those that went and those that came. What is merely written down no more has not gone."""
    was, now = old.columns(unique_id) or {}, new.columns(unique_id) or {}
    if not new.sees_all_columns(unique_id):
        was = _only(was, old.documented(unique_id))
    yield from (("column_removed", column) for folded, column in was.items() if folded not in now)
    if not old.sees_all_columns(unique_id):
        now = _only(now, new.documented(unique_id))
    before = old.columns(unique_id) or {}
    yield from (("column_added", column) for folded, column in now.items() if folded not in before)


def _only(columns: Mapping[str, str], among: Iterable[str]) -> dict[str, str]:
    kept = set(among)
    return {folded: column for folded, column in columns.items() if folded in kept}


def _types(old: Manifest, new: Manifest, unique_id: str) -> Iterator[tuple[str, str, str]]:
    """Written down in both, or known of the database in both; another spelling is no other type."""
    written, known = (
        (old.types(unique_id), new.types(unique_id)),
        (old.known_types(unique_id), new.known_types(unique_id)),
    )
    names = new.columns(unique_id) or {}
    for folded, column in names.items():
        for was, now in (written, known):
            if folded in was and folded in now:
                if not (widens(was[folded], now[folded]) and widens(now[folded], was[folded])):
                    yield column, was[folded], now[folded]
                break


def _logic(old: Manifest, new: Manifest, logics: tuple[Project, Project], unique_id: str) -> Iterator[Change]:
    """Of columns that are in both; without SQL only that the file is another one."""
    name = new.short_name(unique_id)
    if not (has_sql(old.nodes[unique_id]) and has_sql(new.nodes[unique_id])):
        if old.checksum(unique_id) != new.checksum(unique_id):
            yield Change("logic_changed", unique_id, name)
        return
    was, now = _made(old, logics[0], unique_id), _made(new, logics[1], unique_id)
    names, before = {"": "", **(new.columns(unique_id) or {})}, {"": "", **(old.columns(unique_id) or {})}
    for folded, column in names.items():
        made, makes = was.get(folded, {}), now.get(folded, {})
        if made.keys() != makes.keys() and folded in before:
            yield Change("logic_changed", unique_id, name, column, _told(made.values()), _told(makes.values()))


def _rewritten(old: Manifest, new: Manifest, both: Iterable[str], found: Iterable[Change]) -> list[Change]:
    """What gives something else by what no column tells, as a number in a CTE. Where a column tells, that is enough."""
    told = {change.unique_id for change in found if change.column or change.kind == "logic_changed"}
    return [
        Change("logic_changed", each, new.short_name(each))
        for each in both
        if each not in told and has_sql(old.nodes[each]) and has_sql(new.nodes[each]) and is_rewritten(old, new, each)
    ]


def _made(manifest: Manifest, project: Project, unique_id: str) -> Mapping[str, Mapping[tuple[Any, ...], str]]:
    """What each column is made of; under no name, what has its say in which rows there are."""
    read = project.lineage(unique_id)
    found: defaultdict[str, dict[tuple[Any, ...], str]] = defaultdict(dict)
    for each in (*read.columns, *read.influences):
        key = (each.source or each.table.lower(), each.source_column.lower(), each.kind, each.transformation)
        found[each.column.lower()][key] = _made_of(manifest, each)
    return found


def _made_of(manifest: Manifest, source: ColumnSource) -> str:
    table = manifest.short_name(source.source) if source.source else source.table
    said = f"{table}.{source.source_column}" if source.source_column else table
    return f"{said} ({mask_sql(source.transformation)})" if source.transformation else said


def _told(texts: Iterable[str]) -> str:
    text = ", ".join(dict.fromkeys(texts))
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} …"
