"""What lies up and down of a dataset or of one of its columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from airflow_provider_catalog.errors import NotFoundError
from airflow_provider_catalog.model.identity import ColumnId, DatasetId
from airflow_provider_catalog.services.identity import find_dataset
from airflow_provider_catalog.services.lineage.answer import LineageAnswer, LineageNode, Link, Total, Transformation
from airflow_provider_catalog.services.lineage.jobs import transformations
from airflow_provider_catalog.services.lineage.reach import Bounds, Filters, Neighbourhood, neighbourhood, ways
from airflow_provider_catalog.services.naming import Label, dataset_id, labels
from airflow_provider_catalog.store.protocol import Column, Direction, Entity, Level, LineageEdge, Store

BOTH: tuple[Direction, ...] = ("upstream", "downstream")
DIRECTIONS: Mapping[str, tuple[Direction, ...]] = {
    "upstream": ("upstream",),
    "downstream": ("downstream",),
    "both": BOTH,
}
_NONE: tuple[LineageNode, ...] = ()


class _Found(NamedTuple):
    """The neighbourhood with all names it needs."""

    hood: Neighbourhood
    bounds: Bounds
    filters: Filters
    entities: Mapping[int, Entity]
    columns: Mapping[int, Column]

    def label(self, node: int) -> Label:
        column = self.columns.get(node)
        return labels(self.entities, column.dataset if column else node)

    def entity(self, node: int) -> Entity | None:
        column = self.columns.get(node)
        return self.entities.get(column.dataset if column else node)

    def column(self, node: int) -> str | None:
        column = self.columns.get(node)
        return column.name if column else None

    def end(self, node: int) -> str:
        column = self.columns.get(node)
        return f"{self.label(node).id}#{column.name}" if column else self.label(node).id


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
    filters: Filters | None = None,
) -> LineageAnswer:
    """`limit` holds for each direction.

    `column` is the one to start from at column level; `columns` adds the column edges between the datasets of a
    table-level answer. Filters with `influences=False` make column lineage direct only.
    """
    if direction not in DIRECTIONS:
        raise ValueError(f"direction must be upstream, downstream or both, not {direction!r}")
    bounds = Bounds.of(depth, limit, as_of, level)
    start = find_dataset(store, dataset)
    starts = (start.node,) if level == "table" else _column_starts(store, start, column)
    chosen = filters or Filters()
    hood = neighbourhood(store, starts, DIRECTIONS[direction], bounds, chosen)
    return _answer(store, _named(store, hood, bounds, chosen), direction, columns=columns)


def _column_starts(store: Store, start: Entity, column: str) -> tuple[int, ...]:
    """The column of the canonical dataset; lineage hangs on that one, whoever stated it."""
    node = start if start.node == start.uid else store.entities([start.node])[start.node]
    uid = ColumnId(dataset_id(node), column).uid
    if uid not in store.columns([uid]):
        names = sorted(known.name for known in store.columns_of([node.uid]) if known.name)
        hint = (
            f"it has {', '.join(names[:10])}{' …' if len(names) > 10 else ''}" if names else "it has no known columns"
        )
        raise NotFoundError("column", f"{labels({node.uid: node}, node.uid).id}#{column}", hint)
    return (uid,)


def _named(store: Store, hood: Neighbourhood, bounds: Bounds, filters: Filters) -> _Found:
    nodes = {*hood.starts, *hood.nodes()}
    jobs = {edge.job for edge in hood.edges}
    if bounds.level == "table":
        return _Found(hood, bounds, filters, store.entities(nodes | jobs), {})
    columns = store.columns(nodes)
    return _Found(hood, bounds, filters, store.entities({c.dataset for c in columns.values()} | jobs), columns)


def _answer(store: Store, found: _Found, direction: str, *, columns: bool) -> LineageAnswer:
    hood, bounds = found.hood, found.bounds
    reached = {way: ways(hood, way) for way in hood.reached}
    jobs = {edge.job for edges in reached.values() for edge in edges.values()}
    done = transformations(store, jobs, found.entities, bounds.as_of)
    nodes = {way: _nodes(found, way, edges, done) for way, edges in reached.items()}
    cut = {way: nodes[way][: bounds.limit] for way in nodes}
    shown = {*hood.starts, *(node.uid for some in cut.values() for node in some)}
    edges = [e for e in hood.edges if e.source in shown and e.target in shown] if found.filters.hides else hood.edges
    totals = _totals(store, found, DIRECTIONS[direction])
    start = hood.starts[0]
    return LineageAnswer(
        start=LineageNode(start, found.label(start), 0, column=found.column(start)),
        direction=direction,
        depth=bounds.depth,
        limit=bounds.limit,
        as_of=bounds.as_of,
        upstream=cut.get("upstream", _NONE),
        downstream=cut.get("downstream", _NONE),
        edges=_links(edges, found.end, found.entities),
        column_edges=_column_links(store, found, edges) if columns and bounds.level == "table" else (),
        total_upstream=totals["upstream"],
        total_downstream=totals["downstream"],
        truncated=hood.truncated or any(len(nodes[way]) > len(cut[way]) for way in nodes),
    )


def _nodes(
    found: _Found, way: Direction, edges: Mapping[int, LineageEdge], done: Mapping[int, Transformation]
) -> tuple[LineageNode, ...]:
    nodes = []
    for node, distance in found.hood.reached[way].items():
        label = found.label(node)
        if found.filters.shows(found.entity(node), label):
            edge = edges.get(node)
            near = None if edge is None else edge.target if way == "upstream" else edge.source
            transformation = done.get(edge.job) if edge else None
            nodes.append(LineageNode(node, label, distance, transformation, near, found.column(node)))
    return tuple(sorted(nodes, key=lambda node: (node.distance, node.label.id, node.column or "")))


def _links(edges: list[LineageEdge], end: Callable[[int], str], entities: Mapping[int, Entity]) -> tuple[Link, ...]:
    links = [
        Link(end(e.source), end(e.target), labels(entities, e.job).id, e.producer, *e[6:11], e.kind, e.transformation)
        for e in edges
    ]
    return tuple(sorted(links, key=lambda link: (*link[:4], link.valid_from, link.kind or 0)))


def _column_links(store: Store, found: _Found, edges: list[LineageEdge]) -> tuple[Link, ...]:
    """The column edges between the datasets of the answer."""
    between = store.column_edges_between({(e.source, e.target) for e in edges}, as_of=found.bounds.as_of)
    between = [edge for edge in between if found.filters.follows(edge)]
    columns = store.columns({end for edge in between for end in (edge.source, edge.target)})
    jobs = {edge.job for edge in between} - found.entities.keys()
    entities = {**found.entities, **(store.entities(jobs) if jobs else {})}
    return _links(between, found._replace(columns=columns, entities=entities).end, entities)


def _totals(store: Store, found: _Found, asked: tuple[Direction, ...]) -> dict[Direction, Total]:
    """As counted by upkeep where that has been done; else what the walk found, exact if it saw the end."""
    start = found.hood.starts[0]
    plain = found.bounds.level == "table" and found.bounds.as_of is None and not found.filters.prunes
    computed = store.totals([start]).get(start) if plain else None
    if computed is None or computed.computed_at is None:
        return {way: _counted(store, found, way) for way in BOTH}
    known = {"upstream": computed.upstream, "downstream": computed.downstream}
    at = computed.computed_at
    return {
        way: _at_least(known[way], _counted(store, found, way), at)
        if way in asked
        else Total(known[way], exact=True, as_of=at)
        for way in BOTH
    }


def _counted(store: Store, found: _Found, way: Direction) -> Total:
    distances, truncated = found.hood.reached.get(way), found.hood.truncated
    if distances is None:
        bounds = found.bounds
        walked = store.walk(
            found.hood.starts, way, level=bounds.level, depth=bounds.depth, limit=bounds.limit, as_of=bounds.as_of
        )
        distances, truncated = dict(walked.reached), walked.truncated
    return Total(len(distances), exact=not truncated and max(distances.values(), default=0) < found.bounds.depth)


def _at_least(computed: int, counted: Total, computed_at: int) -> Total:
    """What we have just seen counts more than what upkeep counted a while ago."""
    if counted.exact:
        return counted
    return Total(computed, exact=True, as_of=computed_at) if computed >= counted.count else counted
