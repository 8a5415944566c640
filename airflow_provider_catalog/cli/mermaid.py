"""Flowcharts as Mermaid draws them, from left to right."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from airflow_provider_catalog.cli.output import clean

_ENTITIES = str.maketrans({"#": "#35;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "%": "#37;", "`": "#96;"})
"""What ends a text, begins markup or a directive, or makes the text Markdown."""
_STYLE = ("  classDef start stroke-width:3px", "  class n0 start")


class Arrow(NamedTuple):
    """From one text to another."""

    source: str
    target: str
    label: str = ""
    dotted: bool = False


def flowchart(arrows: Iterable[Arrow], alone: Iterable[str] = (), *, start: str = "") -> str:
    """`alone` may have no arrow; they come first. `start` is drawn bold, before all others."""
    drawn = list(dict.fromkeys(arrows))
    ends = [*([start] if start else []), *alone, *(end for arrow in drawn for end in (arrow.source, arrow.target))]
    ids = {end: f"n{at}" for at, end in enumerate(dict.fromkeys(ends))}
    nodes = (f'  {id_}["{_quoted(end)}"]' for end, id_ in ids.items())
    lines = (_line(arrow, ids[arrow.source], ids[arrow.target]) for arrow in drawn)
    return "\n".join(["flowchart LR", *nodes, *lines, *(_STYLE if start else ())])


def _line(arrow: Arrow, source: str, target: str) -> str:
    label = f'|"{_quoted(arrow.label)}"|' if arrow.label else ""
    return f"  {source} {'-.->' if arrow.dotted else '-->'}{label} {target}"


def _quoted(text: str) -> str:
    return clean(text).translate(_ENTITIES)
