"""Shells: what stands around statements in procedures, blocks and scripts, token by token.

A procedure is read as if it ran from its first line to its last: every branch may be taken, so every branch counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

STATEMENTS = frozenset(
    {"INSERT", "UPDATE", "DELETE", "MERGE", "SELECT", "WITH", "CREATE", "DROP", "TRUNCATE", "ALTER", "COPY", "UNLOAD"}
    | {"REPLACE", "LOAD", "EXECUTE", "EXEC", "CALL", "UPSERT", "RENAME", "REFRESH"}
)
_PROGRAMS = frozenset({"PROCEDURE", "PROC"})
_OPENERS = frozenset({"BEGIN", "ELSE", "LOOP", "REPEAT", "TRY", "CATCH", "ATOMIC", "THEN", "DO"})
_CONDITIONS = frozenset({"IF", "ELSEIF", "ELSIF", "WHILE", "FOR", "FOREACH", "FORALL", "WHEN", "EXCEPTION", "UNTIL"})
_BODIES = frozenset({"THEN", "LOOP", "DO", "BEGIN"})
_ENDED = frozenset({"IF", "LOOP", "TRY", "CATCH", "WHILE", "CASE", "FOR", "REPEAT"})
_TRANSACTIONS = frozenset({"TRANSACTION", "TRAN", "WORK"})
_FLOW = frozenset({"LET", "RAISE", "LEAVE", "ITERATE", "SIGNAL", "EXIT", "CONTINUE", "BREAK", "FETCH", "PERFORM"})
_EXECUTING = frozenset({"EXECUTE", "EXEC"})
SHELLS = _OPENERS | _CONDITIONS | _EXECUTING | _FLOW | {"CREATE", "ALTER", "DECLARE", "END", "RETURN", "STATEMENT"}
"""What a statement begins with that may be around another one."""


class Inner(NamedTuple):
    """The tokens of the statement inside, or the text of a body that is quoted as a whole."""

    tokens: Sequence[Any] = ()
    body: str | None = None


def word(token: Any) -> str:
    return str(token.text).upper()


def is_shell(tokens: Sequence[Any]) -> bool:
    return word(tokens[0]) in SHELLS or _past_label(tokens, 0) is not None


def inside(tokens: Sequence[Any], sql: str) -> Iterator[Inner] | None:
    """None where there is no shell."""
    at = _past(tokens)
    if at is None:
        return None
    return _inner(tokens, at, sql)


def _inner(tokens: Sequence[Any], at: int, sql: str) -> Iterator[Inner]:
    """What a loop goes over is read, too."""
    for place in range(at - 1):
        if word(tokens[place]) in ("IN", "FOR") and word(tokens[place + 1]) in ("SELECT", "(", "WITH"):
            end = next((i for i in range(place + 1, at) if word(tokens[i]) in ("LOOP", "DO")), at)
            if any(word(each) == "SELECT" for each in tokens[place + 1 : end]):
                yield Inner(tokens[place + 1 : end])
            break
    rest = tokens[at:]
    if not rest:
        return
    body = _quoted(rest) if not swallowed(rest, sql) else None
    yield Inner(body=body) if body is not None else Inner(rest)


def swallowed(tokens: Sequence[Any], sql: str) -> str:
    """What follows a word that the lexer takes for a command: one text, as it stands there."""
    if len(tokens) != 2 or tokens[1].token_type.name != "STRING":
        return ""
    text = str(tokens[1].text)
    return text if sql[tokens[0].end + 1 :].lstrip().startswith(text) else ""


def _past(tokens: Sequence[Any]) -> int | None:
    """Where the statement inside begins; the end, where there is none; None, where there is no shell."""
    at, size = 0, len(tokens)
    while at < size:
        step = _step(tokens, at)
        if step is None:
            break
        at = step
    return at if at or _quoted(tokens) is not None else None


def _step(tokens: Sequence[Any], at: int) -> int | None:  # noqa: C901  a line for each word
    """Past one layer."""
    first, size = word(tokens[at]), len(tokens)
    following = word(tokens[at + 1]) if at + 1 < size else ""
    past = _past_label(tokens, at)
    if past is not None:
        return past
    if first == "BEGIN":
        past = None if following in _TRANSACTIONS or (at == 0 and size == 1) else at + 1
    elif first in _OPENERS:
        past = at + 1
    elif first == "END":
        past = min(at + 1 + (following in _ENDED), size)
    elif first in _CONDITIONS:
        past = _body(tokens, at + 1)
    elif first == "DECLARE":
        past = _declared(tokens, at)
    elif (first, following) in (("STATEMENT", "SET"), ("EXECUTE", "STATEMENT")):
        past = at + 1 + (first == "STATEMENT")
    elif first == "RETURN":
        past = at + 2 if following == "QUERY" else size
    elif first in _FLOW:
        past = size
    elif first in ("CREATE", "ALTER") and is_program(tokens[at : at + 8]):
        past = _program(tokens, at)
    return past


def _past_label(tokens: Sequence[Any], at: int) -> int | None:
    """`name:` and `<<name>>`."""
    texts = [str(token.text) for token in tokens[at : at + 5]]
    if texts[1:2] == [":"]:
        return at + 2
    return at + 5 if texts[:2] == ["<", "<"] and texts[3:] == [">", ">"] else None


def is_program(heading: Sequence[Any]) -> bool:
    return any(word(token) in _PROGRAMS for token in heading)


def _program(tokens: Sequence[Any], at: int) -> int:
    """Its body begins after AS or with BEGIN."""
    depth = 0
    for place in range(at, len(tokens)):
        text = word(tokens[place])
        depth += (text == "(") - (text == ")")
        if depth == 0 and text == "BEGIN":
            return place
        if depth == 0 and text in ("AS", "IS") and word(tokens[place - 1]) != "EXECUTE":
            following = word(tokens[place + 1]) if place + 1 < len(tokens) else ""
            if following in STATEMENTS | _OPENERS | {"DECLARE"} or (following and _is_text(tokens[place + 1])):
                return place + 1
    return len(tokens)


def _declared(tokens: Sequence[Any], at: int) -> int:
    """A cursor has its query after FOR; anything else ends with the semicolon, or where the block begins."""
    for place in range(at + 1, len(tokens)):
        if word(tokens[place]) == "BEGIN" or (
            word(tokens[place]) in ("FOR", "IS")
            and place + 1 < len(tokens)
            and word(tokens[place + 1]) in ("SELECT", "WITH", "(")
        ):
            return place + (word(tokens[place]) != "BEGIN")
    return len(tokens)


def _body(tokens: Sequence[Any], at: int) -> int:
    """Past a condition: its end is a word, or in T-SQL the statement itself."""
    depth = 0
    for place in range(at, len(tokens)):
        text = word(tokens[place])
        depth += (text == "(") - (text == ")")
        if depth == 0 and text in _BODIES:
            return place + 1
    for place in range(at, len(tokens)):
        text = word(tokens[place])
        depth += (text == "(") - (text == ")")
        if depth == 0 and text in STATEMENTS:
            return place
    return len(tokens)


def _is_text(token: Any) -> bool:
    return token.token_type.name in ("STRING", "HEREDOC_STRING", "RAW_STRING", "NATIONAL_STRING")


def _quoted(tokens: Sequence[Any]) -> str | None:
    """`AS $$ … $$`, `DO $$ … $$`, `EXECUTE IMMEDIATE '…'`, `EXEC ('…')`, `EXEC sp_executesql N'…'`."""
    if _is_text(tokens[0]) and len(str(tokens[0].text).split()) > 1:
        return str(tokens[0].text)
    if word(tokens[0]) not in _EXECUTING:
        return None
    for token in tokens[1:4]:
        if _is_text(token):
            return str(token.text)
        if word(token) not in ("IMMEDIATE", "(", "SP_EXECUTESQL"):
            return None
    return None


def apart(tokens: Sequence[Any]) -> list[Sequence[Any]]:
    """T-SQL needs no semicolons: a statement ends where the next one begins."""
    parts: list[Sequence[Any]] = []
    begun, depth, selected, opened = 0, 0, False, False
    for place, token in enumerate(tokens):
        text = word(token)
        depth += (text == "(") - (text == ")")
        if depth:
            continue
        before = word(tokens[place - 1]) if place > begun else ""
        if (
            place > begun
            and before != "BULK"
            and _begins(text, before, word(tokens[begun]), selected=selected, opened=opened)
        ):
            parts.append(tokens[begun:place])
            begun, selected, opened = place, False, False
        selected |= text == "SELECT"
        opened |= text == "SET"
    parts.append(tokens[begun:])
    return parts


_JOINING = frozenset(
    {"UNION", "ALL", "EXCEPT", "INTERSECT", "AS", "THEN", "ON", "FOR", "AFTER", "OF", ",", "INSTEAD", "(", ")"}
)
_FRESH = frozenset(
    {
        "INSERT",
        "DELETE",
        "TRUNCATE",
        "CREATE",
        "DROP",
        "ALTER",
        "EXEC",
        "EXECUTE",
        "DECLARE",
        "MERGE",
        "PRINT",
        "RETURN",
        "IF",
        "WHILE",
        "END",
    }
)


_ALONE = frozenset({"UPDATE", "DELETE", "SET", "EXEC", "EXECUTE", "TRUNCATE", "PRINT", "DROP", "DECLARE"})
"""What has no SELECT of its own outside of brackets."""


def _begins(text: str, before: str, first: str, *, selected: bool, opened: bool) -> bool:
    if text == "SELECT":
        return (selected or first in _ALONE) and before not in _JOINING - {")"} and first != "WITH"
    if before in _JOINING - {")"} or first in ("CREATE", "ALTER", "DROP", "MERGE"):
        return text in _FRESH - {"DROP", "DELETE", "INSERT", "ALTER"} and before not in _JOINING and first != "MERGE"
    if text == "SET":
        return first != "UPDATE" or opened
    if text == "WITH":
        return selected
    return text in _FRESH or (text == "UPDATE")
