"""Edges between columns: what a script comes to, as plain values."""

from __future__ import annotations

from typing import Any, NamedTuple

from airflow_provider_catalog.model.statement import EdgeKind
from airflow_provider_catalog.sources.sql.bounded import writer
from airflow_provider_catalog.sources.sql.relation import IDENTITY, STAR, How, Origin, Sources
from airflow_provider_catalog.sources.sql.script import Ends

WHOLE = ""
"""The column that stands for all of a table: what has its say in which rows there are."""
_TEXT_LIMIT = 500


class Edge(NamedTuple):
    """`output_table` None: what a query gives to whoever asked. `input_table` None: one of those it reads."""

    output_table: str | None
    output_column: str
    input_table: str | None
    input_column: str
    kind: EdgeKind
    transformation: str = ""


def edges(ends: Ends, language: Any) -> tuple[tuple[Edge, ...], tuple[Edge, ...]]:
    """Values, and influences. Stars are no columns."""
    texts = _Texts(language)
    columns: list[Edge] = []
    influences: list[Edge] = []
    for (table, name), sources in ends.columns.items():
        if name == STAR:
            continue
        for origin, how in sources.items():
            if origin.column != STAR:
                into = influences if origin.influence else columns
                into.append(_edge(table, name, origin, how, texts))
    for table, said in ends.said.items():
        influences += _whole(table, said)
    return tuple(columns), tuple(influences)


def _edge(table: str | None, name: str, origin: Origin, how: How, texts: _Texts) -> Edge:
    text = "" if how.kind is IDENTITY or how.node is None else texts.of(how.node)
    return Edge(table, name, origin.table, origin.column, how.kind, text)


def _whole(table: str | None, said: Sources) -> list[Edge]:
    return [
        Edge(table, WHOLE, origin.table, origin.column, how.kind)
        for origin, how in said.items()
        if origin.column != STAR
    ]


class _Texts:
    """Expressions as SQL, each written once for all columns that it takes."""

    def __init__(self, language: Any) -> None:
        self._writer = writer(language)
        self._known: dict[int, str] = {}

    def of(self, node: Any) -> str:
        known = self._known.get(id(node))
        if known is None:
            shown = node.this if node.key == "alias" else node
            known = self._known[id(node)] = self._written(shown)
        return known

    def _written(self, node: Any) -> str:
        try:
            return str(self._writer.generate(node, copy=False))[:_TEXT_LIMIT]
        except Exception:  # noqa: BLE001  what cannot be written was read all the same
            return ""
