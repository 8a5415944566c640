"""What lies up and down of a dataset or of one of its columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from airflow_provider_catalog.collector import waiting
from airflow_provider_catalog.errors import NotFoundError
from airflow_provider_catalog.model.identity import ColumnId, DatasetId
from airflow_provider_catalog.services.identity import find_dataset
from airflow_provider_catalog.services.lineage.answer import LineageAnswer, LineageNode, Total, Transformation
from airflow_provider_catalog.services.lineage.jobs import Told, read
from airflow_provider_catalog.services.lineage.links import Links
from airflow_provider_catalog.services.lineage.places import Named, named
from airflow_provider_catalog.services.lineage.reach import Bounds, Filters, Neighbourhood, neighbourhood, ways
from airflow_provider_catalog.services.lineage.totals import BOTH, count
from airflow_provider_catalog.services.naming import Label, dataset_id, labels
from airflow_provider_catalog.store.protocol import Direction, Entity, Level, LineageEdge, Store

DIRECTIONS: Mapping[str, tuple[Direction, ...]] = {
    "upstream": ("upstream",),
    "downstream": ("downstream",),
    "both": BOTH,
}


class _Found(NamedTuple):
    """The neighbourhood, the edge by which each node of it was reached, and what is known of all that is in it."""

    hood: Neighbourhood
    bounds: Bounds
    filters: Filters
    reached: Mapping[Direction, Mapping[int, LineageEdge]]
    names: Named
    told: Told


def walk(  # noqa: PLR0913  a question with many optional parts
    store: Store,
    dataset: str | DatasetId,
    *,
    direction: str = "both",
    depth: int = 3,
    limit: int = 1000,
    as_of: int | None = None,
    level: Level = "table",
    column: str = "",
    columns: bool = False,
    explain: int = 50,
    filters: Filters | None = None,
) -> LineageAnswer:
    """`limit` holds for all directions together, the nearest first.

    `column` is the one to start from at column level; `columns` adds the column edges between the datasets of a
    table-level answer. Type, description, last run and SQL are told of the `explain` nearest jobs, the others are only
    named: a thousand SQL texts are no answer. Filters with `influences=False` make column lineage direct only.
    """
    if direction not in DIRECTIONS:
        raise ValueError(f"direction must be upstream, downstream or both, not {direction!r}")
    bounds = Bounds.of(depth, limit, as_of, level)
    start = find_dataset(store, dataset)
    starts = (start.node,) if level == "table" else _column_starts(store, start, column)
    chosen = filters or Filters()
    with waiting(), store.glance():
        hood = neighbourhood(store, starts, DIRECTIONS[direction], bounds, chosen)
        found = _read(store, hood, bounds, chosen, explain)
        totals = count(store, hood, bounds, DIRECTIONS[direction], plain=not chosen.prunes)
        return _answer(store, found, totals, direction, columns=columns and level == "table")


def _column_starts(store: Store, start: Entity, column: str) -> tuple[int, ...]:
    """The column of the canonical dataset; lineage hangs on that one, whoever stated it."""
    node = start if start.node == start.uid else store.entities([start.node])[start.node]
    uid = ColumnId(dataset_id(node), column).uid
    if uid not in store.columns([uid]):
        members = [member.uid for member in store.members(node.uid)]
        names = sorted({known.name for known in store.columns_of(members) if known.name})
        hint = (
            f"it has {', '.join(names[:10])}{' …' if len(names) > 10 else ''}" if names else "it has no known columns"
        )
        raise NotFoundError("column", f"{labels({node.uid: node}, node.uid).id}#{column}", hint)
    return (uid,)


def _read(store: Store, hood: Neighbourhood, bounds: Bounds, filters: Filters, explain: int) -> _Found:
    reached = {way: ways(hood, way) for way in hood.reached}
    names = named(store, {*hood.starts, *hood.nodes()}, {edge.job for edge in hood.edges}, bounds.level)
    return _Found(hood, bounds, filters, reached, names, read(store, _nearest(hood, reached, explain), bounds.as_of))


def _answer(
    store: Store, found: _Found, totals: Mapping[Direction, Total], direction: str, *, columns: bool
) -> LineageAnswer:
    hood, bounds, names = found.hood, found.bounds, found.names
    done = found.told.transformations(names.jobs)
    nodes = {way: _nodes(found, way, done) for way in found.reached}
    cut = {way: nodes[way][: bounds.limit] for way in nodes}
    shown = {*hood.starts, *(node.uid for some in cut.values() for node in some)}
    edges = [e for e in hood.edges if e.source in shown and e.target in shown] if found.filters.hides else hood.edges
    start = hood.starts[0]
    return LineageAnswer(
        start=LineageNode(start, names.labels[start], 0, column=names.columns.get(start)),
        direction=direction,
        depth=bounds.depth,
        limit=bounds.limit,
        as_of=bounds.as_of,
        upstream=cut.get("upstream", ()),
        downstream=cut.get("downstream", ()),
        edges=Links(edges, names, found.told.heard),
        column_edges=_column_links(store, found, edges) if columns else (),
        total_upstream=totals["upstream"],
        total_downstream=totals["downstream"],
        truncated=hood.truncated or any(len(nodes[way]) > len(cut[way]) for way in nodes),
    )


def _nearest(hood: Neighbourhood, reached: Mapping[Direction, Mapping[int, LineageEdge]], wanted: int) -> list[int]:
    """The jobs by which the nodes were reached; where they are few, those of the other edges too."""
    steps = [(hood.reached[way][node], edge.job) for way, edges in reached.items() for node, edge in edges.items()]
    jobs = dict.fromkeys(job for _, job in sorted(steps))
    if len(jobs) < wanted:
        jobs |= dict.fromkeys(sorted({edge.job for edge in hood.edges}))
    return list(islice(jobs, wanted))


def _nodes(found: _Found, way: Direction, done: Mapping[int, Transformation]) -> tuple[LineageNode, ...]:
    names, edges, up = found.names, found.reached[way], way == "upstream"
    make, column = LineageNode._make, names.columns.get
    nodes = []
    for distance, _, _, node, label in _nearest_first(found, way):
        edge = edges.get(node)
        if edge is None:
            nodes.append(make((node, label, distance, None, None, column(node))))
        else:
            how = done.get(edge.job) or Transformation(names.jobs[edge.job])
            nodes.append(make((node, label, distance, how, edge.target if up else edge.source, column(node))))
    return tuple(nodes)


def _nearest_first(found: _Found, way: Direction) -> list[tuple[int, str, str, int, Label]]:
    """What is shown of what was reached, by distance and name. Sorted as plain tuples, without a call for each."""
    labels, columns, reached = found.names.labels, found.names.columns, found.hood.reached[way].items()
    rows = [(distance, labels[node].id, columns.get(node, ""), node, labels[node]) for node, distance in reached]
    return sorted(row for row in rows if found.filters.shows(row[-1])) if found.filters.hides else sorted(rows)


def _column_links(store: Store, found: _Found, edges: Sequence[LineageEdge]) -> Links:
    """The column edges between the datasets of the answer."""
    between = store.column_edges_between({(e.source, e.target) for e in edges}, as_of=found.bounds.as_of)
    between = [edge for edge in between if found.filters.follows(edge)]
    ends = {end for edge in between for end in (edge.source, edge.target)}
    return Links(between, named(store, ends, {edge.job for edge in between}, "column"), found.told.heard)
