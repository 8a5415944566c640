"""The graph of a visual Glue job: sources, targets, and the nodes between them. A node names those it takes its rows
from.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from airflow_provider_catalog.model.identity import ColumnId, DatasetId
from airflow_provider_catalog.model.statement import ColumnEdge, Rule
from airflow_provider_catalog.sources.checks import NAME_BYTES
from airflow_provider_catalog.sources.task.aws import glue_columns, glue_nodes
from airflow_provider_catalog.sources.task.aws.fields import Fields
from airflow_provider_catalog.sources.task.aws.findings import Findings
from airflow_provider_catalog.sources.task.aws.glue_columns import Columns
from airflow_provider_catalog.sources.task.aws.places import Account, located

_CODE = "CustomCode"
_MOST_NODES, _MOST_INPUTS, _MOST_ORIGINS, _LONGEST = 300, 20, 100_000, 100


class Node(NamedTuple):
    """One step of the job; `inputs` are the names of others."""

    kind: str
    body: Fields
    inputs: list[str]


class Graph:
    """All the nodes by their names."""

    def __init__(self, stated: Fields, account: Account) -> None:
        self.nodes = dict(islice(_nodes(stated), _MOST_NODES))
        self.whole = len(self.nodes) == len(stated.stated)
        self._account = account
        self._columns: dict[str, Columns] = {}
        self._left = _MOST_ORIGINS

    def datasets(self, name: str) -> list[DatasetId]:
        node = self.nodes[name]
        return glue_nodes.datasets(node.kind, node.body, self._account)

    def sources(self, name: str) -> list[str]:
        """All nodes without inputs that its rows come from; a circle ends."""
        seen, waiting = {name: None}, [name]
        while waiting:
            for each in self.nodes[waiting.pop()].inputs:
                if each in self.nodes and each not in seen:
                    seen[each] = None
                    waiting.append(each)
        return [each for each in seen if each != name and not self.nodes[each].inputs]

    def columns(self, name: str, longest: int = _LONGEST) -> Columns:
        """Of a circle, or of a chain that is too long, none are known."""
        if name not in self._columns:
            self._columns[name] = Columns()
            node = self.nodes.get(name)
            if node and node.inputs and longest:
                inputs = {each: self.columns(each, longest - 1) for each in node.inputs}
                self._columns[name] = self._afforded(glue_columns.made(node.kind, node.body, inputs))
            elif node and not node.inputs:
                self._columns[name] = self._afforded(glue_columns.stored(node.body, self.datasets(name)))
        return self._columns[name]

    def rows(self, name: str) -> Columns:
        """What a node is given."""
        return self._afforded(glue_columns.merged(self.columns(each) for each in self.nodes[name].inputs))

    def _afforded(self, columns: Columns) -> Columns:
        """A graph can be drawn whose columns have more origins than there is time for."""
        self._left -= sum(map(len, columns.named.values()))
        if self._left < 0:
            self.whole = False
            return Columns()
        return columns


def _nodes(stated: Fields) -> Iterator[tuple[str, Node]]:
    """A node is an object with one key, its kind."""
    for name in stated.stated:
        kinds = [kind for kind, body in stated.object(name).stated.items() if type(body) is dict]
        if len(kinds) == 1:
            body = stated.object(name, kinds[0])
            yield name, Node(kinds[0], body, body.texts("Inputs")[:_MOST_INPUTS])


def read(stated: Fields, account: Account, found: Findings, confidence: float) -> None:
    graph = Graph(stated, account)
    for name, node in graph.nodes.items():
        if glue_nodes.is_target(node.kind, node.body):
            for place in glue_nodes.places(node.kind, node.body, account):
                found.write(place, confidence)
            _derive(graph, name, found, confidence)
            _identify(graph.datasets(name), found)
        elif not node.inputs:
            for place in glue_nodes.places(node.kind, node.body, account):
                found.read(place, confidence)
    found.whole = found.whole and graph.whole and not any(node.kind == _CODE for node in graph.nodes.values())


def _identify(targets: list[DatasetId], found: Findings) -> None:
    """A folder that is written and put into the catalog as a table is that table."""
    folders, tables = (
        [each for each in targets if (each.platform == "glue") is is_table] for is_table in (False, True)
    )
    if len(folders) == len(tables) == 1:
        found.say(tables[0], "facets", located(folders[0]))


def _derive(graph: Graph, name: str, found: Findings, confidence: float) -> None:
    sources = [dataset for each in graph.sources(name) for dataset in graph.datasets(each)]
    columns = graph.rows(name)
    for target in graph.datasets(name):
        found.explain(target)
        for source in sources:
            if source != target:
                found.derive(source, target, confidence)
        for edge in _column_edges(columns, target, confidence):
            found.derive_column(edge)


def _column_edges(columns: Columns, target: DatasetId, confidence: float) -> Iterator[ColumnEdge]:
    for name, origins in columns.named.items():
        made = ColumnId(target, name[:NAME_BYTES])
        yield from (ColumnEdge(each, made, kind, Rule.COLUMN_LINEAGE, confidence) for each, kind in origins.items())
