"""Operators of the amazon provider that tell no lineage themselves: it is in what they were told to do.

A record has the class of the operator and its rendered fields. For each class there is one function, or a row of
`flows`, that says what it reads, writes and derives; nobody asks AWS. An operator made of one of them is read as that
one, and as it may do more, never as the whole.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple, TypeAlias

from airflow_provider_catalog.sources.task.aws import emr, glue_catalog, glue_job, glue_quality, objects, queries
from airflow_provider_catalog.sources.task.aws.fields import Fields
from airflow_provider_catalog.sources.task.aws.findings import Findings
from airflow_provider_catalog.sources.task.aws.flows import FLOWS, move
from airflow_provider_catalog.sources.task.evidence import Evidence

Record: TypeAlias = dict[str, Any]
Teller: TypeAlias = Callable[[Fields, Findings], None]

PROVIDER = "airflow.providers.amazon.aws."
_RAN = ("success", "failed", "up_for_retry")
_EXASOL = "transfers.exasol_to_s3.ExasolToS3Operator"
_RANDOM = "transfers.dynamodb_to_s3.DynamoDBToS3Operator"
"""It names each object anew."""

TELLERS: dict[str, Teller] = {
    **{name: partial(move, flow) for name, flow in FLOWS.items()},
    "operators.emr.EmrAddStepsOperator": emr.steps,
    "operators.emr.EmrContainerOperator": emr.job,
    "operators.emr.EmrCreateJobFlowOperator": emr.job_flow,
    "operators.emr.EmrServerlessStartJobOperator": emr.job,
    "operators.glue.GlueDataQualityRuleRecommendationRunOperator": glue_quality.recommend,
    "operators.glue.GlueDataQualityRuleSetEvaluationRunOperator": glue_quality.evaluate,
    "operators.glue.GlueJobOperator": glue_job.job,
    "operators.glue_catalog.GlueCatalogBatchDeletePartitionOperator": glue_catalog.delete_partitions,
    "operators.glue_catalog.GlueCatalogCreateDatabaseOperator": glue_catalog.create_database,
    "operators.glue_catalog.GlueCatalogCreatePartitionOperator": glue_catalog.create_partition,
    "operators.glue_catalog.GlueCatalogCreateTableOperator": glue_catalog.create_table,
    "operators.glue_catalog.GlueCatalogDeleteDatabaseOperator": glue_catalog.delete_database,
    "operators.glue_catalog.GlueCatalogDeleteTableOperator": glue_catalog.delete_table,
    "operators.glue_crawler.GlueCrawlerCreateOperator": glue_catalog.define_crawler,
    "operators.glue_crawler.GlueCrawlerOperator": glue_catalog.crawl,
    "operators.glue_crawler.GlueCrawlerRunOperator": glue_catalog.run_crawler,
    "operators.glue_crawler.GlueCrawlerUpdateOperator": glue_catalog.define_crawler,
    "operators.s3.S3DeleteObjectsOperator": objects.delete,
}


class _Operator(NamedTuple):
    """The class that is known. `exact`: it is no other that is made of it."""

    name: str
    exact: bool


def completed(record: Record) -> Record:
    """What the other ways of telling need of the fields: where SQL runs, and which files are nobody's."""
    operator = _operator(record)
    fields = _fields(record)
    if ask := queries.SERVERS.get(operator.name):
        server = ask(fields)
        record = queries.placed(record, server) if server else record
    if operator.name == _EXASOL:
        record = queries.exported(record, fields)
    if operator.name in FLOWS or operator.name == _EXASOL:
        record = {**record, **_lasting(record, random=operator.name == _RANDOM)}
    return record


def _lasting(record: Record, *, random: bool) -> Record:
    return {
        side: objects.lasting(record[side], random=random) for side in ("hook_inputs", "hook_outputs") if side in record
    }


def gather(record: Record, evidence: Evidence) -> None:
    """After all the others: an operator's own words are there by then, and so are the tables of its SQL."""
    operator, fields = _operator(record), _fields(record)
    if record.get("state") not in _RAN:
        return
    found = Findings(succeeded=evidence.succeeded)
    if tell := TELLERS.get(operator.name):
        found.whole = operator.exact
        tell(fields, found)
    elif operator.name == "operators.athena.AthenaOperator":
        queries.results(fields, found, evidence)
    found.add_to(evidence)


def _fields(record: Record) -> Fields:
    stated = Fields(record)
    return Fields(stated.object("fields").stated, stated.object("connections").stated)


def _operator(record: Record) -> _Operator:
    stated = Fields(record)
    for path in (stated.text("operator_class"), *stated.texts("operator_bases")):
        name = path.removeprefix(PROVIDER) if path.startswith(PROVIDER) else ""
        if name in TELLERS or name in queries.SERVERS or name == _EXASOL:
            return _Operator(name, path == stated.text("operator_class"))
    return _Operator("", exact=False)
