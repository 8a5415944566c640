"""Mends: other ways to write a statement that the parser does not know as it stands.

Each leaves out what has nothing to do with lineage. What is read so is less sure.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from airflow_provider_catalog.sources.sql.names import NO_NAME
from airflow_provider_catalog.sources.sql.shells import word
from airflow_provider_catalog.sources.sql.trims import trimmed

_QUERY = frozenset({"SELECT", "WITH", "FROM", "VALUES", "TABLE"})
_REFERENCE = re.compile(r"\{\{-?\s*(?:ref|source)\s*\(([^(){}]*)\)\s*-?\}\}")
_EXPRESSION = re.compile(r"\{\{[^{}]*\}\}")
_CONTROL = re.compile(r"\{%[^%{}]*%\}|\{#[^#{}]*#\}")
_VARIABLE = re.compile(r"\$\{([^{}]*)\}")
_LEADING = re.compile(
    rf"(?im)(^|;)[ \t]*+(?:{NO_NAME}\s++)++(select|with|insert|create|merge|update|delete|truncate)?\b"
)
_COMMENT = re.compile(r"(?m)^[ \t]*#[ \t][^\n]*")
_WORD = re.compile(r"\w+")
_QUOTED = re.compile(r"""['"]([^'"]+)['"]""")
_TARGET = frozenset({"INTO", "TABLE", "OVERWRITE", "IF", "NOT", "EXISTS", "OR", "REPLACE", "ONLY"})


def plain(sql: str) -> str:
    """What Jinja and shells would have filled in becomes a name; `ref` and `source` name what they are of. Lines that
    begin with a hash are comments, whatever the dialect.
    """
    if "# " in sql:
        sql = _COMMENT.sub("", sql)
    if "{{" in sql or "{%" in sql or "{#" in sql:
        sql = _REFERENCE.sub(lambda found: ".".join(_QUOTED.findall(found[1])[-2:]) or NO_NAME, sql)
        sql = _LEADING.sub(_without_leading, _CONTROL.sub(" ", _EXPRESSION.sub(NO_NAME, sql)))
    return _VARIABLE.sub(lambda found: (_WORD.findall(found[1]) or [""])[-1], sql) if "${" in sql else sql


def _without_leading(found: re.Match[str]) -> str:
    return f"{found[1]}{found[2]}" if found[2] else found[0]


def mended(tokens: Sequence[Any], sql: str, tokenize: Callable[[str], Sequence[Any]]) -> Iterator[str]:
    """Texts to try, the nearest first."""
    for change in (trimmed, _without_table, _without_name):
        if (text := change(tokens, sql)) is not None:
            yield text
            tokens, sql = tokenize(text), text
    first = word(tokens[0])
    if first == "CREATE" and (text := _created(tokens, sql)) is not None:
        yield text
    if first == "INSERT" and (text := _inserted(tokens, sql)) is not None:
        yield text


def _text(tokens: Sequence[Any], sql: str) -> str:
    return sql[tokens[0].start : tokens[-1].end + 1] if tokens else ""


def _without_table(tokens: Sequence[Any], sql: str) -> str | None:
    """`TUMBLE(TABLE bids, …)`: the table is an argument as any other."""
    cuts = [
        (token, token, "")
        for before, token in itertools.pairwise(tokens)
        if word(token) == "TABLE" and word(before) in ("(", ",", "=>")
    ]
    return _cut(tokens, sql, cuts) if cuts else None


def _without_name(tokens: Sequence[Any], sql: str) -> str | None:
    """`a JOIN b USING (k) AS j`: `j.*` is k, and `j.k` is found without it."""
    cuts, names = list[tuple[Any, Any, str]](), dict[str, str]()
    for at, token in enumerate(tokens if word(tokens[0]) != "MERGE" else ()):
        listed = _bracketed(tokens, at + 1) if word(token) == "USING" else ()
        named = tokens[at + 1 + len(listed) :][:2]
        if listed and len(named) > 1 and word(named[0]) == "AS":
            cuts.append((*named, ""))
            names[word(named[1])] = _text(listed[1:-1], sql)
    for at in range(len(tokens) - 2):
        name, dot, star = tokens[at : at + 3]
        if word(name) in names and (dot.text, star.text) == (".", "*"):
            cuts.append((name, star, names[word(name)]))
    return _cut(tokens, sql, sorted(cuts, key=lambda cut: cut[0].start)) if cuts else None


def _cut(tokens: Sequence[Any], sql: str, cuts: Sequence[tuple[Any, Any, str]]) -> str:
    """With something else from one token to another."""
    parts, last = list[str](), tokens[0].start
    for first, end, instead in cuts:
        parts += [sql[last : first.start], instead]
        last = end.end + 1
    return "".join([*parts, sql[last : tokens[-1].end + 1]])


def _created(tokens: Sequence[Any], sql: str) -> str | None:
    """`CREATE TABLE name …whatever… AS query`."""
    kind = next((at for at, token in enumerate(tokens[:10]) if word(token) in ("TABLE", "VIEW")), None)
    if kind is None:
        return None
    name = _name(tokens, kind + 1)
    query = _query(tokens, lambda at: word(tokens[at - 1]) in ("AS", "("))
    if query is None:
        return _cloned(tokens, sql, name)
    return f"{_text(tokens[: kind + 1], sql)} {_text(name, sql)} AS {_text(tokens[query:], sql)}" if name else None


def _cloned(tokens: Sequence[Any], sql: str, name: Sequence[Any]) -> str | None:
    """`CREATE SNAPSHOT TABLE name CLONE other …whatever…`."""
    at = next((at for at, token in enumerate(tokens) if word(token) in ("CLONE", "COPY")), len(tokens))
    source = _name(tokens, at + 1)
    return f"CREATE TABLE {_text(name, sql)} CLONE {_text(source, sql)}" if name and source else None


def _inserted(tokens: Sequence[Any], sql: str) -> str | None:
    """`INSERT … name (columns) …whatever… query`."""
    at = 1
    while at < len(tokens) and word(tokens[at]) in _TARGET:
        at += 1
    name = _name(tokens, at)
    query = _query(tokens, lambda _: True, after=at + len(name))
    if not name or query is None:
        return None
    after = at + len(name)
    if after < len(tokens) and word(tokens[after]) == "AS":
        after += 2
    listed = _bracketed(tokens, after)
    partition = next((i for i in range(after, query) if word(tokens[i]) == "PARTITION"), None)
    extra = _bracketed(tokens, partition + 1) if partition is not None else []
    dynamic = [] if any(word(each) == "=" for each in extra) else extra[1:-1]
    columns = [_text(part, sql) for part in (listed[1:-1], dynamic) if part]
    places = f"({', '.join(columns)})" if listed else ""
    return f"INSERT INTO {_text(name, sql)} {places} {_text(tokens[query:], sql)}"


def _name(tokens: Sequence[Any], at: int) -> Sequence[Any]:
    while at < len(tokens) and word(tokens[at]) in _TARGET:
        at += 1
    end = at + 1
    while end + 1 < len(tokens) and word(tokens[end]) == ".":
        end += 2
    return tokens[at:end]


def _bracketed(tokens: Sequence[Any], at: int) -> Sequence[Any]:
    if at >= len(tokens) or word(tokens[at]) != "(" or word(tokens[min(at + 1, len(tokens) - 1)]) in _QUERY:
        return []
    depth = 0
    for place in range(at, len(tokens)):
        depth += (word(tokens[place]) == "(") - (word(tokens[place]) == ")")
        if depth == 0:
            return tokens[at : place + 1]
    return []


def _query(tokens: Sequence[Any], fits: Any, after: int = 1) -> int | None:
    depth = 0
    for place in range(after, len(tokens)):
        text = word(tokens[place])
        if depth == 0 and text in ("SELECT", "WITH", "FROM") and fits(place):
            return place
        depth += (text == "(") - (text == ")")
    return None
