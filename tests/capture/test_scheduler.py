"""What the listener keeps of Airflow's own objects, in a database like Airflow's: without asking it anything."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from airflow.jobs.scheduler_job_runner import SchedulerJobRunner
from airflow.models import import_all_models
from airflow.models.base import Base
from airflow.models.dag import DagModel
from airflow.models.dagbundle import DagBundleModel
from airflow.models.dagrun import DagRun
from airflow.models.taskinstance import TaskInstance
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG
from airflow.serialization.serialized_objects import DagSerialization
from airflow.utils.state import DagRunState
from airflow.utils.types import DagRunType
from sqlalchemy.orm import Session, joinedload, sessionmaker

from airflow_provider_catalog import listener
from airflow_provider_catalog.capture import instances
from airflow_provider_catalog.lineage import disable_capture

NOON = datetime(2020, 3, 1, 12, tzinfo=UTC)
BEAT = NOON + timedelta(minutes=5)
END = NOON + timedelta(minutes=10)
TASKS = ("first", "second", "third", "off")

# The models of Airflow 3.2 use what SQLAlchemy 2.1 does not like.
pytestmark = pytest.mark.filterwarnings("ignore:The ``noload`` loader:sqlalchemy.exc.SADeprecationWarning")


def micros(when: datetime) -> int:
    return int(when.timestamp() * 1_000_000)


def serialized(**options: Any) -> Any:
    """The DAG as the scheduler has it: without the classes of its operators."""
    with DAG("d", schedule=None, start_date=NOON, **options) as dag:
        for name in TASKS:
            EmptyOperator(task_id=name)
    disable_capture(dag.task_dict["off"])
    return DagSerialization.from_dict(DagSerialization.to_dict(dag))


class Metadata:
    """A database like Airflow's, which counts what it is asked; sessions are as Airflow makes them."""

    def __init__(self) -> None:
        import_all_models()  # type: ignore[no-untyped-call]  # Airflow's
        self.asked: list[str] = []
        self.engine = sa.create_engine("sqlite://", poolclass=sa.pool.StaticPool)
        Base.metadata.create_all(self.engine)
        sa.event.listen(self.engine, "before_cursor_execute", lambda *args: self.asked.append(args[2]))
        self.session: sessionmaker[Session] = sessionmaker(self.engine, autoflush=False, expire_on_commit=False)
        with self.session.begin() as session:
            session.add(DagBundleModel(name="b"))
            session.flush()
            session.add(DagModel(dag_id="d", bundle_name="b", relative_fileloc="d.py"))  # type: ignore[no-untyped-call]  # as above

    def dag_run(self, name: str, dag: Any, **states: dict[str, Any]) -> None:
        with self.session.begin() as session:
            running: dict[str, Any] = {"run_type": DagRunType.MANUAL, "state": DagRunState.RUNNING}
            session.add(DagRun(dag_id="d", run_id=name, run_after=NOON, start_date=NOON, **running))
            session.flush()
            for task, columns in states.items():
                ti = TaskInstance(dag.task_dict[task], uuid4(), run_id=name)
                for column, value in ({"dag_id": "d"} | columns).items():
                    setattr(ti, column, value)
                session.add(ti)


@pytest.fixture
def metadata() -> Iterator[Metadata]:
    metadata = Metadata()
    yield metadata
    metadata.engine.dispose()


