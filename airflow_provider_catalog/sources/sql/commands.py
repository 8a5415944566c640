"""Statements that the parser takes as they are: renames, exchanges, UNLOAD. Read by their words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from airflow_provider_catalog.sources.sql.shells import word

COMMANDS = frozenset({"RENAME", "ALTER", "UNLOAD"})


class Move(NamedTuple):
    """All that is in one table is in another one then. `gone`: and no more in the first."""

    source: str
    target: str
    gone: bool


class Unload(NamedTuple):
    """A query, and where its rows go."""

    query: str
    path: str


def moves(tokens: Sequence[Any], name: Callable[[Sequence[Any]], str | None]) -> list[Move]:
    """`RENAME TABLE a TO b, c TO d`; `ALTER TABLE a EXCHANGE PARTITION (…) WITH TABLE b`, which fills a."""
    words = [word(token) for token in tokens]
    if words[0] == "RENAME" and len(words) > 2:
        return _renames(tokens, words, name)
    if words[:2] == ["ALTER", "TABLE"] and "EXCHANGE" in words and words[-2:-1]:
        at = next((i for i, text in enumerate(words[:-1]) if text == "WITH" and words[i + 1] == "TABLE"), None)
        target, source = name(tokens[2 : words.index("EXCHANGE")]), name(_named(tokens, at + 2)) if at else None
        return [Move(source, target, gone=False)] if source and target else []
    return []


def _renames(tokens: Sequence[Any], words: Sequence[str], name: Callable[[Sequence[Any]], str | None]) -> list[Move]:
    found, at = [], 2 if words[1] in ("TABLE", "VIEW") else 1
    while at < len(tokens):
        source = _named(tokens, at)
        at += len(source)
        if at >= len(tokens) or words[at] not in ("TO", "AS"):
            break
        target = _named(tokens, at + 1)
        at += 2 + len(target)
        ends = name(source), name(target)
        if ends[0] and ends[1]:
            found.append(Move(ends[0], ends[1], gone=True))
    return found


def _named(tokens: Sequence[Any], at: int) -> Sequence[Any]:
    end = at + 1
    while end + 1 < len(tokens) and word(tokens[end]) == ".":
        end += 2
    return tokens[at:end]


def unload(tokens: Sequence[Any], sql: str) -> Unload | None:
    """`UNLOAD ('SELECT …') TO '…'`, and without the quotes."""
    if word(tokens[0]) != "UNLOAD" or len(tokens) < 5 or word(tokens[1]) != "(":
        return None
    depth = 0
    for place in range(1, len(tokens) - 2):
        depth += (word(tokens[place]) == "(") - (word(tokens[place]) == ")")
        if depth == 0:
            path = str(tokens[place + 2].text) if word(tokens[place + 1]) == "TO" else ""
            whole = tokens[2:place]
            if not whole or not path:
                return None
            quoted = len(whole) == 1 and whole[0].token_type.name.endswith("STRING")
            return Unload(str(whole[0].text) if quoted else sql[whole[0].start : whole[-1].end + 1], path)
    return None
