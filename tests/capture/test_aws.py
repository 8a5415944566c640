"""What a task of the amazon provider's operators keeps: the fields that say where its data is, and nothing else."""

from __future__ import annotations

import ast
import importlib
import json
import socket
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import botocore.client
import pytest
from airflow.exceptions import AirflowProviderDeprecationWarning
from airflow.providers import amazon
from airflow.providers.amazon.aws.operators.glue import GlueJobOperator
from airflow.providers.amazon.aws.operators.glue_catalog import GlueCatalogDeleteTableOperator
from airflow.providers.amazon.aws.operators.redshift_data import RedshiftDataOperator
from airflow.providers.amazon.aws.operators.s3 import S3CopyObjectOperator, S3ReadObjectOperator
from airflow.providers.amazon.aws.operators.sagemaker import SageMakerProcessingOperator, SageMakerTransformOperator
from airflow.providers.amazon.aws.transfers.http_to_s3 import HttpToS3Operator
from airflow.sdk import DAG, BaseHook, Connection
from airflow.sdk.lineage import get_hook_lineage_collector

from airflow_provider_catalog.capture import operators, rendered, task
from airflow_provider_catalog.capture.text import Bounds, bounded, class_path

GOLDEN = Path(__file__).parents[1] / "golden" / "task"
SOURCES = Path(amazon.__path__[0]) / "aws"
ROLE = "arn:aws:iam::123456789012:role/etl"


