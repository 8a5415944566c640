"""What was passed over in a document while it was read: facets of a wrong type lose themselves, not the event."""

from __future__ import annotations

from typing import Any

from airflow_provider_catalog.sources.checks import shape


class Notes(list[tuple[str, str]]):
    """(path, reason) of each thing that was not taken."""

    def skip(self, path: str, reason: str) -> None:
        self.append((path, reason))

    def object(self, value: Any, path: str) -> dict[str, Any]:
        """`value` if it is an object, else an empty one and a note; null is an empty one."""
        if type(value) is dict:
            return value
        if value is not None:
            self.skip(path, f"expected an object, found {shape(value)}")
        return {}

    def objects(self, value: Any, path: str) -> list[tuple[str, dict[str, Any]]]:
        """The objects of a list, with their paths."""
        if value is None:
            return []
        if type(value) is not list:
            self.skip(path, f"expected a list, found {shape(value)}")
            return []
        return [(f"{path}/{i}", each) for i, each in enumerate(value) if self._is_object(each, f"{path}/{i}")]

    def text(self, value: Any, path: str) -> str | None:
        if type(value) is str:
            return value
        self.skip(path, f"expected a string, found {shape(value)}")
        return None

    def _is_object(self, value: Any, path: str) -> bool:
        if type(value) is dict:
            return True
        self.skip(path, f"expected an object, found {shape(value)}")
        return False
