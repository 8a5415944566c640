"""The spool: a directory in which envelopes wait until the log has them.

    tmp/         being written; what a killed process leaves here was never kept
    new/         one file an envelope, named by its time: whole, since it was renamed into place
    packed/      what has waited long, a thousand to a file, deflated
    unreadable/  packs that a failing disk has spoilt

Any number of processes may append at any time. Taking things out needs the lock (`locked`), and is not done before the
log has them: a process that dies in between leaves an envelope that is delivered twice, and counts once.
"""

from __future__ import annotations

import gzip
import itertools
import json
import os
import time
import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import NamedTuple, Self

from airflow_provider_catalog.capture.lock import try_lock
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.settings import Settings

_BATCH, _BATCH_BYTES = 500, 8 * 1024 * 1024
_PACK, _PACK_BYTES = 1000, 64 * 1024 * 1024
_ABANDONED_SECONDS = 3600
_DRAINED_SECONDS = 5.0


class Batch(NamedTuple):
    """Envelopes and the files that hold them."""

    envelopes: list[Envelope]
    files: list[Path]


class Waiting(NamedTuple):
    """What is in the spool. `packed` and `unreadable` count files, `dropped` records lost for lack of room."""

    records: int = 0
    bytes: int = 0
    packed: int = 0
    unreadable: int = 0
    dropped: int = 0
    oldest: float | None = None


class Spool:
    """A spool directory; made when first written to."""

    def __init__(self, path: Path, max_bytes: int) -> None:
        self.path = path
        self._max_bytes = max_bytes
        self._new, self._tmp, self._packed = path / "new", path / "tmp", path / "packed"
        self._numbers = itertools.count()
        self._token = os.urandom(4).hex()

    @classmethod
    def of(cls, chosen: Settings) -> Self:
        """The one of this host."""
        return cls(Path(chosen.spool_dir), chosen.spool_max_mb * 1024 * 1024)

    # -- putting in

    def append(self, kind: str, payload: bytes) -> Path:
        """Keep an envelope. It outlives this process when this returns."""
        name = f"{time.time_ns():020}-{os.getpid()}-{self._token}-{next(self._numbers)}.{kind}"
        try:
            return self._write(name, payload)
        except FileNotFoundError:
            for folder in (self._tmp, self._new):
                folder.mkdir(parents=True, exist_ok=True)
            return self._write(name, payload)

    def _write(self, name: str, payload: bytes) -> Path:
        being_written, kept = self._tmp / name, self._new / name
        try:
            being_written.write_bytes(payload)
            being_written.rename(kept)
        except OSError:
            with suppress(OSError):
                being_written.unlink(missing_ok=True)
            raise
        return kept

    # -- taking out

    def locked(self) -> AbstractContextManager[bool]:
        """Whether we are the one who may take out. Never waits."""
        return try_lock(self.path / "lock")

    def batches(self) -> Iterator[Batch]:
        """All there is, the oldest first. What cannot be read is passed over: it must not stop the rest."""
        for pack in _listed(self._packed):
            try:
                yield Batch(_unpacked(pack), [pack])
            except (OSError, EOFError, ValueError, zlib.error):
                self._set_aside(pack)
        batch, size = Batch([], []), 0
        for file in _listed(self._new):
            with suppress(OSError):
                payload = file.read_bytes()
                batch.envelopes.append(Envelope(_kind(file), payload))
                batch.files.append(file)
                size += len(payload)
            if len(batch.files) >= _BATCH or size >= _BATCH_BYTES:
                yield batch
                batch, size = Batch([], []), 0
        if batch.files:
            yield batch

    def _set_aside(self, pack: Path) -> None:
        """For a person to look at; `doctor` tells."""
        folder = self.path / "unreadable"
        folder.mkdir(exist_ok=True)
        pack.rename(folder / pack.name)

    def remove(self, batch: Batch) -> None:
        for file in batch.files:
            file.unlink(missing_ok=True)

    # -- when nobody takes out

    def tidy(self) -> None:
        """Pack what has become much and drop the oldest where it is too much. Needs the lock."""
        for file in _listed(self._tmp):
            with suppress(FileNotFoundError):
                if time.time() - file.stat().st_mtime > _ABANDONED_SECONDS:
                    file.unlink()
        while len(files := _listed(self._new)[:_PACK]) == _PACK or _size(files) >= _PACK_BYTES:
            self._pack(files)
        self._drop()

    def _pack(self, files: list[Path]) -> None:
        self._packed.mkdir(exist_ok=True)
        being_written = self._tmp / f"{files[0].stem}.pack"
        with gzip.open(being_written, "wb", compresslevel=1) as pack:
            for file in files:
                pack.write(json.dumps([_kind(file), file.read_bytes().decode("utf-8", "surrogateescape")]).encode())
                pack.write(b"\n")
        being_written.rename(self._packed / f"{files[0].stem}-{len(files)}.pack")
        self.remove(Batch([], files))

    def _drop(self) -> None:
        packs = _listed(self._packed)
        size = _size(packs) + _size(_listed(self._new))
        while packs and size > self._max_bytes:
            oldest = packs.pop(0)
            size -= oldest.stat().st_size
            self.count_dropped(_records_in(oldest))
            oldest.unlink()

    # -- what is known of it

    def check(self) -> None:
        """Raises what `append` would."""
        self._tmp.mkdir(parents=True, exist_ok=True)
        probe = self._tmp / f"{os.getpid()}-{self._token}.probe"
        probe.write_bytes(b"probe")
        probe.unlink()

    def count_dropped(self, records: int) -> None:
        """Never silently: `doctor` and the metrics tell."""
        with (self.path / "dropped").open("a") as counter:
            counter.write(f"{time.time_ns()} {records}\n")

    def waiting(self) -> Waiting:
        packs, files = _listed(self._packed), _listed(self._new)
        first = (packs or files)[:1]
        return Waiting(
            records=sum(map(_records_in, packs)) + len(files),
            bytes=_size(packs) + _size(files),
            packed=len(packs),
            unreadable=len(_listed(self.path / "unreadable")),
            dropped=self._dropped(),
            oldest=int(first[0].name.partition("-")[0]) / 1e9 if first else None,
        )

    def _dropped(self) -> int:
        try:
            lines = (self.path / "dropped").read_text().splitlines()
        except FileNotFoundError:
            return 0
        return sum(int(line.partition(" ")[2]) for line in lines)

    def drained(self) -> None:
        """A worker says that it is looking after this spool, and that the store answers."""
        self.path.mkdir(parents=True, exist_ok=True)
        (self.path / "drained").touch()

    def is_drained(self) -> bool:
        """Whether one said so lately: then no task needs to hand anything over."""
        try:
            return time.time() - (self.path / "drained").stat().st_mtime < _DRAINED_SECONDS
        except FileNotFoundError:
            return False


def _listed(folder: Path) -> list[Path]:
    """In the order of their names, which begin with the time."""
    try:
        return sorted(map(Path, os.scandir(folder)))
    except FileNotFoundError:
        return []


def _size(files: list[Path]) -> int:
    total = 0
    for file in files:
        with suppress(FileNotFoundError):
            total += file.stat().st_size
    return total


def _kind(file: Path) -> str:
    return file.suffix[1:]


def _records_in(pack: Path) -> int:
    return int(pack.stem.rpartition("-")[2])


def _unpacked(pack: Path) -> list[Envelope]:
    with gzip.open(pack, "rb") as lines:
        stated = [json.loads(line) for line in lines]
    return [Envelope(kind, payload.encode("utf-8", "surrogateescape")) for kind, payload in stated]
