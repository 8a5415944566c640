"""A block of ours in a description that belongs to its user: every character of theirs stays, and ours goes when told.

    Orders of the web shop.

    -- airflow-catalog --
    Upstream: postgres://shop:5432/shop.public.orders
    -- end of airflow-catalog --

What stands between the two marks is ours. It is found wherever somebody moved it, and stays there. AWS takes 2048 bytes
of UTF-8 in all: theirs come first, then as much of ours as there is room for, and none when there is hardly any.
"""

from __future__ import annotations

import re

from airflow_provider_catalog.targets.glue.limits import cut, size
from airflow_provider_catalog.targets.glue.service_model import longest

_BEGIN, _END = "-- airflow-catalog --", "-- end of airflow-catalog --"
_GAP = "\n\n"
_CUT = " [...]"
_WORTH = 20
_BLOCK = re.compile(rf"(?:{_GAP})?{re.escape(_BEGIN)}\n((?:(?!{re.escape(_BEGIN)})[\s\S])*?)\n{re.escape(_END)}")
"""From the last beginning before an end: one that lost its end is the user's now, and so is what follows it."""
_NOT_TAKEN = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def with_block(text: str, block: str) -> str:
    """`text` with this block for any it had. An empty block is none."""
    found = _BLOCK.search(text)
    before, after = (text[: found.start()], without_block(text[found.end() :])) if found else (text, "")
    gap = _GAP if before else ""
    room = longest("DescriptionString") - size(before, gap, _BEGIN, "\n", "\n", _END, after)
    if body := _fitting(clean(block), room):
        return f"{before}{gap}{_BEGIN}\n{body}\n{_END}{after}"
    return without_block(before + after)


def without_block(text: str) -> str:
    """What is the user's. Two pieces may come together to something that looks like ours: then it goes as well."""
    while (rest := _BLOCK.sub("", text)) != text:
        text = rest
    return text


def block_of(text: str) -> str | None:
    found = _BLOCK.search(text)
    return found[1] if found else None


def clean(block: str) -> str:
    """What can stand in a block: without our marks, and without characters that AWS does not take."""
    plain = _NOT_TAKEN.sub("", block.replace("\r\n", "\n").replace("\r", "\n"))
    return "\n".join(line for line in plain.split("\n") if _BEGIN not in line and _END not in line).strip()


def _fitting(block: str, room: int) -> str:
    """Cut between words, and not at all where too little would be left to be of use."""
    if size(block) <= room:
        return block
    head = cut(block, room - len(_CUT))
    kept = re.sub(r"\S*\Z", "", head).rstrip() or head
    return f"{kept}{_CUT}" if len(kept) >= _WORTH else ""
