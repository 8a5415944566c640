"""Scanning: the tables of SQL that no parser understands, by the words that stand before their names.

It knows strings, comments and quoted names of all dialects at once, so it can be wrong where they disagree. What it
finds is not sure, and it never fails.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from airflow_provider_catalog.sources.sql.files import is_file
from airflow_provider_catalog.sources.sql.names import Names
from airflow_provider_catalog.sources.sql.script import SqlStatement, Step
from airflow_provider_catalog.sources.sql.tree import unknown_inside

CONFIDENCE = 0.5

_TOKEN = re.compile(
    r"""(?sx)
    (?P<skipped>\s+|--[^\n]*|/\*.*?(?:\*/|\Z))
  | (?P<text>'(?:[^'\\]|\\.|'')*(?:'|\Z)|\$(\w*)\$.*?(?:\$\3\$|\Z))
  | (?P<quoted>"(?:[^"]|"")*(?:"|\Z)|`[^`]*(?:`|\Z)|\[[^\[\]']*\])
  | (?P<word>[@#:]{0,2}[^\W\d][\w$]*|\{\{.*?(?:\}\}|\Z)|\{%.*?(?:%\}|\Z))
  | (?P<number>\d[\w.]*)
  | (?P<mark>.)
    """
)
_SILENT = (
    frozenset({"SHOW", "DESCRIBE", "DESC", "EXPLAIN", "SET", "USE", "GRANT", "REVOKE", "COMMENT", "ANALYZE", "VACUUM"})
    | frozenset({"BEGIN", "COMMIT", "ROLLBACK", "START", "PRAGMA", "RESET", "FETCH", "KILL", "ATTACH", "DETACH"})
    | frozenset({"INSTALL", "MSCK", "LOCK", "UNLOCK", "REINDEX", "CLUSTER", "DEALLOCATE", "PREPARE", "LISTEN", "END"})
    | frozenset({"PUT", "GET", "LIST", "REMOVE", "RM", "LS", "CHECKPOINT", "RESTORE", "BACKUP", "SAVEPOINT", "ADD"})
    | frozenset({"OPTIMIZE", "DISCARD", "NOTIFY", "PRINT", "GO", "UNCACHE", "CACHE", "CLOSE", "OPEN", "SYSTEM"})
)
_CALLS = frozenset({"CALL", "EXEC", "EXECUTE"})
_PROGRAMS = frozenset(
    {"PROCEDURE", "PROC", "FUNCTION", "TRIGGER", "TASK", "PACKAGE", "MACRO", "EVENT", "INDEX", "STREAM"}
)
_DEFINED = frozenset({"CREATE", "ALTER", "DROP"})
_FILLERS = frozenset({"IF", "NOT", "EXISTS", "ONLY", "TABLE", "TABLES", "VIEW", "CONCURRENTLY", "LOCAL"})
_NO_NAMES = (
    frozenset({"SELECT", "WITH", "VALUES", "SET", "WHERE", "ON", "UNNEST", "LATERAL", "DIRECTORY", "FUNCTION", "AS"})
    | frozenset(
        {"JOIN", "LEFT", "RIGHT", "INNER", "CROSS", "FULL", "GROUP", "ORDER", "HAVING", "UNION", "FROM", "INTO"}
    )
    | frozenset(
        {"USING", "LIMIT", "NEXT", "PRIOR", "STDIN", "STDOUT", "OUTFILE", "NULL", "DUMPFILE", "WHEN", "NATURAL"}
    )
    | frozenset({"AND", "OR", "CASE", "THEN", "ELSE", "END", "BY", "IN", "IS", "LIKE", "BETWEEN", "WINDOW", "QUALIFY"})
)
_TABLE_FIRST = frozenset({"CREATE", "ALTER", "DROP", "INSERT", "REPLACE", "RENAME", "EXCHANGE", "LOAD", "REFRESH"}) | {
    "IMPORT"
}
_FILES = {
    **dict.fromkeys(("FROM", "INFILE", "INPATH", "BULK"), "r"),
    **dict.fromkeys(("TO", "OUTFILE", "DIRECTORY"), "w"),
}
"""Words before a file, and what becomes of it."""
_BEFORE_UPDATE = frozenset({"", "BEGIN", "THEN", "ELSE", "AS", ")", "END"})
_IN_FUNCTIONS = frozenset({"EXTRACT", "TRIM", "SUBSTRING", "OVERLAY"})


class _Token(NamedTuple):
    kind: str
    text: str

    @property
    def word(self) -> str:
        """As keywords are compared; empty for what is none."""
        return "" if self.kind in ("text", "quoted") else self.text.upper()


_NOTHING = _Token("mark", "")


def scan(sql: str, names: Names, fold: Callable[[str], str], reason: str) -> list[Step]:
    """A step for each statement; `reason` is why it was not parsed."""
    return [_Statement(tokens, names, fold).step(reason) for tokens in _statements(sql) if tokens]


def _statements(sql: str) -> Iterator[list[_Token]]:
    tokens: list[_Token] = []
    for match in _TOKEN.finditer(sql):
        kind = match.lastgroup or "mark"
        if match[0] == ";":
            yield tokens
            tokens = []
        elif kind != "skipped":
            tokens.append(_Token(kind, match[0]))
    yield tokens


class _Statement:
    """The tokens of one statement, and what was found in them so far."""

    def __init__(self, tokens: list[_Token], names: Names, fold: Callable[[str], str]) -> None:
        self.tokens = tokens
        self.names = names
        self.fold = fold
        self.first = tokens[0].word
        self.ctes = frozenset(self._ctes())
        self._closed = dict(self._closings())
        self.reads: dict[str, None] = {}
        self.writes: dict[str, None] = {}
        self.files: dict[tuple[str, str], None] = {}

    def step(self, reason: str) -> Step:
        kind = self.first.lower() if self.first.isalpha() else "unknown"
        if self.first in _CALLS:
            return Step(unknown_inside("call"))
        if self.first in _SILENT or (self.first in _DEFINED and not self._is_of_tables()):
            return Step(SqlStatement(kind))
        self._find()
        self._find_unloaded(reason)
        made = SqlStatement(kind, tuple(self.reads), tuple(self.writes), CONFIDENCE, reason)
        temporary = tuple(name for name in self.writes if name.rpartition(".")[2].startswith("#"))
        created = made.outputs if self.first == "CREATE" else ()
        return Step(made, created, temporary, made.outputs if self.first == "DROP" else ()).beside(self.files)

    def _is_of_tables(self) -> bool:
        """What programs do is not done when they are defined."""
        heading = {token.word for token in self.tokens[1:8]}
        return not heading.isdisjoint(("TABLE", "VIEW")) and heading.isdisjoint(_PROGRAMS)

    def _find(self) -> None:
        opened: list[str] = []
        before = ""
        for at, token in enumerate(self.tokens):
            if token.text == "(":
                opened.append(before)
            elif token.text == ")" and opened:
                opened.pop()
            elif token.kind == "word":
                side = self._side(token.word, before, opened[-1] if opened else "")
                if side is not None:
                    side.update(dict.fromkeys(self._named(at + 1, token.word, reading=side is self.reads)))
            elif token.kind == "text":
                self._add_file(token.text[1:-1], before)
            before = token.word

    def _add_file(self, text: str, before: str) -> None:
        use = {"IMPORT": "r", "EXPORT": "w"}.get(self.first, "") if before == "FILE" else _FILES.get(before, "")
        if use and is_file(text):
            self.files[use, text] = None

    def _find_unloaded(self, reason: str) -> None:
        """`UNLOAD ('SELECT …') TO …` has its query in a string."""
        found = next((token.text for token in self.tokens if token.kind == "text"), "")
        if self.first == "UNLOAD" and found:
            for each in scan(found[1:-1].replace("''", "'"), self.names, self.fold, reason):
                self.reads.update(dict.fromkeys(each.statement.inputs))

    def _side(self, word: str, before: str, within: str) -> dict[str, None] | None:
        """What a name that follows the word is to the statement."""
        if self.first == "EXPORT" and word in ("EXPORT", "TABLE", "INTO"):
            return None if word == "INTO" else self.reads
        if word == "FROM":
            passed = before == "DISTINCT" or within in _IN_FUNCTIONS or self.first == "IMPORT"
            return None if passed else self.writes if before == "DELETE" else self.reads
        if word == "JOIN" or (word == "USING" and self.first in ("MERGE", "DELETE", "WITH")):
            return self.reads
        if word == "TABLE" and before in ("AS", "("):
            return self.reads
        stated = word in ("TABLE", "TABLES", "VIEW", "OVERWRITE") and self.first in _TABLE_FIRST
        opening = (word in ("TRUNCATE", "COPY") and not before) or (word == "INSERT" and before == "BULK")
        updates = word == "UPDATE" and before in _BEFORE_UPDATE
        return self.writes if word == "INTO" or stated or opening or updates else None

    def _ctes(self) -> Iterator[str]:
        """`WITH name`, and `, name AS (`."""
        for before, name, after, last in zip(self.tokens, *(self.tokens[i:] for i in (1, 2, 3)), strict=False):
            follows = before.word in ("WITH", "RECURSIVE")
            if name.kind in ("word", "quoted") and (
                follows or (before.text == "," and after.word == "AS" and last.text == "(")
            ):
                yield self._text(name).lower()

    def _named(self, at: int, word: str, *, reading: bool) -> Iterator[str]:
        """The name at that place, and those that are listed after it."""
        queried = word in ("FROM", "JOIN")
        listed = queried or self.first in ("DROP", "TRUNCATE")
        at = self._past_opening(at) if queried else at
        while True:
            parts, at = self._dotted(at)
            if not parts:
                return
            own = len(parts) == 1 and parts[0].lower() in self.ctes
            called = reading and self._at(at).text == "("
            if not own and not called and (name := self.names.qualified(parts)) is not None:
                yield name
            at = self._past_alias(self._past_call(at) if called else at)
            if not listed or self._at(at).text != ",":
                return
            at += 1

    def _dotted(self, at: int) -> tuple[list[str], int]:
        while self._at(at).word in _FILLERS:
            at += 1
        parts: list[str] = []
        while self._is_name(token := self._at(at)):
            parts.append(self._text(token))
            at += 1
            if self._at(at).text != ".":
                break
            at += 1
            if self._at(at).text == ".":
                parts.append("")
                at += 1
        return parts, at

    def _past_opening(self, at: int) -> int:
        """`JOIN (a JOIN b …)`; a query in brackets begins with no name."""
        while self._at(at).text == "(":
            at += 1
        return at

    def _past_call(self, at: int) -> int:
        return self._closed.get(at, len(self.tokens))

    def _closings(self) -> Iterator[tuple[int, int]]:
        """Where each bracket opens, and where it is closed."""
        opened: list[int] = []
        for at, token in enumerate(self.tokens):
            if token.text == "(":
                opened.append(at)
            elif token.text == ")" and opened:
                yield opened.pop(), at + 1

    def _past_alias(self, at: int) -> int:
        if self._at(at).word == "AS":
            at += 1
        return at + 1 if self._is_name(self._at(at)) else at

    def _is_name(self, token: _Token) -> bool:
        """Variables and what a template left out are none."""
        if token.kind == "quoted":
            return len(token.text) > 2
        return token.kind == "word" and token.word not in _NO_NAMES and token.text[0] not in "@:{"

    def _at(self, at: int) -> _Token:
        return self.tokens[at] if at < len(self.tokens) else _NOTHING

    def _text(self, token: _Token) -> str:
        if token.kind == "quoted":
            return token.text[1:-1].replace('""', '"')
        mark = token.text[: len(token.text) - len(token.text.lstrip("#"))]
        return mark + self.fold(token.text.lstrip("#"))
