"""Parsing by sqlglot: a text to the steps of its script.

Each statement is parsed by itself. One that cannot be parsed, or had better not be, is left to `scan`.
"""

from __future__ import annotations

import itertools
import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from functools import cache
from typing import Any

from airflow_provider_catalog.sources.sql.commands import COMMANDS, Move, moves, unload
from airflow_provider_catalog.sources.sql.mends import mended, plain
from airflow_provider_catalog.sources.sql.query import QueryReader
from airflow_provider_catalog.sources.sql.relation import STAR, Relation, Write
from airflow_provider_catalog.sources.sql.scan import scan
from airflow_provider_catalog.sources.sql.schema import Schema
from airflow_provider_catalog.sources.sql.script import SqlStatement, Step
from airflow_provider_catalog.sources.sql.session import Session
from airflow_provider_catalog.sources.sql.shells import SHELLS, Inner, apart, inside, word
from airflow_provider_catalog.sources.sql.tree import prepare, step, unknown_inside
from airflow_provider_catalog.sources.sql.writing import Writer

_TEXT_LIMIT = 2_000_000
_STATEMENT_TOKENS, _TEXT_TOKENS, _DEPTH = 50_000, 200_000, 150
"""What a parser can do in a few seconds, and without more stack than there is."""
_SHELLS = 8
"""So deep are blocks looked into."""
_TRIED = frozenset({"SELECT", "WITH", "INSERT", "CREATE", "MERGE", "UPDATE", "DELETE", "(", "FROM", "REPLACE"})
"""What is worth another try, mended or in another dialect."""
_FOREIGN = frozenset({"JAVASCRIPT", "PYTHON", "JAVA", "SCALA", "PLPYTHONU", "PLPYTHON3U", "PLPERL", "C", "R"})
_REPLACE = re.compile(r"(?i)replace(?=\s+into\b)")
"""An INSERT by another name."""
_PARAMETER = re.compile(r"%(?:\(\w+\))?s(?!\w)|%%")
"""What drivers put values in for. A percent sign is written twice beside it."""


def steps(sql: str, session: Session, schema: Schema) -> list[Step]:
    with _quiet():
        return _Reader(session, schema).steps(sql)


class _NotKnownError(Exception):
    """The parser passed over some of it."""


