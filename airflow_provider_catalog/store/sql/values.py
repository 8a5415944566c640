"""Reading values by their ids: what claims and lineages are the hashes of."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection

from airflow_provider_catalog.store.sql import tables
from airflow_provider_catalog.store.sql.dialect import Dialect
from airflow_provider_catalog.store.sql.packing import unpack


def read(dialect: Dialect, connection: Connection, ids: Iterable[bytes]) -> dict[bytes, Any]:
    rows = dialect.select(connection, tables.value, ("id", "body"), ["id"], [(id_,) for id_ in sorted(ids)])
    return {bytes(id_): json.loads(unpack(body)) for id_, body in rows}
