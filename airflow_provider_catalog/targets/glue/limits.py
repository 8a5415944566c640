"""What AWS takes, by its own service model: how long, counted in bytes of UTF-8, and which characters.

What may be shorter is cut; what would mean something else then is refused. Either way it is said.
"""

from __future__ import annotations

import re

from airflow_provider_catalog.targets.glue.service_model import longest, shape

_CUT = "..."
_SHOWN = 60
_LINES = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ONE_LINE = re.compile("[^\t\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ANY = re.compile("[\ud800-\udfff]")


def size(*texts: str) -> int:
    return sum(len(text.encode("utf-8", "surrogatepass")) for text in texts)


def cut(text: str, room: int) -> str:
    """As many whole characters as there is room for."""
    return text.encode("utf-8", "surrogatepass")[: max(room, 0)].decode("utf-8", "ignore")


def fault(kind: str, text: str) -> str:
    """Why a text is nothing of this kind; empty when it is. Kinds are the shapes of the service model."""
    rules = shape(kind).metadata
    if len(text) < rules.get("min", 0):
        return "is empty"
    if size(text) > longest(kind):
        return f"has {size(text)} bytes, and AWS takes {longest(kind)}"
    found = _not_taken(kind).search(text)
    return f"has the character {found[0]!r}, which AWS does not take" if found else ""


def fitted(kind: str, text: str) -> str:
    """The text as AWS takes it: on one line where it must be, and not too long."""
    plain = _not_taken(kind).sub(" ", text).strip()
    return plain if size(plain) <= longest(kind) else f"{cut(plain, longest(kind) - len(_CUT)).rstrip()}{_CUT}"


def shown(text: str) -> str:
    """For people, in a sentence."""
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}{_CUT}")


def _not_taken(kind: str) -> re.Pattern[str]:
    pattern = shape(kind).metadata.get("pattern", "")
    return (_LINES if r"\r\n" in pattern else _ONE_LINE) if pattern else _ANY
