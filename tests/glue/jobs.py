"""Jobs, their runs, and connections: a test puts them in, clients read them."""

from __future__ import annotations

from tests.glue import model, pages
from tests.glue.model import Document
from tests.glue.operations import operation
from tests.glue.refusals import not_found
from tests.glue.shelf import Shelf
from tests.glue.state import State

_SECRET = "PASSWORD"


class Jobs(Shelf[str, Document]):
    """By name."""


class Runs(dict[str, Shelf[int, Document]]):
    """By the name of their job, the latest first."""


class Connections(Shelf[str, Document]):
    """By name."""


def add(state: State, document: Document) -> None:
    """A job, as GetJob shows it."""
    state.of(Jobs)[document["Name"]] = _checked("Job", document)


def ran(state: State, document: Document) -> None:
    """A run of a job, as GetJobRun shows it; one of the same id is this one from now on."""
    runs = state.of(Runs).setdefault(document["JobName"], Shelf())
    known = (key for key, each in runs.items() if each["Id"] == document["Id"])
    runs[next(known, -len(runs))] = _checked("JobRun", document)


def connect(state: State, document: Document) -> None:
    """A connection, as GetConnection shows it."""
    state.of(Connections)[document["Name"]] = _checked("Connection", document)


@operation("GetJob")
def get(state: State, request: Document) -> Document:
    found = state.of(Jobs).get(request["JobName"])
    if found is None:
        raise not_found(f"Job {request['JobName']} not found.")
    return {"Job": found}


@operation("GetJobRun")
def get_run(state: State, request: Document) -> Document:
    runs = state.of(Runs).get(request["JobName"], Shelf())
    found = next((each for each in runs.values() if each["Id"] == request["RunId"]), None)
    if found is None:
        raise not_found(f"Job run {request['RunId']} not found.")
    return {"JobRun": found}


@operation("GetJobRuns")
def get_runs(state: State, request: Document) -> Document:
    get(state, request)
    page = pages.read(state, request, state.of(Runs).get(request["JobName"], Shelf()), 200)
    return {"JobRuns": page.items, **page.token}


@operation("GetConnection")
def get_connection(state: State, request: Document) -> Document:
    found = state.of(Connections).get(request["Name"])
    if found is None:
        raise not_found(f"Connection {request['Name']} not found.")
    return {"Connection": _shown(found, request)}


@operation("GetConnections")
def get_connections(state: State, request: Document) -> Document:
    kind = (request.get("Filter") or {}).get("ConnectionType")
    page = pages.read(
        state, request, state.of(Connections), 1000, lambda each: kind is None or each.get("ConnectionType") == kind
    )
    return {"ConnectionList": [_shown(each, request) for each in page.items], **page.token}


def _shown(connection: Document, request: Document) -> Document:
    """The password only for those who do not say that they do not want it."""
    if not request.get("HidePassword"):
        return connection
    properties = connection.get("ConnectionProperties") or {}
    return {**connection, "ConnectionProperties": {name: properties[name] for name in properties if name != _SECRET}}


def _checked(shape: str, document: Document) -> Document:
    if wrong := model.mistakes(model.service().shape_for(shape), document):
        raise ValueError(f"no {shape}: {wrong}")
    return document
