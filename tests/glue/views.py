"""Views in the dialects of several engines: what an update does to one is said by its action, never guessed."""

from __future__ import annotations

from tests.glue.model import Document
from tests.glue.refusals import invalid


def defined(given: Document | None) -> Document | None:
    """As it is shown: whether a dialect is up to date with the others is for the service to say."""
    if given is None:
        return None
    shown = [{**each, "IsStale": False} for each in given.get("Representations") or ()]
    return {**given, "Representations": shown} if shown else dict(given)


def many(given: Document | None) -> bool:
    return given is not None and len(given.get("Representations") or ()) > 1


def updated(before: Document | None, given: Document | None, action: str | None) -> Document | None:
    """The definition after an update; of a table without one there is nothing to say."""
    if before is None and given is None:
        return None
    if action is None:
        raise invalid("ViewUpdateAction is required to update a view.")
    if given is None:
        raise invalid("ViewDefinition is required with a ViewUpdateAction.")
    dialects = {each.get("Dialect"): each for each in (before or {}).get("Representations") or ()}
    new = {each.get("Dialect"): each for each in given.get("Representations") or ()}
    _expect(action, set(dialects), set(new))
    if action == "REPLACE":
        return defined(given)
    merged = [each for dialect, each in dialects.items() if dialect not in new]
    added = [] if action == "DROP" else list(new.values())
    return defined({**given, "Representations": merged + added})


def _expect(action: str, known: set[str | None], stated: set[str | None]) -> None:
    if action == "ADD" and known & stated:
        raise invalid("A dialect to be added is in the view already.")
    if action == "DROP" and stated - known:
        raise invalid("A dialect to be dropped is not in the view.")
