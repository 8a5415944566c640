"""Operators of the amazon provider, read from records of them: cases are tests/golden/task/aws_*.json."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from airflow.providers.amazon.aws.hooks.athena import AthenaHook
from airflow.providers.amazon.aws.operators.athena import AthenaOperator
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_catalog.model import codec
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.model.identity import DatasetId
from airflow_provider_catalog.model.statement import EXISTENCE, Changes, Statement
from airflow_provider_catalog.sources import read
from airflow_provider_catalog.sources.task.aws import TELLERS, arguments, emr, queries, spark_sql
from airflow_provider_catalog.store import open_store
from tests.sources.documents import paths, replaced

GOLDEN = Path(__file__).parents[1] / "golden" / "task"
GLUE = "arn:aws:glue:eu-west-1:123456789012"
PREFIX = "airflow.providers.amazon.aws."


def _records() -> Iterator[tuple[str, dict[str, Any]]]:
    for path in sorted(GOLDEN.glob("aws_*.json")):
        if not path.stem.endswith(".expected"):
            for record in json.loads(path.read_text())["records"]:
                yield f"{path.stem}.{record['task_id']}", record


RECORDS = dict(_records())


def said_of(record: dict[str, Any]) -> Statement:
    (found,) = read(Envelope("task", json.dumps(record).encode())).statements
    return found


def told(statement: Statement) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(statement.details).get("capture", [])
    return found


# What the cases are of


def test_every_operator_that_is_read_has_a_case() -> None:
    named = {
        path.removeprefix(PREFIX)
        for record in RECORDS.values()
        for path in (record["operator_class"], *record.get("operator_bases", ()))
    }
    assert TELLERS.keys() | queries.SERVERS.keys() <= named | {
        "operators.comprehend.ComprehendCreateDocumentClassifierOperator",  # of the same row as the other
        "operators.neptune_analytics.NeptuneCreateGraphWithImportOperator",
    }
    assert len(RECORDS) >= 90


@pytest.mark.parametrize("name", RECORDS)
def test_what_is_a_guess_is_never_taken_for_the_whole(name: str) -> None:
    found = said_of(RECORDS[name])
    guessed = [
        *(edge.confidence for edge in found.lineage.edges if edge.confidence < 1 and edge.rule.name != "CARTESIAN"),
        *(each["confidence"] for each in told(found) if each.get("confidence", 1) < 1),
    ]
    assert not (guessed and found.complete)


@pytest.mark.parametrize("name", RECORDS)
def test_an_operator_made_of_another_is_read_as_that_and_as_one_that_may_do_more(name: str) -> None:
    record = RECORDS[name]
    bases = [*record.get("operator_bases", ()), record["operator_class"], f"{PREFIX}operators.base_aws.AwsBaseOperator"]
    made = said_of({**record, "operator_class": "company.operators.Ours", "operator_bases": bases})
    assert made.lineage == said_of(record).lineage
    known = record["operator_class"].removeprefix(PREFIX) in TELLERS
    assert not (made.complete and known)


@pytest.mark.parametrize("state", ["running", "skipped", "deferred", "removed"])
def test_a_task_that_has_not_run_its_operator_tells_nothing_of_it(state: str) -> None:
    for record in RECORDS.values():
        assert not any(each["mechanism"] == "operator fields" for each in told(said_of({**record, "state": state})))


def test_operators_of_others_are_left_alone() -> None:
    record = RECORDS["aws_s3.copy"] | {"operator_class": "airflow.providers.google.operators.s3.S3CopyObjectOperator"}
    assert not said_of(record).lineage


# The same names as others give


class _Described:
    """Glue's answers to who asks Athena for a table."""

    def get_table_metadata(self, **_: Any) -> dict[str, Any]:
        return {"TableMetadata": {"Parameters": {"location": "s3://lake/x"}, "Columns": []}}


