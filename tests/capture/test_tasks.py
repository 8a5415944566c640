"""What the listener keeps of real tasks in a real Airflow."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import pytest

from airflow_provider_catalog.capture.spool import Spool
from airflow_provider_catalog.store import open_store
from airflow_provider_catalog.worker.drain import Drainer
from airflow_provider_catalog.worker.merge import Merger

Records: TypeAlias = dict[str, list[dict[str, Any]]]
DAGS = Path(__file__).with_name("dags")


@pytest.fixture(scope="module")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of an Airflow with a database."""
    home = tmp_path_factory.mktemp("airflow")
    environment = {
        **os.environ,
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CATALOG__SPOOL_DIR": str(home / "spool"),
        "AIRFLOW__CATALOG__DISABLED_FOR_OPERATORS": "airflow.providers.standard.operators.bash.BashOperator",
        "AIRFLOW_CONN_OBSERVED_DB": json.dumps({"conn_type": "sqlite", "host": str(home / "observed.db")}),
        "OBSERVED_FOLDER": str(home),
    }
    run([sys.executable, "-m", "airflow", "db", "migrate"], environment)
    # Nobody takes what is spooled: that is what the tests look at
    return environment | {"AIRFLOW__CATALOG__STORE_URL": f"sqlite:///{home / 'away' / 'catalog.db'}"}


@pytest.fixture(scope="module")
def records(airflow: dict[str, str]) -> Records:
    told = run([sys.executable, "-m", "airflow", "dags", "test", "observed"], airflow, exit_code=1)
    assert "DagRun failed" in told  # as one of its tasks does
    return by_task(Path(airflow["AIRFLOW__CATALOG__SPOOL_DIR"]))


def run(command: list[str], environment: dict[str, str], exit_code: int = 0) -> str:
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=240, check=False)
    told = done.stdout + done.stderr
    assert done.returncode == exit_code, told[-3000:]
    return told


def by_task(folder: Path) -> Records:
    found: Records = defaultdict(list)
    for batch in Spool(folder, 1 << 30).batches():
        for envelope in batch.envelopes:
            record = json.loads(envelope.payload)
            found[record.get("task_id", "")].append(record)
    return found


def the_end(records: Records, task: str) -> dict[str, Any]:
    started, ended = records[task]
    assert started["state"] == "running"
    return ended


def test_a_task_says_who_it_is_and_which_run_it_belongs_to(records: Records) -> None:
    ended = the_end(records, "several")
    assert {name: ended[name] for name in ("dag_id", "task_id", "state", "map_index", "try_number")} == {
        "dag_id": "observed",
        "task_id": "several",
        "state": "success",
        "map_index": -1,
        "try_number": 1,
    }
    assert (ended["owner"], ended["doc"], ended["dag_doc"]) == ("ada", "About the task", "About the DAG")
    assert ended["tags"] == ["a", "b"]
    assert ended["operator"] == "SQLExecuteQueryOperator"
    assert ended["run_id"].startswith("manual__")
    assert ended["date"]
    assert ended["start_date"] <= ended["end_date"] <= ended["time"]


def test_each_statement_that_an_operator_ran_is_kept_as_it_was_rendered(records: Records) -> None:
    ended = the_end(records, "several")
    assert [job["sql"].rstrip(";") for job in ended["sql"]] == [
        "CREATE TABLE a (x TEXT)",
        "INSERT INTO a VALUES ('several')",
        "CREATE TABLE b AS SELECT x FROM a",
    ]
    (connection,) = ended["connections"].values()
    assert connection["conn_type"] == "sqlite"
    assert connection["host"].endswith("observed.db")


def test_a_hook_inside_a_function_is_heard_without_the_values_of_its_parameters(records: Records) -> None:
    (job,) = the_end(records, "hooked")["sql"]
    assert job["sql"] == "INSERT INTO b SELECT x FROM a WHERE x = ?"
    assert "personal" not in json.dumps(records)


def test_files_are_heard_by_what_was_read_and_written(records: Records, airflow: dict[str, str]) -> None:
    ended = the_end(records, "files")
    folder = f"file://{airflow['OBSERVED_FOLDER']}"
    assert [each["uri"] for each in ended["hook_inputs"]] == [f"{folder}/in.txt"]
    assert f"{folder}/out.txt" in [each["uri"] for each in ended["hook_outputs"]]


def test_an_operator_says_itself_what_its_hooks_say_too(records: Records, airflow: dict[str, str]) -> None:
    ended, folder = the_end(records, "transfer"), airflow["OBSERVED_FOLDER"]
    assert [each["uri"] for each in ended["hook_inputs"]] == [f"file://{folder}/in.txt"]
    assert ended["openlineage"] == {
        "inputs": [{"namespace": "file", "name": f"{folder}/in.txt"}],
        "outputs": [{"namespace": "file", "name": f"{folder}/moved.txt"}],
    }


