"""Variables: what procedures and blocks declare, which looks like columns in the statements after it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from airflow_provider_catalog.sources.sql.shells import STATEMENTS, is_program, is_shell, word

_MODES = frozenset({"IN", "OUT", "INOUT", "VARIADIC"})
_QUERIES = frozenset({"SELECT", "WITH", "("})
_SECTIONS = frozenset({"DECLARE", "LET"})


class Variables:
    """`names`, lowered. `declaring`: between DECLARE and BEGIN, where each statement declares one."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.declaring = False

    def declared(self, tokens: Sequence[Any]) -> Sequence[Any] | None:
        """The query of a cursor, if that is what the statement declares; none, if it declares something else; None if
        it is a statement to be read.
        """
        first = word(tokens[0])
        if first in ("CREATE", "ALTER", "REPLACE") and is_program(tokens[:8]):
            self.names = _parameters(tokens)
            self.declaring = _begins(tokens) is None
            return None
        if first in _SECTIONS:
            self.names |= _listed(tokens, 1)
            self.declaring = first == "DECLARE" and _begins(tokens) is None
            return None
        if first in STATEMENTS or is_shell(tokens) or not self.declaring:
            self.declaring &= first in _QUERIES
            self._loops(tokens)
            return None
        self.names |= _listed(tokens, 1 if first == "CURSOR" else 0)
        return _query(tokens)

    def _loops(self, tokens: Sequence[Any]) -> None:
        """`FOR row IN …`."""
        words = [word(token) for token in tokens[:8]]
        for at, text in enumerate(words[:-2]):
            if text in ("FOR", "FOREACH", "FORALL") and words[at + 2] == "IN":
                self.names.add(words[at + 1].lower())


def _parameters(tokens: Sequence[Any]) -> set[str]:
    """Of a procedure: what stands before the types."""
    depth, names, expected = 0, set[str](), False
    for token in tokens:
        text = word(token)
        if text in ("AS", "IS", "BEGIN") and depth == 0:
            break
        depth += (text == "(") - (text == ")")
        if depth == 1 and text in ("(", ","):
            expected = True
        elif expected and text not in _MODES:
            names.add(text.lower())
            expected = False
        if depth == 0 and text == ")":
            break
    return names


def _listed(tokens: Sequence[Any], at: int) -> set[str]:
    """`DECLARE a, b INT`."""
    names = set()
    while at < len(tokens):
        names.add(word(tokens[at]).lower())
        if at + 1 >= len(tokens) or word(tokens[at + 1]) != ",":
            break
        at += 2
    return names


def _begins(tokens: Sequence[Any]) -> int | None:
    return next((at for at, token in enumerate(tokens) if word(token) == "BEGIN"), None)


def _query(tokens: Sequence[Any]) -> Sequence[Any]:
    for at in range(1, len(tokens)):
        if word(tokens[at - 1]) in ("IS", "FOR") and word(tokens[at]) in _QUERIES:
            return tokens[at:]
    return ()
