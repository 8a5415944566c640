"""SQL that operators have AWS run, over a connection that only says which cloud: where it runs is in their fields."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

from airflow_provider_catalog.sources.task.aws import places
from airflow_provider_catalog.sources.task.aws.fields import Fields
from airflow_provider_catalog.sources.task.aws.findings import Findings
from airflow_provider_catalog.sources.task.evidence import Evidence

Record: TypeAlias = dict[str, Any]

_CLOUD = ("", "aws")
"""Connections that say no more. One of a database knows better."""


class Server(NamedTuple):
    """As `sources.connections` asks for it: a type of connection, its extras, and the database unless SQL says
    another.
    """

    conn_type: str
    extra: dict[str, str]
    database: str = ""


def athena(fields: Fields) -> Server:
    said = {"region_name": fields.text("region_name"), "catalog": fields.text("catalog")}
    return Server("athena", said, fields.text("database") or fields.text("query_execution_context", "Database"))


def redshift(fields: Fields) -> Server:
    return _data_api(fields, fields.text("region_name"))


def redshift_transfer(fields: Fields) -> Server | None:
    """Only where it is told of one it goes by the Data API."""
    stated = fields.object("redshift_data_api_kwargs")
    return _data_api(stated, fields.text("region_name")) if stated.stated else None


def _data_api(fields: Fields, region: str) -> Server:
    cluster, group = fields.text("cluster_identifier"), fields.text("workgroup_name")
    said = {"region_name": region, "cluster_identifier": cluster, "workgroup_name": group}
    return Server("redshift", said, fields.text("database"))


SERVERS: dict[str, Callable[[Fields], Server | None]] = {
    "operators.athena.AthenaOperator": athena,
    "operators.redshift_data.RedshiftDataOperator": redshift,
    "transfers.redshift_to_s3.RedshiftToS3Operator": redshift_transfer,
    "transfers.s3_to_redshift.S3ToRedshiftOperator": redshift_transfer,
}


def placed(record: Record, server: Server) -> Record:
    """The record, with its SQL over connections that say where it runs."""
    connections, told = Fields(record).object("connections"), _listed(record.get("sql"))
    moved = {conn_id: _moved(connections.object(conn_id), server) for conn_id in dict.fromkeys(map(_over, told))}
    found = {conn_id: each for conn_id, each in moved.items() if each}
    sql = [_in(each, server) if _over(each) in found else each for each in told]
    return {**record, "sql": sql, "connections": {**connections.stated, **found}} if found else record


def exported(record: Record, fields: Fields) -> Record:
    """Of Exasol, whose driver exports by itself: a table or a query that no hook has told of."""
    stated = fields.text("query_or_table")
    sql = stated if len(stated.split()) > 1 else f"SELECT * FROM {stated}"  # noqa: S608  it is only read
    told = {"sql": [{"sql": sql, "conn_id": fields.text("exasol_conn_id")}]}
    return {**record, **told} if stated and not record.get("sql") else record


def _listed(stated: Any) -> list[Any]:
    return stated if type(stated) is list else []


def _over(stated: Any) -> str:
    return Fields({"sql": stated}).text("sql", "conn_id")


def _moved(connection: Fields, server: Server) -> Record:
    """What a cloud's connection calls a host or a schema is none of a database."""
    if connection.text("conn_type") not in _CLOUD:
        return {}
    stated = {key: each for key, each in server.extra.items() if each}
    return {"conn_type": server.conn_type, "extra": {**connection.object("extra").stated, **stated}}


def _in(stated: Any, server: Server) -> Any:
    if type(stated) is not dict or stated.get("default_database") or not server.database:
        return stated
    return {**stated, "default_database": server.database}


def results(fields: Fields, found: Findings, evidence: Evidence) -> None:
    """Of Athena: what a query answers is written where the operator was told. Of statements that write a table only
    their logs lie there.
    """
    said = fields.text("output_location") or fields.text("result_configuration", "OutputLocation")
    location = places.path(said) if said else None
    tables = [each for each in evidence.reads if each.platform == "athena"]
    if location is not None and tables and not any(each.platform == "athena" for each in evidence.writes):
        found.write(location)
        for table in tables:
            found.derive(table, location)
