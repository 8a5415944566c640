"""The member Configuration of a crawler: JSON in a text, which AWS reads only when it is told."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

PLAIN = '{"Version":1.0}'
"""What takes back all that was configured."""

_VERSION = 1
_COUNT = "a positive integer"
_SWITCH = "true or false"
_Known: TypeAlias = Mapping[str, Any]
_KNOWN: _Known = {
    "Version": _VERSION,
    "CreatePartitionIndex": _SWITCH,
    "Grouping": {"TableGroupingPolicy": ("CombineCompatibleSchemas",), "TableLevelConfiguration": _COUNT},
    "CrawlerOutput": {
        "Partitions": {"AddOrUpdateBehavior": ("InheritFromTable",)},
        "Tables": {"AddOrUpdateBehavior": ("MergeNewColumns",), "TableThreshold": _COUNT},
    },
}
_OF_CATALOG_TARGETS = "CombineCompatibleSchemas"


def text_of(stated: Any) -> Any:
    """People may write what is in it as it is."""
    return json.dumps(stated) if isinstance(stated, Mapping) else stated


def canonical(stated: Any, *, of_catalog: bool) -> Any:
    """As a mapping, whatever its spaces and order; what is no JSON stays. AWS groups tables of catalogs by itself."""
    try:
        read = json.loads(stated or PLAIN)
    except (TypeError, ValueError):
        return stated
    if not isinstance(read, dict):
        return stated
    said = {name: value for name, value in read.items() if (name, value) != ("Version", _VERSION)}
    if of_catalog and isinstance(grouping := said.get("Grouping", {}), dict):
        said["Grouping"] = {"TableGroupingPolicy": _OF_CATALOG_TARGETS, **grouping}
    return _spelled(said)


def faults(stated: Any) -> Iterator[str]:
    if not stated:
        return
    try:
        read = json.loads(stated)
    except (TypeError, ValueError) as error:
        yield f"Configuration is no JSON ({error}): write it as a dict"
        return
    if not isinstance(read, dict) or "Version" not in read:
        yield 'Configuration has to be an object with "Version": 1.0 in it'
        return
    yield from _faults("Configuration", read, _KNOWN)


def _faults(path: str, stated: Mapping[str, Any], known: _Known) -> Iterator[str]:
    for name, value in stated.items():
        at = f"{path}.{name}"
        wanted = known.get(name)
        if wanted is None:
            yield f"{at} is nothing that AWS knows; there are {', '.join(known)}"
        elif isinstance(wanted, Mapping) and isinstance(value, Mapping):
            yield from _faults(at, value, wanted)
        elif problem := _fault(value, wanted):
            yield f"{at} is {json.dumps(value)}, and has to be {problem}"


def _fault(value: Any, wanted: Any) -> str:
    """A number in quotes is none to AWS."""
    if isinstance(wanted, Mapping):
        return "an object"
    if wanted == _COUNT:
        return "" if type(value) is int and value > 0 else _COUNT
    if wanted == _SWITCH:
        return "" if isinstance(value, bool) else _SWITCH
    if wanted == _VERSION:
        return "" if type(value) in (int, float) and value == _VERSION else "the number 1.0"
    return "" if value in wanted else " or ".join(wanted)


def _spelled(value: Any) -> Any:
    """A switch that is off is not the same as one that nobody touched: AWS has defaults of its own."""
    if isinstance(value, dict):
        return {name: _spelled(each) for name, each in value.items()}
    return json.dumps(value) if isinstance(value, bool) else value