def cases() -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Records, and what their operators were made with; of some the provider that they need is not here."""
    for path in sorted(GOLDEN.glob("aws_*.json")):
        if not path.stem.endswith(".expected"):
            stated = json.loads(path.read_text())
            pairs = zip(stated["records"], stated["arguments"], strict=True)
            yield from ((record, arguments) for record, arguments in pairs if arguments is not None)


CASES = {f"{record['operator']}.{record['task_id']}": (record, arguments) for record, arguments in cases()}


def made(path: str, arguments: dict[str, Any]) -> Any:
    module, _, name = path.rpartition(".")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AirflowProviderDeprecationWarning)
        return getattr(importlib.import_module(module), name)(task_id="t", **arguments)


@pytest.fixture(autouse=True)
def nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)


# Fields


@pytest.mark.parametrize("name", CASES)
def test_the_fields_of_a_golden_record_are_those_of_the_operator(name: str) -> None:
    record, arguments = CASES[name]
    assert rendered.fields(made(record["operator_class"], arguments), (), look_up=False) == {"fields": record["fields"]}


def test_there_is_a_golden_record_of_every_operator_that_can_be_made_here() -> None:
    needed = {path for path in operators.NEEDED if _importable(path)}
    cased = {record["operator_class"].removeprefix(operators.AMAZON) for record, _ in CASES.values()}
    assert needed - cased == {
        "operators.comprehend.ComprehendCreateDocumentClassifierOperator",
        "operators.neptune_analytics.NeptuneCreateGraphWithImportOperator",
    }


def _importable(path: str) -> bool:
    try:
        importlib.import_module(f"{operators.AMAZON}{path.rpartition('.')[0]}")
    except Exception:  # noqa: BLE001  each provider has an error of its own for another that is not installed
        return False
    return True


@pytest.mark.parametrize("path", operators.NEEDED)
def test_every_field_is_one_of_the_installed_provider(path: str) -> None:
    """By its source: whether it can be imported depends on what else is installed."""
    module, _, name = path.rpartition(".")
    fields = {field.partition(".")[0] for field in operators.NEEDED[path]} - {"region_name"}
    assert fields <= _assigned(module, name)


@cache
def _classes(module: str) -> dict[str, ast.ClassDef]:
    tree = ast.parse((SOURCES / f"{module.replace('.', '/')}.py").read_text())
    return {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}


def _assigned(module: str, name: str) -> set[str]:
    """Attributes that a class and those that it is made of give themselves."""
    known = _classes("transfers.base") | _classes("operators.base_aws") | _classes(module)
    if name not in known:
        return set()
    found = {
        node.attr
        for node in ast.walk(known[name])
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and _is_self(node.value)
    }
    bases = [ast.unparse(base).partition("[")[0] for base in known[name].bases]
    return found.union(*(_assigned(module, base) for base in bases))


def _is_self(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "self"


def test_what_is_no_place_of_data_is_not_kept() -> None:
    job = GlueJobOperator(
        task_id="job",
        job_name="orders",
        script_args={"--db-password": "hunter2", "--input": "s3://a/b?token=hunter2", "--conf": "x.secret=hunter2"},
        create_job_kwargs={"SecurityConfiguration": "hunter2", "DefaultArguments": {"--api_key": "hunter2"}},
        run_job_kwargs={"x": "hunter2"},
    )
    transform = SageMakerProcessingOperator(task_id="transform", config={"Environment": {"X": "hunter2"}})
    for operator in (job, transform):
        assert "hunter2" not in json.dumps(rendered.fields(operator, (), look_up=False))


@pytest.mark.parametrize(
    "words",
    [
        ["--db-password", "hunter2"],
        ["spark-submit", "--conf", "spark.x.password=hunter2"],
        ["-p", "DB_PASSWORD=hunter2"],
        [{"Key": "password", "Value": "hunter2"}, {"name": "token", "value": "hunter2"}],
        ["-e", "CREATE USER x PASSWORD 'hunter2'"],
    ],
)
def test_secrets_of_a_command_line_are_masked(words: list[Any]) -> None:
    assert "hunter2" not in json.dumps(bounded(words))
    assert bounded(["--password", "--input", "s3://a"])[1:] == ["--input", "s3://a"]


def test_what_is_more_than_a_record_may_have_is_said_to_be_missing() -> None:
    steps = [{"HadoopJarStep": {"Jar": "x.jar", "Args": ["a"] * 1_001}}]
    job = GlueJobOperator(task_id="job", script_args={"--input": "s3://a/b", "--text": "x" * 70_000})
    told = rendered.fields(job, (), look_up=False)
    assert told["incomplete"] == ["rendered fields: more than a record may have, so not all of it is here"]
    assert len(told["fields"]["script_args"]["--text"]) == 65_536
    for value, exceeded in ((steps, True), (steps[:0], False), ([[[[["deep"]]]]], True)):
        bounds = Bounds(65_536, 1_000, 4)
        bounds.of(value)
        assert bounds.exceeded is exceeded


# Where it is


def table(**more: Any) -> Any:
    return GlueCatalogDeleteTableOperator(task_id="t", database_name="d", table_name="t", **more)


def place(operator: Any, *, look_up: bool = False) -> dict[str, Any]:
    told = rendered.fields(operator, (), look_up=look_up)["fields"]
    return {key: told[key] for key in ("region_name", "account_id") if key in told}


def connection(**extra: str) -> Connection:
    return Connection(conn_id="aws_default", conn_type="aws", extra=json.dumps(extra))


def nobody_asks(*_: Any) -> Any:
    raise AssertionError("a connection was asked for")


def test_the_region_and_the_account_are_those_that_the_hook_was_told(monkeypatch: pytest.MonkeyPatch) -> None:
    extra = {"region_name": "eu-west-1", "role_arn": ROLE}
    monkeypatch.setattr(BaseHook, "get_connection", lambda *_: connection(**extra))
    operator = table()
    assert operator.hook.conn_config.region_name == "eu-west-1"
    monkeypatch.setattr(BaseHook, "get_connection", nobody_asks)
    for look_up in (True, False):
        assert place(operator, look_up=look_up) == {"region_name": "eu-west-1", "account_id": "123456789012"}


def test_a_connection_is_asked_for_where_there_is_time_and_nothing_else_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BaseHook, "get_connection", lambda *_: connection(region_name="eu-west-1", role_arn=ROLE))
    assert place(table(), look_up=True) == {"region_name": "eu-west-1", "account_id": "123456789012"}
    monkeypatch.setattr(BaseHook, "get_connection", nobody_asks)
    assert place(table()) == {}
    assert place(table(region_name="us-east-1"), look_up=True) == {"region_name": "us-east-1"}
    assert place(table(aws_conn_id=None), look_up=True) == {}


def test_without_any_the_region_is_botos_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-north-1")
    assert place(table()) == {"region_name": "eu-north-1"}
    assert place(table(region_name="us-east-1")) == {"region_name": "us-east-1"}


def test_a_connection_that_a_field_names_comes_along_once_and_without_who_logs_in(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def get(conn_id: str) -> Connection:
        asked.append(conn_id)
        return Connection(conn_id=conn_id, conn_type="http", host="https://api", login="ada", password="hunter2")

    monkeypatch.setattr(BaseHook, "get_connection", get)
    transfer = HttpToS3Operator(task_id="transfer", endpoint="x", s3_key="s3://a/b", http_conn_id="shop")
    assert "connections" not in rendered.fields(transfer, (), look_up=False)
    assert "connections" not in rendered.fields(transfer, ("shop",), look_up=True)
    told = rendered.fields(transfer, (), look_up=True)
    assert told["connections"] == {"shop": {"conn_type": "http", "host": "https://api"}}
    assert asked == ["shop"]


# Operators that tell it themselves


class LookedElsewhere(BaseException):
    """Nobody who catches errors of theirs catches this."""


@pytest.fixture
def in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no client answers, no connection is known and nothing can be reached."""

    def look(*args: Any, **_: Any) -> Any:
        raise LookedElsewhere(args)

    monkeypatch.setattr(botocore.client.BaseClient, "_make_api_call", look)
    monkeypatch.setattr(botocore.client.ClientCreator, "create_client", look)
    monkeypatch.setattr(BaseHook, "get_connection", look)
    monkeypatch.setattr(socket.socket, "connect", look)


