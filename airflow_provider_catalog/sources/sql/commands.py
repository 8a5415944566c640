"""Statements that the parser takes as they are: renames, exchanges, UNLOAD. Read by their words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias

from airflow_provider_catalog.sources.sql.shells import word
from airflow_provider_catalog.sources.sql.trims import Words, closed, dotted

COMMANDS = frozenset({"RENAME", "ALTER", "UNLOAD", "EXCHANGE", "EXEC", "EXECUTE"})
_GIVING = (("REPLACE", "FROM"), ("ATTACH", "FROM"), ("APPEND", "FROM"), ("EXCHANGE", "TABLE"))
_TAKING = (("SWITCH", "TO"), ("MOVE", "TABLE"))
_Naming: TypeAlias = Callable[[Sequence[Any]], str | None]


class Move(NamedTuple):
    """All that is in one table is in another one then. `gone`: and no more in the first."""

    source: str
    target: str
    gone: bool


class Unload(NamedTuple):
    """A query, and where its rows go."""

    query: str
    path: str


def moves(tokens: Sequence[Any], name: _Naming, tokenize: Callable[[str], Sequence[Any]]) -> list[Move]:
    """`RENAME TABLE a TO b, c TO d`, `EXEC sp_rename 'a', 'b'`, and what is moved by ALTER TABLE."""
    words = [word(token) for token in tokens]
    if words[0] == "RENAME" and len(words) > 2:
        return _renames(tokens, words, name)
    if words[:2] == ["ALTER", "TABLE"]:
        return list(_altered(tokens, words, name))
    if words[:2] in (["EXCHANGE", "TABLES"], ["EXCHANGE", "DICTIONARIES"]) and "AND" in words:
        at = words.index("AND")
        first, second = name(tokens[2:at]), name(tokens[at + 1 : dotted(words, at + 1)])
        if first and second:
            return [Move(first, second, gone=False), Move(second, first, gone=False)]
    if words[0] in ("EXEC", "EXECUTE") and "SP_RENAME" in words[:6]:
        return _renamed_by_program(tokens, words, name, tokenize)
    return []


def _altered(tokens: Sequence[Any], words: Words, name: _Naming) -> Iterator[Move]:
    """`ALTER TABLE a EXCHANGE PARTITION (…) WITH TABLE b` and its likes fill a; `… SWITCH TO b` fills b."""
    end = dotted(words, 2)
    does, rest = words[end : end + 1], words[end:]
    for begin, before in (*_GIVING, *_TAKING):
        if does == [begin] and before in rest:
            at = end + len(rest) - rest[::-1].index(before)
            own, other = name(tokens[2:end]), name(tokens[at : dotted(words, at)])
            if own and other:
                yield Move(own, other, gone=False) if (begin, before) in _TAKING else Move(other, own, gone=False)


def _renames(tokens: Sequence[Any], words: Words, name: _Naming) -> list[Move]:
    found, at = [], 2 if words[1] in ("TABLE", "VIEW") else 1
    while at < len(tokens):
        source = tokens[at : dotted(words, at)]
        at += len(source)
        if at >= len(tokens) or words[at] not in ("TO", "AS"):
            break
        target = tokens[at + 1 : dotted(words, at + 1)]
        at += 2 + len(target)
        ends = name(source), name(target)
        if ends[0] and ends[1]:
            found.append(Move(ends[0], ends[1], gone=True))
    return found


def _renamed_by_program(
    tokens: Sequence[Any], words: Words, name: _Naming, tokenize: Callable[[str], Sequence[Any]]
) -> list[Move]:
    """The new name is that of a table in the same schema; three arguments rename columns and the like."""
    texts = [str(token.text) for token in tokens[words.index("SP_RENAME") + 1 :] if _is_text(token)]
    if len(texts) != 2 or not all(texts):
        return []
    source = tokenize(texts[0])
    ends = name(source), name([*source[:-1], *tokenize(texts[1])])
    return [Move(ends[0], ends[1], gone=True)] if ends[0] and ends[1] else []


def unload(tokens: Sequence[Any], sql: str) -> Unload | None:
    """`UNLOAD ('SELECT …') TO '…'`, and without the quotes."""
    if word(tokens[0]) != "UNLOAD" or len(tokens) < 5 or word(tokens[1]) != "(":
        return None
    end = closed([word(token) for token in tokens], 1)
    if end + 1 >= len(tokens) or word(tokens[end]) != "TO" or end < 4:
        return None
    whole, path = tokens[2 : end - 1], str(tokens[end + 1].text)
    if not path or len(whole) == 0:
        return None
    return Unload(str(whole[0].text) if len(whole) == 1 and _is_text(whole[0]) else _text(whole, sql), path)


def outfile(tokens: Sequence[Any], sql: str) -> Unload | None:
    """`SELECT … INTO OUTFILE '…' … FROM …`, and with the file at the end."""
    words = [word(token) for token in tokens]
    at = words.index("OUTFILE") if "OUTFILE" in words[:-1] else 0
    if at < 2 or words[at - 1] != "INTO" or words[0] not in ("SELECT", "WITH", "("):
        return None
    rest = words.index("FROM", at) if "FROM" in words[at:] else len(tokens)
    return Unload(f"{_text(tokens[: at - 1], sql)} {_text(tokens[rest:], sql)}", str(tokens[at + 1].text))


def mutation(tokens: Sequence[Any], sql: str) -> str | None:
    """ClickHouse's `ALTER TABLE name UPDATE …` and `… DELETE WHERE …`, as everybody else says it."""
    words = [word(token) for token in tokens]
    end = dotted(words, 2)
    if words[end : end + 2] == ["ON", "CLUSTER"]:
        end += 3
    name, rest = _text(tokens[2 : dotted(words, 2)], sql), _text(tokens[end + 1 :], sql)
    does = words[end : end + 1]
    if words[:2] != ["ALTER", "TABLE"] or does not in (["UPDATE"], ["DELETE"]) or "WHERE" not in words[end:]:
        return None
    if does == ["UPDATE"]:
        return f"UPDATE {name} SET {rest}"  # noqa: S608  read, never run
    return f"DELETE FROM {name} {rest}"  # noqa: S608  as above


def _is_text(token: Any) -> bool:
    return str(token.token_type.name).endswith("STRING")


def _text(tokens: Sequence[Any], sql: str) -> str:
    return sql[tokens[0].start : tokens[-1].end + 1] if tokens else ""
