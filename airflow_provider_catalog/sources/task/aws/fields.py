"""Fields of an operator, as far as they are what they should be. They come from outside: each is asked for as a text, a
list or an object, and what it is not is nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Fields:
    """`connections`: what is known of those that the fields name."""

    stated: Body
    connections: Body = field(default_factory=dict)

    def text(self, *path: str) -> str:
        found = self._at(path)
        return found.strip() if type(found) is str else ""

    def texts(self, *path: str) -> list[str]:
        """One text is a list of it."""
        found = self._at(path)
        listed = found if type(found) is list else [found]
        return [each.strip() for each in listed if type(each) is str and each.strip()]

    def flag(self, *path: str) -> bool:
        return self._at(path) is True

    def object(self, *path: str) -> Fields:
        found = self._at(path)
        return Fields(found if type(found) is dict else {}, self.connections)

    def objects(self, *path: str) -> Iterator[Fields]:
        found = self._at(path)
        return (Fields(each, self.connections) for each in (found if type(found) is list else ()) if type(each) is dict)

    def connection(self, name: str) -> Fields:
        """The one that a field names."""
        return Fields(self.connections).object(self.text(name))

    def _at(self, path: tuple[str, ...]) -> Any:
        found: Any = self.stated
        for key in path:
            found = found.get(key) if type(found) is dict else None
        return found
