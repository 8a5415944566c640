"""Glue jobs: a script with arguments, or a graph of nodes that Glue makes a script of."""

from __future__ import annotations

from collections.abc import Iterator

from airflow_provider_catalog.sources.task.aws import arguments, glue_graph, spark_sql
from airflow_provider_catalog.sources.task.aws.arguments import Argument
from airflow_provider_catalog.sources.task.aws.fields import Fields
from airflow_provider_catalog.sources.task.aws.findings import Findings
from airflow_provider_catalog.sources.task.aws.places import Account
from airflow_provider_catalog.sources.task.aws.spark_sql import Metastore

FACET = "awsGlueJob"
_CONF = "--conf"
_PERHAPS_OLDER = 0.9
"""A job that is there already stays as it is, unless the operator is told to bring it up to date."""


def job(fields: Fields, found: Findings) -> None:
    """Of GlueJobOperator. What the script does beyond what it is told nobody knows."""
    account, creation = Account.of(fields), fields.object("create_job_kwargs")
    graph = creation.object("CodeGenConfigurationNodes")
    if graph.stated:
        glue_graph.read(graph, account, found, 1.0 if fields.flag("update_config") else _PERHAPS_OLDER)
    else:
        found.whole = False
    told = list(_told(fields))
    for each in told:
        if spark_sql.is_sql(each.value):
            spark_sql.guess(each.value, _database(told), Metastore(account), found)
    arguments.read([each for each in told if not spark_sql.is_sql(each.value)], account, found)
    if facet := _facet(fields, creation):
        found.facts[FACET] = facet


def _told(fields: Fields) -> Iterator[Argument]:
    """As Glue puts them together: those of the run win over the job's own, unless they may not."""
    creation = fields.object("create_job_kwargs")
    of_job, fixed = (creation.object(key).stated for key in ("DefaultArguments", "NonOverridableArguments"))
    for each in arguments.of_object({**of_job, **fields.object("script_args").stated, **fixed}):
        settings = [_CONF, *arguments.words_of(each.value)]
        yield from arguments.of_line(settings) if each.name == _CONF else (each,)


def _database(told: list[Argument]) -> str:
    named = (each.value for each in told if each.name.lstrip("-").lower() in ("database", "database_name", "db"))
    return next(named, "")


def _facet(fields: Fields, creation: Fields) -> dict[str, object]:
    """Which job it was, and what is no data of it."""
    stated = {
        "jobName": fields.text("job_name"),
        "scriptLocation": fields.text("script_location"),
        "connections": creation.texts("Connections", "Connections"),
    }
    return {key: value for key, value in stated.items() if value}
