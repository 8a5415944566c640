"""Patterns that names of columns are picked by: LIKE, GLOB, regular expressions and lambdas over them."""

from __future__ import annotations

import re
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import TypeAlias

from airflow_provider_catalog.sources.sql.relation import Node

Picks: TypeAlias = Callable[[str], bool]
_REPEATING = re.compile(r"[*+{]")
_REPEATS, _LONGEST = 3, 64
"""So often a pattern may repeat something, over names of so many characters: who matches it goes back and forth."""
_AGAIN = re.compile(r"\)[*+?{]|\\[1-9]|\(\?[^:]")


def picking(node: Node) -> Picks | None:
    """`LIKE 'a%'` and its kin, whatever they stand behind. None for what is not known."""
    if node.key == "not":
        inner = picking(node.this)
        return None if inner is None else lambda name: not inner(name)
    matches = _matching(node)
    if matches is None or not node.args.get("negate"):
        return matches
    return lambda name: not matches(name)


def _matching(node: Node) -> Picks | None:
    key, right = node.key, node.args.get("expression")
    text = str(right.name) if right is not None and right.key == "literal" and right.is_string else None
    if key == "in":
        names = {str(each.name) for each in node.expressions if each.key == "literal"}
        return names.__contains__
    if text is None:
        return None
    if key in ("like", "ilike"):
        pattern, lowered = glob(text), key == "ilike"
        return lambda name: fnmatchcase(name.lower() if lowered else name, pattern.lower() if lowered else pattern)
    if key == "glob":
        return lambda name: fnmatchcase(name, text)
    if key == "eq":
        return lambda name: name == text
    return regex(text, whole=key == "similarto") if key in ("similarto", "regexplike") else None


def glob(pattern: str) -> str:
    """LIKE in other words, which Python matches without going back and forth."""
    return re.sub(r"[*?\[]", lambda found: f"[{found[0]}]", pattern).replace("%", "*").replace("_", "?")


def regex(pattern: str, *, whole: bool = False) -> Picks | None:
    """None for one that might take for ever."""
    made = compiled(pattern)
    if made is None:
        return None
    matches = made.fullmatch if whole else made.search
    return lambda name: matches(name[:_LONGEST]) is not None


def compiled(pattern: str) -> re.Pattern[str] | None:
    if _AGAIN.search(pattern) or len(_REPEATING.findall(pattern)) > _REPEATS:
        return None
    try:
        return re.compile(pattern)
    except (re.error, OverflowError, RecursionError):
        return None
