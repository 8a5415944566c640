"""A list in a YAML file of somebody else's gets one more item, and every other character stays where it is.

The place is found by the marks of PyYAML's own parser, which comes with Airflow. What comes out is read again: unless
it says what it said before and the item, nothing is changed and the caller has to ask the person.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any

_PLAIN = re.compile(r"[\w./~+-]*[\w./~+]", re.ASCII)
_WORDS = {"true", "false", "yes", "no", "on", "off", "null", "y", "n", "~"}


class UneditableError(ValueError):
    """The file is no YAML, or written in a way in which we would not find the place."""


def read(text: str) -> dict[str, Any]:
    """What the file says, an empty one nothing."""
    yaml = import_module("yaml")
    try:
        found = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        raise UneditableError("it is no YAML" + (f", see line {mark.line + 1}" if mark else "")) from None
    if found is not None and not isinstance(found, dict):
        raise UneditableError("it is no mapping of names to values")
    return found or {}


def with_item(text: str, key: str, item: dict[str, str] | str, *, before: tuple[str, ...] = ()) -> str:
    """`key` is at the top of the file or not there at all: then its list begins with `before`."""
    said = read(text)
    stated = said.get(key)
    if stated is not None and not isinstance(stated, list):
        raise UneditableError(f"its {key} is no list")
    made = _edited(text, key, item, () if key in said else before)
    wanted = {**said, key: [*(before if key not in said else stated or ()), item]}
    try:
        if read(made) == wanted:
            return made
    except UneditableError:
        pass
    raise UneditableError(f"its {key} is written in a way that is not ours to edit")


def with_other(text: str, old: str, new: str) -> str:
    """One text becomes another, wherever it stands as a whole value."""
    yaml = import_module("yaml")
    made = text
    for node in reversed(list(_scalars(yaml.compose(text, Loader=yaml.SafeLoader), old))):
        made = f"{made[: node.start_mark.index]}{scalar(new)}{made[node.end_mark.index :]}"
    if read(made) != _replaced(read(text), old, new):
        raise UneditableError(f"{old} stands in it in a way that is not ours to edit")
    return made


def _scalars(node: Any, value: str) -> Iterator[Any]:
    """In their order."""
    if node.id == "scalar":
        yield from (each for each in (node,) if each.value == value)
        return
    for each in node.value:
        yield from _scalars(each[1] if node.id == "mapping" else each, value)


def scalar(text: str) -> str:
    """As plain as YAML takes it; a string of JSON is one of YAML."""
    plain = _PLAIN.fullmatch(text) and text.lower() not in _WORDS and not text[0].isdigit() and text[0] not in "-.~+"
    return text if plain else json.dumps(text, ensure_ascii=False)


def _edited(text: str, key: str, item: dict[str, str] | str, before: tuple[str, ...]) -> str:
    end = "\r\n" if "\r\n" in text else "\n"
    node = _value(text, key)
    if node is None:
        lines = [f"{key}:", *(f"  - {_block(each)}" for each in (*before, item))]
        return "".join([text, end if text and not text.endswith("\n") else "", *(f"{line}{end}" for line in lines)])
    start, stop = node.start_mark.index, node.end_mark.index
    if node.id == "scalar" or not node.value:
        return f"{text[:start].rstrip(' ')}{end}  - {_block(item)}{text[stop:]}"
    if node.flow_style:
        close = _end(text, node.value[-1])
        return f"{text[:close]}, {_flow(item)}{text[close:]}"
    return _after(text, _end(text, node.value[-1]), f"{' ' * node.start_mark.column}- {_block(item)}", end)


def _after(text: str, at: int, line: str, end: str) -> str:
    """On a line of its own behind the one that ends the last item, whatever is said beside that."""
    newline = text.find("\n", at)
    if newline < 0:
        return f"{text}{end}{line}{end}"
    return f"{text[: newline + 1]}{line}{end}{text[newline + 1 :]}"


def _value(text: str, key: str) -> Any:
    """The node of PyYAML for the value of a key at the top."""
    yaml = import_module("yaml")
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    if root is None:
        return None
    return next((value for name, value in root.value if name.value == key), None)


def _end(text: str, node: Any) -> int:
    """Where the last character of it is. Blocks say they end where the next thing begins, behind all comments."""
    while node.id != "scalar" and not node.flow_style and node.value:
        last = node.value[-1]
        node = last[1] if node.id == "mapping" else last
    return len(text[: node.end_mark.index].rstrip())


def _block(item: dict[str, str] | str) -> str:
    if isinstance(item, str):
        return scalar(item)
    ((name, value),) = item.items()
    return f"{name}: {scalar(value)}"


def _flow(item: dict[str, str] | str) -> str:
    return scalar(item) if isinstance(item, str) else f"{{{_block(item)}}}"


def _replaced(said: Any, old: str, new: str) -> Any:
    if isinstance(said, dict):
        return {name: _replaced(value, old, new) for name, value in said.items()}
    if isinstance(said, list):
        return [_replaced(each, old, new) for each in said]
    return new if said == old else said
