"""OpenLineage RunEvents as Airflow sends them, made up: deterministic, one at a time, any number of them.

A job reads two tables and writes one, 20 columns each, 30 pairs of columns between them: START has about 5.9 KB,
COMPLETE 9.7 KB. Jobs stand in blocks of 10 layers by 20: a layer reads what the layer above it writes, the first layer
reads source tables of the block, so that tables are shared and lineage is 10 hops deep.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

import orjson
from openlineage.client.uuid import generate_static_uuid

Json: TypeAlias = dict[str, Any]

LAYERS = 10
WIDTH = 20
COLUMNS = 20
PAIRS = 30
NAMESPACE = "postgres://warehouse:5432"
JOBS = "airflow-production"
PRODUCER = "https://github.com/apache/airflow/tree/providers-openlineage/2.20.0"
_SPEC = "https://openlineage.io/spec"
_FIRST = datetime(2026, 1, 1, tzinfo=UTC)
_TYPES = ("bigint", "varchar(255)", "timestamptz", "numeric(18,4)", "boolean")
_KINDS = ("IDENTITY", "TRANSFORMATION")


@dataclass(frozen=True)
class Job:
    """A made-up job: its number says what it reads and writes."""

    number: int
    inputs: tuple[str, ...]
    output: str
    columns: int = COLUMNS
    pairs: int = PAIRS

    @property
    def name(self) -> str:
        return f"dag_{self.number // 8:05d}.load_{self.number:06d}"


def job(number: int) -> Job:
    """One of the layered jobs."""
    block, place = divmod(number, LAYERS * WIDTH)
    layer, at = divmod(place, WIDTH)
    above = (at, (at * 7 + layer + 1) % WIDTH)
    if above[0] == above[1]:
        above = (at, (at + 1) % WIDTH)
    return Job(number, tuple(_table(block, layer, i) for i in above), _table(block, layer + 1, at))


def _table(block: int, layer: int, at: int) -> str:
    return f"dw.layer_{layer:02d}.table_{block:04d}_{at:02d}"


def wide_table(columns: int, number: int = 0) -> Job:
    """A job whose tables have this many columns, each derived from the one of its name."""
    names = (f"dw.wide.source_{columns}_{number}", f"dw.wide.target_{columns}_{number}")
    return Job(10_000_000 + columns * 100 + number, names[:1], names[1], columns, columns)


def many_inputs(inputs: int, number: int = 0) -> Job:
    """A job that reads this many tables."""
    names = tuple(f"dw.many.source_{inputs}_{number}_{i:05d}" for i in range(inputs))
    target = f"dw.many.target_{inputs}_{number}"
    return Job(20_000_000 + inputs * 100 + number, names, target, COLUMNS, inputs)


def run_id(number: int, run: int) -> str:
    """Different for every job and run, and beginning with the run's nominal time, as Airflow makes them."""
    return str(generate_static_uuid(_FIRST + timedelta(hours=run), b"%d" % number))


def run(made: Job, number: int) -> Iterator[bytes]:
    """START and COMPLETE of one run of a job."""
    begun = _FIRST + timedelta(hours=number, seconds=made.number % 3000)
    yield orjson.dumps(_event(made, number, "START", begun))
    yield orjson.dumps(_event(made, number, "COMPLETE", begun + timedelta(seconds=40)))


def time_of(payload: bytes) -> str:
    return str(orjson.loads(payload)["eventTime"])


def events(numbers: Iterator[int] | range, number: int) -> Iterator[bytes]:
    """One run of each of these jobs."""
    for each in numbers:
        yield from run(job(each), number)


