"""The columns of one file, by two short reads at most: its end, and the beginning of a footer that is longer."""

from __future__ import annotations

from airflow_provider_catalog.model.statement import Json
from airflow_provider_catalog.targets.files.parquet import NotParquetError, fields
from airflow_provider_catalog.targets.files.storage import NotRead, Storage, Tail

TAIL_BYTES = 65_536
SCHEMA_BYTES = 2 * 1024 * 1024
"""The schema stands first in a footer, and takes no more than this."""
_MAGIC, _ENCRYPTED = b"PAR1", b"PARE"
_END, _SHORTEST = 8, 12


def is_parquet(tail: Tail) -> bool:
    """Encrypted or not."""
    return tail.file.size >= _SHORTEST and tail.data[-4:] in (_MAGIC, _ENCRYPTED)


def columns(storage: Storage, tail: Tail) -> list[Json]:
    """As fields of OpenLineage."""
    where = f"{tail.file.path[-500:]} cannot be read"
    if not is_parquet(tail):
        raise NotRead(f"{where}: it is no Parquet file, or was not written to its end")
    if tail.data[-4:] == _ENCRYPTED:
        raise NotRead(f"{where}: its footer is encrypted; let the task say its schema")
    try:
        return fields(_footer(storage, tail))
    except NotParquetError as error:
        raise NotRead(f"{where}: {error}") from error


def _footer(storage: Storage, tail: Tail) -> bytes:
    """As much of it as the schema may take."""
    size = int.from_bytes(tail.data[-_END:-4], "little")
    start = tail.file.size - _END - size
    if start < 4:
        raise NotParquetError(f"its footer is said to take {size:,} bytes, and the file has {tail.file.size:,}")
    if size + _END <= len(tail.data):
        return tail.data[-_END - size : -_END]
    return storage.piece(tail.file, start, min(size, SCHEMA_BYTES))