@pytest.mark.parametrize("name", ["aws_athena.query", "aws_athena.in_its_trigger"])
def test_a_query_of_athena_has_the_datasets_that_the_operator_has_itself(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stated = json.loads((GOLDEN / "aws_athena.json").read_text())
    at = next(at for at, record in enumerate(stated["records"]) if f"aws_athena.{record['task_id']}" == name)
    monkeypatch.setattr(AthenaHook, "get_conn", lambda _: _Described())
    given_to = {**stated["arguments"][at], "region_name": "eu-west-1", "output_location": "s3://results/athena/"}
    query = AthenaOperator(task_id="query", **given_to)
    theirs = query.get_openlineage_facets_on_complete(None)
    sides = ([DatasetId(each.namespace, each.name) for each in side] for side in (theirs.inputs, theirs.outputs))
    ours = said_of(RECORDS[name]).lineage
    assert [set(side) for side in sides] == [set(ours.reads), set(ours.writes)]


def test_a_table_and_the_folder_it_lies_in_are_one_from_there_on(tmp_path: Path) -> None:
    folder, table = DatasetId("s3://lake", "orders"), DatasetId(GLUE, "table/sales/orders")
    writer = {**RECORDS["aws_s3.copy"], "openlineage": {"outputs": [{"namespace": "s3://lake", "name": "orders"}]}}
    store = open_store(f"sqlite:///{tmp_path / 'catalog.db'}")
    store.apply(Changes((said_of(writer),)))
    store.apply(Changes((said_of(RECORDS["aws_glue_catalog.create_table"]),)))
    found = store.entities([folder.uid, table.uid])
    assert found[folder.uid].node == found[table.uid].node
    store.close()


@pytest.mark.parametrize(
    ("region", "partition"), [("eu-west-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")]
)
def test_an_account_is_named_by_the_partition_of_its_region(region: str, partition: str) -> None:
    record = RECORDS["aws_glue_catalog.delete_partitions"]
    found = said_of({**record, "fields": {**record["fields"], "region_name": region}})
    (table,) = found.lineage.writes
    assert table.namespace == f"arn:{partition}:glue:{region}:123456789012"


def test_without_an_account_a_table_has_the_name_that_people_use() -> None:
    record = RECORDS["aws_glue_catalog.delete_table"]
    fields = {key: value for key, value in record["fields"].items() if key != "catalog_id"}
    (claim,) = [each for each in said_of({**record, "fields": fields}).content.claims if each.aspect == EXISTENCE]
    assert claim.subject == DatasetId.parse("glue://sales/orders_old")
    assert claim.value is False


# What arguments say


@pytest.mark.parametrize(
    ("name", "role"),
    [
        *(("--input", "reads"), ("--sourcePath", "reads"), ("--inputpath", "reads"), ("src_dir", "reads")),
        *(("--output-location", "writes"), ("--targetTable", "writes"), ("sink.uri", "writes"), ("S3_DEST", "writes")),
        *(("--path", ""), ("--source_to_target", ""), ("--internal", ""), ("--tools", ""), ("--outer", ""), ("", "")),
    ],
)
def test_a_name_says_what_is_read_or_written(name: str, role: str) -> None:
    assert arguments.Argument(name, "").role == role


@pytest.mark.parametrize(
    "name", ["--TempDir", "--extra-py-files", "--spark-event-logs-path", "--scriptLocation", "--jars"]
)
def test_some_names_say_that_it_is_no_data(name: str) -> None:
    assert not arguments.Argument(name, "s3://code/x").is_data


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("--in a --out=b c", [("--in", "a"), ("--out", "b"), ("", "c")]),
        ("--flag --in a", [("--flag", ""), ("--in", "a")]),
        ("-d A=1 --hiveconf b.c=2 -p x", [("A", "1"), ("b.c", "2"), ("-p", "x")]),
        ("--sql 'SELECT 1' --open 'quote", [("--sql", "'SELECT"), ("", "1'"), ("--open", "'quote")]),
        ("", []),
        ("--last", [("--last", "")]),
    ],
)
def test_a_command_line_is_read_as_programs_read_it(line: str, told: list[tuple[str, str]]) -> None:
    assert list(map(tuple, arguments.of_line(arguments.words_of(line)))) == told


@pytest.mark.parametrize(
    ("text", "is_sql"),
    [
        ("SELECT 1", True),
        (" -- since\n INSERT INTO a SELECT 1", True),
        ("with x as (select 1) select * from x", True),
        ("MERGE INTO a USING b", True),
        ("select", True),
        ("selected/path", False),
        ("s3://lake/select", False),
        ("insert", False),
        ("update the table", False),
    ],
)
def test_sql_is_told_from_other_texts(text: str, is_sql: bool) -> None:
    assert spark_sql.is_sql(text) is is_sql


@given(
    st.lists(
        st.sampled_from(["spark-submit", "spark-sql", "bash", "-c", "-e", "--conf", "a=b", "SELECT 1", "s3://a/b"])
    )
)
def test_any_line_of_words_is_read(words: list[str]) -> None:
    step = {"HadoopJarStep": {"Jar": "command-runner.jar", "Args": words}}
    record = {**RECORDS["aws_emr_steps.copies"], "fields": {"steps": [step]}}
    assert said_of(record).details


