"""What the listener tells of dbt, of real tasks that ran it in a real Airflow, and what the catalog makes of that.

Run by `make cosmos`, which installs Cosmos.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pytest

from airflow_provider_catalog.capture.spool import Spool
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.model.identity import DatasetId, JobId
from airflow_provider_catalog.sources.airflow_runs import dag_run
from airflow_provider_catalog.sources.openlineage.notes import Notes
from airflow_provider_catalog.store import open_store
from airflow_provider_catalog.store.protocol import Store
from airflow_provider_catalog.worker.merge import Merger

HERE = Path(__file__)
LEDGER = HERE.parents[1] / "dbt_projects" / "ledger"


class Observed(NamedTuple):
    """`told`: what of dbt, by the task that ran it."""

    project: Path
    warehouse: Path
    log: str
    envelopes: list[Envelope]
    ingested: str
    told: dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def observed(tmp_path_factory: pytest.TempPathFactory) -> Observed:
    home = tmp_path_factory.mktemp("airflow")
    project = Path(
        shutil.copytree(LEDGER, home / "ledger", ignore=shutil.ignore_patterns("target", "logs", "*.duckdb"))
    )
    warehouse = home / "bank.duckdb"
    with closing(duckdb.connect(str(warehouse))) as database:
        database.execute((LEDGER / "raw.sql").read_text())
    environment = _environment(home) | {"OBSERVED_PROJECT": str(project), "LEDGER_DUCKDB_PATH": str(warehouse)}
    ingested = f"sqlite:///{home / 'ingested.db'}"
    connection = {"conn_type": "catalog", "extra": {"store_url": ingested}}
    environment["AIRFLOW_CONN_OBSERVED_CATALOG"] = json.dumps(connection)
    _airflow(environment, "db", "migrate")
    away = {"AIRFLOW__CATALOG__STORE_URL": f"sqlite:///{home / 'away' / 'catalog.db'}"}
    log = _airflow(environment | away, "dags", "test", "dbt_tasks")
    envelopes = [each for batch in Spool(home / "spool", 1 << 30).batches() for each in batch.envelopes]
    told: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for each in envelopes:
        if each.kind == "dbt":
            document = json.loads(each.payload)
            told[document["airflow"]["task_id"]].append(document)
    return Observed(project, warehouse, log, envelopes, ingested, told)


def _environment(home: Path) -> dict[str, str]:
    return {
        **os.environ,
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(HERE.with_name("dags")),
        "AIRFLOW__CATALOG__SPOOL_DIR": str(home / "spool"),
        "AIRFLOW__COSMOS__ENABLE_TELEMETRY": "False",
        "AIRFLOW__COSMOS__ENABLE_CACHE": "False",
        "OBSERVED_DBT": str(Path(sys.executable).with_name("dbt")),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "0",
    }


def _airflow(environment: dict[str, str], *command: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "airflow", *command],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    told = done.stdout + done.stderr
    assert done.returncode == 0, told[-3000:]
    return told


def only(observed: Observed, task: str) -> dict[str, Any]:
    (document,) = observed.told[task]
    return document


def executed(document: dict[str, Any]) -> dict[str, str]:
    """Models and seeds, and how they went."""
    found = {each["unique_id"]: each["status"] for each in document["results"]}
    return {name: status for name, status in found.items() if not name.startswith("test.")}


@pytest.mark.parametrize(
    ("task", "command", "ran"),
    [
        ("shell", "build", {"seed.ledger.cost_centres": "success", "model.ledger.accounts": "success"}),
        ("library", "run", {"model.ledger.entries": "success"}),
        ("cosmos_library", "run", {"model.ledger.accounts": "success"}),
        ("cosmos_program", "test", {}),
    ],
)
def test_whoever_ran_dbt_what_it_executed_is_told(
    observed: Observed, task: str, command: str, ran: dict[str, str]
) -> None:
    document = only(observed, task)
    assert (document["invocation"]["command"], document["invocation"]["succeeded"]) == (command, True)
    assert executed(document) == ran
    assert {each["unique_id"] for each in document["nodes"]} == {each["unique_id"] for each in document["results"]}
    assert (
        document["target"] | {"name": "duckdb", "type": "duckdb", "path": str(observed.warehouse)} == document["target"]
    )


def test_a_failed_run_of_dbt_has_results_too(observed: Observed) -> None:
    """In a folder that its command names, and over a database that its environment does."""
    document = only(observed, "failing")
    assert document["invocation"]["succeeded"] is False
    assert executed(document) == {"model.ledger.accounts": "error", "model.ledger.entries": "error"}
    assert all("raw_bank" in each["message"] for each in document["results"])
    assert document["target"]["path"] == str(observed.project / "ledger.duckdb")


def test_of_tasks_that_did_not_run_dbt_nothing_is_told(observed: Observed) -> None:
    assert observed.told.keys() == {"shell", "failing", "library", "cosmos_library", "cosmos_program"}


def test_a_document_is_whole_by_itself(observed: Observed) -> None:
    """With what its nodes are made of, and what their tests are about."""
    document = only(observed, "shell")
    assert {each["unique_id"] for each in document["parents"]} == {
        "source.ledger.bank.accounts",
        "source.ledger.bank.entries",
    }
    assert document["columns"] == {"seed.ledger.cost_centres": ["Dept", "Manager", "limit"]}
    assert [each["unique_id"] for each in only(observed, "cosmos_program")["parents"]] == ["model.ledger.accounts"]
    (accounts,) = (each for each in document["nodes"] if each["unique_id"] == "model.ledger.accounts")
    assert '"raw_bank"."Accounts"' in accounts["compiled_code"]


def test_cosmos_finds_its_callbacks_as_it_had_them(observed: Observed) -> None:
    assert "The catalog could not" not in observed.log


@pytest.fixture(scope="module")
def store(observed: Observed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with closing(open_store(f"sqlite:///{tmp_path_factory.mktemp('catalog') / 'catalog.db'}")) as store:
        store.accept(observed.envelopes)
        assert Merger(store).drain().rejected == 0
        yield store


@pytest.mark.parametrize("task", ["shell", "failing", "library", "cosmos_library", "cosmos_program"])
def test_a_node_belongs_to_its_invocation_that_to_the_task_and_that_to_its_dag_run(
    observed: Observed, store: Store, task: str
) -> None:
    document = only(observed, task)
    run = dag_run(document["airflow"], Notes())
    task_run = run.task_run(task, 1, -1).run_id
    invocation = store.run(document["invocation"]["id"])
    assert invocation is not None
    assert (invocation[0].parent_run_id, invocation[0].root_run_id) == (task_run, run.run_id)
    told_by_itself = store.run(task_run)
    assert told_by_itself is not None
    assert told_by_itself[0].parent_run_id == run.run_id
    nodes = [each for each in _latest_jobs(store) if each.parent_run_id == document["invocation"]["id"]]
    assert {each.root_run_id for each in nodes} <= {run.run_id}


def test_what_an_operator_brings_in_belongs_to_the_task_before_it(observed: Observed) -> None:
    """All of the project, where the listener tells of what was run."""
    document = only(observed, "shell")
    with closing(open_store(observed.ingested)) as store:
        assert Merger(store).drain().rejected == 0
        invocation = store.run(document["invocation"]["id"])
        assert invocation is not None
        assert invocation[0].parent_run_id == dag_run(document["airflow"], Notes()).task_run("shell", 1, -1).run_id
        names = {each.name for each in store.scan("job")}
    assert {"bank.books.ledger.accounts", "bank.books.ledger.balances"} <= names


def test_a_table_of_dbt_and_of_its_task_is_one_with_one_edge(observed: Observed, store: Store) -> None:
    """Cosmos tells Airflow of the same table as an asset."""
    accounts = DatasetId(f"duckdb://{observed.warehouse}", "books.accounts")
    edges = store.neighbours([accounts.uid], "upstream")
    names = store.entities({each.source for each in edges})
    assert sorted(names[each.source].name for each in edges) == ["raw_bank.Accounts", "raw_bank.Entries"]
    writers = store.entities({each.job for each in store.ports(datasets=[accounts.uid]) if each.direction == "w"})
    assert sorted(each.name for each in writers.values()) == ["bank.books.ledger.accounts", "dbt_tasks.cosmos_library"]


def _latest_jobs(store: Store) -> list[Any]:
    jobs = [JobId(each.namespace, each.name).uid for each in store.scan("job")]
    return [run for run, _ in store.latest(jobs).values()]
