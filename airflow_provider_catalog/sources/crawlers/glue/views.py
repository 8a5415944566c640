"""What a view of Glue is made by: SQL, as whoever made it has hidden it.

Athena and Trino write it as JSON in base64 within a comment, Hive and Spark as it is, and a view for several engines
has one text for each.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import orjson

_HIDDEN = re.compile(r"\s*/\*\s*Presto (?:Materialized )?View:?\s*(?P<code>[A-Za-z0-9+/=\s]*)\*/\s*")
_ENGINES = {"ATHENA": "athena", "SPARK": "spark", "REDSHIFT": "redshift"}
"""The one first whose names are those of the catalog."""
_OF_SPARK = ("view.", "spark.sql.")


class Definition(NamedTuple):
    """SQL, and which one's."""

    query: str
    dialect: str


def definition(document: Mapping[str, Any]) -> Definition | None:
    """None where it is no view, or nobody can read what it is made by."""
    represented = document.get("ViewDefinition")
    if isinstance(represented, Mapping) and (found := _represented(represented.get("Representations"))):
        return found
    return _written(document)


def _represented(stated: Any) -> Definition | None:
    known: dict[Any, Mapping[str, Any]] = {}
    for each in stated if isinstance(stated, Sequence) else ():
        if isinstance(each, Mapping):
            known.setdefault(str(each.get("Dialect")), each)
    for engine, dialect in _ENGINES.items():
        if text := _text(known.get(engine, {})):
            return Definition(_shown(text) or text, dialect)
    return None


def _written(document: Mapping[str, Any]) -> Definition | None:
    original = document.get("ViewOriginalText")
    if isinstance(original, str) and _HIDDEN.fullmatch(original):
        query = _shown(original)
        return Definition(query, "athena") if query else None
    text = _text(document)
    return Definition(text, _dialect(document.get("Parameters"))) if text else None


def _text(document: Mapping[str, Any]) -> str:
    """Where names have been completed, that text is the better one."""
    for member in ("ViewExpandedText", "ViewOriginalText"):
        text = document.get(member)
        if isinstance(text, str) and text.strip() and not (_HIDDEN.fullmatch(text) and not _shown(text)):
            return text
    return ""


def _shown(text: str) -> str:
    """What hides in the comment; nothing where nothing does."""
    found = _HIDDEN.fullmatch(text)
    try:
        stated = orjson.loads(base64.b64decode(found["code"])) if found else None
    except (binascii.Error, ValueError):
        return ""
    query = stated.get("originalSql") if isinstance(stated, dict) else None
    return query if isinstance(query, str) else ""


def _dialect(parameters: Any) -> str:
    names = parameters if isinstance(parameters, Mapping) else ()
    return "spark" if any(str(name).startswith(_OF_SPARK) for name in names) else "hive"
