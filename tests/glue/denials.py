"""Who may not do what: actions of IAM that are denied, on resources whose ARN is like a pattern."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from tests.glue.model import Document
from tests.glue.refusals import Refused
from tests.glue.state import State

_NAMES = ("TableName", "Name", "CrawlerName", "JobName")
_ALSO = {
    "CreateCrawler": ("iam:PassRole",),
    "UpdateCrawler": ("iam:PassRole",),
    "CreateTableOptimizer": ("iam:PassRole",),
    "UpdateTableOptimizer": ("iam:PassRole",),
}
"""What an operation needs beside the action that is called like it."""


class Denials(set[tuple[str, str]]):
    """Pairs of an action and a pattern of ARNs."""

    def check(self, state: State, operation: str, request: Document) -> None:
        if not self:
            return
        for action in (f"glue:{operation}", *_ALSO.get(operation, ())):
            for resource in _resources(state, operation, request):
                if any(action == denied and fnmatchcase(resource, pattern) for denied, pattern in self):
                    raise _denied(state.caller, action, request.get("Role") if action.startswith("iam:") else resource)


def _denied(caller: str, action: str, resource: str | None) -> Refused:
    said = f"User: {caller} is not authorized to perform: {action} on resource: {resource}"
    return Refused("AccessDeniedException", f"{said} because no identity-based policy allows the {action} action")


def _resources(state: State, operation: str, request: Document) -> Iterator[str]:
    """The catalog first: that is what AWS names for most of them."""
    if "Crawler" in operation or "Job" in operation:
        kind = "crawler" if "Crawler" in operation else "job"
        yield state.arn(f"{kind}/{_named(request) or '*'}")
        return
    yield state.arn("catalog")
    database = request.get("DatabaseName")
    table = _named(request) or (request.get("TableInput") or {}).get("Name")
    if database:
        yield state.arn(f"database/{database.lower()}")
        yield state.arn(f"table/{database.lower()}/{(table or '*').lower()}")


def _named(request: Document) -> str | None:
    return next((request[name] for name in _NAMES if isinstance(request.get(name), str)), None)
