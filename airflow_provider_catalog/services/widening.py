"""Whether who reads a column by its old type can read it by its new one. Types are texts of any database: what is not
sure to be wider is taken for another type.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_LADDERS = (
    (
        ("tinyint", "byte"),
        ("smallint", "short", "int2", "int16"),
        ("int", "integer", "int4", "int32"),
        ("bigint", "long", "int64"),
    ),
    (("real", "float4", "float32"), ("float",), ("double", "double precision", "float8", "float64")),
    (("char", "character"),),
    (("varchar", "character varying", "nvarchar"), ("text", "string")),
    (("decimal", "numeric"),),
)
"""Each type can hold all that those before it in its row can."""
_STEPS = {
    name: (row, step) for row, ladder in enumerate(_LADDERS) for step, names in enumerate(ladder) for name in names
}
_TYPE = re.compile(r"([a-z]\w*(?: [a-z]+)?) ?(?:\( ?(\d{1,9}) ?(?:, ?(\d{1,9}) ?)?\))?", re.IGNORECASE | re.ASCII)


class _Type(NamedTuple):
    """`size` None: without a limit. Of decimals it counts the digits before the point, `scale` those after it."""

    ladder: int
    step: int
    size: int | None
    scale: int


def widens(before: str, after: str) -> bool:
    """Whether `after` holds all that `before` does; so does the same type in another spelling."""
    old, new = _read(before), _read(after)
    if old is None or new is None:
        return before.strip().lower() == after.strip().lower()
    fits = new.size is None or (old.size is not None and new.size >= old.size)
    return old.ladder == new.ladder and old.step <= new.step and fits and old.scale <= new.scale


def _read(text: str) -> _Type | None:
    found = _TYPE.fullmatch(text)
    known = found and _STEPS.get(found[1].lower())
    if not found or not known:
        return None
    scale = int(found[3] or 0)
    return _Type(*known, int(found[2]) - scale if found[2] else None, scale)
