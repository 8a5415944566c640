"""The lineage of a table as people read it in a console: the farthest first, each above what it is for.

    Upstream lineage:
    - connector: prod/debezium-mysql [MySqlConnector]
      - topic: kafka://broker:9092/orders.v1 [3 columns]
        - flink_job: prod/enrich [SQL: SELECT * FROM ...]
          → orders

Where there is less room the farthest goes first, and a line says so. What is cut twice is as if cut once, so that it
does not matter who of us cuts it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence

from airflow_provider_catalog.targets.glue.limits import cut, size
from airflow_provider_catalog.targets.glue.lineage.chain import Chain, Hop

_TITLE = "Upstream lineage:"
_LEFT_OUT = "[...] what lies farther upstream is left out"
_MOST = 256
"""More lines than any description has room for."""
_WIDEST, _SQL_SHOWN = 200, 60
_INDENT = "  "
_ENTRY = re.compile(r"( *)- ")
_PLACED = re.compile(r"( *)(?:- |→ )")


def tree(chain: Chain, table: str, environment: str = "") -> str:
    """Empty where nothing lies before the table."""
    shown = chain.hops[:_MOST]
    if not shown:
        return ""
    deepest = max(hop.hop for hop in shown)
    lines = [_TITLE]
    if chain.truncated or len(shown) < len(chain.hops):
        lines.append(_LEFT_OUT)
    lines += [f"{_INDENT * (deepest - hop.hop)}- {_line(hop)}" for hop in _farthest_first(shown)]
    lines.append(f"{_INDENT * deepest}→ {_plain(table)}")
    return "\n".join([*lines, *([f"Environment: {_plain(environment)}"] if environment else [])])


def shorter(text: str, room: int) -> str:
    """A tree within so many bytes, whoever has edited it meanwhile; none at all where not one hop has room."""
    if size(text) <= room:
        return text
    lines = text.split("\n")
    found = [(len(entry[1]), -at) for at, line in enumerate(lines) if (entry := _ENTRY.match(line))]
    order = [-at for _, at in sorted(found)]
    some = range(1, len(order))
    fits = bisect_left(some, True, key=lambda count: size(_without(lines, order[:count])) <= room)
    return _without(lines, order[: some[fits]]) if fits < len(some) else ""


def _without(lines: Sequence[str], dropped: Collection[int]) -> str:
    gone = set(dropped)
    kept = [line for at, line in enumerate(lines) if at not in gone and line != _LEFT_OUT]
    placed = [(at, len(found[1])) for at, line in enumerate(kept) if (found := _PLACED.match(line))]
    common = min(indent for _, indent in placed)
    for at, _ in placed:
        kept[at] = kept[at][common:]
    first = placed[0][0]
    return "\n".join([*kept[:first], _LEFT_OUT, *kept[first:]])


def _farthest_first(hops: Sequence[Hop]) -> Iterator[Hop]:
    """What a hop is made of comes before it. Without recursion: lineage may be deep."""
    before: defaultdict[int, list[int]] = defaultdict(list)
    for at, hop in enumerate(hops):
        before[hop.into].append(at)
    waiting = [(at, False) for at in reversed(before[-1])]
    while waiting:
        at, done = waiting.pop()
        if done:
            yield hops[at]
            continue
        waiting.append((at, True))
        waiting += [(each, False) for each in reversed(before[at])]


def _line(hop: Hop) -> str:
    beside = ", ".join(_beside(hop))
    return f"{_plain(hop.kind)}: {_plain(hop.name)}{f' [{beside}]' if beside else ''}"


def _beside(hop: Hop) -> Iterator[str]:
    if hop.fields:
        yield f"{len(hop.fields)} column{'' if len(hop.fields) == 1 else 's'}"
    if hop.connector_class:
        yield _plain(hop.connector_class)
    if hop.sql:
        yield f"SQL: {_plain(hop.sql, _SQL_SHOWN)}"


def _plain(text: str, widest: int = _WIDEST) -> str:
    """On one line, and no longer than can be read."""
    line = " ".join(text.split())
    return line if size(line) <= widest else f"{cut(line, widest)}..."
