"""The values of a partition as whoever writes a DAG states them: by name, in order, or in the path that it lies in.

    {"dt": "2026-01-01", "hour": 3}     ("2026-01-01", 3)     "s3://lake/orders/dt=2026-01-01/hour=3/"
    {"values": {"dt": "2026-01-01", "hour": 3}, "location": "s3://elsewhere/"}

Glue keeps any text as a value, and every query fails then that reads it as its type: so it is looked at here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from functools import partial
from typing import Any, NamedTuple
from urllib.parse import unquote

from airflow_provider_catalog.targets.glue.limits import fault, shown
from airflow_provider_catalog.targets.glue.stated import StatedError

NULL = "__HIVE_DEFAULT_PARTITION__"
"""What Hive and Athena read as nothing, whatever the type."""
_SEGMENT = re.compile(r"([^/=]+)=([^/]*)")
_TYPE = re.compile(r"\s*(\w+)\s*(?:\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\))?\s*")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,9})?")
_BITS = {"tinyint": 8, "smallint": 16, "int": 32, "integer": 32, "bigint": 64}


class PartitionKey(NamedTuple):
    """As Glue has it."""

    name: str
    type: str


class Stated(NamedTuple):
    """A partition. `location`: empty where it is not said."""

    values: tuple[str, ...]
    location: str = ""


def keys_of(table: Mapping[str, Any]) -> tuple[PartitionKey, ...]:
    keys = table.get("PartitionKeys") or ()
    return tuple(PartitionKey(str(key["Name"]).lower(), str(key.get("Type") or "string")) for key in keys)


def read(stated: Any, keys: Sequence[PartitionKey]) -> Stated:
    """Raises StatedError with the reason."""
    if isinstance(stated, Mapping) and isinstance(stated.get("values"), Mapping | list | tuple):
        return Stated(_values(stated["values"], keys), str(stated.get("location") or ""))
    if isinstance(stated, str) and "=" in stated:
        return _of_path(stated, keys)
    return Stated(_values(stated, keys))


def _values(stated: Any, keys: Sequence[PartitionKey]) -> tuple[str, ...]:
    if isinstance(stated, Mapping):
        return _named({str(name).lower(): value for name, value in stated.items()}, keys)
    values = [*stated] if isinstance(stated, list | tuple) else [stated]
    if len(values) != len(keys):
        raise StatedError(f"it has {len(values)} values, and the table is partitioned by {_listed(keys)}")
    return tuple(_value(value, key) for value, key in zip(values, keys, strict=True))


def _named(stated: Mapping[str, Any], keys: Sequence[PartitionKey]) -> tuple[str, ...]:
    names = [key.name for key in keys]
    if missing := [name for name in names if name not in stated]:
        raise StatedError(f"it has no value for {missing[0]}; the table is partitioned by {_listed(keys)}")
    if unknown := [name for name in stated if name not in names]:
        raise StatedError(f"{shown(unknown[0])} is no key; the table is partitioned by {_listed(keys)}")
    return tuple(_value(stated[key.name], key) for key in keys)


def _of_path(path: str, keys: Sequence[PartitionKey]) -> Stated:
    """The folder goes as far as its last key: what follows is a file. What stands before the first of the table's own
    keys is part of where the table lies.
    """
    names = [key.name for key in keys]
    found = [(each, each[1].lower()) for each in _SEGMENT.finditer(path)]
    first = next((at for at, (_, name) in enumerate(found) if name in names), len(found))
    stated = {name: unquote(each[2]) for each, name in found[first:]}
    values = _named(stated, keys)
    end = max(each.end() for each, name in found if name in names)
    return Stated(values, f"{path[:end]}/" if "://" in path else "")


def _listed(keys: Sequence[PartitionKey]) -> str:
    return ", ".join(key.name for key in keys) or "nothing"


def _value(value: Any, key: PartitionKey) -> str:
    text = _text(value.date() if isinstance(value, datetime) and key.type.lower() == "date" else value)
    if text != NULL and (problem := fault("ValueString", text) or ("is empty" if not text else _misfit(text, key))):
        raise StatedError(f"the value {shown(text)} of {key.name} {problem}")
    return text


def _text(value: Any) -> str:
    """As Hive writes it, which knows no time zones."""
    if value is None:
        return NULL
    if isinstance(value, datetime):
        moment = value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value
        return moment.isoformat(sep=" ")
    return str(value).lower() if isinstance(value, bool) else str(value)


def _misfit(text: str, key: PartitionKey) -> str:
    """Why it is no value of the type; empty where it is, or where nobody knows the type."""
    found = _TYPE.fullmatch(key.type.lower())
    check = _CHECKS.get(found[1]) if found else None
    if found is None or check is None:
        return ""
    with suppress(ValueError):
        if check(text, [int(each) for each in found.groups()[1:] if each]):
            return ""
    return f"is no {key.type}"


def _is_integer(bits: int, text: str, _: list[int]) -> bool:
    most = 1 << (bits - 1)
    return re.fullmatch(r"[+-]?[0-9]{1,20}", text) is not None and -most <= int(text) < most


def _is_decimal(text: str, arguments: list[int]) -> bool:
    """Of ten digits, none of them behind the point, where the type does not say how many."""
    digits, scale = (*arguments, *(10, 0)[len(arguments) :])
    found = re.fullmatch(r"[+-]?0*([0-9]*)(?:\.([0-9]*?)0*)?", text)
    return found is not None and len(found[1]) <= digits - scale and len(found[2] or "") <= scale


def _is_float(text: str, _: list[int]) -> bool:
    return re.fullmatch(r"[^_\s]+", text) is not None and float(text) is not None


def _is_boolean(text: str, _: list[int]) -> bool:
    return text.lower() in ("true", "false")


def _is_date(text: str, _: list[int]) -> bool:
    return re.fullmatch(r"\d{4}-\d\d-\d\d", text) is not None and date.fromisoformat(text) is not None


def _is_moment(text: str, _: list[int]) -> bool:
    return _MOMENT.fullmatch(text) is not None and datetime.fromisoformat(text[:19]) is not None


def _is_short(text: str, arguments: list[int]) -> bool:
    return not arguments or len(text) <= arguments[0]


_CHECKS: Mapping[str, Callable[[str, list[int]], bool]] = {
    **{name: partial(_is_integer, bits) for name, bits in _BITS.items()},
    **dict.fromkeys(("char", "varchar"), _is_short),
    **dict.fromkeys(("float", "double"), _is_float),
    **dict.fromkeys(("decimal", "numeric"), _is_decimal),
    "boolean": _is_boolean,
    "date": _is_date,
    "timestamp": _is_moment,
}