def test_every_kind_of_command_is_one_of_emrs() -> None:
    kinds = {step["HadoopJarStep"]["Args"][0].rpartition("/")[2] for step in _steps()}
    assert emr.COMMANDS.keys() - kinds <= {"run-example", "beeline", "pig-script", "sh"}


def _steps() -> Iterator[dict[str, Any]]:
    for name, record in RECORDS.items():
        stated = record["fields"].get("steps")
        yield from stated if name.startswith("aws_emr_steps") and isinstance(stated, list) else ()


# Whatever comes

SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=12) | st.sampled_from(["s3://b/k", "{", "[1]"])
ANYTHING = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
)
STRANGE: list[Any] = [None, 7, [[]], {"": {}}, ["\x00", "s3://"]]
PLACES = [
    (name, path)
    for name, record in RECORDS.items()
    for path in paths(record)
    if path and path[0] in ("fields", "connections", "operator_bases", "operator_class", "sql", "hook_inputs", "state")
]


@given(st.sampled_from(PLACES), ANYTHING)
def test_whatever_is_malformed_leaves_the_run(place: tuple[str, tuple[Any, ...]], value: Any) -> None:
    name, path = place
    found = said_of(replaced(RECORDS[name], path, value))
    assert found.run is not None
    assert codec.statement_from_json(codec.statement_to_json(found)) == found


@pytest.mark.parametrize("name", RECORDS)
def test_every_field_may_be_anything(name: str) -> None:
    for path in paths(RECORDS[name]["fields"]):
        for value in STRANGE:
            assert said_of(replaced(RECORDS[name], ("fields", *path), value)).details


def test_names_that_are_too_long_are_left_out() -> None:
    long = "x" * 5_000
    for name in ("aws_s3.copy", "aws_glue_catalog.create_table", "aws_glue_job.tables", "aws_transfers.s3_to_dynamodb"):
        record = RECORDS[name]
        fields = {key: long if isinstance(value, str) else value for key, value in record["fields"].items()}
        assert not said_of({**record, "fields": fields}).lineage.writes or name == "aws_glue_job.tables"


def test_a_graph_that_is_too_large_is_read_as_far_as_it_goes_and_said_to_be_more() -> None:
    source = {"S3CsvSource": {"Paths": ["s3://lake/in"]}}
    chain = {f"n{at}": {"Filter": {"Inputs": [f"n{at - 1}"]}} for at in range(1, 400)}
    target = {"S3DirectTarget": {"Inputs": ["n250"], "Path": "s3://lake/out"}}
    nodes = {"n0": source, "t": target, **chain}
    record = RECORDS["aws_glue_visual.circle"]
    fields = {**record["fields"], "create_job_kwargs": {"CodeGenConfigurationNodes": nodes}}
    found = said_of({**record, "fields": fields})
    assert [(str(edge.source), str(edge.target)) for edge in found.lineage.edges] == [("s3://lake/in", "s3://lake/out")]
    assert not found.complete


def test_a_graph_of_more_columns_than_anybody_maps_keeps_its_tables() -> None:
    names = [f"c{at}" for at in range(2_000)]
    mapping = {"Inputs": ["s"], "Mapping": [{"ToKey": name, "FromPath": [name]} for name in names]}
    source = {"S3CsvSource": {"Paths": [f"s3://lake/{at}" for at in range(60)]}}
    target = {"S3DirectTarget": {"Inputs": ["m"], "Path": "s3://out/x"}}
    nodes = {"s": source, "m": {"ApplyMapping": mapping}, "t": target}
    record = RECORDS["aws_glue_visual.mapped"]
    fields = {**record["fields"], "create_job_kwargs": {"CodeGenConfigurationNodes": nodes}}
    found = said_of({**record, "fields": fields})
    assert (len(found.lineage.edges), len(found.lineage.columns), found.complete) == (60, 0, False)


def test_what_is_nested_beyond_all_measure_is_no_error() -> None:
    deep = "[" * 50_000
    record = RECORDS["aws_glue_job.nested"]
    for fields in ({"script_args": {"--input": deep}}, {"script_args": {"--input": "{" * 50_000}}):
        assert said_of({**record, "fields": fields}).run
    assert said_of({**RECORDS["aws_emr_steps.as_text"], "fields": {"steps": deep}}).run
