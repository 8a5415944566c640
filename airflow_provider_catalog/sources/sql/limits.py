"""Limits: what is done for one text at most. Sizes, never a clock: a text says the same wherever it is read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

TEXT = 2_000_000
_TOKENS, _STATEMENT, _TRIES, _COLUMNS, _DEPTH = 200_000, 50_000, 300_000, 500_000, 150
"""What can be done in a few seconds, and without more stack than there is."""
_MARKS = ",;()&|=.+-*/<>"
_OPENING, _CLOSING = frozenset({"(", "[", "{", "CASE"}), frozenset({")", "]", "}", "END"})
_SIGNS = frozenset({"NOT", "-", "+", "~", "!", "FROM"})
_ARROWS = frozenset({"->", ","})
"""Each nests all that follow, and a comma is their end."""


class TooMuchError(Exception):
    """There is an end to what is done for one text."""


class Limits:
    """What is left of them."""

    def __init__(self) -> None:
        self.tokens = _TOKENS
        self.tries = _TRIES
        self.columns = _COLUMNS

    @staticmethod
    def refusal(sql: str) -> str:
        """Why a text is not even split into words."""
        if len(sql) > TEXT:
            return f"{len(sql)} characters; {TEXT} is the limit"
        too_many = len(sql) > _TOKENS and (sql.count(",") > _TOKENS or sum(map(sql.count, _MARKS)) > 2 * _TOKENS)
        return f"more than {_TOKENS} tokens are too many to parse" if too_many else ""

    def refused(self, tokens: Sequence[Any], text: str) -> str:
        """Why a statement is not parsed."""
        if len(tokens) > _STATEMENT or self.tokens < 0:
            return f"{len(tokens)} tokens are too many to parse"
        return "nested too deep" if _may_be_deep(text) and _depth(tokens) > _DEPTH else ""

    def try_again(self, tokens: int) -> bool:
        """Whether there is work left for another try of so many tokens."""
        self.tries -= tokens
        return self.tries >= 0

    def spend(self, columns: int) -> None:
        self.columns -= columns
        if self.columns < 0:
            raise TooMuchError("too many columns to follow")


def _may_be_deep(text: str) -> bool:
    """Most texts have not so much in them that could make them deep. A bracket of an index counts twice."""
    upper = text.upper()
    return sum(map(upper.count, ("(", "[", "[", "{", "CASE", "NOT", "FROM", "-", "+", "~", "!"))) > _DEPTH


def _depth(tokens: Sequence[Any]) -> int:
    """Of brackets, of CASE and of lambdas; of signs and indexes one after the other. A compiled parser knows no
    RecursionError.
    """
    deepest = chain = 0
    arrows, before = [0], ""
    for token in tokens:
        text = str(token.text).upper() if len(token.text) < 5 else ""
        if text in _OPENING:
            arrows.append(0)
        elif text in _CLOSING and len(arrows) > 1:
            arrows.pop()
        elif text in _ARROWS:
            arrows[-1] = arrows[-1] + 1 if text == "->" else 0
        if text in _SIGNS or (text == "[" and before == "]"):
            chain += 1
        elif text != "]" and before != "[":
            chain = 0
        before = text
        deepest = max(deepest, len(arrows) - 1 + arrows[-1] + chain)
    return deepest
