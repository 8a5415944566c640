"""How many datasets lie up and down of each, exactly, for all of them at once.

Circles are condensed first; then reachable sets flow through the rest as bits of whole numbers, a slice of the
datasets at a time so that memory stays small.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

import sqlalchemy as sa
from sqlalchemy import Connection

from airflow_provider_catalog.store.protocol import Totals
from airflow_provider_catalog.store.sql import tables
from airflow_provider_catalog.store.sql.dialect import Dialect, now

_SLICE = 8192


def read(connection: Connection, dialect: Dialect, nodes: Collection[int]) -> dict[int, Totals]:
    columns = ("node_id", "upstream", "downstream", "computed_at")
    rows = dialect.select(connection, tables.totals, columns, ["node_id"], [(node,) for node in sorted(set(nodes))])
    return {row[0]: Totals(*row[1:]) for row in rows}


def graph(connection: Connection) -> list[tuple[int, int]]:
    """Every pair of datasets that an open edge joins."""
    edge = tables.edge
    query = sa.select(edge.c.source_node, edge.c.target_node).where(edge.c.valid_to.is_(None)).distinct()
    return [(source, target) for source, target in connection.execute(query) if source != target]


def write(connection: Connection, dialect: Dialect, counted: Mapping[int, tuple[int, int]]) -> int:
    """All of them at one time; what has no edge any more has no row."""
    computed_at = now()
    connection.execute(sa.delete(tables.totals))
    rows = [(node, up, down, computed_at) for node, (up, down) in sorted(counted.items())]
    dialect.insert(connection, tables.totals, rows)
    return len(rows)


def count(pairs: Iterable[tuple[int, int]]) -> dict[int, tuple[int, int]]:
    """Node -> (upstream, downstream), for every node that has an edge."""
    forward: defaultdict[int, list[int]] = defaultdict(list)
    for source, target in pairs:
        forward[source].append(target)
        forward[target]
    component, order = _condensed(forward)
    sizes = [0] * len(order)
    for number in component.values():
        sizes[number] += 1
    below: list[set[int]] = [set() for _ in order]
    above: list[set[int]] = [set() for _ in order]
    for source, targets in forward.items():
        for target in targets:
            if component[source] != component[target]:
                below[component[source]].add(component[target])
                above[component[target]].add(component[source])
    down = _reach(below, order, sizes)
    up = _reach(above, order[::-1], sizes)
    return {node: (up[c] + sizes[c] - 1, down[c] + sizes[c] - 1) for node, c in component.items()}


def _condensed(forward: Mapping[int, list[int]]) -> tuple[dict[int, int], list[int]]:
    """Strongly connected components (Tarjan, without recursion). Numbers come out targets first."""
    index: dict[int, int] = {}
    low: dict[int, int] = {}
    component: dict[int, int] = {}
    stack: list[int] = []
    components = 0
    for root in forward:
        if root in index:
            continue
        index[root] = low[root] = len(index)
        stack.append(root)
        work = [(root, iter(forward[root]))]
        while work:
            node, targets = work[-1]
            for target in targets:
                if target not in index:
                    index[target] = low[target] = len(index)
                    stack.append(target)
                    work.append((target, iter(forward[target])))
                    break
                if target not in component:
                    low[node] = min(low[node], index[target])
            else:
                work.pop()
                if work:
                    parent = work[-1][0]
                    low[parent] = min(low[parent], low[node])
                if low[node] == index[node]:
                    component.update(dict.fromkeys(_popped(stack, node), components))
                    components += 1
    return component, list(range(components))


def _popped(stack: list[int], last: int) -> list[int]:
    start = len(stack) - 1
    while stack[start] != last:
        start -= 1
    members = stack[start:]
    del stack[start:]
    return members


def _reach(beyond: list[set[int]], order: list[int], sizes: list[int]) -> list[int]:
    """How many nodes each component reaches. `order` has a component after everything it reaches."""
    counts = [0] * len(order)
    for start in range(0, len(order), _SLICE):
        members = range(start, min(start + _SLICE, len(order)))
        circles = [(1 << (number - start), sizes[number] - 1) for number in members if sizes[number] > 1]
        bits = [0] * len(order)
        for number in order:
            mine = 0
            for other in beyond[number]:
                mine |= bits[other]
                if other in members:
                    mine |= 1 << (other - start)
            bits[number] = mine
            if mine:
                # Circles count with all their members.
                counts[number] += mine.bit_count() + sum(more for bit, more in circles if mine & bit)
    return counts
