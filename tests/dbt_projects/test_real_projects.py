"""Two real projects, each on DuckDB and on PostgreSQL: built, told to the catalog, and held against what was written by
hand beside their SQL.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from airflow_provider_catalog.cli import main
from airflow_provider_catalog.model.identity import ColumnId, DatasetId, EntityId
from airflow_provider_catalog.sources.dbt.nodes import CHECK
from airflow_provider_catalog.sources.dbt.places import NODE
from airflow_provider_catalog.store import open_store
from airflow_provider_catalog.store.protocol import Store
from benchmarks.postgres import PostgresServer
from tests.dbt_projects.built import Built, build

CASES = [(name, target) for name in ("shop", "ledger") for target in ("duckdb", "postgres")]
Sources: TypeAlias = set[tuple[str, str, str]]


class Catalogued:
    """A project that was built and told of, its sources crawled before."""

    def __init__(self, built: Built, store_url: str) -> None:
        self.built = built
        self.store_url = store_url
        assert self.command("crawl", "db", _driver(built.url)) == 0
        assert self.ingest() == 0

    def command(self, *arguments: str) -> int:
        return main(["--store", self.store_url, *arguments])

    def ingest(self) -> int:
        return self.command("dbt", "ingest", str(self.built.folder))

    def dataset(self, relation: str) -> DatasetId:
        """By schema and name."""
        inside = "" if self.built.target == "duckdb" else f"{self.built.url.rpartition('/')[2]}."
        return DatasetId(self.built.namespace, f"{inside}{relation}")

    def sources(self, store: Store, relation: str) -> Mapping[str, Sources]:
        """What each column is made of, as the golden files have it."""
        columns = {column.uid: column for column in store.columns_of([self.dataset(relation).uid])}
        edges = store.neighbours(columns, "upstream", level="column") if columns else []
        above = store.columns({edge.source for edge in edges}) if edges else {}
        datasets = store.entities({column.dataset for column in above.values()}) if above else {}
        found: defaultdict[str, Sources] = defaultdict(set)
        for edge in edges:
            if edge.kind is not None and edge.kind.direct:
                source = above[edge.source]
                name = self._relation(datasets[source.dataset].name)
                found[columns[edge.target].name.lower()].add((name, source.name.lower(), edge.kind.name))
        return found

    def _relation(self, name: str) -> str:
        return (name if self.built.target == "duckdb" else name.partition(".")[2]).lower()


def _driver(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://")


@pytest.fixture(scope="module", params=CASES, ids="-".join)
def catalogued(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, postgres_server: PostgresServer
) -> Iterator[Catalogued]:
    name, target = request.param
    root = tmp_path_factory.mktemp(f"{name}-{target}")
    built = build(name, target, root, postgres_server)
    assert built.ran.returncode == 0, built.ran.output
    yield Catalogued(built, f"sqlite:///{root}/catalog.db")
    if target == "postgres":
        postgres_server.drop_database(built.url.rpartition("/")[2])


@pytest.fixture
def store(catalogued: Catalogued) -> Iterator[Store]:
    opened = open_store(catalogued.store_url)
    yield opened
    opened.close()


def test_every_column_is_made_of_what_its_sql_says(catalogued: Catalogued, store: Store) -> None:
    golden = catalogued.built.golden("column_lineage")
    wrong: dict[str, Any] = {}
    for relation, columns in golden.items():
        found = catalogued.sources(store, relation)
        for column, sources in columns.items() if columns != {"*": None} else ():
            wanted = {(table.lower(), name.lower(), kind) for table, name, kind in sources}
            if found.get(column.lower(), set()) != wanted:
                wrong[f"{relation}.{column}"] = {"wanted": wanted, "found": found.get(column.lower())}
    assert wrong == {}


def test_every_node_is_there_with_what_is_said_of_it(catalogued: Catalogued, store: Store) -> None:
    built = catalogued.built
    for unique_id, wanted in built.golden("expected_nodes").items():
        inside = built.name if built.target == "duckdb" else built.url.rpartition("/")[2]
        node = EntityId(NODE, built.namespace, f"{inside}.{_schema(built)}.{unique_id}")
        facts = {fact.aspect: fact.value for fact in store.facts([node.uid])}
        assert facts.get("dbt"), unique_id
        relation = wanted.get("relation")
        if relation and not relation.startswith("files."):
            _assert_said(catalogued, store, relation, wanted)


def _schema(built: Built) -> str:
    return {"shop": "analytics", "ledger": "books"}[built.name]


def _assert_said(catalogued: Catalogued, store: Store, relation: str, wanted: Mapping[str, Any]) -> None:
    dataset = catalogued.dataset(relation)
    said = {fact.aspect: fact.value for fact in store.facts([dataset.uid]) if fact.producer.startswith("dbt:")}
    tags = said.get("tags") or {}
    assert isinstance(tags, dict)
    assert {*wanted["tags"]} <= {tag["key"] for tag in tags.get("tags", ())}, relation
    assert bool(wanted.get("described")) is ("documentation" in said), relation
    if wanted.get("owner"):
        owners = said["ownership"]
        assert isinstance(owners, dict)
        assert owners["owners"], relation
    checks = {value["name"] for aspect, value in said.items() if aspect.startswith(CHECK) and isinstance(value, dict)}
    assert {*wanted.get("tests", ())} <= checks, relation


def test_a_second_run_tells_only_what_happened(catalogued: Catalogued, capsys: pytest.CaptureFixture[str]) -> None:
    again = catalogued.built.dbt("build")
    assert again.returncode == 0, again.output
    capsys.readouterr()
    assert catalogued.ingest() == 0
    told = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines() if line.strip())
    assert (told["new"], told["gone"]) == ("0", "0")
    assert int(told["changed"]) <= 5, "what is incremental has other SQL the second time, and what is made of it"
    assert int(told["results"]) > 20


def test_nothing_was_refused(catalogued: Catalogued, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert catalogued.command("dead-letters", "list") == 0
    assert capsys.readouterr().out.strip() == "nothing"


def test_the_catalog_has_columns_nobody_wrote_down(catalogued: Catalogued, store: Store) -> None:
    """At least 98 of 100 columns that are made of something."""
    golden = catalogued.built.golden("column_lineage")
    made = [
        (relation, column)
        for relation, columns in golden.items()
        for column, sources in columns.items()
        if sources and columns != {"*": None}
    ]
    known = {relation: catalogued.sources(store, relation) for relation in golden}
    found = [each for each in made if known[each[0]].get(each[1].lower())]
    assert len(found) >= 0.98 * len(made)
    relation, column = made[0]
    assert ColumnId(catalogued.dataset(relation), column).uid in store.columns(
        [ColumnId(catalogued.dataset(relation), column).uid]
    )


def test_it_was_told_by_our_line_where_the_database_is(catalogued: Catalogued) -> None:
    marker = catalogued.built.project.markers()
    assert len(marker) == 1
    assert Path(catalogued.built.folder).is_dir()
    assert marker[0]["target"]["type"] == catalogued.built.target
