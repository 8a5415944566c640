"""SQL of Spark and Hive on EMR, whose tables are where the metastore says: in Glue, or in one of Hive's own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from airflow_provider_catalog.model.identity import ColumnId, DatasetId
from airflow_provider_catalog.model.statement import NO_LINEAGE
from airflow_provider_catalog.sources.openlineage.notes import Notes
from airflow_provider_catalog.sources.task import sql
from airflow_provider_catalog.sources.task.aws.findings import Findings
from airflow_provider_catalog.sources.task.aws.places import Account, Place, Unnamed
from airflow_provider_catalog.sources.task.evidence import Evidence

_UNSTATED = 0.7
"""On EMR it is mostly Glue's, and the cluster may have been told otherwise."""
_HERE = "metastore"
_IN_GLUE = re.compile(r"(?i)glue\W{0,3}(?:datacatalog|catalog)|awsglue")
_THRIFT = re.compile(r"thrift://([\w.-]+)(?::(\d{1,5}))?")
_STATEMENT = re.compile(
    r"(?is)\s*+(?:--[^\n]*+\n\s*+)*+(?:with\s+\w+\s+as|select|insert\s+(?:into|overwrite)|merge\s+into|delete\s+from"
    r"|create\s+(?:or\s+replace\s+)?(?:table|view)|update\s+[\w.`]+\s+set)\b"
)


class Metastore(NamedTuple):
    """Glue's, unless it has a `host`."""

    account: Account
    host: str = ""
    port: int | None = None
    confidence: float = 1.0

    @classmethod
    def of(cls, settings: Mapping[str, Any], account: Account) -> Metastore:
        """By the settings of Spark or Hive."""
        texts = {str(key).lower(): value for key, value in settings.items() if type(value) is str}
        uris = next((value for key, value in texts.items() if key.endswith("hive.metastore.uris")), "")
        if server := _THRIFT.match(uris):
            return cls(account, server[1], int(server[2]) if server[2] else 9083)
        stated = any(_IN_GLUE.search(value) for key, value in texts.items() if "catalog" in key or "metastore" in key)
        return cls(account, confidence=1.0 if stated else _UNSTATED)

    @property
    def connection(self) -> dict[str, Any]:
        if self.host:
            return {"conn_type": "hive", "host": self.host, "port": self.port}
        return {"conn_type": "spark", "host": _HERE}

    def place(self, dataset: DatasetId) -> Place:
        """What was named as of a metastore that nobody has named, by its place in Glue. Paths stay what they are."""
        if dataset.namespace != f"spark://{_HERE}":
            return dataset
        *_, database, table = ["", *dataset.name.split(".")]
        return self.account.table(database, table) or Unnamed((dataset.name,), "its name is too long")


def is_sql(text: str) -> bool:
    return _STATEMENT.match(text) is not None


def read(text: str, database: str, metastore: Metastore, found: Findings, confidence: float = 1.0) -> None:
    said = Evidence(Notes(), succeeded=found.succeeded)
    record = {"sql": text, "conn_id": _HERE, **({"default_schema": database} if database else {})}
    sql.gather({"sql": [record], "connections": {_HERE: metastore.connection}}, said)
    confidence = min(confidence, metastore.confidence)
    for dataset in said.reads:
        found.read(metastore.place(dataset), confidence)
    for dataset in said.writes:
        found.write(metastore.place(dataset), confidence)
    for claim in said.claims:
        if isinstance(claim.subject, DatasetId):
            found.gone(metastore.place(claim.subject))
    _derive(said, metastore, found, confidence)
    found.whole = found.whole and said.whole and not said.notes


def guess(text: str, database: str, metastore: Metastore, found: Findings) -> None:
    """What looks like SQL among the arguments of a program, which may do anything with it."""
    part = found.part()
    read(text, database, metastore, part, _UNSTATED)
    part.whole = False
    found.include(part)


def _derive(said: Evidence, metastore: Metastore, found: Findings, confidence: float) -> None:
    lineage = said.lineage(NO_LINEAGE)
    for edge in lineage.edges:
        source, target = metastore.place(edge.source), metastore.place(edge.target)
        if isinstance(source, DatasetId) and isinstance(target, DatasetId):
            found.derive(source, target, min(confidence, edge.confidence), edge.rule)
    for column in lineage.columns:
        source, target = metastore.place(column.source.dataset), metastore.place(column.target.dataset)
        if isinstance(source, DatasetId) and isinstance(target, DatasetId):
            ends = ColumnId(source, column.source.name), ColumnId(target, column.target.name)
            sure = min(confidence, column.confidence)
            found.derive_column(replace(column, source=ends[0], target=ends[1], confidence=sure))
