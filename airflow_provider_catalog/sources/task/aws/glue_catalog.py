"""The Glue Data Catalog itself: databases, tables and partitions that a task makes or deletes, and crawlers that fill
it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from airflow_provider_catalog.model.identity import DatasetId
from airflow_provider_catalog.sources.task.aws import places
from airflow_provider_catalog.sources.task.aws.fields import Fields
from airflow_provider_catalog.sources.task.aws.findings import Findings
from airflow_provider_catalog.sources.task.aws.places import Account, Place, Unnamed, located

_VIEW = "VIRTUAL_VIEW"
_DEFINED = "the crawler is only defined here: what it finds is known when it has run"
_ELSEWHERE = "what the crawler reads and fills is in its definition, which only AWS has"
_BEHIND = "it is behind the Glue connection {}, and only Glue knows to which server that is"


def _table(fields: Fields) -> Place:
    names = (fields.text(name) for name in ("database_name", "table_name", "catalog_id"))
    return Account.of(fields).table(*names)


def _database(fields: Fields) -> Place:
    return Account.of(fields).database(fields.text("database_name"), fields.text("catalog_id"))


def create_table(fields: Fields, found: Findings) -> None:
    """Where a table that is there already is left as it is, its columns may be others. A view lies nowhere."""
    table, stated = _table(fields), fields.object("table_input")
    found.write(table)
    location = places.path(stated.text("StorageDescriptor", "Location"))
    facets = located(location) if location and stated.text("TableType") != _VIEW else {}
    if fields.text("if_exists") == "fail":
        facets |= _described(stated)
    if facets and isinstance(table, DatasetId):
        found.say(table, "facets", facets)


def _described(stated: Fields) -> dict[str, Any]:
    columns = [*stated.objects("StorageDescriptor", "Columns"), *stated.objects("PartitionKeys")]
    named = [_column(each) for each in columns if each.text("Name")]
    facets: dict[str, Any] = {"schema": {"fields": named}} if named else {}
    return facets | ({"documentation": {"description": text}} if (text := stated.text("Description")) else {})


def _column(stated: Fields) -> dict[str, str]:
    told = {"name": stated.text("Name"), "type": stated.text("Type"), "description": stated.text("Comment")}
    return {key: value for key, value in told.items() if value}


def create_partition(fields: Fields, found: Findings) -> None:
    """The table gets what lies in the folder."""
    found.write(_table(fields))
    found.read(places.path(fields.text("partition_input", "StorageDescriptor", "Location")))


def delete_partitions(fields: Fields, found: Findings) -> None:
    found.write(_table(fields))


def delete_table(fields: Fields, found: Findings) -> None:
    found.gone(_table(fields))


def create_database(fields: Fields, found: Findings) -> None:
    found.write(_database(fields))


def delete_database(fields: Fields, found: Findings) -> None:
    """Its tables go with it, and nobody says which they were."""
    found.gone(_database(fields))
    found.whole = False


def crawl(fields: Fields, found: Findings) -> None:
    """Of GlueCrawlerOperator, which has the definition and runs it. It fills a database; with which tables is known to
    who looks there after it.
    """
    account, config = Account.of(fields), fields.object("config")
    for place in _targets(config.object("Targets"), account):
        found.read(place)
    found.write(account.database(config.text("DatabaseName")))
    found.whole = False


def _targets(targets: Fields, account: Account) -> Iterator[Place]:
    for key, path in (("S3Targets", "Path"), ("DeltaTargets", "DeltaTables"), ("IcebergTargets", "Paths")):
        yield from (places.path(uri) for each in targets.objects(key) for uri in each.texts(path))
    yield from (places.path(uri) for each in targets.objects("HudiTargets") for uri in each.texts("Paths"))
    yield from (account.dynamodb(each.text("Path")) for each in targets.objects("DynamoDBTargets"))
    for each in targets.objects("CatalogTargets"):
        yield from (account.table(each.text("DatabaseName"), table) for table in each.texts("Tables"))
    for key in ("JdbcTargets", "MongoDBTargets"):
        for each in targets.objects(key):
            yield Unnamed((each.text("Path"),), _BEHIND.format(each.text("ConnectionName")))


def define_crawler(fields: Fields, found: Findings) -> None:
    """Nothing is read or written: that is whole."""
    found.note("defines", (fields.text("config", "Name"),), _DEFINED)


def run_crawler(fields: Fields, found: Findings) -> None:
    found.unknown("runs", Unnamed((fields.text("crawler_name"),), _ELSEWHERE))