class _Reader:
    """Reads statement after statement of one session, as long as there is work left that it may do."""

    def __init__(self, session: Session, schema: Schema) -> None:
        self.session = session
        self.schema = schema
        self.left = _TEXT_TOKENS

    def steps(self, sql: str) -> list[Step]:
        if len(sql) > _TEXT_LIMIT:
            return self._scan(sql[:_TEXT_LIMIT], f"{len(sql)} characters; {_TEXT_LIMIT} is the limit")
        if sql.count(",") > _TEXT_TOKENS:
            return self._scan(sql, f"more than {_TEXT_TOKENS} tokens are too many to parse")
        sql = plain(_PARAMETER.sub(lambda found: "%" if found[0] == "%%" else "NULL", sql))
        try:
            tokens = self.session.language.tokenize(sql)
        except Exception as error:  # noqa: BLE001  a lexer's own mistakes lose no table
            return self._scan(sql, f"{type(error).__name__}: cannot be split into words")
        return [each for chunk in _statements(tokens) for each in self._statement(chunk, sql)]

    def _statement(self, tokens: Sequence[Any], sql: str, depth: int = 0) -> list[Step]:
        text = sql[tokens[0].start : tokens[-1].end + 1]
        if depth == 0:
            self.left -= len(tokens)
        if reason := self._too_much(tokens):
            return self._scan(text, reason)
        if (rest := _swallowed(tokens, sql)) and word(tokens[0]) in SHELLS | COMMANDS:
            sql, tokens = rest, [tokens[0], *self.session.language.tokenize(rest)]
        if depth < _SHELLS and word(tokens[0]) in SHELLS and (inner := inside(tokens)) is not None:
            if _is_foreign(tokens):
                return [Step(unknown_inside("create"))]
            return [each for part in inner for each in self._inside(part, sql, depth + 1)]
        if _REPLACE.match(text):
            sql = text = _REPLACE.sub("insert", text, count=1)
            tokens = self.session.language.tokenize(sql)
        if word(tokens[0]) in COMMANDS and (found := self._command(tokens, sql, depth)):
            return found
        try:
            return self._parsed(self.session.language, tokens, sql, text)
        except Exception as error:  # noqa: BLE001  as above, a parser's; too much recursion is one of them
            reason = "syntax that is not known" if isinstance(error, _NotKnownError) else _reason(error)
            return self._otherwise(tokens, sql, text, reason, depth)

    def _too_much(self, tokens: Sequence[Any]) -> str:
        if len(tokens) > _STATEMENT_TOKENS or self.left < 0:
            return f"{len(tokens)} tokens are too many to parse"
        return "nested too deep" if _depth(tokens) > _DEPTH else ""

    def _command(self, tokens: Sequence[Any], sql: str, depth: int) -> list[Step]:
        if (unloaded := unload(tokens, sql)) is not None and depth < _SHELLS:
            return [
                self._unloaded(each, unloaded.path) for each in self._inside(Inner(body=unloaded.query), sql, depth + 1)
            ]
        return [self._moved(move, word(tokens[0]).lower()) for move in moves(tokens, self.session.written)]

    def _unloaded(self, made: Step, path: str) -> Step:
        writes = tuple(write._replace(table=path) if write.table is None else write for write in made.writes)
        statement = replace(made.statement, kind="unload")
        return made._replace(statement=statement, writes=writes).beside([("w", path)])

    def _moved(self, move: Move, kind: str) -> Step:
        columns = Relation.of(move.source, self.schema.columns(move.source)).columns
        write = Write(move.target, columns, defines=move.gone)
        if not move.gone:
            return Step(SqlStatement(kind, (move.source,), (move.target,)), writes=(write,))
        self.schema.moved(move.source, move.target)
        made = SqlStatement(kind, (), (move.target,))
        return Step(made, (move.target,), (), (move.source,), (write,), moved=((move.source, move.target),))

    def _inside(self, part: Inner, sql: str, depth: int) -> list[Step]:
        if part.body is None:
            return self._statement(part.tokens, sql, depth)
        try:
            tokens = self.session.language.tokenize(part.body)
        except Exception as error:  # noqa: BLE001  as above
            return self._scan(part.body, f"{type(error).__name__}: cannot be split into words")
        self.left -= len(tokens)
        return [each for chunk in _statements(tokens) for each in self._statement(chunk, part.body, depth)]

    def _otherwise(self, tokens: Sequence[Any], sql: str, text: str, reason: str, depth: int) -> list[Step]:
        """As several statements, mended, in another dialect; at last only by its words."""
        if depth < _SHELLS and self.session.is_unseparated and len(parts := apart(tokens)) > 1:
            return [each for part in parts for each in self._statement(part, sql, depth + 1)]
        for language, other in self._ways(tokens, sql, text) if word(tokens[0]) in _TRIED else ():
            try:
                found = self._parsed(language, language.tokenize(other), other, other)
            except Exception:  # noqa: BLE001, S112  the first reason is the one to tell
                continue
            if all(each.statement.error is None for each in found):
                return [each.doubted(reason) for each in found]
        return self._scan(text, reason)

    def _ways(self, tokens: Sequence[Any], sql: str, text: str) -> Iterator[tuple[Any, str]]:
        texts = list(mended(tokens, sql))
        for language in (self.session.language, *self.session.others):
            for each in texts if language is self.session.language else (text, *texts):
                yield language, each

    def _parsed(self, language: Any, tokens: Sequence[Any], sql: str, text: str) -> list[Step]:
        from sqlglot import ErrorLevel

        found: list[Step] = []
        for root in language.parser(error_level=ErrorLevel.IMMEDIATE).parse(list(tokens), sql):
            if root is not None:
                prepare(root, text)
                made = step(root, self.session.name, implicit=self.session.implicit)
                if made is not None:
                    found.append(self._with_columns(made, root))
                self.session.use(root, text)
                if made is None:
                    raise _NotKnownError
        return found

    def _with_columns(self, made: Step, root: Any) -> Step:
        """Columns that cannot be followed cost no table."""
        reader = QueryReader(self.session, self.schema.columns)
        writes = tuple(Writer(reader, self.schema.columns).writes(root))
        if made.moved:
            return self._moved(Move(*made.moved[0], gone=True), made.statement.kind)
        for write in writes:
            if write.table is not None and write.defines:
                names = [column.name for column in write.columns]
                self.schema.made(write.table, None if STAR in names else names)
        return made._replace(writes=writes, said=tuple(reader.said))

    def _scan(self, text: str, reason: str) -> list[Step]:
        return scan(text, self.session.names, self.session.fold, reason)


def _statements(tokens: list[Any]) -> Iterator[list[Any]]:
    chunk: list[Any] = []
    for token in tokens:
        if token.token_type.name != "SEMICOLON":
            chunk.append(token)
        elif chunk:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _swallowed(tokens: Sequence[Any], sql: str) -> str:
    """What follows a word that the lexer takes for a command: one text, and not quoted."""
    if len(tokens) != 2 or tokens[1].token_type.name != "STRING" or sql[tokens[0].end + 1 :].lstrip()[:1] in ("'", '"'):
        return ""
    return str(tokens[1].text)


def _is_foreign(tokens: Sequence[Any]) -> bool:
    """A program in another language than SQL."""
    return any(word(token) == "LANGUAGE" and word(after) in _FOREIGN for token, after in itertools.pairwise(tokens))


def _depth(tokens: Sequence[Any]) -> int:
    """A compiled parser knows no RecursionError."""
    depth = deepest = 0
    for token in tokens:
        depth += (token.text == "(") - (token.text == ")")
        deepest = max(deepest, depth)
    return deepest


def _reason(error: Exception) -> str:
    """Without the excerpt of the SQL that follows."""
    first = next(iter(str(error).splitlines()), "")
    return f"{type(error).__name__}: {first[:200]}"


_reading: ContextVar[bool] = ContextVar("reading", default=False)


@contextmanager
def _quiet() -> Iterator[None]:
    """What sqlglot does not support it logs; we say so in the answer."""
    _filter_once()
    token = _reading.set(True)
    try:
        yield
    finally:
        _reading.reset(token)


@cache
def _filter_once() -> None:
    """It keeps quiet only while we read: others in this process may want to hear it."""
    logging.getLogger("sqlglot").addFilter(lambda _: not _reading.get())
