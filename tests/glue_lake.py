"""A data lake for tasks of a test: the strict Glue server by the connection `aws_default`, and a catalog of its own."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_catalog.services.identity import find_dataset
from airflow_provider_catalog.store import open_database
from airflow_provider_catalog.store.sql.store import SqlStore
from airflow_provider_catalog.worker.merge import Merger
from tests.glue.server import GlueServer

RULES = json.dumps([{"match": "s3://lake/{database}/{table}"}])
COLUMNS = {"id": "bigint", "amount": "decimal(10,2)"}


class Lake:
    """`server` is Glue, `s3` the URL of a server of S3 if there is one."""

    def __init__(self, server: GlueServer, home: Path, s3: str = "") -> None:
        self.server = server
        self.store_url = f"sqlite:///{home / 'catalog.db'}"
        self._s3 = s3

    @property
    def environment(self) -> dict[str, str]:
        endpoints = {"glue": {"endpoint_url": self.server.url}, "s3": {"endpoint_url": self._s3 or self.server.url}}
        extra = {"region_name": self.server.state.region, "service_config": endpoints}
        connection = {"conn_type": "aws", "login": "testing", "password": "testing", "extra": extra}
        return {
            "AIRFLOW_CONN_AWS_DEFAULT": json.dumps(connection),
            "AIRFLOW__CATALOG__STORE_URL": self.store_url,
            "AIRFLOW__CATALOG__GLUE_MAPPING": RULES,
        }

    def connect(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, value in self.environment.items():
            monkeypatch.setenv(name, value)

    def store(self) -> closing[SqlStore]:
        """With all that was sent to it merged."""
        opened = open_database(self.store_url)
        Merger(opened).drain()
        return closing(opened)

    def table(self, database: str = "sales", name: str = "orders") -> dict[str, Any]:
        found: dict[str, Any] = self.server.call("GetTable", DatabaseName=database, Name=name)["Table"]
        return found

    def types(self, name: str = "orders") -> dict[str, str]:
        return {each["Name"]: each["Type"] for each in self.table(name=name)["StorageDescriptor"]["Columns"]}

    def partitions(self) -> dict[tuple[str, ...], str]:
        """Their values and where they lie."""
        found: list[Any] = []
        token: dict[str, str] = {}
        while True:
            page = self.server.call("GetPartitions", DatabaseName="sales", TableName="orders", **token)
            found += page["Partitions"]
            if not page.get("NextToken"):
                return {tuple(each["Values"]): each["StorageDescriptor"]["Location"] for each in found}
            token = {"NextToken": page["NextToken"]}

    def rewrite(self, name: str = "orders", **changed: Any) -> None:
        """As somebody else does."""
        found = self.table(name=name)
        kept = ("Name", "TableType", "PartitionKeys", "StorageDescriptor", "Parameters", "Description", "Owner")
        theirs = {key: found[key] for key in kept if key in found} | changed
        self.server.call("UpdateTable", DatabaseName="sales", TableInput=theirs, SkipArchive=True)

    def sent(self) -> int:
        """How many writes were asked for, whatever became of them."""
        reads = ("Get", "BatchGet", "Search", "List")
        return sum(number for name, number in self.server.calls.items() if not name.startswith(reads))

    def known(self, text: str) -> Any:
        with self.store() as store:
            return find_dataset(store, text)
