"""Trims: what the parser does not know of a statement and lineage can do without is left out, or said otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from airflow_provider_catalog.sources.sql.shells import word

Words: TypeAlias = Sequence[str]
_ANY = frozenset[str]()
_Pattern: TypeAlias = tuple[str | frozenset[str], ...]

_ANYWHERE: tuple[_Pattern, ...] = (
    ("WHERE", "CURRENT", "OF", _ANY),
    ("OVERRIDING", _ANY, "VALUE"),
    ("TABLESPACE", _ANY),
    ("WITHIN", "INTERVAL", _ANY, _ANY),
)
_AT_THE_END: tuple[_Pattern, ...] = (
    ("WITH", frozenset({"UR", "CS", "RS", "RR"})),
    ("WITH", "DATA"),
    ("WITH", "NO", "DATA"),
    ("WITH", "CHECK", "OPTION"),
    ("WITH", "READ", "ONLY"),
    ("WITH", "NO", "SCHEMA", "BINDING"),
    ("FOR", frozenset({"READ", "FETCH"}), "ONLY"),
    ("OPTIMIZE", "FOR", _ANY, frozenset({"ROW", "ROWS"})),
    ("ELSE", "IGNORE"),
    (frozenset({"UNION", "EXCEPT", "INTERSECT", "AND", "OR", ","}),),
    ("UNION", "ALL"),
)
_JOINED_SO = frozenset({"CROSS", "NATURAL", "LEFT", "RIGHT", "FULL", "OUTER", "SEMI", "ANTI", "ARRAY"})
_FEW = 4
_CHANGING = frozenset({"INSERT", "UPDATE", "DELETE", "MERGE"})
_NOW = frozenset({"DATE", "TIME", "TIMESTAMP", "USER", "SCHEMA"})
_OPERATORS = frozenset("+-*/%&|^")
_CLAUSES = frozenset({"FROM", "WHERE", "VALUES", "SELECT", "EXEC", "EXECUTE", "DEFAULT", "WITH"})
_ALL_OF_IT = "WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *"


class Cut(NamedTuple):
    """Tokens, and what stands there instead."""

    begin: int
    end: int
    instead: str = ""


def trimmed(tokens: Sequence[Any], sql: str) -> str | None:
    """None where there is nothing to trim."""
    words = [word(token) for token in tokens]
    cuts = sorted(cut for find in _FINDERS for cut in find(words))
    more = _output(words, tokens, sql) if "OUTPUT" in words else None
    if more is not None:
        cuts = sorted([*cuts, more[0]])
    return _without(tokens, sql, cuts) + (more[1] if more is not None else "") if cuts else None


def _without(tokens: Sequence[Any], sql: str, cuts: Sequence[Cut]) -> str:
    parts, last = [], tokens[0].start
    for cut in cuts:
        start = tokens[cut.begin].start if cut.begin < len(tokens) else tokens[-1].end + 1
        if start < last:
            continue
        parts += [sql[last:start], f" {cut.instead} "]
        last = tokens[cut.end - 1].end + 1
    return "".join([*parts, sql[last : tokens[-1].end + 1]])


def _fits(words: Words, at: int, pattern: _Pattern) -> bool:
    return at + len(pattern) <= len(words) and all(
        words[at + i] in part if isinstance(part, frozenset) and part else not part or words[at + i] == part
        for i, part in enumerate(pattern)
    )


def _anywhere(words: Words) -> Iterator[Cut]:
    by_first: Mapping[str, _Pattern] = {str(pattern[0]): pattern for pattern in _ANYWHERE}
    for at, text in enumerate(words):
        pattern = by_first.get(text)
        if pattern is not None and _fits(words, at, pattern):
            yield Cut(at, at + len(pattern))


def _at_the_end(words: Words) -> Iterator[Cut]:
    end = len(words)
    while fitting := [each for each in _AT_THE_END if end > len(each) and _fits(words, end - len(each), each)]:
        end -= max(map(len, fitting))
    if end < len(words):
        yield Cut(end, len(words))


def _top(words: Words) -> Iterator[Cut]:
    """`DELETE TOP (5) FROM …`."""
    if words[0] in _CHANGING and words[1:3] == ["TOP", "("] and ")" in words:
        end = words.index(")") + 1
        yield Cut(1, end + (words[end : end + 1] == ["PERCENT"]))


def _deleting(words: Words) -> Iterator[Cut]:
    """Which of the rows that MERGE updates it deletes then."""
    at = len(words) if words[0] != "MERGE" else 1
    while at < len(words) - 1:
        begin = at
        if words[at] == "DELETE" and words[at + 1] == "WHERE" and words[at - 1] != "THEN":
            at = next((i for i in range(at, len(words)) if words[i] == "WHEN"), len(words))
            yield Cut(begin, at)
        at += 1


def _merging(words: Words) -> Iterator[Cut]:
    """Redshift's MERGE of everything."""
    if words[0] == "MERGE" and words[-2:] == ["REMOVE", "DUPLICATES"]:
        yield Cut(len(words) - 2, len(words), _ALL_OF_IT)