@pytest.fixture
def asked(metadata: Metadata, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What the database was asked while records were made; and the hooks were really called."""
    seen: list[str] = []
    calls: list[str] = []

    def watched(name: str) -> None:
        hook = getattr(listener, name)

        def call(*args: Any) -> None:
            calls.append(name)
            before = len(metadata.asked)
            hook(*args)
            seen.extend(metadata.asked[before:])

        monkeypatch.setattr(listener, name, call)

    watched("_dag_run_ended")
    watched("_ended")
    yield seen
    assert calls


def ran(state: str, **columns: Any) -> dict[str, Any]:
    """A task instance that had a process."""
    times = {"start_date": NOON, "end_date": END, "last_heartbeat_at": BEAT}
    return {"hostname": "worker", "try_number": 1, "state": state, **times, **columns}


def never_ran(state: str) -> dict[str, Any]:
    """The scheduler gives them times, too."""
    return {"try_number": 0, "state": state, "start_date": NOON, "end_date": NOON}


def told(records: list[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    """The one record, of a DAG run."""
    ((kind, record),) = records
    assert kind == "dag_run"
    return record


def states(record: dict[str, Any]) -> dict[str, str]:
    return {each["task_id"]: each["state"] for each in record.get("tasks", [])}


def scheduled(metadata: Metadata, dag: Any, run_id: str = "r") -> None:
    """What the scheduler does with a DAG run in each of its loops."""
    with metadata.session() as session:
        run = session.scalars(sa.select(DagRun).where(DagRun.run_id == run_id)).one()
        scheduler = SchedulerJobRunner.__new__(SchedulerJobRunner)
        scheduler.scheduler_dag_bag = SimpleNamespace(get_dag_for_run=lambda **_: dag)  # type: ignore[assignment]  # it asks nothing else
        scheduler._multi_team = False
        scheduler.job = SimpleNamespace(id=1, max_tis_per_query=10)  # type: ignore[assignment]  # as above
        scheduler._verify_integrity_if_dag_changed = lambda **_: True  # type: ignore[method-assign]  # it has not
        scheduler._schedule_dag_run(run, session=session)


def test_a_dag_run_that_failed_takes_along_the_tasks_that_did_not_live_to_tell(
    metadata: Metadata, asked: list[str], kept: Any
) -> None:
    dag = serialized()
    metadata.dag_run("r", dag, first=ran("failed", map_index=3, operator="Empty"), second=ran("success"))
    scheduled(metadata, dag)
    record = told(kept())
    assert (record["state"], record["dag_id"], record["run_id"]) == ("failed", "d", "r")
    assert record["tasks"] == [
        {
            "task_id": "first",
            "map_index": 3,
            "try_number": 1,
            "start_date": micros(NOON),
            "end_date": micros(END),
            "heartbeat": micros(BEAT),
            "state": "failed",
            "operator": "Empty",
        }
    ]
    assert "incomplete" not in record
    assert asked == []


def test_only_those_that_ran_and_may_not_have_told_are_taken_along(
    metadata: Metadata, asked: list[str], kept: Any
) -> None:
    dag = serialized()
    metadata.dag_run(
        "r",
        dag,
        first=never_ran("failed"),
        second=ran("upstream_failed"),
        third=ran("success", next_method="execute_complete"),
    )
    scheduled(metadata, dag)
    (task,) = told(kept())["tasks"]
    assert (task["task_id"], task["state"], task["deferred"]) == ("third", "success", True)
    assert asked == []


def test_what_airflow_stops_since_its_dag_run_takes_too_long_has_no_end(
    metadata: Metadata, asked: list[str], kept: Any
) -> None:
    dag = serialized(dagrun_timeout=timedelta(hours=1))
    waiting = ran("deferred", end_date=None, next_method="execute_complete")
    metadata.dag_run("r", dag, first=ran("running", end_date=None), second=waiting, third={"state": None})
    scheduled(metadata, dag)
    record = told(kept())
    assert states(record) == {"first": "skipped", "second": "skipped"}
    assert not any("end_date" in task for task in record["tasks"])
    assert asked == []


def test_a_session_may_have_loaded_other_dag_runs(metadata: Metadata, asked: list[str], kept: Any) -> None:
    dag = serialized()
    metadata.dag_run("r", dag, first=ran("failed"))
    metadata.dag_run("another", dag, second=ran("failed"))
    with metadata.session() as session:
        run, _ = session.scalars(sa.select(DagRun).order_by(DagRun.id)).all()
        rows = session.scalars(sa.select(TaskInstance)).all()
        assert len(rows) == 2
        listener.on_dag_run_failed(dag_run=run)
    assert states(told(kept())) == {"first": "failed"}
    assert asked == []


@pytest.mark.parametrize("timeout", [None, timedelta(hours=1)])
def test_a_task_that_is_switched_off_is_not_taken_along(
    metadata: Metadata, asked: list[str], kept: Any, timeout: timedelta | None
) -> None:
    """Also where only its DAG is at hand."""
    dag = serialized(dagrun_timeout=timeout)
    state = {"state": "running" if timeout else "failed"}
    metadata.dag_run("r", dag, first=ran("failed") | state, off=ran("failed") | state)
    scheduled(metadata, dag)
    assert states(told(kept())).keys() == {"first"}
    assert asked == []


def test_tasks_of_an_operator_that_is_switched_off_are_not_taken_along(
    metadata: Metadata, asked: list[str], kept: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    operator = f"{EmptyOperator.__module__}.{EmptyOperator.__qualname__}"
    monkeypatch.setenv("AIRFLOW__CATALOG__DISABLED_FOR_OPERATORS", operator)
    dag = serialized()
    metadata.dag_run("r", dag, first=ran("failed"))
    scheduled(metadata, dag)
    assert "tasks" not in told(kept())
    assert asked == []


def test_what_has_expired_is_left_out_and_not_asked_for_again(metadata: Metadata, asked: list[str], kept: Any) -> None:
    dag = serialized()
    metadata.dag_run("r", dag, first=ran("failed"), second=ran("failed"), third=ran("failed"))
    with metadata.session() as session:
        run = session.scalars(sa.select(DagRun)).one()
        first, second, third = session.scalars(sa.select(TaskInstance).order_by(TaskInstance.task_id))
        session.expire(first)
        session.expire(second, ["state"])
        listener.on_dag_run_failed(dag_run=run)
        assert states(told(kept())) == {third.task_id: "failed"}
        assert asked == []
        before = len(metadata.asked)
        assert (first.state, second.state) == ("failed", "failed")
        assert len(metadata.asked) == before + 2  # so that it would have been seen


def test_a_dag_run_of_no_session_has_no_tasks_to_take_along(metadata: Metadata, asked: list[str], kept: Any) -> None:
    dag = serialized()
    metadata.dag_run("r", dag, first=ran("failed"))
    with metadata.session() as session:
        run = session.scalars(sa.select(DagRun)).one()
        rows = session.scalars(sa.select(TaskInstance)).all()
    assert rows
    listener.on_dag_run_failed(dag_run=run)
    assert "tasks" not in told(kept())
    assert asked == []


def test_of_very_many_tasks_some_are_taken_along_and_the_rest_is_said_to_be_missing(
    metadata: Metadata, asked: list[str], kept: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(instances, "_MOST", 2)
    dag = serialized()
    metadata.dag_run("r", dag, first=ran("failed"), second=ran("failed"), third=ran("failed"))
    scheduled(metadata, dag)
    record = told(kept())
    assert len(record["tasks"]) == 2
    assert record["incomplete"] == ["tasks: there are more than 2 to tell of"]
    assert asked == []


def test_that_its_tasks_cannot_be_looked_at_costs_the_dag_run_nothing(
    metadata: Metadata, asked: list[str], kept: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Any) -> Any:
        raise RuntimeError("of a later SQLAlchemy")

    monkeypatch.setattr(instances, "_loaded", fail)
    dag = serialized()
    metadata.dag_run("r", dag, first=ran("failed"))
    scheduled(metadata, dag)
    record = told(kept())
    assert (record["state"], record["incomplete"]) == (
        "failed",
        ["how its tasks ended: RuntimeError: of a later SQLAlchemy"],
    )


@pytest.mark.parametrize(("max_tries", "state"), [(0, "failed"), (3, "up_for_retry")])
def test_a_task_without_a_heartbeat_is_told_of_by_the_scheduler(
    metadata: Metadata, asked: list[str], kept: Any, max_tries: int, state: str
) -> None:
    """As `SchedulerJobRunner.process_executor_events` has loaded it."""
    dag = serialized(default_args={"retries": max_tries})
    metadata.dag_run("r", dag, first=ran("running", max_tries=max_tries))
    with metadata.session() as session:
        ti = session.scalars(sa.select(TaskInstance).options(joinedload(TaskInstance.dag_run))).one()
        ti.task = dag.task_dict["first"]
        ti.handle_failure(error="its process is gone", session=session)
    ((kind, record),) = kept()
    assert (kind, record["state"], record["try_number"], record["task_id"]) == ("task", state, 1, "first")
    assert record["date"] == NOON.isoformat()  # without it this would be another run than the one that began
    assert record["error"] == {"type": "", "message": "its process is gone"}
    assert asked == []
