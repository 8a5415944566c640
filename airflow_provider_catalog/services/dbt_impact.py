"""What of a dbt project depends on what broke: the columns made of it, tests, exposures, and who is to be told.

Followed is the lineage of the columns as it was, since what is gone has none any more. Where the SQL of a model is not
known, the model is taken to depend as a whole on all that it names, and is marked as not certain.
"""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from airflow_provider_catalog.services.dbt_diff import Change, restored
from airflow_provider_catalog.services.dbt_manifest import Manifest, gives_all
from airflow_provider_catalog.services.dbt_users import WHOLE, User, tests, users
from airflow_provider_catalog.sources.dbt.project import ColumnSource, Project, has_sql
from airflow_provider_catalog.sources.dbt.warehouse import is_ephemeral

_COMMENTS = re.compile(r"--[^\n]*|/\*.*?\*/|\{#.*?#\}", re.DOTALL)
"""Of SQL and of Jinja."""


@dataclass(slots=True)
class Affected:
    """A node, and those of its columns that are made of what changed; `rows`: it filters, joins or sorts by it.

    `guessed`: perhaps all of it depends on that, beside what is certain.
    """

    unique_id: str
    name: str
    kind: str
    distance: int
    columns: dict[str, None] = field(default_factory=dict)
    whole: bool = False
    rows: bool = False
    guessed: bool = False
    because: dict[str, None] = field(default_factory=dict)
    state: str = "downstream"
    owners: tuple[str, ...] = ()

    @property
    def certain(self) -> bool:
        return self.whole or self.rows or bool(self.columns)

    def to_json(self) -> dict[str, Any]:
        return {
            "unique_id": self.unique_id,
            "name": self.name,
            "kind": self.kind,
            "distance": self.distance,
            "columns": list(self.columns),
            "whole": self.whole or not self.certain,
            "rows": self.rows,
            "certain": self.certain,
            "perhaps_whole": self.guessed and not self.whole,
            "state": self.state,
            "because": list(self.because),
            "owners": list(self.owners),
        }


@dataclass(frozen=True, slots=True)
class DbtImpact:
    """All that breaks, or may, inside of dbt."""

    nodes: tuple[Affected, ...]
    users: tuple[User, ...]
    tests: tuple[User, ...]
    owned: Mapping[str, tuple[str, ...]]
    """Of what changed, too."""

    def to_json(self) -> dict[str, Any]:
        return {
            "nodes": [each.to_json() for each in self.nodes],
            "exposures": [each.to_json() for each in self.users if each.kind == "exposure"],
            "metrics": [each.to_json() for each in self.users if each.kind != "exposure"],
            "tests": [each.to_json() for each in self.tests],
        }


def impact(old: Manifest, new: Manifest, changes: Iterable[Change]) -> DbtImpact:
    """Of those changes that break. dbt follows a relation that has another name; who reads it elsewhere does not."""
    broken = [change for change in changes if change.breaking]
    followed = [change for change in broken if change.kind != "relation_changed"]
    meant = restored(old, new, broken)
    found: dict[str, Affected] = {}
    for change in followed:
        for step in _downstream(old, change.unique_id, change.column.lower()):
            _add(old, found, step, change)
    for each in found.values():
        each.state = _state(new, meant, each, followed)
        each.owners = new.owners(each.unique_id) or old.owners(each.unique_id)
    ordered = tuple(sorted(found.values(), key=lambda each: (each.distance, each.name)))
    using = tuple(users(old, new, _touched(broken, ordered)))
    testing = tuple(tests(new, _touched(followed, ordered)))
    owners = [(old.owners(change.unique_id), change.name) for change in broken]
    owners += [(each.owners, each.name) for each in ordered] + [(each.owners, each.name) for each in using]
    return DbtImpact(ordered, using, testing, _by_owner(owners))


def _by_owner(owners: Iterable[tuple[Iterable[str], str]]) -> Mapping[str, tuple[str, ...]]:
    found: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for some, name in owners:
        for owner in some:
            found[owner][name] = None
    return {owner: tuple(found[owner]) for owner in sorted(found)}


class _Step(NamedTuple):
    """Reached: a column of a node, or the whole of it. `rows`: only which rows it has depends on it."""

    unique_id: str
    column: str
    distance: int
    certain: bool
    rows: bool = False