def _job(kind: str) -> Callable[[], Any]:
    """As AWS answers when the job has run."""
    config = CASES[f"SageMaker{kind}Operator.{kind.lower()}"][1]
    answers = {
        "Processing": ("serialized_job", config["config"]),
        "Training": (
            "serialized_training_data",
            {**config["config"], "ModelArtifacts": {"S3ModelArtifacts": "s3://models/out"}},
        ),
    }

    def operator() -> Any:
        found = made(f"{operators.AMAZON}operators.sagemaker.SageMaker{kind}Operator", config)
        setattr(found, *answers[kind])
        return found

    return operator


def _of_s3(name: str) -> Callable[[], Any]:
    record, arguments = CASES[name]
    return lambda: made(record["operator_class"], arguments)


def datasets(*names: tuple[str, str]) -> list[dict[str, str]]:
    return [{"namespace": namespace, "name": name} for namespace, name in names]


TOLD: dict[str, tuple[Callable[[], Any], dict[str, Any]]] = {
    "operators.s3.S3CopyObjectOperator": (
        _of_s3("S3CopyObjectOperator.copy"),
        {
            "inputs": datasets(("s3://landing", "orders.csv")),
            "outputs": datasets(("s3://lake", "raw/orders.csv")),
        },
    ),
    "operators.s3.S3CopyPrefixOperator": (
        _of_s3("S3CopyPrefixOperator.copy_prefix"),
        {"inputs": datasets(("s3://landing", "in/")), "outputs": datasets(("s3://lake", "raw/"))},
    ),
    "operators.s3.S3CreateObjectOperator": (
        _of_s3("S3CreateObjectOperator.create"),
        {"outputs": datasets(("s3://lake", "flags/done"))},
    ),
    "operators.s3.S3FileTransformOperator": (
        _of_s3("S3FileTransformOperator.transform"),
        {"inputs": datasets(("s3://lake", "a.csv")), "outputs": datasets(("s3://lake", "b.csv"))},
    ),
    "operators.s3.S3ReadObjectOperator": (
        _of_s3("S3ReadObjectOperator.read"),
        {"inputs": datasets(("s3://lake", "config/*.json"))},
    ),
    "operators.sagemaker.SageMakerProcessingOperator": (
        _job("Processing"),
        {
            "inputs": datasets(("s3://lake", "features"), ("s3://lake", "labels")),
            "outputs": datasets(("s3://lake", "train"), ("s3://lake", "test")),
        },
    ),
    "operators.sagemaker.SageMakerTrainingOperator": (
        _job("Training"),
        {"inputs": datasets(("s3://lake", "train")), "outputs": datasets(("s3://models", "out"))},
    ),
}
"""For each operator that is asked one of it, and what it says."""


def test_each_operator_that_is_asked_is_one_of_these() -> None:
    assert TOLD.keys() == operators.SELF_TOLD.keys()


