"""Where files are: what `S3` and `Local` can both do. Nothing is read but names, and the bytes that are asked for."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from airflow_provider_catalog.errors import CatalogError

NAME = "files"
"""Of the target, and of the producer of what it finds."""
MOST_LISTED = 3000
"""Of one folder."""


class NotRead(CatalogError):  # noqa: N818  what happened, as in errors.py
    """A file or folder that cannot be read, and what to do. `retryable`: it may be so only now."""

    def __init__(self, reason: str, *, retryable: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.retryable = retryable


class File(NamedTuple):
    """`version`: another one whenever its content is. `modified`: microseconds since 1970, UTC."""

    path: str
    size: int
    modified: int
    version: str

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]


class Listing(NamedTuple):
    """What is in a folder itself: files, and names of folders. Of very large ones only the beginning."""

    files: tuple[File, ...] = ()
    folders: tuple[str, ...] = ()


class Tail(NamedTuple):
    """The end of a file, all of it where it is short."""

    file: File
    data: bytes


class Storage(Protocol):
    """Paths are those of datasets: without a slash at their end. They raise NotRead, and TargetUnavailable where
    nothing at all can be read. What is not there is no error.
    """

    layer: str

    def listing(self, folder: str) -> Listing: ...
    def tail(self, path: str, size: int) -> Tail | None: ...
    def piece(self, file: File, start: int, size: int) -> bytes: ...