def _downstream(manifest: Manifest, unique_id: str, column: str) -> Iterator[_Step]:
    """Nearest first, each once; what is certain also where it has been guessed."""
    seen = {(unique_id, column, True)}
    waiting = deque([_Step(unique_id, column, 0, certain=True)])
    while waiting:
        here = waiting.popleft()
        for step in _next(manifest, here):
            key = (step.unique_id, "\0" if step.rows else step.column.lower(), step.certain)
            if key in seen or (step.unique_id, WHOLE, True) in seen:
                continue
            seen.add(key)
            yield step
            if not step.rows and not is_ephemeral(manifest.nodes[step.unique_id]):
                waiting.append(step)


def _next(manifest: Manifest, here: _Step) -> Iterator[_Step]:
    distance = here.distance + 1
    for child in manifest.readers(here.unique_id):
        read = manifest.project.lineage(child)
        is_gone = here.column == WHOLE and not here.distance
        if here.unique_id not in read.reads and not is_gone and _is_commented_out(manifest, here.unique_id, child):
            continue
        if not has_sql(manifest.nodes[child]) or here.unique_id not in read.reads:
            yield _Step(child, WHOLE, distance, certain=False)
        elif here.column == WHOLE:
            yield _Step(child, WHOLE, distance, here.certain)
        else:
            made = [each.column for each in read.columns if _is_of(each, here)]
            yield from (_Step(child, column, distance, here.certain) for column in dict.fromkeys(made))
            if any(_is_of(each, here) for each in read.influences):
                yield _Step(child, WHOLE, distance, here.certain, rows=True)
            elif not made and not gives_all(read):
                yield _Step(child, WHOLE, distance, certain=False)


def _is_commented_out(manifest: Manifest, unique_id: str, child: str) -> bool:
    """Whether it is named in comments only: then the other depends on its being there, and on nothing that it has.

    A macro may ask the database while dbt compiles, of which the SQL shows nothing: that is in the code as written.
    """
    node, reader = manifest.nodes[unique_id], manifest.nodes[child]
    code = next((reader[key] for key in ("raw_code", "compiled_code") if isinstance(reader.get(key), str)), "")
    stated = {str(node[key]) for key in ("name", "alias", "identifier") if node.get(key)}
    name = re.compile(rf"\b(?:{'|'.join(map(re.escape, stated))})\b", re.IGNORECASE)
    return bool(stated and name.search(code)) and not name.search(_COMMENTS.sub(" ", code))


def _is_of(source: ColumnSource, here: _Step) -> bool:
    return source.source == here.unique_id and source.source_column.lower() == here.column.lower()


def _add(manifest: Manifest, found: dict[str, Affected], step: _Step, change: Change) -> None:
    each = found.get(step.unique_id)
    if each is None:
        kind = str(manifest.nodes[step.unique_id].get("resource_type"))
        each = Affected(step.unique_id, manifest.short_name(step.unique_id), kind, step.distance)
        found[step.unique_id] = each
    each.distance = min(each.distance, step.distance)
    each.because[change.what] = None
    if not step.certain:
        each.guessed = True
    elif step.rows:
        each.rows = True
    elif step.column == WHOLE:
        each.whole = True
    else:
        each.columns[step.column] = None


def _state(new: Manifest, meant: Project, each: Affected, broken: Collection[Change]) -> str:
    """Whether it has been changed along with what it reads. `meant`: its SQL, read as if nothing were gone."""
    if each.unique_id not in new.nodes:
        return "removed"
    if each.distance > 1 or not has_sql(new.nodes[each.unique_id]):
        return "downstream"
    read, columns = meant.lineage(each.unique_id), {WHOLE, *(new.columns(each.unique_id) or {})}
    sources = (source for source in (*read.columns, *read.influences) if source.column.lower() in columns)
    named = {(source.source, source.source_column.lower()) for source in sources}
    still = any(
        (change.unique_id, change.column.lower()) in named if change.column else change.unique_id in read.reads
        for change in broken
    )
    return "still reads it" if still else "adapted"


def _touched(broken: Iterable[Change], found: Iterable[Affected]) -> dict[str, set[str]]:
    """The columns by node; with `WHOLE` among them all of it."""
    touched: defaultdict[str, set[str]] = defaultdict(set)
    for change in broken:
        touched[change.unique_id].add(change.column.lower())
    for each in found:
        whole = {WHOLE} if each.whole or each.guessed else set()
        touched[each.unique_id] |= {column.lower() for column in each.columns} | whole
    return touched
