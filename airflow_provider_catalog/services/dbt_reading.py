"""Nodes of dbt's artifacts beside what the store was told of them: which say something else now, and what is gone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from hashlib import blake2b
from typing import Any

import orjson

from airflow_provider_catalog.model.dbt import REVISIONS
from airflow_provider_catalog.model.dbt_nodes import TESTS, depends_on, node, unit_of
from airflow_provider_catalog.services.dbt_told import Told, taken_back, told_of
from airflow_provider_catalog.services.known_columns import known_columns
from airflow_provider_catalog.sources.dbt.artifacts import Artifacts
from airflow_provider_catalog.sources.dbt.nodes import looked_at
from airflow_provider_catalog.sources.dbt.places import Places
from airflow_provider_catalog.sources.dbt.project import (
    Project,
    documented,
    furthest_first,
    has_sql,
    in_order,
    is_placed,
    is_sql,
    names_of,
)
from airflow_provider_catalog.sources.sql.moments import timeless
from airflow_provider_catalog.sources.timestamps import instant
from airflow_provider_catalog.store.protocol import Store

_FORMAT = 1
"""Goes up when more is read of a node than was: all are told of once more then."""


class Reading:
    """The nodes of the artifacts beside what was told of them, by their `unique_id`."""

    def __init__(self, store: Store, artifacts: Artifacts, places: Places, groups: Mapping[str, Any]) -> None:
        self._store = store
        self.artifacts = artifacts
        self._groups = groups
        stated = artifacts.nodes()
        wanted = artifacts.wanted(stated)
        self.nodes = {each: node(one) for each, one in stated.items()}
        self._places = places
        self._told = told_of(store, places)
        self._entity_of = {each: places.entity(stated).uid for each, stated in self.nodes.items()}
        entities = self._entity_of.items()
        self.told: dict[str, Told | None] = {each: self._told.get(uid) for each, uid in entities if each in wanted}
        self._holders = self._held()
        self._sharing = {each: tuple(sorted(some)) for some in self._holders.values() if len(some) > 1 for each in some}
        self._made = artifacts.made()
        at, entries = artifacts.seen_at, artifacts.seen()
        self._outdated = {each for each in entries if at and self._made_since(each) > at}
        self.seen = {each: entry for each, entry in entries.items() if each not in self._outdated}
        self._catalog = {each: names_of(entry) for each, entry in self.seen.items()}
        seen_by_others = self._from_store(lambda each: not is_sql(self.nodes[each]), derived=False)
        told = self._from_store(self._is_uncompiled, derived=True)
        self._unmade: dict[str, Sequence[str]] = {**told, **seen_by_others, **artifacts.seeds, **self._catalog}
        self._shapes: dict[str, str] = {}

    @cached_property
    def known(self) -> Mapping[str, Sequence[str]]:
        """The columns of nodes, where somebody has seen them, or they were told and are not compiled here."""
        kept = self._from_store(lambda each: has_sql(self.nodes[each]) and self._is_as_it_was(each), derived=False)
        return {**kept, **self._unmade}

    @cached_property
    def project(self) -> Project:
        return Project(self.nodes, self._places.warehouse.dialect, self.known)

    def _is_uncompiled(self, unique_id: str) -> bool:
        return is_sql(self.nodes[unique_id]) and not has_sql(self.nodes[unique_id])

    def _made_since(self, unique_id: str) -> str:
        """When it was made last, by this run or before."""
        told = self.told.get(unique_id)
        return max(self._made.get(unique_id, ""), told.made if told else "")

    def is_changed(self, unique_id: str) -> bool:
        """Whether it was told of and says something else now. That nobody has looked this time says nothing."""
        told = self.told[unique_id]
        if told is None:
            return False
        seen = self._digest_of_seen(unique_id)
        same = told.fingerprint == self.fingerprint(unique_id) and told.shape == self._shape(unique_id)
        return not same or seen not in ("", told.seen)

    def _is_as_it_was(self, unique_id: str) -> bool:
        """Then what was seen of it still holds, though it was made anew. What nobody here makes is always."""
        told = self.told.get(unique_id)
        is_source = self.nodes[unique_id].get("resource_type") == "source"
        return told is not None and (is_source or told.shape == self._shape(unique_id))

    def _held(self) -> dict[tuple[str, ...], list[str]]:
        """Nodes by their relation. Several may be one, such as a seed that is a source as well: they are told together,
        since they speak of one dataset.
        """
        found: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
        for each, stated in self.nodes.items():
            if is_placed(stated) and (named := self._named(stated)):
                found[tuple(named)].append(each)
        return found

    def sharing(self, unique_ids: Iterable[str], gone: Iterable[Mapping[str, Any]]) -> list[str]:
        """Those that were told and speak of the same datasets."""
        stated = {other for each in unique_ids for other in self._sharing.get(each, ())}
        stated |= {other for each in gone for other in self._holders.get(tuple(each.get("dataset") or ()), ())}
        return [each for each in self.told if each in stated and self.told[each]]

    def unit(self, unique_id: str) -> str:
        """What is told together goes by one name: what is tested and its tests, and all that is one relation."""
        of = unit_of(unique_id, self.nodes[unique_id])
        return self._sharing.get(of, (of,))[0]

    def _from_store(self, wanted: Callable[[str], bool], *, derived: bool) -> dict[str, Sequence[str]]:
        """Columns of what is not in catalog.json, if somebody has looked, or also if they were `derived`."""
        asked = {
            each: dataset.uid
            for each, stated in self.nodes.items()
            if each not in self._catalog and is_placed(stated) and wanted(each)
            if (dataset := self._places.dataset(stated)) is not None
        }
        found = known_columns(self._store, set(asked.values()), derived=derived) if asked else {}
        return {each: columns for each, uid in asked.items() if uid in found and (columns := found[uid].columns)}

    def columns(self, told: Iterable[str]) -> tuple[dict[str, list[str]], list[str]]:
        """Of what is told and of what that is made of; and which of these may have more."""
        nodes = list(told)
        wanted = {parent for each in nodes if has_sql(self.nodes[each]) for parent in depends_on(self.nodes[each])}
        found = {each: list(names) for each in wanted.difference(nodes) if (names := self.project.columns(each))}
        found |= {each: list(self.known[each]) for each in nodes if each in self.known}
        asked = {each: list(names) for each in (*wanted, *nodes) if (names := self.project.asked(each))}
        return found | asked, [each for each in found | asked if each in asked or self.project.is_partial(each)]

    def above(self, unique_ids: Iterable[str]) -> list[str]:
        """What was told, and of which somebody else may be asked other columns now."""
        waiting, found = list(unique_ids), dict.fromkeys(unique_ids)
        told = set(found)
        while waiting:
            for parent in depends_on(self.nodes[waiting.pop()]):
                if parent not in found and self.told.get(parent) and self.project.asked(parent):
                    found[parent] = None
                    waiting.append(parent)
        return [each for each in found if each not in told]

    def revision(self, generated_at: str) -> int:
        """Later than what was told of the same manifest: by a task that ran some of it, or with other options."""
        at = instant(generated_at, "generated_at").micros
        before = (told.at - at for told in self._told.values())
        return min(max((each for each in before if 0 <= each <= REVISIONS), default=0) + 1, REVISIONS - 1)

    def gone(self) -> Iterator[dict[str, Any]]:
        """Also what a node was before it moved."""
        here = set(self._entity_of.values())
        yield from taken_back(self._store, {uid: told for uid, told in self._told.items() if uid not in here})
        for each, told in self.told.items():
            if told and self._moved(each, told.gone):
                before = {key: value for key, value in told.gone.items() if key not in {"entity", "job"}}
                yield before | {key: self.nodes[each].get(key) for key in ("unique_id", "resource_type")}
            if told and (job := told.gone.get("job")) and job[0] != self._places.namespace:
                yield {"job": job}

    def _moved(self, unique_id: str, before: Mapping[str, Any]) -> bool:
        """Whether it was, or looked at, what it is not, or does not look at, any more."""
        stated = self.nodes[unique_id]
        if stated.get("resource_type") in TESTS:
            now = [self._named(self.nodes.get(each, {})) for each in looked_at(stated)]
            return any(each not in now for each in before.get("checked") or ())
        return bool(before.get("dataset")) and before["dataset"] != self._named(stated)

    def _named(self, stated: Mapping[str, Any]) -> list[str] | None:
        dataset = self._places.dataset(stated)
        return [dataset.namespace, dataset.name] if dataset else None

    def of(self, unique_id: str) -> dict[str, Any]:
        """As it is told."""
        told, sql, seen = self.told[unique_id], self._sql(unique_id), self._digest_of_seen(unique_id)
        more: dict[str, Any] = {"fingerprint": self.fingerprint(unique_id), "sql": sql or (told.sql if told else "")}
        more |= {"shape": self._shape(unique_id), "seen": seen}
        if told and not seen and self._is_as_it_was(unique_id):
            more |= {"seen": told.seen, "kept": True}
        more |= {"spoken_of": list(told.columns)} if told and told.columns else {}
        more |= {"made": self._made_since(unique_id)} if unique_id in self._outdated else {}
        return self.nodes[unique_id] | {key: value for key, value in more.items() if value}

    def fingerprint(self, unique_id: str) -> str:
        stated = self.nodes[unique_id]
        said = {key: value for key, value in stated.items() if key != "compiled_code"}
        if stated.get("resource_type") in TESTS:
            return _digest([_FORMAT, said, [self._named(self.nodes.get(each, {})) for each in looked_at(stated)]])
        group = self._groups.get(str(stated.get("group"))) if stated.get("group") else None
        return _digest([_FORMAT, self._places.namespace, said, group])

    def _digest_of_seen(self, unique_id: str) -> str:
        """Empty where nobody has looked."""
        return _digest(in_order(self.seen[unique_id])) if unique_id in self.seen else ""

    def _shape(self, unique_id: str) -> str:
        """Changes when its columns may have: with its own SQL, and with what it is made of. Tests have none."""
        if unique_id in self._shapes or self.nodes[unique_id].get("resource_type") in TESTS:
            return self._shapes.get(unique_id, "")
        for each in furthest_first(
            unique_id,
            lambda each: each in self.nodes and each not in self._shapes,
            lambda each: depends_on(self.nodes[each]),
        ):
            self._shapes[each] = self._own_shape(each)
        return self._shapes.get(unique_id, "")

    def _own_shape(self, unique_id: str) -> str:
        stated, told = self.nodes[unique_id], self.told.get(unique_id)
        sql = self._sql(unique_id) or (told.sql if told else "")
        above = [self._shapes.get(parent, "") for parent in depends_on(stated)]
        return _digest([sql, self._stated(unique_id, compiled=bool(sql)), above])

    def _sql(self, unique_id: str) -> str:
        """Another date in it makes no other SQL."""
        stated = self.nodes[unique_id]
        return _digest(timeless(stated["compiled_code"])) if has_sql(stated) else ""

    def _stated(self, unique_id: str, *, compiled: bool) -> list[str]:
        """Columns that do not follow from SQL, whether somebody has looked this time or not."""
        written = documented(self.nodes[unique_id])
        if self.nodes[unique_id].get("resource_type") == "seed":
            found: Sequence[str] = self.artifacts.seeds.get(unique_id) or written
        else:
            found = written if compiled else self._unmade.get(unique_id) or written
        return [name.lower() for name in found]


def _digest(value: Any) -> str:
    raw = value.encode("utf-8", "replace") if isinstance(value, str) else orjson.dumps(value, default=str)
    return blake2b(raw, digest_size=12).hexdigest() if raw else ""
