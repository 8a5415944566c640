"""Parsing by sqlglot: a text to the steps of its script.

Each statement is parsed by itself. One that cannot be parsed, or had better not be, is left to `scan`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice, pairwise, product
from typing import Any

from airflow_provider_catalog.sources.sql.bounded import parsed
from airflow_provider_catalog.sources.sql.commands import COMMANDS, Move, Unload, moves, mutation, outfile, unload
from airflow_provider_catalog.sources.sql.limits import TEXT, TooMuchError
from airflow_provider_catalog.sources.sql.mends import mended, plain
from airflow_provider_catalog.sources.sql.query import QueryReader
from airflow_provider_catalog.sources.sql.relation import STAR, Table, Write
from airflow_provider_catalog.sources.sql.scan import scan
from airflow_provider_catalog.sources.sql.schema import Schema
from airflow_provider_catalog.sources.sql.script import SqlStatement, Step
from airflow_provider_catalog.sources.sql.session import Session
from airflow_provider_catalog.sources.sql.shells import SHELLS, Inner, apart, inside, is_shell, swallowed, word
from airflow_provider_catalog.sources.sql.tree import fill_variables, step, unknown_inside, unnest_collections
from airflow_provider_catalog.sources.sql.writing import Writer

_SHELLS = 8
"""So deep are blocks looked into."""
_TRIED = frozenset({"SELECT", "WITH", "INSERT", "CREATE", "MERGE", "UPDATE", "DELETE", "(", "FROM", "REPLACE"})
"""What is worth another try, mended or in another dialect."""
_FOREIGN = frozenset({"JAVASCRIPT", "PYTHON", "JAVA", "SCALA", "PLPYTHONU", "PLPYTHON3U", "PLPERL", "C", "R"})
_REPLACE = re.compile(r"(?i)(?:replace|upsert)(?=\s+into\b)")
"""An INSERT by another name."""
_PARAMETER = re.compile(r"%(?:\(\w+\))?s(?!\w)|%%")
"""What drivers put values in for. A percent sign is written twice beside it."""


def steps(sql: str, session: Session, schema: Schema) -> list[Step]:
    return _Reader(session, schema).steps(sql)


class _NotKnownError(Exception):
    """The parser passed over some of it."""


class _Reader:
    """Reads statement after statement of one session, as long as there is work left that it may do."""

    def __init__(self, session: Session, schema: Schema) -> None:
        self.session = session
        self.schema = schema
        self.limits = session.limits

    def steps(self, sql: str) -> list[Step]:
        if reason := self.limits.refusal(sql):
            return self._scan(sql[:TEXT], reason)
        sql = plain(sql)
        if "%" in sql:
            sql = _PARAMETER.sub(lambda found: "%" if found[0] == "%%" else "NULL", sql)
        return self._text(self.session.cleaned(sql), 0)

    def _text(self, sql: str, depth: int) -> list[Step]:
        try:
            tokens = self._tokens(sql)
        except Exception as error:  # noqa: BLE001  a lexer's own mistakes lose no table
            return self._scan(sql, f"{type(error).__name__}: cannot be split into words")
        return [each for chunk in _statements(tokens) for each in self._counted(chunk, sql, depth)]

    def _counted(self, tokens: Sequence[Any], sql: str, depth: int) -> list[Step]:
        self.limits.tokens -= len(tokens)
        return self._statement(tokens, sql, depth)

    def _statement(self, tokens: Sequence[Any], sql: str, depth: int) -> list[Step]:
        text = sql[tokens[0].start : tokens[-1].end + 1]
        if reason := self.limits.refused(tokens, text):
            return self._scan(text, reason)
        try:
            return self._read(tokens, sql, text, depth)
        except Exception as error:  # noqa: BLE001  whatever is wrong with a statement, its tables are named in it
            return self._scan(text, _reason(error))

    def _read(self, tokens: Sequence[Any], sql: str, text: str, depth: int) -> list[Step]:
        if (rest := swallowed(tokens, sql)) and word(tokens[0]) in SHELLS | COMMANDS:
            sql, tokens = rest, [tokens[0], *self._tokens(rest)]
        if (within := self._within(tokens, sql, depth)) is not None:
            return within
        if _REPLACE.match(text):
            sql = text = _REPLACE.sub("insert", text, count=1)
            tokens = self._tokens(sql)
        if word(tokens[0]) in COMMANDS and (found := self._command(tokens, sql, depth)):
            return found
        try:
            return self._parsed(self.session.language, tokens, sql, text, depth)
        except RecursionError:
            raise
        except Exception as error:  # noqa: BLE001  a parser's
            return self._otherwise(tokens, sql, text, error, depth)

    def _within(self, tokens: Sequence[Any], sql: str, depth: int) -> list[Step] | None:
        """What is in a block, and in what a block declares; None for what is in none."""
        declared = self.session.block.declared(tokens)
        if declared is not None:
            return self._statement(declared, sql, depth + 1) if declared and depth < _SHELLS else []
        inner = inside(tokens, sql) if depth < _SHELLS and is_shell(tokens) else None
        if inner is None:
            return None
        if _is_foreign(tokens):
            return [Step(unknown_inside("create"))]
        return [each for part in inner for each in self._inside(part, sql, depth + 1)]

    def _tokens(self, sql: str) -> list[Any]:
        found: list[Any] = self.session.language.tokenize(sql)
        return found

    def _command(self, tokens: Sequence[Any], sql: str, depth: int) -> list[Step]:
        if depth < _SHELLS and (unloaded := unload(tokens, sql)) is not None:
            return self._unloaded(unloaded, "unload", depth)
        if depth < _SHELLS and (other := mutation(tokens, sql)) is not None:
            return self._inside(Inner(body=other), sql, depth + 1)
        moved = moves(tokens, self.session.written, self.session.language.tokenize)
        return [self._moved(move, word(tokens[0]).lower()) for move in moved]

    def _unloaded(self, unloaded: Unload, kind: str, depth: int) -> list[Step]:
        return [
            self._into(each, unloaded.path, kind) for each in self._inside(Inner(body=unloaded.query), "", depth + 1)
        ]

    def _into(self, made: Step, path: str, kind: str) -> Step:
        writes = tuple(write._replace(table=path) if write.table is None else write for write in made.writes)
        return made._replace(statement=replace(made.statement, kind=kind), writes=writes).beside([("w", path)])

    def _moved(self, move: Move, kind: str) -> Step:
        columns = Table(move.source, self.schema.columns(move.source)).columns
        write = Write(move.target, columns, defines=move.gone)
        if not move.gone:
            return Step(SqlStatement(kind, (move.source,), (move.target,)), writes=(write,))
        self.schema.moved(move.source, move.target)
        made = SqlStatement(kind, (), (move.target,))
        return Step(made, (move.target,), (), (move.source,), (write,), moved=((move.source, move.target),))

    def _inside(self, part: Inner, sql: str, depth: int) -> list[Step]:
        if part.body is None:
            return self._statement(part.tokens, sql, depth)
        known = set(self.session.block.names)
        found = self._text(part.body, depth)
        self.session.block.names = known
        return found

    def _otherwise(self, tokens: Sequence[Any], sql: str, text: str, error: Exception, depth: int) -> list[Step]:
        """As several statements, mended, in another dialect; at last only by its words."""
        reason = _reason(error)
        if depth < _SHELLS and self.session.is_unseparated and len(parts := apart(tokens)) > 1:
            return [each for part in parts for each in self._statement(part, sql, depth + 1)]
        if depth < _SHELLS and (unloaded := outfile(tokens, sql)) is not None:
            return self._unloaded(unloaded, "select", depth)
        others = () if isinstance(error, TooMuchError) else self.session.others
        for language, other in self._ways(tokens, sql, text, others) if word(tokens[0]) in _TRIED else ():
            if (found := self._tried(language, other, depth)) is not None:
                return [each.doubted(reason) for each in found]
        return self._scan(text, reason)

    def _tried(self, language: Any, text: str, depth: int) -> list[Step] | None:
        """None: it does no better. The first reason is the one to tell."""
        try:
            tokens = language.tokenize(text)
            found = self._parsed(language, tokens, text, text, depth) if self.limits.try_again(len(tokens)) else []
        except Exception:  # noqa: BLE001  as above
            return None
        return found if found and all(each.statement.error is None for each in found) else None

    def _ways(self, tokens: Sequence[Any], sql: str, text: str, others: Iterable[Any]) -> Iterator[tuple[Any, str]]:
        texts = list(mended(tokens, sql, self._tokens))
        yield from ((self.session.language, each) for each in texts)
        yield from product(others, (text, *texts))

    def _parsed(self, language: Any, tokens: Sequence[Any], sql: str, text: str, depth: int) -> list[Step]:
        found: list[Step] = []
        into_variables = self.session.into_variables(inside=depth > 0)
        for root in parsed(language, tokens, sql):
            if root is not None:
                if into_variables:
                    fill_variables(root)
                if self.session.has_collections:
                    unnest_collections(root)
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
        try:
            writes = tuple(Writer(reader, self.schema.columns).writes(root))
        except TooMuchError as error:
            return made.doubted(str(error))
        except Exception as error:  # noqa: BLE001  a mistake of ours, or of a tree that is not as it should be
            return made.doubted(f"{_reason(error)}; its columns are not known")
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
    """Nothing but brackets is none."""
    begin = 0
    for at, token in enumerate(tokens):
        if token.text == ";" and token.token_type.name == "SEMICOLON":
            if at > begin:
                yield tokens[begin:at]
            begin = at + 1
    if any(token.text != ")" for token in islice(tokens, begin, None)):
        yield tokens[begin:]


def _is_foreign(tokens: Sequence[Any]) -> bool:
    """A program in another language than SQL."""
    return any(word(token) == "LANGUAGE" and word(after) in _FOREIGN for token, after in pairwise(tokens))


def _reason(error: Exception) -> str:
    """What went wrong and where, without any of the SQL."""
    if isinstance(error, _NotKnownError):
        return "syntax that is not known"
    first = next(iter(str(error).splitlines()), "")
    said = re.split(r"[<'\"`]|\bgot\b|\bLine \d|(?<=\boption) |(?<=\bconstraint) ", first, maxsplit=1)[0].rstrip(" .:,")
    place = _PLACE.search(first)
    return f"{type(error).__name__}: {said[:200]}{f' ({place[0].lower()})' if place else ''}"


_PLACE = re.compile(r"Line \d+, Col: \d+")