def test_what_hooks_reported_in_one_task_is_not_taken_for_the_next(records: Records) -> None:
    assert all("sql" not in record for task in ("files", "declared", "mapped") for record in records[task])


def test_what_the_code_declares_comes_along(records: Records) -> None:
    assert the_end(records, "declared")["declared"] == [
        {"inputs": [], "outputs": ["db/u"]},
        {"inputs": ["s3://raw/orders"], "outputs": ["db/t"], "columns": {"db/t#x": ["s3://raw/orders#y"]}},
    ]


def test_inlets_outlets_and_what_was_added_behind_an_alias(records: Records) -> None:
    ended = the_end(records, "assets")
    assert ended["inlets"] == [{"uri": "s3://read/it"}]
    assert ended["outlets"] == [{"uri": "s3://made/it", "name": "made"}]
    assert ended["outlet_events"] == [{"uri": "s3://behind/alias"}]


def test_each_index_of_a_mapped_task_is_a_run_of_its_own(records: Records) -> None:
    assert sorted((each["map_index"], each["state"]) for each in records["mapped"]) == [
        (0, "running"),
        (0, "success"),
        (1, "running"),
        (1, "success"),
    ]
    assert {each["doc"] for each in records["mapped"]} == {"About each."}


def test_a_task_that_failed_says_what_it_did_and_why(records: Records) -> None:
    ended = the_end(records, "fails")
    assert ended["state"] == "failed"
    assert ended["error"] == {"type": "ValueError", "message": "password=*** is wrong"}
    assert [job["sql"] for job in ended["sql"]] == ["INSERT INTO a VALUES ('half')"]


def test_a_task_that_skips_itself_says_so(records: Records) -> None:
    assert the_end(records, "skips")["state"] == "skipped"


def test_what_is_switched_off_is_not_heard(records: Records) -> None:
    assert "unheard" not in records
    assert "off_by_operator" not in records


def test_no_secret_gets_into_the_spool(records: Records) -> None:
    assert "hunter2" not in json.dumps(records)


def test_nothing_is_missing(records: Records) -> None:
    assert [record["incomplete"] for task in records.values() for record in task if "incomplete" in record] == []


def test_both_listeners_together_double_nothing_and_know_more_than_either(
    airflow: dict[str, str], tmp_path: Path
) -> None:
    transport = json.dumps({"type": "airflow_provider_catalog.transport.CatalogTransport"})
    known = {}
    for name, more in (
        ("ours", {}),
        (
            "theirs",
            {"AIRFLOW__CATALOG__DISABLED_FOR_OPERATORS": OPERATORS, "AIRFLOW__OPENLINEAGE__TRANSPORT": transport},
        ),
        ("both", {"AIRFLOW__OPENLINEAGE__TRANSPORT": transport}),
    ):
        (Path(airflow["AIRFLOW_HOME"]) / "observed.db").unlink(missing_ok=True)
        spool = tmp_path / name
        environment = airflow | {"AIRFLOW__CATALOG__SPOOL_DIR": str(spool), **more}
        run([sys.executable, "-m", "airflow", "dags", "test", "observed"], environment, exit_code=1)
        known[name] = merged(spool, f"sqlite:///{tmp_path / name}.db")
    ours, theirs, both = known["ours"], known["theirs"], known["both"]
    assert theirs.jobs
    assert both.jobs == ours.jobs | theirs.jobs
    assert both.datasets == ours.datasets | theirs.datasets
    # On a busy machine either may be cut short by its time limit, and know less by itself.
    assert both.pairs >= ours.pairs | theirs.pairs
    assert both.runs == max(ours.runs, theirs.runs)


OPERATORS = (
    "airflow.providers.common.sql.operators.sql.SQLExecuteQueryOperator;"
    "airflow.providers.standard.decorators.python._PythonDecoratedOperator;"
    "airflow.providers.standard.operators.bash.BashOperator"
)


class Known(NamedTuple):
    """What a store knows of it; `pairs` are the ends of edges."""

    jobs: set[str]
    datasets: set[str]
    pairs: set[tuple[str, str]]
    runs: int


def merged(folder: Path, url: str) -> Known:
    store = open_store(url)
    Drainer(store, Spool(folder, 1 << 30)).once()
    Merger(store).drain()
    jobs, datasets = store.scan("job"), store.scan("dataset")
    names = {entity.uid: entity.name for entity in datasets}
    edges = store.stated([job.uid for job in jobs])
    status = store.status()
    store.close()
    assert status.dead_letters == 0
    return Known(
        {job.name for job in jobs},
        set(names.values()),
        {(names[edge.source], names[edge.target]) for edge in edges},
        status.runs,
    )
