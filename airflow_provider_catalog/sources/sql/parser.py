"""Parsing by sqlglot: a text to the steps of its script.

Each statement is parsed by itself. One that cannot be parsed, or had better not be, is left to `scan`.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any

from airflow_provider_catalog.sources.sql.names import Names
from airflow_provider_catalog.sources.sql.scan import scan
from airflow_provider_catalog.sources.sql.script import Step
from airflow_provider_catalog.sources.sql.session import Session
from airflow_provider_catalog.sources.sql.tree import step

_TEXT_LIMIT = 2_000_000
_STATEMENT_TOKENS, _TEXT_TOKENS, _DEPTH = 50_000, 200_000, 150
"""What a parser can do in a few seconds, and without more stack than there is."""
_REPLACE = re.compile(r"(?i)replace(?=\s+into\b)")
"""An INSERT by another name."""
_PARAMETER = re.compile(r"%(?:\(\w+\))?s(?!\w)|%%")
"""What drivers put values in for. A percent sign is written twice beside it."""


def steps(sql: str, dialect: str, names: Names) -> list[Step]:
    with _quiet():
        return _Reader(Session(dialect, names)).steps(sql)


class _Reader:
    """Reads statement after statement of one session, as long as there is work left that it may do."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.left = _TEXT_TOKENS

    def steps(self, sql: str) -> list[Step]:
        if len(sql) > _TEXT_LIMIT:
            return self._scan(sql[:_TEXT_LIMIT], f"{len(sql)} characters; {_TEXT_LIMIT} is the limit")
        if sql.count(",") > _TEXT_TOKENS:
            return self._scan(sql, f"more than {_TEXT_TOKENS} tokens are too many to parse")
        sql = _PARAMETER.sub(lambda found: "%" if found[0] == "%%" else "NULL", sql)
        try:
            tokens = self.session.language.tokenize(sql)
        except Exception as error:  # noqa: BLE001  a lexer's own mistakes lose no table
            return self._scan(sql, f"{type(error).__name__}: cannot be split into words")
        return [each for chunk in _statements(tokens) for each in self._statement(chunk, sql)]

    def _statement(self, tokens: list[Any], sql: str) -> list[Step]:
        text = sql[tokens[0].start : tokens[-1].end + 1]
        self.left -= len(tokens)
        if len(tokens) > _STATEMENT_TOKENS or self.left < 0:
            return self._scan(text, f"{len(tokens)} tokens are too many to parse")
        if _depth(tokens) > _DEPTH:
            return self._scan(text, "nested too deep")
        if _REPLACE.match(text):
            sql = text = _REPLACE.sub("insert", text, count=1)
            tokens = self.session.language.tokenize(sql)
        try:
            return self._parsed(tokens, sql, text)
        except Exception as error:  # noqa: BLE001  as above, a parser's; too much recursion is one of them
            return self._scan(text, _reason(error))

    def _parsed(self, tokens: list[Any], sql: str, text: str) -> list[Step]:
        from sqlglot import ErrorLevel

        found: list[Step] = []
        for root in self.session.language.parser(error_level=ErrorLevel.IMMEDIATE).parse(tokens, sql):
            if root is not None:
                made = step(root, self.session.name, implicit=self.session.implicit)
                found += [made] if made else self._scan(text, "syntax that is not known")
                self.session.use(root, text)
        return found

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


def _depth(tokens: list[Any]) -> int:
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
