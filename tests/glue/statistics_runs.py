"""Runs that compute statistics of columns: what one finds a test says, and it goes on by being looked at.

statistics_runs.plan(server.state, "sales", "orders", found=[...], looks=2)
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

from tests.glue import column_statistics, links, pages
from tests.glue.model import Document
from tests.glue.operations import operation
from tests.glue.refusals import Refused, invalid, not_found
from tests.glue.shelf import Shelf
from tests.glue.state import State

_GOING_ON = {"STARTING", "RUNNING"}


@dataclass(slots=True)
class Plan:
    """`found`: statistics of columns, as an update of them takes them. `error`: it fails with that."""

    found: list[Document] = field(default_factory=list)
    looks: int = 1
    error: str = ""


@dataclass(slots=True)
class Run:
    document: Document
    plan: Plan
    left: int


class Runs:
    """`shelf`: the latest first."""

    def __init__(self) -> None:
        self.shelf: Shelf[int, Run] = Shelf()
        self.plans: dict[tuple[str, str], Plan] = {}


def plan(
    state: State, database: str, table: str, found: list[Document] | None = None, looks: int = 1, error: str = ""
) -> None:
    """What each run on that table is from now on."""
    state.of(Runs).plans[database, table] = Plan(found or [], looks, error)


@operation("StartColumnStatisticsTaskRun", writes=True)
def start(state: State, request: Document) -> Document:
    found = links.table(state, request).document
    place = (found["DatabaseName"], found["Name"])
    if _current(state, place) is not None:
        raise Refused("ColumnStatisticsTaskRunningException", f"A run on {'.'.join(place)} is going on.")
    columns = {column["Name"] for column in (found.get("StorageDescriptor") or {}).get("Columns") or ()}
    names = [name.lower() for name in request.get("ColumnNameList") or sorted(columns)]
    if unknown := set(names) - columns:
        raise invalid(f"Columns {', '.join(sorted(unknown))} are not in the table.")
    runs = state.of(Runs)
    planned = runs.plans.get(place, Plan())
    runs.shelf[-len(runs.shelf)] = made = Run(_document(state, place, names, request), planned, planned.looks)
    return {"ColumnStatisticsTaskRunId": made.document["ColumnStatisticsTaskRunId"]}


@operation("StopColumnStatisticsTaskRun", writes=True)
def stop(state: State, request: Document) -> Document:
    found = links.table(state, request).document
    run = _current(state, (found["DatabaseName"], found["Name"]))
    if run is None:
        raise Refused("ColumnStatisticsTaskNotRunningException", f"No run on {found['Name']} is going on.")
    _end(state, run, "STOPPED")
    return {}


@operation("GetColumnStatisticsTaskRun")
def get(state: State, request: Document) -> Document:
    wanted = request["ColumnStatisticsTaskRunId"]
    for run in state.of(Runs).shelf.values():
        if run.document["ColumnStatisticsTaskRunId"] == wanted:
            return {"ColumnStatisticsTaskRun": _look(state, run)}
    raise not_found(f"Column statistics task run {wanted} not found.")


@operation("GetColumnStatisticsTaskRuns")
def find(state: State, request: Document) -> Document:
    place = (request["DatabaseName"].lower(), request["TableName"].lower())
    page = pages.read(state, request, state.of(Runs).shelf, 100, lambda each: _place(each) == place)
    return {"ColumnStatisticsTaskRuns": [_look(state, each) for each in page.items], **page.token}


def _look(state: State, run: Run) -> Document:
    """What is shown is how it stands; then it goes on."""
    shown = run.document
    if shown["Status"] not in _GOING_ON:
        return shown
    run.left -= 1
    if run.left > 0:
        run.document = {**shown, "Status": "RUNNING"}
    else:
        _carry_out(state, run)
    return shown


def _carry_out(state: State, run: Run) -> None:
    if run.plan.error:
        _end(state, run, "FAILED", ErrorMessage=run.plan.error)
        return
    database, table = _place(run)
    wanted = [each for each in run.plan.found if each["ColumnName"].lower() in run.document["ColumnNameList"]]
    given = {"DatabaseName": database, "TableName": table, "ColumnStatisticsList": wanted}
    column_statistics.update(state, given)
    _end(state, run, "SUCCEEDED")


def _end(state: State, run: Run, status: str, **members: str) -> None:
    now = state.clock.now()
    run.document = {**run.document, "Status": status, "EndTime": now, "LastUpdated": now, "DPUSeconds": 0.0, **members}


def _place(run: Run) -> tuple[str, str]:
    return run.document["DatabaseName"], run.document["TableName"]


def _current(state: State, place: tuple[str, str]) -> Run | None:
    runs = state.of(Runs).shelf.values()
    return next((run for run in runs if _place(run) == place and run.document["Status"] in _GOING_ON), None)


def _document(state: State, place: tuple[str, str], names: list[str], request: Document) -> Document:
    now = state.clock.now()
    kept = ("Role", "SampleSize", "SecurityConfiguration")
    return {
        "CustomerId": state.account,
        "ColumnStatisticsTaskRunId": str(uuid.uuid4()),
        "DatabaseName": place[0],
        "TableName": place[1],
        "ColumnNameList": names,
        "CatalogID": state.account,
        "Status": "STARTING",
        "CreationTime": now,
        "LastUpdated": now,
        "StartTime": now,
        **{name: request[name] for name in kept if request.get(name) is not None},
    }
