"""Parameters that many routes take, each with its bounds and what it means."""

from __future__ import annotations

from typing import Annotated, NamedTuple

from fastapi import Depends, Query
from pydantic import BeforeValidator, StringConstraints, WithJsonSchema

from airflow_provider_catalog.services.cursor import PATTERN
from airflow_provider_catalog.services.lineage import Filters
from airflow_provider_catalog.services.lineage.reach import MAX_DEPTH, MAX_LIMIT
from airflow_provider_catalog.services.times import iso, parse

LONGEST = 4_000
_MOMENT_LONGEST = 100
_TIMES = "2025-02-04, 2025-02-04T10:00Z, or how long ago: 3d, 12h"


def _moment(text: object) -> int:
    """Of what `times.parse` can read, moments that a calendar has."""
    stated = str(text)
    if len(stated) > _MOMENT_LONGEST:
        raise ValueError(f"a time of {len(stated)} characters: write {_TIMES}")
    found = parse(stated)
    try:
        iso(found)
    except OverflowError:
        raise ValueError(f"{stated!r} lies before the year 1 or after the year 9999") from None
    return found


Moment = Annotated[
    int, BeforeValidator(_moment), WithJsonSchema({"type": "string", "maxLength": _MOMENT_LONGEST, "examples": ["3d"]})
]
AsOf = Annotated[Moment | None, Query(description=f"As it was then: {_TIMES}")]

Dataset = Annotated[
    str,
    Query(
        min_length=1,
        max_length=LONGEST,
        description="Its id, such as postgres://host:5432/db.schema.table, or the last parts of its name",
    ),
]
Job = Annotated[
    str, Query(min_length=1, max_length=LONGEST, description="Its id, namespace/name, or the last parts of its name")
]
Column = Annotated[str, Query(max_length=LONGEST, description="Of this column of it; nested ones with dots")]
Prefix = Annotated[
    str, Query(max_length=LONGEST, description="How the last part of the name begins; case does not count")
]

Kind = Annotated[str, StringConstraints(pattern="^[a-z_]{1,50}$")]
Namespace = Annotated[str, Query(max_length=LONGEST, description="Only those in this namespace")]
Platform = Annotated[str, Query(max_length=100, description="Only those of this platform, such as snowflake")]
OneOf = Annotated[tuple[Annotated[str, StringConstraints(max_length=LONGEST)], ...], Query(max_length=100)]

Depth = Annotated[int, Query(ge=1, le=MAX_DEPTH, description="Hops in each direction")]
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="Datasets at most, the nearest of all directions")]
Count = Annotated[int, Query(ge=1, le=1_000, description="So many at most")]
After = Annotated[str, Query(pattern=PATTERN, description="The `next` of the page before")]


class Reach(NamedTuple):
    """How far to look, and when."""

    depth: int
    limit: int
    as_of: int | None


async def _reach(depth: Depth = 3, limit: Limit = 1_000, as_of: AsOf = None) -> Reach:
    return Reach(depth, limit, as_of)


async def _filters(
    *,
    platform: Annotated[OneOf, Query(description="Show those of this platform only; may be repeated")] = (),
    namespace: Annotated[OneOf, Query(description="Show those in this namespace only; may be repeated")] = (),
    name: Annotated[str, Query(max_length=500, description="Show those whose id or name matches, as *.orders")] = "",
    min_confidence: Annotated[float, Query(ge=0, le=1, description="Follow edges that are at least so sure")] = 0.0,
    influences: Annotated[bool, Query(description="Columns: follow filters, joins and sorting, too")] = True,
) -> Filters:
    return Filters(platform, namespace, name, min_confidence, influences)


Reaching = Annotated[Reach, Depends(_reach)]
Filtering = Annotated[Filters, Depends(_filters)]
