"""Blocks of ours in a description that belongs to its user: every character of theirs stays, and ours go when told.

    Orders of the web shop.

    -- airflow-catalog --
    What was sold, by day.
    -- end of airflow-catalog --

    -- airflow-catalog lineage --
    Upstream lineage:
    - airflow_task: prod/etl.load
      → orders
    -- end of airflow-catalog lineage --

What stands between two marks is ours. A block is found wherever somebody moved it, and stays there. AWS takes 2048
bytes of UTF-8 in all: the user's come first, then what the catalog says of the table, then its lineage; each as much as
there is room for. So it does not matter which of the two is told first, or how often.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple, TypeAlias

from airflow_provider_catalog.targets.glue.limits import cut, size
from airflow_provider_catalog.targets.glue.lineage.tree import shorter
from airflow_provider_catalog.targets.glue.service_model import longest

Kind: TypeAlias = Literal["catalog", "lineage"]


class _Marks(NamedTuple):
    begin: str
    end: str


_MARKS: Mapping[Kind, _Marks] = {
    "catalog": _Marks("-- airflow-catalog --", "-- end of airflow-catalog --"),
    "lineage": _Marks("-- airflow-catalog lineage --", "-- end of airflow-catalog lineage --"),
}
"""In the order in which they are given room."""
_GAP = "\n\n"
_CUT = " [...]"
_WORTH = 20
_NOT_TAKEN = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _pattern(kind: Kind) -> str:
    """From the last beginning before an end: one that lost its end is the user's now, and so is what follows it."""
    begin, end = map(re.escape, _MARKS[kind])
    foreign = "|".join(re.escape(mark) for marks in _MARKS.values() for mark in marks if mark != _MARKS[kind].end)
    return rf"{begin}\n(?P<{kind}>(?:(?!{foreign})[\s\S])*?)\n{end}"


_BLOCK = re.compile(rf"(?:{_GAP})?(?:{'|'.join(map(_pattern, _MARKS))})")


def with_block(text: str, block: str | None, lineage: str | None = None) -> str:
    """`text` with these blocks for those it had. An empty one is none; None leaves the one that is there."""
    pieces, there = _taken_apart(text)
    stated: Mapping[Kind, str | None] = {"catalog": block, "lineage": lineage}
    bodies: dict[Kind, str] = {}
    for kind, body in stated.items():
        room = longest("DescriptionString") - size(_joined(pieces, {**bodies, kind: "x"})) + 1
        bodies[kind] = _FITTED[kind](there.get(kind, "") if body is None else clean(body), room)
    made = _joined(pieces, bodies)
    return made if made == text else with_block(made, block, lineage)


def without_block(text: str) -> str:
    """What is the user's. Two pieces may come together to something that looks like ours: then it goes as well."""
    while (rest := _BLOCK.sub("", text)) != text:
        text = rest
    return text


def block_of(text: str, kind: Kind = "catalog") -> str | None:
    return _taken_apart(text)[1].get(kind)


def clean(block: str) -> str:
    """What can stand in a block: without our marks, and without characters that AWS does not take."""
    plain = _NOT_TAKEN.sub("", block.replace("\r\n", "\n").replace("\r", "\n"))
    marks = [mark for marks in _MARKS.values() for mark in marks]
    return "\n".join(line for line in plain.split("\n") if not any(mark in line for mark in marks)).strip()


class _Piece(NamedTuple):
    """Text of the user, or the place of a block."""

    text: str
    kind: Kind | None = None


def _taken_apart(text: str) -> tuple[list[_Piece], dict[Kind, str]]:
    """Of several blocks of a kind the first counts; those that are not there come last."""
    pieces: list[_Piece] = []
    bodies: dict[Kind, str] = {}
    at = 0
    for found in _BLOCK.finditer(text):
        pieces.append(_Piece(text[at : found.start()]))
        at = found.end()
        for kind in _MARKS:
            if found[kind] is not None and kind not in bodies:
                bodies[kind] = found[kind]
                pieces.append(_Piece("", kind))
    rest = (_Piece("", kind) for kind in _MARKS if kind not in bodies)
    return [*pieces, _Piece(text[at:]), *rest], bodies


def _joined(pieces: list[_Piece], bodies: Mapping[Kind, str]) -> str:
    made = ""
    for part in _parts(pieces, bodies):
        made += part.text if part.kind is None or not made else f"{_GAP}{part.text}"
    return made


def _parts(pieces: list[_Piece], bodies: Mapping[Kind, str]) -> Iterator[_Piece]:
    for piece in pieces:
        if piece.kind is None:
            yield piece
        elif body := bodies.get(piece.kind):
            begin, end = _MARKS[piece.kind]
            yield _Piece(f"{begin}\n{body}\n{end}", piece.kind)


def _fitting(block: str, room: int) -> str:
    """Cut between words, and not at all where too little would be left to be of use."""
    if size(block) <= room:
        return block
    head = cut(block, room - len(_CUT))
    kept = re.sub(r"\S*\Z", "", head).rstrip() or head
    return f"{kept}{_CUT}" if len(kept) >= _WORTH else ""


_FITTED = {"catalog": _fitting, "lineage": shorter}