@pytest.mark.parametrize("path", TOLD)
def test_what_an_operator_says_itself_it_has_in_memory(path: str, in_memory: None) -> None:
    make, said = TOLD[path]
    operator = make()
    assert class_path(operator) == f"{operators.AMAZON}{path}"
    assert rendered.openlineage(operator, SimpleNamespace()) == {"openlineage": said}


def test_one_that_would_ask_aws_is_found_out_and_not_asked(in_memory: None) -> None:
    score = SageMakerTransformOperator(task_id="score", config={})
    score.serialized_model = {"PrimaryContainer": {"ModelPackageName": "arn"}}
    score.serialized_transform = {}
    with pytest.raises(LookedElsewhere):
        score.get_openlineage_facets_on_complete(None)
    assert rendered.openlineage(score, SimpleNamespace()) == {}


def test_one_that_has_no_answer_of_aws_in_memory_is_not_asked() -> None:
    """As after a job that had ended before it was waited for."""
    transform = SageMakerProcessingOperator(task_id="transform", config={})
    assert rendered.openlineage(transform, SimpleNamespace()) == {}


# Operators that are made of them


class OurCopy(S3CopyObjectOperator):
    """A company's own."""


class Ours:
    """What a company puts into all of its operators."""


class OurRead(Ours, S3ReadObjectOperator):
    """With something of its own before it."""


@pytest.mark.parametrize(
    ("operator", "base"),
    [
        (OurCopy(task_id="t", source_bucket_key="s3://a/b", dest_bucket_key="s3://c/d"), S3CopyObjectOperator),
        (OurRead(task_id="t", s3_key="s3://a/b"), S3ReadObjectOperator),
    ],
)
def test_an_operator_made_of_one_of_them_says_so_and_keeps_its_fields(operator: Any, base: type) -> None:
    (nearest, *others) = operators.bases(operator)
    assert nearest == f"{base.__module__}.{base.__qualname__}"
    assert others == [
        f"{operators.AMAZON}operators.base_aws.AwsBaseOperator",
        f"{operators.AMAZON}utils.mixins.AwsBaseHookMixin",
    ]
    assert set(rendered.fields(operator, (), look_up=False)["fields"]) >= {
        field for field in operators.NEEDED[nearest.removeprefix(operators.AMAZON)] if getattr(operator, field)
    }
    assert rendered.openlineage(operator, SimpleNamespace()) == {}  # it may say something else, and at any price


def test_an_operator_of_a_provider_and_one_of_nobodys_say_nothing_of_what_they_are_made_of() -> None:
    assert operators.bases(table()) == []
    assert operators.bases(SimpleNamespace()) == []
    assert rendered.fields(SimpleNamespace(template_fields=()), (), look_up=True) == {"fields": {}}


class Instance(SimpleNamespace):
    """A task instance as it is in its own process."""

    def get_template_context(self) -> dict[str, Any]:
        now = datetime(2026, 3, 1, 12, tzinfo=UTC)
        return {"dag_run": SimpleNamespace(logical_date=None, run_after=now, clear_number=0)}


def test_a_query_that_waits_in_its_trigger_says_where_it_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BaseHook, "get_connection", lambda *_: connection(region_name="eu-west-1"))
    with DAG("d", schedule=None):
        query = RedshiftDataOperator(task_id="query", sql="SELECT 1", database="dwh", cluster_identifier="prod")
    ti = Instance(dag_id="d", task_id="t", run_id="r", map_index=-1, try_number=1, task=query, state=None)
    get_hook_lineage_collector.cache_clear()
    assert task.deferred(ti, "ours") is None
    get_hook_lineage_collector().add_extra(context=query.hook, key="sql_job", value={"sql": "SELECT 1"})
    told = task.deferred(ti, "ours")
    get_hook_lineage_collector.cache_clear()
    assert told is not None
    assert told["fields"] == {"database": "dwh", "cluster_identifier": "prod", "region_name": "eu-west-1"}
    assert told["connections"]["aws_default"]["extra"] == {"region_name": "eu-west-1"}


def test_the_connection_of_a_database_is_taken_before_that_of_the_cloud_it_is_in() -> None:
    operator = SimpleNamespace(
        aws_conn_id="aws_default", hiveserver2_conn_id="hive", sql="SELECT 1", template_fields=("sql",)
    )
    assert rendered.sql(operator, look_up=False) == {"sql": [{"sql": "SELECT 1", "conn_id": "hive"}]}
