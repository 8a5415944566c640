"""A real Airflow, from a task that runs to what the catalog shows of it.

The tests are one story of one Airflow: what everything leaves behind, how soon, and what becomes of it when nobody
takes it. In the end its api-server is killed, and all of it is stopped.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

import psutil
import pytest

from airflow_provider_catalog.capture.handover import Breaker
from airflow_provider_catalog.capture.lock import try_lock
from airflow_provider_catalog.services.lineage import walk
from demo.home import taken
from tests.integration.catalog import Catalog
from tests.integration.standalone import Standalone

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("standalone")]
DAGS = Path(__file__).with_name("dags")
RUN = "/dags/everything/dagRuns/first"
TABLES = """
CREATE TABLE orders (customer TEXT, amount INTEGER);
CREATE TABLE customers (name TEXT, country TEXT);
CREATE TABLE parts (part INTEGER, amount INTEGER);
INSERT INTO orders VALUES ('ada', 120), ('grace', 80);
INSERT INTO customers VALUES ('ada', 'UK'), ('grace', 'US');
"""


@pytest.fixture(scope="module")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standalone]:
    home = tmp_path_factory.mktemp("standalone")
    database = home / "shop.db"
    with closing(sqlite3.connect(database)) as connection:
        connection.executescript(TABLES)
    connection_to_it = {"AIRFLOW_CONN_SHOP": json.dumps({"conn_type": "sqlite", "host": str(database)})}
    with Standalone(home, DAGS, connection_to_it) as found:
        yield found


@pytest.fixture(scope="module")
def catalog(airflow: Standalone) -> Iterator[Catalog]:
    found = Catalog(airflow.path, airflow.path / "shop.db")
    yield found
    found.store.close()


@pytest.fixture(scope="module")
def everything(airflow: Standalone, catalog: Catalog) -> Catalog:
    """A run of the DAG in which, by hand, a task is marked failed while it alone still runs, another success, a third
    is cleared, and at last the run itself is marked success.
    """
    airflow.trigger("everything", "first")
    airflow.until(lambda: airflow.unfinished("everything", "first") == {"marked_failed"})
    airflow.until(lambda: catalog.runs("everything.marked_failed"))
    airflow.ask("PATCH", f"{RUN}/taskInstances/marked_failed", new_state="failed")
    assert airflow.await_run("everything", "first") == "failed"
    airflow.ask("PATCH", f"{RUN}/taskInstances/marked_success", new_state="success")
    clear = {"dag_run_id": "first", "task_ids": ["cleared"], "only_failed": False, "dry_run": False}
    airflow.ask("POST", "/dags/everything/clearTaskInstances", **clear)
    assert airflow.await_run("everything", "first") == "failed"
    airflow.ask("PATCH", RUN, state="success")
    airflow.until(catalog.settled)
    return catalog


# -- what is left of a task


def test_a_task_that_succeeds_leaves_one_run_and_the_edges_of_its_statements(everything: Catalog) -> None:
    (run,) = everything.runs("everything.success")
    assert run.events == ["START", "COMPLETE"]
    assert everything.edges("everything.success") == {
        ("orders", "revenue"),
        ("customers", "revenue"),
        ("revenue", "best"),
    }
    assert everything.exists("revenue")
    assert everything.exists("best")


def test_its_lineage_can_be_walked(everything: Catalog) -> None:
    answer = walk(everything.store, everything.dataset("best"))
    found = {(node.label.name, node.distance) for node in answer.upstream}
    assert found == {("revenue", 1), ("orders", 2), ("customers", 2)}


def test_a_task_that_fails_says_why_and_nothing_is_said_to_be_there(everything: Catalog) -> None:
    (run,) = everything.runs("everything.failure")
    assert run.events == ["START", "FAIL"]
    assert run.errors == ["ValueError: the other half is missing"]
    assert not everything.exists("half")
    assert everything.edges("everything.failure") == set()


def test_each_try_is_a_run(everything: Catalog) -> None:
    first, second = everything.runs("everything.retry")
    assert (first.events, first.airflow["state"]) == (["START", "FAIL"], "up_for_retry")
    assert (second.events, second.airflow["state"]) == (["START", "COMPLETE"], "success")
    assert [run.airflow["try_number"] for run in (first, second)] == [1, 2]
    assert everything.edges("everything.retry") == {("orders", "tried")}


def test_a_try_that_was_killed_is_told_of_by_the_scheduler(everything: Catalog) -> None:
    first, second = everything.runs("everything.killed")
    assert (first.events, first.airflow["state"]) == (["START", "FAIL"], "up_for_retry")
    assert (second.events, second.airflow["state"]) == (["START", "COMPLETE"], "success")


def test_a_task_that_skips_itself_completes_without_an_edge(everything: Catalog) -> None:
    (run,) = everything.runs("everything.skipped")
    assert (run.events, run.airflow["state"]) == (["START", "COMPLETE"], "skipped")
    assert everything.edges("everything.skipped") == set()


def test_what_the_scheduler_skips_has_no_run(everything: Catalog) -> None:
    assert everything.runs("everything.behind_skipped") == []


def test_each_index_of_a_mapped_task_is_a_run_of_one_job(everything: Catalog) -> None:
    runs = everything.runs("everything.mapped")
    assert sorted(run.airflow["map_index"] for run in runs) == [0, 1, 2]
    assert [run.events for run in runs] == [["START", "COMPLETE"]] * 3
    assert everything.edges("everything.mapped") == {("orders", "parts")}


def test_a_task_that_waits_without_a_process_is_one_run_with_all_that_it_did(everything: Catalog) -> None:
    (run,) = everything.runs("everything.deferred")
    assert run.events == ["START", "OTHER", "START", "COMPLETE"]
    assert everything.edges("everything.deferred") == {("orders", "before"), ("orders", "after")}


# -- what is done by hand


def test_a_task_that_is_cleared_runs_again_in_another_run_of_its_dag(everything: Catalog) -> None:
    runs = everything.runs("everything.cleared")
    assert [run.events for run in runs] == [["START", "COMPLETE"]] * 2
    assert [run.airflow["try_number"] for run in runs] == [1, 2]
    assert [run.row.parent_run_id for run in runs] == [run.row.run_id for run in everything.runs("everything")]
    assert everything.edges("everything.cleared") == {("orders", "again")}


def test_a_task_that_is_marked_success_is_one_and_claims_to_know_nothing_else(everything: Catalog) -> None:
    (run,) = everything.runs("everything.marked_success")
    assert (run.events, run.state) == (["START", "FAIL", "COMPLETE"], "COMPLETE")
    assert not any(each.complete for each in run.said)


def test_a_task_that_is_marked_failed_while_it_runs_has_failed(everything: Catalog) -> None:
    (run,) = everything.runs("everything.marked_failed")
    assert (run.events, run.state) == (["START", "FAIL", "FAIL"], "FAIL")
    by_hand, its_own = run.errors
    assert "manually set" in by_hand
    assert its_own == "RuntimeError: it was ended"


def test_a_dag_run_that_is_marked_success_is_one(everything: Catalog) -> None:
    first, second = everything.runs("everything")
    assert (first.events, first.state) == (["START", "FAIL"], "FAIL")
    assert (second.events, second.state) == (["START", "FAIL", "COMPLETE"], "COMPLETE")
    assert [run.airflow["clear_number"] for run in (first, second)] == [0, 1]


# -- all of it


def test_a_dag_run_is_the_parent_of_its_tasks(everything: Catalog) -> None:
    first, second = (run.row.run_id for run in everything.runs("everything"))
    tasks = [run.row for job in everything.jobs() if job.startswith("everything.") for run in everything.runs(job)]
    assert [row.parent_run_id for row in tasks].count(first) == len(tasks) - 1
    assert [row.parent_run_id for row in tasks].count(second) == 1
    assert all(row.root_run_id == row.parent_run_id for row in tasks)


def test_nothing_is_there_twice_and_nothing_else_is_there(everything: Catalog) -> None:
    jobs = [job for job in everything.jobs() if job.startswith("everything")]
    assert len(jobs) == 11
    runs = [run for job in jobs for run in everything.runs(job)]
    assert len({run.row.run_id for run in runs}) == len(runs) == 17
    status = everything.store.status()
    ended = [event for run in runs for event in run.ended]
    assert set(ended) <= {"FAIL", "COMPLETE"}
    assert status.accepted == status.statements - len(ended)
    assert status.dead_letters == 0


# -- how soon, and what if not


def test_lineage_is_there_within_two_seconds_of_the_end_of_its_task(
    airflow: Standalone, catalog: Catalog, capsys: pytest.CaptureFixture[str]
) -> None:
    airflow.trigger("single", "soon")
    ended = airflow.await_task("single", "soon", "copy", "success")["end_date"]
    airflow.until(lambda: ("customers", "soon") in catalog.edges("single.copy"), poll=0.05)
    seconds = time.time() - datetime.fromisoformat(ended).timestamp()
    assert airflow.await_run("single", "soon") == "success"
    with capsys.disabled():
        sys.stdout.write(f"\nlineage was there {seconds:.2f} s after the end of its task\n")
    assert seconds <= 2


@contextmanager
def nobody_takes_it(airflow: Standalone, catalog: Catalog) -> Iterator[None]:
    """No worker, since its place is taken and nobody works there; and where the log was, there is none."""
    log = airflow.path / "catalog-log.db"
    airflow.until(lambda: catalog.spool.is_drained() and catalog.settled())
    worker = airflow.process("--embedded")
    worker.kill()
    worker.wait()
    with try_lock(catalog.spool.path / "embedded") as ours:
        assert ours
        (catalog.spool.path / "drained").unlink()  # else tasks believe for some seconds that somebody is at it
        log.rename(away := log.with_suffix(".away"))
        yield
        away.rename(log)


def test_what_is_captured_while_nobody_takes_it_arrives_once_somebody_does(
    airflow: Standalone, catalog: Catalog
) -> None:
    with nobody_takes_it(airflow, catalog):
        airflow.trigger("single", "late")
        assert airflow.await_run("single", "late") == "success"
        assert "unable to open database file" in Breaker(catalog.spool).problem()
        assert catalog.spool.waiting().records == 4
        assert ("customers", "late") not in catalog.edges("single.copy")
    airflow.until(catalog.settled)
    assert ("customers", "late") in catalog.edges("single.copy")
    for job in ("single", "single.copy"):
        run = catalog.runs(job)[-1]
        assert (run.airflow["run_id"], run.events) == ("late", ["START", "COMPLETE"])


# -- the end of it


def test_the_worker_beside_an_api_server_ends_with_it_however_that_ends(airflow: Standalone) -> None:
    worker = airflow.process("--embedded")
    airflow.process("api_server").kill()
    assert psutil.wait_procs([worker], timeout=15)[1] == []


def test_no_process_is_left_when_it_was_stopped(airflow: Standalone) -> None:
    assert airflow.stop()
    assert airflow.processes() == []
    assert not taken(airflow.port)
