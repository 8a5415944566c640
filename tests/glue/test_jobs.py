from __future__ import annotations

from typing import Any

import pytest

from tests.glue import jobs
from tests.glue.orders import refusal
from tests.glue.server import GlueServer

JOB = {"Name": "load", "Role": "r", "Command": {"Name": "glueetl"}, "DefaultArguments": {"--enable-metrics": "true"}}
CONNECTION = {
    "Name": "shop",
    "ConnectionType": "JDBC",
    "ConnectionProperties": {"USERNAME": "ann", "PASSWORD": "secret"},
}


def run(number: int, state: str = "SUCCEEDED") -> dict[str, Any]:
    return {"Id": f"jr_{number}", "JobName": "load", "JobRunState": state}


def test_a_job_and_its_runs_are_read_as_a_test_put_them_in(server: GlueServer, glue: Any) -> None:
    jobs.add(server.state, JOB)
    for number in range(2):
        jobs.ran(server.state, run(number))
    assert glue.get_job(JobName="load")["Job"] == JOB
    assert glue.get_job_run(JobName="load", RunId="jr_0")["JobRun"] == run(0)
    assert glue.get_job_runs(JobName="load")["JobRuns"] == [run(1), run(0)]


def test_a_run_goes_on_as_a_test_says(server: GlueServer, glue: Any) -> None:
    jobs.add(server.state, JOB)
    for state in ("RUNNING", "FAILED"):
        jobs.ran(server.state, run(7, state))
        assert glue.get_job_run(JobName="load", RunId="jr_7")["JobRun"]["JobRunState"] == state
    assert len(glue.get_job_runs(JobName="load")["JobRuns"]) == 1


def test_what_is_not_there_is_not_found(glue: Any) -> None:
    for call, request in (
        (glue.get_job, {"JobName": "none"}),
        (glue.get_job_runs, {"JobName": "none"}),
        (glue.get_job_run, {"JobName": "none", "RunId": "x"}),
        (glue.get_connection, {"Name": "none"}),
    ):
        assert refusal(call, **request).code == "EntityNotFoundException"


def test_what_no_client_could_read_cannot_be_put_in(server: GlueServer) -> None:
    with pytest.raises(ValueError, match="no JobRun"):
        jobs.ran(server.state, {**run(1), "JobRunState": "DONE"})


def test_a_password_is_shown_unless_it_is_asked_not_to_be(server: GlueServer, glue: Any) -> None:
    jobs.connect(server.state, CONNECTION)
    jobs.connect(server.state, {"Name": "net", "ConnectionType": "NETWORK"})
    assert glue.get_connection(Name="shop")["Connection"] == CONNECTION
    hidden = glue.get_connection(Name="shop", HidePassword=True)["Connection"]
    assert hidden["ConnectionProperties"] == {"USERNAME": "ann"}
    (found,) = glue.get_connections(Filter={"ConnectionType": "JDBC"})["ConnectionList"]
    assert found["Name"] == "shop"
    assert [each["Name"] for each in glue.get_connections()["ConnectionList"]] == ["net", "shop"]
