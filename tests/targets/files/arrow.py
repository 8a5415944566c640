"""Files as pyarrow writes them."""

from __future__ import annotations

import io
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]  # it comes without types
import pyarrow.parquet as pq  # type: ignore[import-untyped]  # as above

__all__ = ["pa", "parquet", "written"]


def written(schema: pa.Schema, **how: Any) -> bytes:
    """A footer."""
    raw = _made(schema.empty_table(), **how)
    return raw[-8 - int.from_bytes(raw[-8:-4], "little") : -8]


def parquet(**columns: str) -> bytes:
    """A file without rows; types as Arrow calls them."""
    return _made(pa.schema([(name, pa.type_for_alias(type_)) for name, type_ in columns.items()]).empty_table())


def _made(table: pa.Table, **how: Any) -> bytes:
    made = io.BytesIO()
    pq.write_table(table, made, **how)
    return made.getvalue()
