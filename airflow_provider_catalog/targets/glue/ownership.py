"""Whose each value of a table is. What we wrote last is remembered in the table itself, in the parameter
`catalog.managed`: of every value a hash of its name and one of what we wrote.

* A value that is as we wrote it is ours: it follows the catalog.
* A value that is there and is not as we wrote it is somebody else's, and stays, whatever the catalog says.
* A value that is missing is written, unless it is a parameter that we wrote and somebody took away.
* A type is the catalog's to tell when it is news: it gives way only to whoever changed it after the catalog told it.
* What begins with `catalog.` is ours at any time.

Where the memory is gone or broken all that is there is somebody else's.
"""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Literal, TypeAlias

from airflow_provider_catalog.targets.glue.limits import shown

MEMORY = "catalog.managed"
PREFIX = "catalog."
Kind: TypeAlias = Literal["parameter", "comment", "type", "owner", "location", "format", "SerDe parameter"]

_BYTES = 6
_ENTRY = 16
_MOST = 30_000
"""So many fit into a parameter."""


class Ownership:
    """Settles value after value, and remembers what is ours by then. `notes`: what stays as somebody else wrote it."""

    def __init__(self, memory: str) -> None:
        self._wrote = _read(memory)
        self.notes: list[str] = []

    def is_ours(self, kind: Kind, name: str, value: str) -> bool:
        """It is as we wrote it."""
        return self._wrote.get(_hash(kind, name)) == _hash(value)

    def settle(self, kind: Kind, name: str, wanted: str | None, actual: str | None) -> str | None:
        """What the value is to be. None, wanted: it is to go; actual: it is not there."""
        key = _hash(kind, name)
        if wanted == actual:
            return self._agreed(key, actual)
        if kind == "parameter" and name.startswith(PREFIX):
            return wanted
        if actual is None and kind == "parameter" and wanted is not None and self._wrote.get(key) == _hash(wanted):
            self.notes.append(f"the {kind} {name} was taken away by somebody, and stays away")
            return None
        if actual and not self._may_change(kind, key, wanted, actual):
            if wanted is not None:
                self.notes.append(_stays(kind, name, wanted, actual))
            return actual
        self.remember(kind, name, wanted)
        return wanted

    def remember(self, kind: Kind, name: str, value: str | None) -> None:
        """That we write this, or take it away."""
        if value is None:
            self._wrote.pop(_hash(kind, name), None)
        else:
            self._wrote[_hash(kind, name)] = _hash(value)

    def memory(self) -> str:
        return "".join(f"{key}{value}" for key, value in sorted(self._wrote.items())[:_MOST])

    def _agreed(self, key: str, value: str | None) -> str | None:
        if value is None:
            self._wrote.pop(key, None)
        elif key in self._wrote:
            self._wrote[key] = _hash(value)
        return value

    def _may_change(self, kind: Kind, key: str, wanted: str | None, actual: str) -> bool:
        if kind == "type" and wanted is not None and self._wrote.get(key) != _hash(wanted):
            return True
        return self._wrote.get(key) == _hash(actual)


def _stays(kind: Kind, name: str, wanted: str, actual: str) -> str:
    named = f" {name}" if "parameter" in kind else f" of {name}" if name else ""
    return f"the {kind}{named} stays {shown(actual)}, as somebody else wrote it; the catalog has {shown(wanted)}"


def _hash(*parts: str) -> str:
    of = "\0".join(parts).encode("utf-8", "surrogatepass")
    return base64.urlsafe_b64encode(hashlib.blake2b(of, digest_size=_BYTES).digest()).decode()


def _read(memory: str) -> dict[str, str]:
    if len(memory) % _ENTRY or not re.fullmatch(r"[A-Za-z0-9_-]*", memory):
        return {}
    entries = (memory[at : at + _ENTRY] for at in range(0, len(memory), _ENTRY))
    return {entry[: _ENTRY // 2]: entry[_ENTRY // 2 :] for entry in entries}