def _replacing(words: Words) -> Iterator[Cut]:
    for at in range(1, len(words) - 1):
        if words[at] in ("REPLACE", "UPSERT") and words[at + 1] == "INTO":
            yield Cut(at, at + 1, "INSERT")


def _now(words: Words) -> Iterator[Cut]:
    for at in range(len(words) - 1):
        if words[at] == "CURRENT" and words[at + 1] in _NOW:
            yield Cut(at, at + 2, f"CURRENT_{words[at + 1]}")


def _format(words: Words) -> Iterator[Cut]:
    """`INSERT OVERWRITE DIRECTORY '…' USING parquet OPTIONS (…)`."""
    at = words.index("DIRECTORY") + 2 if "DIRECTORY" in words[:-3] else len(words)
    if words[at : at + 1] == ["USING"]:
        end = at + 2
        yield Cut(at, closed(words, end + 1) if words[end : end + 2] == ["OPTIONS", "("] else end)


def _bulk(words: Words) -> Iterator[Cut]:
    """`OPENROWSET (BULK 'file', …)`."""
    at = words.index("BULK") if "BULK" in words else 0
    if words[max(0, at - 2) : at] == ["OPENROWSET", "("]:
        yield Cut(at, at + 1)


def _crossed(words: Words) -> Iterator[Cut]:
    """Of joins without conditions the parser tries all ways to nest them, which are many."""
    opened: list[list[int]] = [[]]
    lonely: list[int] = []
    for at, text in enumerate(words):
        if text == "(":
            opened.append([])
        elif text == ")" and len(opened) > 1:
            lonely += opened.pop()
        elif text == "JOIN" and at > 0 and words[at - 1] not in _JOINED_SO:
            opened[-1].append(at)
        elif text in ("ON", "USING") and opened[-1]:
            opened[-1].pop()
    lonely += [at for level in opened for at in level]
    yield from (Cut(at, at + 1, "CROSS JOIN") for at in lonely if len(lonely) > _FEW)


def _adding(words: Words) -> Iterator[Cut]:
    """`SET a += 1` is `SET a = a + 1`."""
    if words[0] != "UPDATE":
        return
    for at in range(3, len(words) - 1):
        if words[at] in _OPERATORS and words[at + 1] == "=":
            begin = at - 1
            while begin > 2 and words[begin - 1] == ".":
                begin -= 2
            yield Cut(at, at + 2, f"= {''.join(words[begin:at])} {words[at]}")


def closed(words: Words, at: int) -> int:
    """Behind the bracket that closes the one at that place."""
    depth = 0
    for place in range(at, len(words)):
        depth += (words[place] == "(") - (words[place] == ")")
        if depth == 0:
            return place + 1
    return len(words)


_FINDERS: tuple[Callable[[Words], Iterator[Cut]], ...] = (
    *(_anywhere, _at_the_end, _top, _deleting, _merging, _replacing, _now, _format, _bulk, _crossed, _adding),
)


def _output(words: Words, tokens: Sequence[Any], sql: str) -> tuple[Cut, str] | None:
    """T-SQL's OUTPUT fills a second table with what changes in the first."""
    begin = words.index("OUTPUT")
    into = next((i for i in range(begin, len(words)) if words[i] == "INTO" or words[i] in _CLAUSES), len(words))
    if words[into : into + 1] != ["INTO"]:
        return Cut(begin, into), ""
    named = dotted(words, into + 1)
    end = closed(words, named) if words[named : named + 1] == ["("] else named
    changed = next((i for i, text in enumerate(words[:begin]) if text in _CHANGING), 0) + 1
    while words[changed] in ("INTO", "FROM", "TOP"):
        changed = closed(words, changed + 1) if words[changed] == "TOP" else changed + 1
    table = _text(tokens[changed : dotted(words, changed)], sql)
    values, target = _text(tokens[begin + 1 : into], sql), _text(tokens[into + 1 : end], sql)
    each = [name for name in ("inserted", "deleted") if name.upper() in words[begin:into]]
    source = ", ".join(f"{table} AS {name}" for name in each)
    return Cut(begin, end), f"; INSERT INTO {target} SELECT {values} FROM {source}" if each else ""  # noqa: S608  read, never run


def dotted(words: Words, at: int) -> int:
    """Behind the name that begins at that place."""
    end = at + 1
    while end + 1 < len(words) and words[end] == ".":
        end += 2
    return end


def _text(tokens: Sequence[Any], sql: str) -> str:
    return sql[tokens[0].start : tokens[-1].end + 1] if tokens else ""