def _event(made: Job, number: int, kind: str, at: datetime) -> Json:
    complete = kind == "COMPLETE"
    lineage = {"columnLineage": _column_lineage(made)} if complete else {}
    statistics = {"outputStatistics": _facet("OutputStatisticsOutputDatasetFacet", rowCount=10_000 + number)}
    written = {**_dataset(made.output, made.columns, lineage), **({"outputFacets": statistics} if complete else {})}
    return {
        "eventTime": at.isoformat(),
        "eventType": kind,
        "producer": PRODUCER,
        "schemaURL": f"{_SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {"runId": run_id(made.number, number), "facets": _run_facets(made, number)},
        "job": {"namespace": JOBS, "name": made.name, "facets": _job_facets(made, number)},
        "inputs": [_dataset(name, made.columns, {}) for name in made.inputs],
        "outputs": [written],
    }


def _facet(kind: str, /, **body: Any) -> Json:
    return {"_producer": PRODUCER, "_schemaURL": f"{_SPEC}/facets/1-0-1/{kind}.json", **body}


def _run_facets(made: Job, number: int) -> Json:
    dag, task = made.name.split(".")
    when = (_FIRST + timedelta(hours=number)).isoformat()
    airflow = {
        "dag": {"dag_id": dag, "schedule_interval": "@hourly", "tags": "[]"},
        "dagRun": {"dag_id": dag, "run_id": f"scheduled__{when}", "run_type": "scheduled"},
        "task": {"task_id": task, "operator_class": "SQLExecuteQueryOperator", "retries": 2},
        "taskInstance": {"try_number": 1, "map_index": -1, "queued_dttm": when},
        "taskUuid": run_id(made.number, -number - 1),
    }
    return {
        "airflow": _facet("AirflowRunFacet", **airflow),
        "parent": _facet(
            "ParentRunFacet",
            run={"runId": run_id(-1 - made.number // 8, number)},
            job={"namespace": JOBS, "name": dag},
        ),
        "nominalTime": _facet("NominalTimeRunFacet", nominalStartTime=when, nominalEndTime=when),
        "processing_engine": _facet(
            "ProcessingEngineRunFacet", version="3.2.0", name="Airflow", openlineageAdapterVersion="2.20.0"
        ),
    }


def _job_facets(made: Job, number: int) -> Json:
    day = (_FIRST + timedelta(hours=number)).date()
    query = f"INSERT INTO {made.output} SELECT * FROM {made.inputs[0]} WHERE day = '{day}'"  # noqa: S608  never run
    return {
        "jobType": _facet("JobTypeJobFacet", processingType="BATCH", integration="AIRFLOW", jobType="TASK"),
        "sql": _facet("SQLJobFacet", query=query, dialect="postgres"),
        "ownership": _facet("OwnershipJobFacet", owners=[{"name": "data-platform", "type": "team"}]),
    }


def _dataset(name: str, columns: int, facets: Json) -> Json:
    fields = [{"name": _column(i), "type": _TYPES[i % len(_TYPES)]} for i in range(columns)]
    schema = _facet("SchemaDatasetFacet", fields=fields)
    source = _facet("DatasourceDatasetFacet", name=NAMESPACE, uri=NAMESPACE)
    return {"namespace": NAMESPACE, "name": name, "facets": {"schema": schema, "dataSource": source, **facets}}


def _column(number: int) -> str:
    return f"col_{number:02d}"


def pairs(made: Job) -> Iterator[tuple[str, int, int]]:
    """(input, its column, column of the output): every input and every column in turn."""
    for i in range(made.pairs):
        turn, column = divmod(i, made.columns)
        yield made.inputs[(turn if len(made.inputs) <= 2 else i) % len(made.inputs)], column, column


def _column_lineage(made: Job) -> Json:
    fields: dict[str, Json] = {}
    for source, column, target in pairs(made):
        entry: Json = {"namespace": NAMESPACE, "name": source, "field": _column(column)}
        if target % 5 == 0:
            entry["transformations"] = [{"type": "DIRECT", "subtype": _KINDS[target % len(_KINDS)]}]
        fields.setdefault(_column(target), {"inputFields": []})["inputFields"].append(entry)
    return _facet("ColumnLineageDatasetFacet", fields=fields)
