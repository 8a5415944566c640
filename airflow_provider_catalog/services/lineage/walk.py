"""What lies up and down of a dataset or of one of its columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import NamedTuple

from airflow_provider_catalog.collector import waiting
from airflow_provider_catalog.errors import NotFoundError
from airflow_provider_catalog.model.identity import ColumnId, DatasetId
from airflow_provider_catalog.services.identity import find_dataset
from airflow_provider_catalog.services.lineage.answer import LineageAnswer, LineageNode, Link, Transformation
from airflow_provider_catalog.services.lineage.jobs import transformations
from airflow_provider_catalog.services.lineage.places import Named, named
from airflow_provider_catalog.services.lineage.reach import Bounds, Filters, Neighbourhood, neighbourhood, ways
from airflow_provider_catalog.services.lineage.totals import BOTH, count
from airflow_provider_catalog.services.naming import dataset_id, labels
from airflow_provider_catalog.store.protocol import Direction, Entity, Level, LineageEdge, Store

DIRECTIONS: Mapping[str, tuple[Direction, ...]] = {
    "upstream": ("upstream",),
    "downstream": ("downstream",),
    "both": BOTH,
}


class _Found(NamedTuple):
    """The neighbourhood with the names of all that is in it."""

    hood: Neighbourhood
    bounds: Bounds
    filters: Filters
    names: Named


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
    with waiting():
        hood = neighbourhood(store, starts, DIRECTIONS[direction], bounds, chosen)
        return _answer(store, _named(store, hood, bounds, chosen), direction, columns=columns, explain=explain)


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


def _named(store: Store, hood: Neighbourhood, bounds: Bounds, filters: Filters) -> _Found:
    names = named(store, {*hood.starts, *hood.nodes()}, {edge.job for edge in hood.edges}, bounds.level)
    return _Found(hood, bounds, filters, names)


def _answer(store: Store, found: _Found, direction: str, *, columns: bool, explain: int) -> LineageAnswer:
    hood, bounds = found.hood, found.bounds
    reached = {way: ways(hood, way) for way in hood.reached}
    told = _nearest_first(hood, reached)[:explain]
    done = transformations(store, told, found.names.jobs, bounds.as_of)
    heard = store.heard(told)
    nodes = {way: _nodes(found, way, edges, done) for way, edges in reached.items()}
    cut = {way: nodes[way][: bounds.limit] for way in nodes}
    shown = {*hood.starts, *(node.uid for some in cut.values() for node in some)}
    edges = [e for e in hood.edges if e.source in shown and e.target in shown] if found.filters.hides else hood.edges
    totals = count(store, hood, bounds, DIRECTIONS[direction], plain=not found.filters.prunes)
    start = hood.starts[0]
    return LineageAnswer(
        start=LineageNode(start, found.names.labels[start], 0, column=found.names.columns.get(start)),
        direction=direction,
        depth=bounds.depth,
        limit=bounds.limit,
        as_of=bounds.as_of,
        upstream=cut.get("upstream", ()),
        downstream=cut.get("downstream", ()),
        edges=_links(edges, found.names, heard),
        column_edges=_column_links(store, found, edges, heard) if columns and bounds.level == "table" else (),
        total_upstream=totals["upstream"],
        total_downstream=totals["downstream"],
        truncated=hood.truncated or any(len(nodes[way]) > len(cut[way]) for way in nodes),
    )


def _nearest_first(hood: Neighbourhood, reached: Mapping[Direction, Mapping[int, LineageEdge]]) -> list[int]:
    """The jobs by which the nodes were reached, then those of the other edges."""
    steps = [(hood.reached[way][node], edge.job) for way, edges in reached.items() for node, edge in edges.items()]
    others = sorted({edge.job for edge in hood.edges})
    return list(dict.fromkeys([*(job for _, job in sorted(steps)), *others]))


def _nodes(
    found: _Found, way: Direction, edges: Mapping[int, LineageEdge], done: Mapping[int, Transformation]
) -> tuple[LineageNode, ...]:
    nodes = []
    everything, names = not found.filters.hides, found.names
    for node, distance in found.hood.reached[way].items():
        label = names.labels[node]
        if everything or found.filters.shows(label):
            edge = edges.get(node)
            near = None if edge is None else edge.target if way == "upstream" else edge.source
            transformation = (done.get(edge.job) or Transformation(names.jobs[edge.job])) if edge else None
            nodes.append(LineageNode(node, label, distance, transformation, near, names.columns.get(node)))
    return tuple(sorted(nodes, key=_nearness))


def _nearness(node: LineageNode) -> tuple[int, str, str]:
    return node.distance, node.label.id, node.column or ""


def _links(edges: Sequence[LineageEdge], names: Named, heard: Mapping[tuple[int, str], int]) -> tuple[Link, ...]:
    """In the order of their names, whichever way the store gave them."""
    make, ends, jobs, told = Link._make, names.ends(), names.jobs, {job for job, _ in heard}
    links = [make((ends[e.source], ends[e.target], jobs[e.job], e, e.last_seen)) for e in edges]
    for number, edge in enumerate(edges):
        if edge.job in told and edge.last_seen is None:
            links[number] = links[number]._replace(last_seen=heard.get((edge.job, edge.producer)))
    return tuple(sorted(links, key=_BY_NAME))


# Two datasets that became one may have an edge each by the same job: what else differs decides.
_BY_NAME = attrgetter("source", "target", "job", "said.producer", "said.rule", "said.valid_from")


def _column_links(
    store: Store, found: _Found, edges: list[LineageEdge], heard: Mapping[tuple[int, str], int]
) -> tuple[Link, ...]:
    """The column edges between the datasets of the answer."""
    between = store.column_edges_between({(e.source, e.target) for e in edges}, as_of=found.bounds.as_of)
    between = [edge for edge in between if found.filters.follows(edge)]
    ends = {end for edge in between for end in (edge.source, edge.target)}
    return _links(between, named(store, ends, {edge.job for edge in between}, "column"), heard)
