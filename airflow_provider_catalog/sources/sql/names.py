"""Names of tables as SQL states them: parts, which the session's defaults complete."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

_NOWHERE = frozenset({"dual", "sysibm.sysdummy1"})
"""What SELECT reads where it must read something."""


NO_NAME = "_not_known_"
"""Stands where a template would have put something."""


class Names(NamedTuple):
    """The database and the schema that a session is in, as far as they are known."""

    database: str | None = None
    schema: str | None = None

    def qualified(self, parts: Sequence[str]) -> str | None:
        """Dotted; a dot inside a part is escaped, as the naming conventions have it. None for what is no table. In
        `db..t` the schema is the session's.
        """
        if len(parts) == 3 and not parts[1]:
            parts = [part for part in (parts[0], self.schema, parts[2]) if part]
            return ".".join(part.replace(".", "\\.") for part in parts) or None
        lowered = [part.lower() for part in parts]
        if NO_NAME in lowered or "" in lowered or ".".join(lowered) in _NOWHERE:
            return None
        missing = (self.database, self.schema)[: max(0, 3 - len(parts))]
        return ".".join(part.replace(".", "\\.") for part in (*missing, *parts) if part)
