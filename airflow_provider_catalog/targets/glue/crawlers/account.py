"""Crawlers of an account, and the databases they write to: asked about, made and changed, a call each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from airflow_provider_catalog.errors import CatalogError
from airflow_provider_catalog.targets.glue.calls import Calls, Refused

READY = "READY"
_MISSING, _THERE = "EntityNotFoundException", "AlreadyExistsException"
_BUSY = frozenset({"CrawlerRunningException", "SchedulerTransitioningException"})
_RUNNING = "while running"
"""Some were answered so under the code of an invalid input."""


_GIVE_ROLE = "iam:PassRole"


class RoleRefused(CatalogError):  # noqa: N818  what happened, as in errors.py
    """Who makes a crawler gives it a role, which is a right of its own."""

    def __init__(self, role: str, refused: Refused) -> None:
        super().__init__(f"allow {_GIVE_ROLE} on the role {role} to whoever runs the task: {refused.message}")
        self.role = role


def is_busy(refused: Refused) -> bool:
    """What is wanted goes when the crawler is done."""
    return refused.code in _BUSY or _RUNNING in refused.message


class Crawlers:
    """`catalog_id`: whose Data Catalog the databases are in, unless the caller's."""

    def __init__(self, calls: Calls, catalog_id: str | None = None) -> None:
        self._calls = calls
        self._catalog = {"CatalogId": catalog_id} if catalog_id else {}

    def crawler(self, name: str) -> Mapping[str, Any] | None:
        try:
            found: Mapping[str, Any] = self._calls("get_crawler", Name=name)["Crawler"]
        except Refused as error:
            if error.code != _MISSING:
                raise
            return None
        return found

    def create(self, request: Mapping[str, Any]) -> None:
        self._write("create_crawler", request)

    def update(self, request: Mapping[str, Any]) -> None:
        """Refused while it runs: see `is_busy`."""
        self._write("update_crawler", request)

    def _write(self, operation: str, request: Mapping[str, Any]) -> None:
        try:
            self._calls(operation, **request)
        except Refused as error:
            if _GIVE_ROLE in error.message:
                raise RoleRefused(str(request.get("Role")), error) from error
            raise

    # -- tags

    def tags(self, arn: str) -> Mapping[str, str]:
        found: Mapping[str, str] = self._calls("get_tags", ResourceArn=arn).get("Tags") or {}
        return found

    def tag(self, arn: str, add: Mapping[str, str], remove: Sequence[str]) -> None:
        """First away, then on: there may be no room for both."""
        if remove:
            self._calls("untag_resource", ResourceArn=arn, TagsToRemove=list(remove))
        if add:
            self._calls("tag_resource", ResourceArn=arn, TagsToAdd=dict(add))

    # -- databases

    def has_database(self, name: str) -> bool:
        try:
            self._calls("get_database", Name=name, **self._catalog)
        except Refused as error:
            if error.code != _MISSING:
                raise
            return False
        return True

    def create_database(self, name: str) -> None:
        """Another may be quicker."""
        try:
            self._calls("create_database", DatabaseInput={"Name": name}, **self._catalog)
        except Refused as error:
            if error.code != _THERE:
                raise
