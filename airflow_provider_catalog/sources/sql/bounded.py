"""sqlglot's parser and generator, which give up where there is no end to it.

There are texts that the parser reads in all ways that there are, twice as many with every word, and some that the
generator writes twice within what it writes twice. What is compiled has nothing to hold on to, and what a parser raises
it often takes itself for a way that leads nowhere. But whichever way they go, they look into their dialect what may
stand there, and that is counted. Only joins and types are nested without a look: their ways are counted before.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from airflow_provider_catalog.sources.sql.limits import TooMuchError

_LOOKUPS, _LOOKUPS_OF_A_TOKEN = 1_000, 2
"""The parser needs less than one for a token, unless it begins anew all the time."""
_LOOKUPS_WRITTEN = 200_000
"""The generator needs two for a name; it writes all expressions of a script with these."""
_JOINED = 100_000
_TYPED, _TYPED_OF_A_TOKEN = 3_000, 2
"""So many tokens may be read in the end."""
_JOINS, _CONDITIONS = frozenset({"JOIN", "STRAIGHT_JOIN"}), frozenset({"ON", "USING"})
_ALONE = frozenset({"CROSS", "NATURAL", "ARRAY"})
"""Such joins have no condition, and nothing is nested in them."""
CALLED = "name"
"""What a node's `meta` has the name under that a function was called by."""


def parsed(language: Any, tokens: Sequence[Any], sql: str) -> list[Any]:
    """A syntax tree for each statement."""
    from sqlglot import ErrorLevel

    made = language.parser(error_level=ErrorLevel.IMMEDIATE)
    many = _TYPED + _TYPED_OF_A_TOKEN * len(tokens)
    if _joined(tokens, sql, made.JOIN_KINDS) > _JOINED or _typed(tokens, made.NESTED_TYPE_TOKENS) > many:
        raise TooMuchError(_ENDLESS)
    made.dialect = _Read(language, _LOOKUPS + _LOOKUPS_OF_A_TOKEN * len(tokens))
    found: list[Any] = made.parse(list(tokens), sql)
    return found


def writer(language: Any) -> Any:
    made = language.generator(comments=False)
    made.dialect = _Counted(language, _LOOKUPS_WRITTEN)
    return made


_ENDLESS = "more ways to read it than are tried"


class _Counted:
    """A dialect that is looked into so many times at most."""

    __slots__ = ("_left", "_of")

    def __init__(self, of: Any, lookups: int) -> None:
        self._of = of
        self._left = lookups

    @property  # type: ignore[misc]  # that of object can be written
    def __class__(self) -> Any:
        """It passes for what it stands for."""
        return type(self._of)

    def __getattr__(self, name: str) -> Any:
        self._left -= 1
        if self._left < 0:
            raise TooMuchError(_ENDLESS)
        return getattr(self._of, name)


class _Read(_Counted):
    """Functions are kept as they were called, besides what they are."""

    __slots__ = ()
    PRESERVE_ORIGINAL_NAMES = True

    @property
    def ORIGINAL_NAME_META_KEY(self) -> str:  # noqa: N802  sqlglot's name
        """Some dialects have one of their own."""
        return getattr(self._of, "ORIGINAL_NAME_META_KEY", None) or CALLED


def _joined(tokens: Sequence[Any], sql: str, kinds: Any) -> int:
    """In each join without a condition the parser tries to nest all that follow, and begins anew behind it."""
    joins = sql[tokens[0].start : tokens[-1].end + 1].upper().count("JOIN")
    many = len(tokens) << min(joins, 20)
    return many if many <= _JOINED else len(tokens) << min(_lonely(tokens, kinds), 20)


def _lonely(tokens: Sequence[Any], kinds: Any) -> int:
    """So many joins have no condition. Of several words before a join the first says of which kind it is."""
    opened, lonely, alone = [0], 0, False
    for before, token in pairwise(tokens):
        kind = token.token_type.name
        if kind == "L_PAREN":
            opened.append(0)
        elif kind == "R_PAREN" and len(opened) > 1:
            lonely += opened.pop()
        elif kind in _JOINS and not alone:
            opened[-1] += 1
        elif kind in _CONDITIONS and opened[-1]:
            opened[-1] -= 1
        alone = kind in _ALONE and (before.token_type not in kinds or before.token_type.name in _ALONE)
    return lonely + sum(opened)


def _typed(tokens: Sequence[Any], types: Any) -> int:
    """What stands in brackets behind `STRUCT` and the like is tried as a type first."""
    opening = {id(token) for before, token in pairwise(tokens) if token.text == "(" and before.token_type in types}
    if not opening:
        return 0
    times, read, outer = 1, 0, list[int]()
    for token in tokens:
        if token.text == "(":
            outer.append(times)
            times = min(2 * times, 1 << 20) if id(token) in opening else times
        elif token.text == ")" and outer:
            times = outer.pop()
        read += times
    return read
