"""Since when the columns of a table are known to be so, remembered in the table itself, in the parameter
`catalog.schema_as_of`: several datasets may be one table, such as its partitions, and the one that is told of last need
not be the one whose columns are the latest.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from airflow_provider_catalog.services.times import iso, parse
from airflow_provider_catalog.targets.glue.table_input import Table, members

AS_OF = "catalog.schema_as_of"


def is_news(schema_as_of: int, before: Table) -> bool:
    """Whoever does not say since when is believed."""
    return not schema_as_of or schema_as_of >= _known(before)


def remembered(schema_as_of: int, after: Mapping[str, Any]) -> dict[str, Any]:
    """The same table, which knows how late its columns are."""
    if schema_as_of <= _known(after):
        return dict(after)
    return {**after, "Parameters": {**members(after, "Parameters"), AS_OF: iso(schema_as_of)}}


def _known(table: Table) -> int:
    with suppress(ValueError):
        return parse(str(members(table, "Parameters").get(AS_OF)))
    return 0
