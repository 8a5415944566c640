"""Which file tells of a dataset: the file itself, or the newest one in its folder, down its newest partitions.

Nothing is searched through. A folder that is no partition is another dataset's affair, and a table of Delta, Iceberg or
Hudi has a schema of its own, which files do not tell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from airflow_provider_catalog.targets.files.storage import File, Listing, Storage

_PARQUET = re.compile(r"(?i)\.(?:parquet|parq|pq)$")
_OTHER = re.compile(
    r"(?i)\.(?:csv|tsv|txt|json|jsonl|ndjson|xml|orc|avro|log|html?|pdf|xlsx?|arrow|feather|zip|gz|bz2|zst|lz4|snappy)$"
)
_PATTERN = re.compile(r"[*?{}]|\[")
_PARTITION = re.compile(r"[^=]+=.*|\d[\d-]*", re.DOTALL)
"""`dt=2026-01-01`, or a date alone."""
_NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__"
_DIGITS = re.compile(r"(\d+)")
_OF_FORMATS = frozenset({"_delta_log", "metadata", ".hoodie"})
_FOLDERS, _SIBLINGS = 8, 2
_SHORTEST = 12


class Found(NamedTuple):
    """`there`: something is, whether or not it is a file that can tell."""

    file: File | None = None
    there: bool = False


def may_tell(path: str) -> bool:
    """By its name alone: whether looking there is worth while."""
    return bool(path.strip("/")) and not _OTHER.search(path) and not _PATTERN.search(path) and not _hidden(path)


def is_parquet_name(path: str) -> bool:
    return bool(_PARQUET.search(path))


def newest(storage: Storage, folder: str) -> Found:
    """Looks into eight folders at most."""
    waiting, there = [folder], False
    for _ in range(_FOLDERS):
        if not waiting:
            break
        path = waiting.pop()
        listing = storage.listing(path)
        if _OF_FORMATS.intersection(listing.folders):
            return Found(there=True)
        if file := _telling(listing.files):
            return Found(file, there=True)
        there = there or _anything(listing)
        waiting += [f"{path}/{name}" for name in _partitions(listing.folders)]
    return Found(there=there)


def _telling(files: Iterable[File]) -> File | None:
    """One whose name says so; else one whose name says nothing, as Hive and Athena write them."""
    seen = [file for file in files if not _hidden(file.name) and file.size >= _SHORTEST]
    named = [file for file in seen if is_parquet_name(file.name)]
    return max(named or [file for file in seen if "." not in file.name], key=_age, default=None)


def _age(file: File) -> tuple[int, str]:
    return file.modified, file.path


def _partitions(folders: Iterable[str]) -> Sequence[str]:
    """The newest last: by their names, in which numbers count as such."""
    named = (name for name in folders if not _hidden(name) and _PARTITION.fullmatch(name))
    return sorted(named, key=_place)[-_SIBLINGS:]


def _place(name: str) -> tuple[bool, list[tuple[int, str]]]:
    parts = _DIGITS.split(name)
    return not name.endswith(_NULL_PARTITION), [(int(part[:300]) if part.isdecimal() else -1, part) for part in parts]


def _anything(listing: Listing) -> bool:
    """Partitions count by what is in them, and what a writer hides while it is at it is not there yet."""
    files = any(not _hidden(file.name) and file.size for file in listing.files)
    return files or any(not _hidden(name) and not _PARTITION.fullmatch(name) for name in listing.folders)


def _hidden(path: str) -> bool:
    return path.rpartition("/")[2].startswith(("_", "."))
