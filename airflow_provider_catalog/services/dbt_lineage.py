"""The lineage of a model by its manifest alone, in the form of the catalog's own answers; columns that are none."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, NamedTuple

from airflow_provider_catalog.model.dbt_nodes import depends_on
from airflow_provider_catalog.model.masking import mask_sql
from airflow_provider_catalog.model.statement import EdgeKind, Rule
from airflow_provider_catalog.services.dbt_manifest import RELATIONS, Manifest
from airflow_provider_catalog.services.dbt_names import Asked
from airflow_provider_catalog.services.known_columns import known_columns
from airflow_provider_catalog.services.lineage import LineageAnswer, LineageNode, Link, Total, Transformation
from airflow_provider_catalog.services.naming import Label
from airflow_provider_catalog.sources.dbt.project import has_sql, is_sql
from airflow_provider_catalog.store.protocol import Entity, LineageEdge, Store

_NEAR = 5


class _Place(NamedTuple):
    """A node, or a column of it, as the walk goes. The column "": which rows it has. Nobody reads that, so that walks
    end there, as they do in the catalog.
    """

    unique_id: str
    column: str | None


class _Hop(NamedTuple):
    """Something is made of something."""

    source: _Place
    target: _Place
    kind: EdgeKind | None = None
    transformation: str = ""


def lineage(
    manifest: Manifest, asked: Asked, *, direction: str, depth: int, limit: int, influences: bool = True
) -> LineageAnswer:
    """Without `influences` columns are followed by their values alone."""
    start, walk = _Place(asked.unique_id, asked.column.lower() or None), _Walk(manifest, influences)
    walks = {way: walk.reached(start, way, depth) for way in ("upstream", "downstream")}
    found = {way: [each for each in walks[way] if each[1] <= depth] for way in walks}
    shown = {way: found[way][:limit] if direction in {way, "both"} else [] for way in walks}
    uids = {place: at for at, place in enumerate([start, *(hop for some in found.values() for hop, _, _ in some)])}
    nodes = {way: tuple(_node(manifest, uids, way, *each) for each in shown[way]) for way in shown}
    places = {start, *(place for some in shown.values() for place, _, _ in some)}
    hops = {hop for place in places for hop in walk.hops(place, "upstream") if hop.source in places}
    return LineageAnswer(
        start=LineageNode(uids[start], _label(manifest, start), 0, column=_shown(manifest, start)),
        direction=direction,
        depth=depth,
        limit=limit,
        as_of=None,
        upstream=nodes["upstream"],
        downstream=nodes["downstream"],
        edges=tuple(sorted(_link(manifest, uids, hop) for hop in hops)),
        column_edges=(),
        total_upstream=_total(walk, start, "upstream", found["upstream"], walks["upstream"]),
        total_downstream=_total(walk, start, "downstream", found["downstream"], walks["downstream"]),
        truncated=any(len(shown[way]) < len(found[way]) for way in shown if direction in {way, "both"}),
    )


def instead(store: Store, dataset: Entity, column: str) -> tuple[str, ...] | None:
    """Columns that are called like one that a dataset has not; None: it has it, or nobody knows which ones it has.

    That somebody has written of a column makes it none of the dataset's.
    """
    known = known_columns(store, {dataset.uid}).get(dataset.uid)
    names = {name.lower(): name for name in (known.columns if known else None) or ()}
    if not names or column.lower() in names:
        return None
    return tuple(names[each] for each in get_close_matches(column.lower(), names, _NEAR))


_Reached = tuple[_Place, int, _Hop]


class _Walk(NamedTuple):
    """How a manifest is walked."""

    manifest: Manifest
    influences: bool

    def reached(self, start: _Place, way: str, depth: int) -> list[_Reached]:
        """Nearest first, each once, and one hop further than asked for: so that one knows whether that is all."""
        seen, waiting = {start}, deque([(start, 0)])
        found: list[_Reached] = []
        while waiting:
            here, distance = waiting.popleft()
            for hop in sorted(self.hops(here, way)) if distance <= depth else ():
                there = hop.source if way == "upstream" else hop.target
                if there not in seen:
                    seen.add(there)
                    found.append((there, distance + 1, hop))
                    waiting.append((there, distance + 1))
        return found

    def hops(self, here: _Place, way: str) -> Iterator[_Hop]:
        if here.column is not None:
            yield from self._of_column(here, way)
            return
        project, nodes = self.manifest.project, self.manifest.nodes
        others = depends_on(nodes[here.unique_id]) if way == "upstream" else project.children(here.unique_id)
        for other in dict.fromkeys(others):
            if nodes.get(other, {}).get("resource_type") in RELATIONS:
                there = _Place(other, None)
                yield _Hop(there, here) if way == "upstream" else _Hop(here, there)

    def _of_column(self, here: _Place, way: str) -> Iterator[_Hop]:
        targets = [here.unique_id] if way == "upstream" else self.manifest.readers(here.unique_id)
        for target in targets:
            read = self.manifest.project.lineage(target)
            for each in (*read.columns, *(read.influences if self.influences else ())):
                hop = _Hop(
                    _Place(each.source, each.source_column.lower()),
                    _Place(target, each.column.lower()),
                    each.kind,
                    each.transformation,
                )
                if each.source and each.source_column and (hop.target if way == "upstream" else hop.source) == here:
                    yield hop

    def sees_all(self, place: _Place, way: str) -> bool:
        """Whether nobody lacks the SQL that would tell of more."""
        if not place.column:
            return True
        read = [place.unique_id] if way == "upstream" else self.manifest.readers(place.unique_id)
        return not any(lacks_sql(self.manifest.nodes[each]) for each in read)


def _total(walk: _Walk, start: _Place, way: str, found: Sequence[_Reached], reached: Sequence[_Reached]) -> Total:
    places = (start, *(place for place, _, _ in found))
    return Total(len(found), exact=len(found) == len(reached) and all(walk.sees_all(each, way) for each in places))


def lacks_sql(node: Mapping[str, Any]) -> bool:
    """Made by SQL that is not there: not compiled."""
    return is_sql(node) and not has_sql(node)


def _node(
    manifest: Manifest, uids: Mapping[_Place, int], way: str, place: _Place, distance: int, hop: _Hop
) -> LineageNode:
    via = hop.target if way == "upstream" else hop.source
    made = Transformation(hop.target.unique_id, f"dbt_{manifest.nodes[hop.target.unique_id].get('resource_type')}")
    return LineageNode(uids[place], _label(manifest, place), distance, made, uids[via], column=_shown(manifest, place))


def _link(manifest: Manifest, uids: Mapping[_Place, int], hop: _Hop) -> Link:
    rule = Rule.SQL if hop.kind is not None else Rule.DECLARED
    since, how = manifest.generated_at, mask_sql(hop.transformation)
    said = LineageEdge(0, "dbt", uids[hop.source], uids[hop.target], rule, 1.0, since, None, None, hop.kind, how)
    return Link(_end(manifest, hop.source), _end(manifest, hop.target), hop.target.unique_id, said, None)


def _label(manifest: Manifest, place: _Place) -> Label:
    name = manifest.short_name(place.unique_id)
    return Label(place.unique_id, name, manifest.adapter, "")


def _shown(manifest: Manifest, place: _Place) -> str | None:
    """As it is written, not as it is compared."""
    return (manifest.columns(place.unique_id) or {}).get(place.column, place.column) if place.column else place.column


def _end(manifest: Manifest, place: _Place) -> str:
    column = _shown(manifest, place)
    return place.unique_id if column is None else f"{place.unique_id}#{column}"
