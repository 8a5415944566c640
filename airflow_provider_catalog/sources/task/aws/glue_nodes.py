"""Nodes of a visual Glue job at its ends, and the datasets they name: by what is in them, whichever of a hundred kinds
they are.
"""

from __future__ import annotations

from collections.abc import Iterator

from airflow_provider_catalog.model.identity import DatasetId
from airflow_provider_catalog.sources.task.aws.fields import Fields
from airflow_provider_catalog.sources.task.aws.places import Account, Place, Unnamed, named
from airflow_provider_catalog.sources.task.aws.places import path as stored

_ELSEWHERE = "it is behind the Glue connection {}, and only Glue knows to which server that is"
_NOTHING = "it does not say which data it is"
_OUTSIDE = ("DirectJDBC", "JDBCConnector", "SparkConnector", "AthenaConnector", "ConnectorData", "Snowflake")
"""Of kinds whose database is no database of Glue."""


def is_target(kind: str, body: Fields) -> bool:
    return kind.endswith("Target") or (kind == "Spigot" and bool(body.text("Path")))


def datasets(kind: str, body: Fields, account: Account) -> list[DatasetId]:
    return [place for place in places(kind, body, account) if isinstance(place, DatasetId)]


def places(kind: str, body: Fields, account: Account) -> Iterator[Place]:
    """What it names. One that names nothing is told of as such."""
    found = [place for place in _named(kind, body, account) if place is not None]
    yield from found or [Unnamed((kind,), _NOTHING)]


def _named(kind: str, body: Fields, account: Account) -> Iterator[Place]:
    yield from map(stored, (*body.texts("Paths"), *body.texts("Path")))
    yield from _table(kind, body, account)
    yield from _stream(body)
    options = body.object("ConnectionOptions")
    yield account.dynamodb(options.text("DynamodbTableArn"))
    yield _in_glue(body.object("Data"), account)


def _table(kind: str, body: Fields, account: Account) -> Iterator[Place]:
    policy = body.object("SchemaChangePolicy")
    yield account.table(policy.text("Database"), policy.text("Table")) if policy.flag("EnableUpdateCatalog") else None
    if not kind.startswith(_OUTSIDE):
        yield account.table(body.text("Database"), body.text("Table"))
        return
    connection = body.text("ConnectionName") or _option(body.object("Data"), "Connection")
    table = body.text("ConnectionTable") or body.text("Table") or _option(body.object("Data"), "Table")
    yield Unnamed((table or kind,), _ELSEWHERE.format(connection or "it has"))


def _in_glue(data: Fields, account: Account) -> Place:
    """A table of Redshift, by the name that Glue has for it."""
    table = account.table(_option(data, "CatalogDatabase"), _option(data, "CatalogTable"))
    direct = _option(data, "Table")
    if table is None and direct and _option(data, "Connection") and not data.text("Database"):
        return Unnamed((direct,), _ELSEWHERE.format(_option(data, "Connection")))
    return table


def _option(data: Fields, name: str) -> str:
    """A text, or an option of which the value counts."""
    return data.text(name) or data.text(name, "Value")


def _stream(body: Fields) -> Iterator[Place]:
    options = body.object("StreamingOptions")
    arn, servers, topic = (options.text(key) for key in ("StreamArn", "BootstrapServers", "TopicName"))
    if arn:
        found = DatasetId.from_asset_uri(arn[:2_000])
        yield found if found and found.platform == "kinesis" else None
    if servers and topic:
        yield named(f"kafka://{servers.split(',')[0].strip()}", topic)
