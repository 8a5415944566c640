"""Files of this host, for those who try things out on it. Nothing is opened but ordinary files."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice

from airflow_provider_catalog.targets.files.storage import MOST_LISTED, File, Listing, NotRead, Tail

_ABSENT = (FileNotFoundError, NotADirectoryError, IsADirectoryError)


class Local:
    """As the worker may read them."""

    layer = "file"

    def listing(self, folder: str) -> Listing:
        with _reading(folder):
            try:
                with os.scandir(folder) as found:
                    entries = list(islice(found, MOST_LISTED))
            except _ABSENT:
                return Listing()
            files = [_file(entry.path, entry.stat()) for entry in entries if entry.is_file()]
            return Listing(tuple(files), tuple(entry.name for entry in entries if entry.is_dir()))

    def tail(self, path: str, size: int) -> Tail | None:
        with _reading(path):
            try:
                with _opened(path) as (descriptor, file):
                    data = os.pread(descriptor, size, max(file.size - size, 0))
            except _ABSENT:
                return None
        return Tail(file, data)

    def piece(self, file: File, start: int, size: int) -> bytes:
        with _reading(file.path), _opened(file.path) as (descriptor, found):
            if found.version != file.version:
                raise NotRead(f"{file.path} changed while it was read", retryable=True)
            return os.pread(descriptor, size, start)


@contextmanager
def _opened(path: str) -> Iterator[tuple[int, File]]:
    """A pipe that nobody writes to would never be opened otherwise."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        stated = os.fstat(descriptor)
        if stat.S_ISDIR(stated.st_mode):
            raise IsADirectoryError(path)
        if not stat.S_ISREG(stated.st_mode):
            raise NotRead(f"{path} is no ordinary file")
        yield descriptor, _file(path, stated)
    finally:
        os.close(descriptor)


@contextmanager
def _reading(path: str) -> Iterator[None]:
    """What is wrong with one path says nothing of others: it does not make the target one that is down."""
    try:
        yield
    except (OSError, ValueError) as error:
        raise NotRead(f"{path[-500:]}: {type(error).__name__}: {error}", retryable=True) from error


def _file(path: str, stated: os.stat_result) -> File:
    version = f"{stated.st_ino:x}-{stated.st_mtime_ns:x}"
    return File(path, stated.st_size, stated.st_mtime_ns // 1000, version)
