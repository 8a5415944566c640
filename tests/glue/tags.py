"""Tags of whatever has an ARN here: those in the catalog of this account, region and partition, and no others."""

from __future__ import annotations

from tests.glue.model import Document
from tests.glue.operations import operation
from tests.glue.refusals import invalid, not_found
from tests.glue.state import State

_MOST = 50


class Tags(dict[str, dict[str, str]]):
    """By ARN. What can have tags is in it from when it is made until it is gone."""


def made(state: State, resource: str, given: dict[str, str] | None) -> str:
    """The ARN of what was made. It refuses tags that cannot be, so call it first."""
    arn = state.arn(resource)
    _expect(given or {}, 0)
    state.of(Tags)[arn] = dict(given or {})
    return arn


def gone(state: State, resource: str) -> None:
    state.of(Tags).pop(state.arn(resource), None)


def of(state: State, resource: str) -> dict[str, str]:
    return state.of(Tags).get(state.arn(resource), {})


@operation("TagResource", writes=True)
def add(state: State, request: Document) -> Document:
    known = _found(state, request["ResourceArn"])
    added = request["TagsToAdd"]
    _expect(added, len(set(known) - set(added)))
    known.update(added)
    return {}


@operation("UntagResource", writes=True)
def remove(state: State, request: Document) -> Document:
    known = _found(state, request["ResourceArn"])
    for key in request["TagsToRemove"]:
        known.pop(key, None)
    return {}


@operation("GetTags")
def get(state: State, request: Document) -> Document:
    return {"Tags": dict(_found(state, request["ResourceArn"]))}


def _found(state: State, arn: str) -> dict[str, str]:
    home = state.arn("")
    if not arn.startswith(home):
        raise invalid(f"The ARN {arn} is not of {home}.")
    found = state.of(Tags).get(arn)
    if found is None:
        raise not_found(f"Resource {arn} not found.")
    return found


def _expect(given: dict[str, str], others: int) -> None:
    if any(key.lower().startswith("aws:") for key in given):
        raise invalid("Tag keys that begin with aws: are reserved.")
    if len(given) + others > _MOST:
        raise invalid(f"A resource has at most {_MOST} tags.")
