"""What dbt has left in a target folder, read within bounds. A file that is open outlives its folder."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Self

from airflow_provider_catalog.model.dbt_nodes import all_nodes

MANIFEST, RUN_RESULTS, CATALOG, SOURCES = "manifest.json", "run_results.json", "catalog.json", "sources.json"
_NEW = (RUN_RESULTS, SOURCES)
_SEARCHED_BYTES = 64_000_000
_HEAD = 65_536
_FEW = 25
"""As many are found by their names in less time than the whole text is parsed."""
_CLOCKS_SECONDS = 2.0
"""So far apart may our clock and that of a disk be."""


class UnreadError(Exception):
    """It cannot be told of, for this reason."""


class Files:
    """Of one folder, opened when they were just written. Whoever has them closes them."""

    def __init__(self, folder: Path, opened: Mapping[str, IO[str]]) -> None:
        self.folder = folder
        self._opened = opened

    @classmethod
    def new(cls, folder: Path, since: float) -> Self | None:
        """None where nothing was run there since then (in seconds since 1970)."""
        opened: dict[str, IO[str]] = {}
        for name in (MANIFEST, RUN_RESULTS, CATALOG, SOURCES):
            with suppress(OSError):
                if name == MANIFEST or (folder / name).stat().st_mtime >= since - _CLOCKS_SECONDS:
                    opened[name] = (folder / name).open(encoding="utf-8")
        found = cls(folder, opened)
        if opened.keys() & {*_NEW}:
            return found
        found.close()
        return None

    def close(self) -> None:
        for file in self._opened.values():
            file.close()

    def size(self, name: str) -> int:
        file = self._opened.get(name)
        return 0 if file is None else os.fstat(file.fileno()).st_size

    def head(self, name: str) -> str:
        """Where dbt says when and what for it has written all that follows."""
        return self._text(name, _HEAD)

    def text(self, name: str, most: int) -> str:
        """Nothing where there is no such file."""
        if self.size(name) > most:
            raise UnreadError(f"its {name} has {self.size(name)} bytes, and no more than {most} are read in a task")
        return self._text(name, -1)

    def _text(self, name: str, size: int) -> str:
        try:
            return self._opened[name].read(size) if name in self._opened else ""
        except (OSError, UnicodeDecodeError) as error:
            raise UnreadError(f"its {name} cannot be read: {error}") from None

    def read(self, name: str, most: int) -> dict[str, Any]:
        """As an object."""
        text = self.text(name, most)
        try:
            found = json.loads(text) if text else {}
        except (ValueError, RecursionError):
            raise UnreadError(f"its {name} is no JSON: was dbt stopped while it wrote it?") from None
        return found if isinstance(found, dict) else {}


class Manifest(Mapping[str, dict[str, Any]]):
    """Nodes and groups by their `unique_id`. Of a text they are found one by one where few are asked for: there dbt
    writes `"id": {` before a node and before nothing else.
    """

    def __init__(self, text: str, *, searched: bool, parsed: bool) -> None:
        self._text = text
        self._found: dict[str, dict[str, Any] | None] = {}
        self.metadata = self._object("metadata") or {}
        if parsed:
            self._found |= _parsed(text)
        if not searched:
            self._text = ""

    @classmethod
    def of(cls, files: Files, wanted: int, most: int) -> Self:
        """`most` bytes are parsed; in larger texts a few nodes are found all the same, and of many none is."""
        few = wanted <= _FEW
        limit = _SEARCHED_BYTES if few else most
        whole = files.size(MANIFEST) <= limit
        text = files.text(MANIFEST, limit) if whole else files.head(MANIFEST)
        if not text:
            raise UnreadError(f"there is no {MANIFEST}")
        return cls(text, searched=whole and few, parsed=whole and not few)

    def __getitem__(self, unique_id: str) -> dict[str, Any]:
        if unique_id not in self._found:
            self._found[unique_id] = self._node(unique_id)
        found = self._found[unique_id]
        if found is None:
            raise KeyError(unique_id)
        return found

    def __iter__(self) -> Iterator[str]:
        return (each for each, found in self._found.items() if found is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _node(self, unique_id: str) -> dict[str, Any] | None:
        found = self._object(unique_id) if self._text else None
        return found if found is not None and found.get("unique_id") == unique_id else None

    def _object(self, key: str) -> dict[str, Any] | None:
        """That has this key. Engines differ in whether there is a blank after the colon."""
        quoted = json.dumps(key)
        for start in (f"{quoted}: {{", f"{quoted}:{{"):
            if (at := self._text.find(start)) >= 0:
                with suppress(ValueError, RecursionError):
                    found, _ = _DECODER.raw_decode(self._text, at + len(start) - 1)
                    return dict(found)
        return None


_DECODER = json.JSONDecoder()


def _parsed(text: str) -> dict[str, dict[str, Any]]:
    try:
        stated = json.loads(text)
    except (ValueError, RecursionError):
        raise UnreadError(f"its {MANIFEST} is no JSON: was dbt stopped while it wrote it?") from None
    if not isinstance(stated, dict):
        raise UnreadError(f"its {MANIFEST} is none of dbt's")
    groups = stated.get("groups")
    return all_nodes(stated) | (groups if isinstance(groups, dict) else {})


def first_line(file: Path, roots: Iterable[Path]) -> str:
    """Of a seed in one of these folders: what a manifest says must not lead out of them."""
    with suppress(OSError, ValueError):
        found = file.resolve()
        if found.suffix == ".csv" and any(found.is_relative_to(each.resolve()) for each in roots):
            with found.open(encoding="utf-8-sig") as lines:
                return lines.readline(65_536)
    return ""


def is_operation(unique_id: str) -> bool:
    """SQL of a hook, which is no node of anybody's."""
    return re.match(r"(?:operation|rpc|sql_operation)\.", unique_id) is not None
