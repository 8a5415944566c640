"""Evidence: what all the ways in which a task tells of its data come to, together.

Of two that derive one dataset from the same other, the stronger counts. What was merely read and written is left to
`history.implied`, which sees the whole run.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from airflow_provider_catalog.model.identity import ColumnId, DatasetId
from airflow_provider_catalog.model.statement import Claim, ColumnEdge, Edge, EdgeKind, Lineage, Rule
from airflow_provider_catalog.sources.openlineage.notes import Notes

_MOST_EDGES = 10_000
_MOST_COLUMN_EDGES = 100_000
_MOST_TOLD, _MOST_NAMES, _NAME_LIMIT = 500, 100, 500


class Evidence:
    """`told` is how each thing came to be known, `whole` whether nothing was beyond us. `notes` are of what was lost,
    `passed` of what loses only itself.
    """

    def __init__(self, notes: Notes, *, succeeded: bool) -> None:
        self.notes = notes
        self.passed = Notes()
        self.succeeded = succeeded
        self.whole = True
        self.reads: dict[DatasetId, None] = {}
        self.writes: dict[DatasetId, None] = {}
        self.claims: list[Claim] = []
        self.rows: dict[DatasetId, int] = {}
        self.sql: dict[str, str] = {}
        self.stated: dict[str, Any] = {}
        self.volatile: list[dict[str, Any]] = []
        self.told: list[dict[str, Any]] = []
        self._edges: dict[tuple[DatasetId, DatasetId], Edge] = {}
        self._columns: dict[tuple[ColumnId, ColumnId, EdgeKind], ColumnEdge] = {}

    def derive(
        self, sources: Iterable[DatasetId], targets: Iterable[DatasetId], rule: Rule, confidence: float = 1.0
    ) -> None:
        """Each target from each source; a dataset is not derived from itself."""
        pairs = [(source, target) for source in sources for target in targets if source != target]
        if len(self._edges) + len(pairs) > _MOST_EDGES:
            self.notes.skip("/", f"more than {_MOST_EDGES} pairs of what was read and written")
            return
        for source, target in pairs:
            self._keep(Edge(source, target, rule, confidence))

    def derive_column(self, edge: ColumnEdge) -> None:
        """Under an edge between their datasets. What a table has of itself is no lineage."""
        source, target = edge.source.dataset, edge.target.dataset
        if source == target:
            return
        if len(self._columns) >= _MOST_COLUMN_EDGES:
            self.whole = False
            return
        self.derive([source], [target], edge.rule, edge.confidence)
        key = (edge.source, edge.target, edge.kind)
        known = self._columns.get(key)
        if known is None or (known.rule, known.confidence) < (edge.rule, edge.confidence):
            self._columns[key] = edge

    def tell(self, mechanism: str, what: str, names: Iterable[Any], reason: str = "", **more: Any) -> None:
        """`reason`: why nothing came of it."""
        key = "tables" if reason else "datasets"
        listed = [str(name)[:_NAME_LIMIT] for name in names]
        entry = {"mechanism": mechanism, "what": what, key: listed[:_MOST_NAMES], "used": not reason, **more}
        entry |= {"reason": reason} if reason else {}
        entry |= {"more": len(listed) - _MOST_NAMES} if len(listed) > _MOST_NAMES else {}
        if len(self.told) < _MOST_TOLD and entry not in self.told:
            self.told.append(entry)

    def lineage(self, stated: Lineage) -> Lineage:
        """Together with what was said in OpenLineage's own words, in which all that was read and written is."""
        for edge in stated.edges:
            self._keep(edge)
        columns = dict(self._columns)
        columns.update({(edge.source, edge.target, edge.kind): edge for edge in stated.columns})
        return Lineage(stated.reads, stated.writes, tuple(self._edges.values()), tuple(columns.values()))

    def _keep(self, edge: Edge) -> None:
        known = self._edges.get((edge.source, edge.target))
        if known is None or (known.rule, known.confidence) < (edge.rule, edge.confidence):
            self._edges[edge.source, edge.target] = edge
