"""SQL in another layout: white space, comments and the case of words, which mean nothing.

Texts are cut into sqlglot's tokens. What a template or a driver fills in, hints, stages, and what must have a line of
its own stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from random import Random
from typing import Any, NamedTuple

from sqlglot.errors import TokenError

from tests.sources.sql_corpus import Case

_KEPT = re.compile(
    r"""(?isx) \{\{.*?\}\} | \{%.*?%\} | \{\#.*?\#\} | \$\{.*?\} | %\(\w+\)s | @\S+ | /\*[+!].*?\*/
    | \n[ \t]*go[ \t]*(?:\n|\Z)"""
)
_SPACES = (" ", "  ", "\t", "\n", "\r\n", " \n\n ", "\n\t")
_MARKS = frozenset({"(", ")", ","})
"""What needs no white space beside it."""
_REMARK = "it's FROM nowhere; (\""
_HASHED = frozenset({"mysql", "mariadb"})
_FOLDING = frozenset({"LOWERCASE", "UPPERCASE", "CASE_INSENSITIVE", "CASE_INSENSITIVE_UPPERCASE"})
_EXACT = frozenset({"bigquery"})
"""Dialects in which a table's case counts, whatever sqlglot says."""


class Piece(NamedTuple):
    """A word, what stands before it, and whether they may be written otherwise."""

    gap: str
    text: str
    kind: str = ""
    free: bool = False


def respaced(case: Case, rng: Random) -> str:
    made, before = [], ""
    for gap, text, _, free in _pieces(case):
        loose = gap.isspace() or (not gap and not _MARKS.isdisjoint((before, text)))
        made += [rng.choice(_SPACES) if free and loose else gap, text]
        before = text
    return "".join(made)


def commented(case: Case, rng: Random) -> str:
    comments = [f" /* {_REMARK} */ ", f" -- {_REMARK}\n", *([f" # {_REMARK}\n"] if case.dialect in _HASHED else ())]
    return "".join(
        (rng.choice(comments) if free and gap.isspace() else gap) + text for gap, text, _, free in _pieces(case)
    )


def recased(case: Case, rng: Random) -> str:
    """Where names are told by their case, those words that cannot be names."""
    language = case.language
    names = {kind.name for kind in language.parser_class.ID_VAR_TOKENS} | {"VAR"}
    folds = language.normalization_strategy.name in _FOLDING and case.dialect not in _EXACT
    made = []
    for gap, text, kind, free in _pieces(case):
        changed = free and text.isidentifier() and (folds or kind not in names)
        made += [gap, rng.choice((str.lower, str.upper, str.swapcase))(text) if changed else text]
    return "".join(made)


def _pieces(case: Case) -> Iterator[Piece]:
    """What cannot be cut is one."""
    sql, end = case.sql, 0
    kept = [found.span() for found in _KEPT.finditer(sql)]
    for token in _tokens(case):
        free = not any(begin <= token.end and end < last for begin, last in kept)
        yield Piece(sql[end : token.start], sql[token.start : token.end + 1], token.token_type.name, free)
        end = token.end + 1
    yield Piece("", sql[end:])


def _tokens(case: Case) -> list[Any]:
    """All of them: sqlglot itself takes all that follows some words for one."""
    parent = case.language.tokenizer_class
    try:
        return list(type("Words", (parent,), {"COMMANDS": frozenset()})(case.language).tokenize(case.sql))
    except TokenError:
        return []
