"""What operators say in their own fields and words, without a look anywhere else."""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.providers.common.io.operators.file_transfer import FileTransferOperator
from airflow.providers.common.sql.hooks.sql import DbApiHook
from airflow.providers.common.sql.operators.sql import SQLExecuteQueryOperator
from airflow.providers.sqlite.hooks.sqlite import SqliteHook
from airflow.sdk import BaseHook, Connection

from airflow_provider_catalog.capture import collected, rendered
from airflow_provider_catalog.capture.text import class_path
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.sources import read

_LOOKS = ("open", "socket.", "subprocess.", "os.system", "os.exec", "os.fork", "os.listdir", "os.scandir", "sqlite3.")
_watching = False


class LookedElsewhere(BaseException):
    """Nobody who catches errors of theirs catches this."""


def _hear(event: str, _: tuple[Any, ...]) -> None:
    if _watching and event.startswith(_LOOKS):
        raise LookedElsewhere(event)


sys.addaudithook(_hear)


@pytest.fixture
def fields_alone(monkeypatch: pytest.MonkeyPatch) -> Callable[[], Any]:
    """Where nothing can be opened and nobody can be asked: not the disk, the network, Airflow's connections or a
    filesystem.
    """

    def ask(*args: Any, **_: Any) -> Any:
        raise LookedElsewhere(args)

    @contextmanager
    def alone() -> Iterator[None]:
        global _watching  # noqa: PLW0603  an audit hook stays for as long as the process
        with monkeypatch.context() as patched:
            patched.setattr(BaseHook, "get_connection", ask)
            patched.setattr(BaseHook, "get_hook", ask)
            patched.setattr(Connection, "get", ask)
            patched.setattr("airflow.sdk.io.get_fs", ask)
            _watching = True
            try:
                yield
            finally:
                _watching = False

    return alone


def transferred(folder: Path) -> tuple[Any, dict[str, Any]]:
    (folder / "in.csv").write_text("x")
    ends: dict[str, Any] = {"src": f"file://{folder}/in.csv", "dst": f"file://{folder}/out.csv"}
    transfer = FileTransferOperator(task_id="transfer", **ends, source_conn_id="a", dest_conn_id="b")
    inputs, outputs = ([{"namespace": "file", "name": f"{folder}/{name}.csv"}] for name in ("in", "out"))
    return transfer, {"inputs": inputs, "outputs": outputs}


SELF_TOLD: dict[str, Callable[[Path], tuple[Any, dict[str, Any]]]] = {
    "airflow.providers.common.io.operators.file_transfer.FileTransferOperator": transferred
}
"""For each such operator one of it, and what it says when it has run."""


def test_each_operator_that_is_asked_is_one_of_these() -> None:
    assert SELF_TOLD.keys() == rendered._SELF_TOLD


@pytest.mark.parametrize("path", SELF_TOLD)
def test_what_it_says_itself_it_has_in_memory(path: str, tmp_path: Path, fields_alone: Callable[[], Any]) -> None:
    operator, said = SELF_TOLD[path](tmp_path)
    assert class_path(operator) == path
    operator.execute({})
    assert rendered.openlineage(operator, SimpleNamespace()) == {"openlineage": said}  # modules are files, too
    with fields_alone():
        assert rendered.openlineage(operator, SimpleNamespace()) == {"openlineage": said}


def test_a_path_without_a_scheme_is_left_to_hooks() -> None:
    transfer = FileTransferOperator(task_id="transfer", src="in.csv", dst="s3://lake/out.csv")
    said = {"outputs": [{"namespace": "s3://lake", "name": "out.csv"}]}
    assert rendered.openlineage(transfer, SimpleNamespace()) == {"openlineage": said}


def test_an_operator_that_would_look_elsewhere_is_found_out_and_not_asked(fields_alone: Callable[[], Any]) -> None:
    query = SQLExecuteQueryOperator(task_id="query", conn_id="c", sql="SELECT 1")
    with fields_alone(), pytest.raises(LookedElsewhere):
        query.get_openlineage_facets_on_start()
    with fields_alone(), pytest.raises(LookedElsewhere):
        Path(__file__).read_bytes()
    with fields_alone():
        assert rendered.openlineage(query, SimpleNamespace()) == {}


def test_a_hook_tells_of_no_statement_that_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_FAILING", json.dumps({"conn_type": "sqlite", "host": str(tmp_path / "db")}))
    hook = SqliteHook(sqlite_conn_id="failing")  # type: ignore[no-untyped-call]  # Airflow's
    collected.begin()
    with pytest.raises(sqlite3.OperationalError):
        hook.run("INSERT INTO missing VALUES (1)")
    assert collected.reported(look_up=False) == {}
    hook.run("CREATE TABLE found (x TEXT)")
    assert [job["sql"] for job in collected.reported(look_up=False)["sql"]] == ["CREATE TABLE found (x TEXT)"]


class Refusing(DbApiHook):
    """As the hooks of most databases: it keeps the connection that it has looked up, and tells of what it has run."""

    conn_name_attr = "some_conn_id"

    def get_conn(self) -> Any:
        raise ConnectionError(f"{self.connection.host} refuses")


def test_a_query_that_failed_is_told_with_the_connection_that_its_hook_has(
    fields_alone: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = Connection(conn_id="c", conn_type="postgres", host="db", port=5432, schema="wh", password="hunter2")
    monkeypatch.setattr(Refusing, "get_connection", lambda *_: connection)
    query = SQLExecuteQueryOperator(task_id="query", conn_id="c", sql="INSERT INTO a SELECT * FROM b")
    vars(query)["_hook"] = Refusing(some_conn_id="c")
    collected.begin()
    with pytest.raises(ConnectionError):
        query.execute({})  # type: ignore[no-untyped-call]  # Airflow's
    with fields_alone():
        assert collected.reported(look_up=False) == {}
        told = rendered.sql(query, look_up=False)
    assert told["sql"] == [{"sql": "INSERT INTO a SELECT * FROM b", "conn_id": "c"}]
    hook = f"{Refusing.__module__}.Refusing"
    assert told["connections"] == {
        "c": {"conn_type": "postgres", "hook": hook, "host": "db", "port": 5432, "schema": "wh"}
    }
    record = {"namespace": "n", "dag_id": "d", "task_id": "t", "run_id": "r", "state": "failed", **told}
    (said,) = read(Envelope("task", json.dumps(record).encode())).statements
    assert [[each.name for each in side] for side in (said.lineage.reads, said.lineage.writes)] == [
        ["wh.public.b"],
        ["wh.public.a"],
    ]
    assert not said.complete
