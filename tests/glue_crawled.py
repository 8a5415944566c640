"""A Data Catalog of AWS Glue to be crawled: the strict server, and clients of it that do not try again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any

from airflow_provider_catalog.sources.crawlers.glue.opening import CrawlableGlue, config, opened
from airflow_provider_catalog.sources.crawlers.glue.tables import Asked
from airflow_provider_catalog.sources.crawlers.tables import ALL, Selection
from tests.glue.server import GlueServer

ACCOUNT = "111122223333"
ARN = f"arn:aws:glue:eu-west-1:{ACCOUNT}"
ATHENA = "awsathena://athena.eu-west-1.amazonaws.com"


_COLUMNS = {"id": "bigint", "paid": "double"}


def table(name: str, location: str = "", columns: Mapping[str, str] = _COLUMNS, **stated: Any) -> dict[str, Any]:
    """A TableInput, with a folder of its own unless another is stated."""
    storage = {"Columns": _columns(columns), "Location": location or f"s3://lake/{name}/"}
    return {"Name": name, "TableType": "EXTERNAL_TABLE", "StorageDescriptor": storage, **stated}


def view(name: str, text: str, **stated: Any) -> dict[str, Any]:
    storage = {"Columns": _columns({"id": "bigint"})}
    return {
        "Name": name,
        "TableType": "VIRTUAL_VIEW",
        "StorageDescriptor": storage,
        "ViewOriginalText": text,
        "ViewExpandedText": "/* Presto View */",
        **stated,
    }


def _columns(types: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Name": name, "Type": type_} for name, type_ in types.items()]


class Lake:
    """A server with a database `sales`."""

    def __init__(self, server: GlueServer) -> None:
        self.server = server
        self.database("sales")

    def database(self, name: str, **stated: Any) -> None:
        self.server.call("CreateDatabase", DatabaseInput={"Name": name, **stated})

    def create(self, *tables: dict[str, Any], database: str = "sales") -> None:
        for each in tables:
            self.server.call("CreateTable", DatabaseName=database, TableInput=each)

    def update(self, stated: dict[str, Any], database: str = "sales") -> None:
        self.server.call("UpdateTable", DatabaseName=database, TableInput=stated)

    def drop(self, *names: str, database: str = "sales") -> None:
        for name in names:
            self.server.call("DeleteTable", DatabaseName=database, Name=name)

    def opened(self, selection: Selection = ALL, **asked: bool) -> AbstractContextManager[CrawlableGlue]:
        """By clients that raise at once what the server refuses."""
        return opened(lambda _: self.server.client(), self.server.state.account, Asked(selection, **asked))

    def opened_patiently(self) -> AbstractContextManager[CrawlableGlue]:
        """By clients as users have them."""
        options = {name: getattr(config(), name) for name in ("retries", "connect_timeout", "read_timeout")}
        make: Callable[[str], Any] = lambda _: self.server.client(**options)  # noqa: E731  reads as an argument
        return opened(make, self.server.state.account, Asked())
