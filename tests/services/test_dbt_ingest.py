"""Artifacts of a project that dbt has really run, into a store: what is told, not told again, and taken back."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from airflow_provider_catalog.errors import CatalogError
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.model.statement import Event
from airflow_provider_catalog.services import dbt_ingest
from airflow_provider_catalog.services.dbt_ingest import Ingested, ingest
from airflow_provider_catalog.sources import read
from airflow_provider_catalog.sources.dbt.artifacts import Artifacts
from airflow_provider_catalog.store import open_database
from airflow_provider_catalog.store.sql.rebuild import rebuild
from airflow_provider_catalog.store.sql.store import SqlStore
from airflow_provider_catalog.worker.columns import Columns
from airflow_provider_catalog.worker.merge import Merger
from airflow_provider_catalog.worker.publish import Publisher
from tests.sources.dbt.kiosk import Kiosk
from tests.sources.documents import paths, replaced

RELATIONS = {"stg_sales", "takings", "per_item", "best", "unused", "rates", "raw.sales", "main_history.sales_states"}
NEXT = "2099-01-0{}T00:00:00Z"
UNUSED = "model.kiosk.unused"


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Kiosk:
    return Kiosk(tmp_path_factory.mktemp("kiosk"))


class Catalog:
    """A store, and what was told to it."""

    def __init__(self, store: SqlStore, made: Kiosk) -> None:
        self.store = store
        self.made = made

    def ingest(self, artifacts: Artifacts | str, **told: Any) -> Ingested:
        """And merged. `artifacts` are the project's, by name, or others."""
        stated = self.made.artifacts(artifacts) if isinstance(artifacts, str) else artifacts
        done = ingest(self.store, stated, self.made.told() | told)
        self.merge()
        return done

    def send(self, kind: str, *payloads: Any) -> None:
        self.store.accept([Envelope(kind, json.dumps(payload).encode()) for payload in payloads])
        self.merge()

    def merge(self) -> None:
        Merger(self.store).drain()
        assert self.store.dead_letters() == []

    def work(self) -> None:
        """The role that reads SQL again."""
        while Publisher(self.store, Columns()).once().published and Merger(self.store).drain().envelopes:
            pass
        assert self.store.dead_letters() == []

    def documents(self) -> list[dict[str, Any]]:
        return [json.loads(each.payload) for each in self.store.envelopes() if each.kind == "dbt"]

    def told_by(self, artifacts: Artifacts | str, **told: Any) -> tuple[set[str], set[str]]:
        """The nodes and the results that are told of these now."""
        before = len(self.documents())
        self.ingest(artifacts, **told)
        new = self.documents()[before:]
        nodes = {node["unique_id"] for each in new for node in each.get("nodes", ())}
        return nodes, {result["unique_id"] for each in new for result in each.get("results", ())}

    def uids(self, kind: str) -> dict[int, str]:
        return {each.uid: each.name for each in self.store.scan(kind)}

    def facts(self, kind: str = "dataset") -> dict[tuple[str, str, str], Any]:
        """By name, aspect and producer. Columns are `dataset#column`."""
        if kind == "column":
            names = self.uids("dataset")
            named = {each.uid: f"{names[each.dataset]}#{each.name}" for each in self.store.columns_of(names)}
        else:
            named = self.uids(kind)
        said = self.store.facts(named) if named else ()
        return {
            (named[each.subject], each.aspect, each.producer): each.value for each in said if each.value is not None
        }

    def of(self, name: str, kind: str = "dataset") -> dict[str, Any]:
        """What dbt says of it; of its columns what it has seen rather than what it has worked out."""
        said = sorted(self.facts(kind).items(), key=lambda each: each[0][2], reverse=True)
        return {aspect: value for (about, aspect, by), value in said if about == name and by.startswith("dbt:")}

    def edges(self, level: Any = "table") -> set[tuple[str, str, str, str, int]]:
        jobs, names = self.uids("job"), self.uids("dataset")
        if level == "column":
            names |= {each.uid: f"{names[each.dataset]}#{each.name}" for each in self.store.columns_of(names)}
        found = self.store.stated(jobs, level=level)
        return {(jobs[e.job], e.producer, names[e.source], names[e.target], int(e.kind or 0)) for e in found}

    def reads(self, job: str, namespace: str = "dbt") -> set[str]:
        named, names = self.store.scan("job"), self.uids("dataset")
        uids = [each.uid for each in named if (each.namespace, each.name) == (namespace, job)]
        return {names[port.dataset] for port in self.store.ports(jobs=uids) if port.direction == "r"} if uids else set()

    def lineage(self) -> set[tuple[str, str]]:
        return {(source, target) for _, _, source, target, _ in self.edges()}

    def columns(self, of: str) -> set[tuple[str, str]]:
        """What the columns of a relation are made of, whoever says so."""
        found = self.edges("column")
        return {(target, source) for _, _, source, target, kind in found if target.startswith(f"{of}#") and kind < 10}

    def schema(self, name: str) -> list[str]:
        """As dbt has it."""
        return [field["name"] for field in self.of(name).get("schema", {}).get("fields", ())]

    def runs(self) -> dict[str, tuple[str, Event, str | None]]:
        jobs = self.uids("job")
        return {
            run.run_id: (jobs[job], run.state, run.parent_run_id)
            for job in jobs
            for run in self.store.runs([job], limit=99)
        }

    def everything(self) -> Any:
        """All that is known now; not when it was said."""
        facts = {kind: self.facts(kind) for kind in ("dataset", "column", "job", "dbt_node")}
        return facts, self.edges(), self.edges("column"), self.runs()


@pytest.fixture
def catalog(store_url: str, made: Kiosk) -> Iterator[Catalog]:
    store = open_database(store_url)
    yield Catalog(store, made)
    store.close()


@pytest.fixture
def other(tmp_path: Any, made: Kiosk) -> Iterator[Catalog]:
    store = open_database(f"sqlite:///{tmp_path / 'other.db'}")
    yield Catalog(store, made)
    store.close()


def changed(
    artifacts: Artifacts, number: int = 1, edit: Callable[[dict[str, Any]], object] = lambda _: None
) -> Artifacts:
    """The project some days later: its manifest is edited, and nothing was run."""
    manifest = copy.deepcopy(artifacts.manifest)
    manifest["metadata"]["generated_at"] = NEXT.format(number)
    edit(manifest)
    return artifacts._replace(manifest=manifest, run_results={})


def without(manifest: dict[str, Any], *words: str) -> None:
    for table in ("nodes", "sources", "exposures", "unit_tests"):
        for unique_id in [each for each in manifest[table] if any(word in each for word in words)]:
            del manifest[table][unique_id]


# -- what is told


def test_every_node_is_there(catalog: Catalog) -> None:
    done = catalog.ingest("built")
    told = {value["unique_id"]: value for (_, aspect, _), value in catalog.facts("dbt_node").items() if aspect == "dbt"}
    stated = catalog.made.artifacts("built").nodes()
    assert set(told) == set(stated)
    assert len(stated) == 18 == done.nodes == done.new
    assert set(catalog.uids("dataset").values()) == RELATIONS
    assert {"kiosk.main.kiosk.takings", "kiosk.main.kiosk.rates.seed", "kiosk.main.exposure.kiosk.board"} <= set(
        catalog.uids("job").values()
    )


def test_words_lineage_checks_and_columns_are_those_of_the_project(catalog: Catalog) -> None:
    catalog.ingest("built")
    assert catalog.of("takings")["documentation"] == {"description": "Sales in euros."}
    assert catalog.of("takings")["ownership"] == {"owners": [{"name": "Bob"}]}
    assert catalog.of("per_item")["ownership"] == {"owners": [{"name": "Ann"}]}
    assert catalog.of("stg_sales#id", "column")["documentation"] == {"description": "The number of the sale."}
    checks = {name for name in catalog.of("per_item") if name.startswith("qualityCheck:")}
    assert len(checks) == 3
    assert catalog.lineage() == {
        ("raw.sales", "stg_sales"),
        ("raw.sales", "main_history.sales_states"),
        *(("stg_sales", "takings"), ("rates", "takings"), ("rates", "unused")),
        *(("takings", "per_item"), ("per_item", "best")),
    }
    assert catalog.columns("takings") == {
        ("takings#id", "stg_sales#id"),
        ("takings#item", "stg_sales#item"),
        *(("takings#price", "stg_sales#amount"), ("takings#price", "rates#rate")),
    }
    assert catalog.schema("best") == ["item", "total", "sold"]
    assert catalog.schema("rates") == ["currency", "rate"]


def test_runs_of_nodes_and_of_their_tests_are_below_that_of_the_command(catalog: Catalog) -> None:
    catalog.ingest("built")
    runs, invocation = catalog.runs(), catalog.made.artifacts("built").invocation()
    assert invocation is not None
    assert runs.pop(invocation["id"]) == ("dbt-run-kiosk", Event.COMPLETE, None)
    assert {parent for _, _, parent in runs.values()} == {invocation["id"]}
    assert len(runs) == 12  # five models, a seed, a snapshot, and tests of five relations
    assert len({job for job, _, _ in runs.values()}) == 12


def test_freshness_of_sources_is_told(catalog: Catalog) -> None:
    catalog.ingest("fresh")
    assert catalog.of("raw.sales")["freshness"]["status"] == "pass"


def test_columns_of_catalog_json_win(catalog: Catalog) -> None:
    entry = {
        "columns": {"ID": {"name": "ID", "type": "INTEGER", "index": 1}, "x": {"name": "x", "type": "T", "index": 2}}
    }
    stated = catalog.made.artifacts("built")._replace(catalog={"nodes": {"model.kiosk.stg_sales": entry}})
    catalog.ingest(stated)
    assert catalog.schema("stg_sales") == ["ID", "x"]
    assert ("stg_sales", "existence", "*") in catalog.facts()


def test_a_catalog_of_before_the_model_was_changed_hides_none_of_its_columns(catalog: Catalog) -> None:
    """Target folders keep what `dbt docs generate` wrote a month ago."""
    built = catalog.made.artifacts("built")
    entry = {"columns": {name: {"name": name, "index": i} for i, name in enumerate(("item", "total"), 1)}}
    old = {"metadata": {"generated_at": "2020-01-01T00:00:00Z"}, "nodes": {"model.kiosk.per_item": entry}}
    catalog.ingest(built._replace(catalog=old))
    assert catalog.schema("per_item") == ["item", "total", "sold"]
    assert catalog.schema("best") == ["item", "total", "sold"]


def catalogued(artifacts: Artifacts, at: str, *columns: str, model: str = "stg_sales") -> Artifacts:
    """With a catalog.json of that time, in which that model has these columns, all of one type."""
    entry = {"columns": {name: {"name": name, "type": "SEEN", "index": i} for i, name in enumerate(columns, 1)}}
    return artifacts._replace(catalog={"metadata": {"generated_at": at}, "nodes": {f"model.kiosk.{model}": entry}})


def done_at(artifacts: Artifacts) -> str:
    return str(artifacts.run_results["metadata"]["generated_at"])


def types(catalog: Catalog, name: str) -> list[str | None]:
    return [field.get("type") for field in catalog.of(name)["schema"]["fields"]]


def test_types_that_were_seen_are_kept_while_a_model_is_made_anew_as_it_was(catalog: Catalog) -> None:
    again, third = (catalog.made.artifacts(name) for name in ("again", "third"))
    names = catalog.schema("stg_sales") or ["id", "item", "total", "sold_at"]
    catalog.ingest(catalogued(again, done_at(again), *names))
    assert set(types(catalog, "stg_sales")) == {"SEEN"}
    assert catalog.told_by(catalogued(third, done_at(again), *names))[0] == set()
    assert set(types(catalog, "stg_sales")) == {"SEEN"}


def test_what_was_seen_before_a_model_was_changed_does_not_come_back_with_the_next_run(catalog: Catalog) -> None:
    again, third, part = (catalog.made.artifacts(name) for name in ("again", "third", "part"))
    catalog.ingest(catalogued(again, done_at(again), "item", "total", "gone", model="per_item"))
    assert catalog.schema("per_item") == ["item", "total", "gone"]

    manifest = copy.deepcopy(third.manifest)
    manifest["nodes"]["model.kiosk.per_item"]["compiled_code"] = "select 1 as item, 2 as total, 3 as new"
    old = catalogued(third._replace(manifest=manifest), done_at(again), "item", "total", "gone", model="per_item")
    catalog.ingest(old)
    assert catalog.schema("per_item") == ["item", "total", "new"]
    catalog.ingest(catalogued(part, done_at(again), "item", "total", "gone", model="per_item"))
    assert catalog.schema("per_item") == ["item", "total", "new"]


def test_who_has_only_run_a_model_takes_nothing_from_what_was_seen_of_it(catalog: Catalog) -> None:
    """A task tells of what it ran without what the catalog knows."""
    third = catalog.made.artifacts("third")
    catalog.ingest(catalogued(third, NEXT.format(1), "item", "total", "sold", model="per_item"))
    node = copy.deepcopy(third.nodes()["model.kiosk.per_item"])
    document = (
        third.document() | catalog.made.told() | {"nodes": [node], "before": True, "generated_at": NEXT.format(2)}
    )
    catalog.send("dbt", document)
    assert set(types(catalog, "per_item")) == {"SEEN"}


@pytest.mark.parametrize("order", [("none", "all", "none", "none"), ("all", "none", "all", "none", "none")])
def test_a_run_without_catalog_json_takes_nothing_from_what_was_seen(catalog: Catalog, order: tuple[str, ...]) -> None:
    names = {"source.kiosk.till.sales": SALES, "model.kiosk.stg_sales": SALES, "model.kiosk.best": SALES}
    entries = {
        name: {"columns": {each: {"name": each, "type": "SEEN", "index": i} for i, each in enumerate(columns)}}
        for name, columns in names.items()
    }
    sources = {"source.kiosk.till.sales": entries.pop("source.kiosk.till.sales")}
    seen = {"metadata": {"generated_at": NEXT.format(5)}, "nodes": entries, "sources": sources}
    told: list[set[str]] = []
    for number, which in enumerate(order, 1):
        stated = changed(catalog.made.artifacts("third"), number, chained)
        told.append(catalog.told_by(stated._replace(catalog=seen if which == "all" else {}))[0])
    assert told[-2:] == [set(), set()]
    for name, above in (("stg_sales", "raw.sales"), ("unused", "stg_sales"), ("best", "unused")):
        assert catalog.columns(name) == {(f"{name}#{column}", f"{above}#{column}") for column in SALES}
    assert [set(types(catalog, name)) for name in ("raw.sales", "stg_sales", "best")] == [{"SEEN"}] * 3

    def reworded(manifest: dict[str, Any]) -> None:
        chained(manifest)
        manifest["sources"]["source.kiosk.till.sales"]["description"] = "As they come."
        manifest["nodes"]["model.kiosk.stg_sales"]["description"] = "All of them."

    assert catalog.told_by(changed(catalog.made.artifacts("third"), 8, reworded))[0] == {
        "source.kiosk.till.sales",
        "model.kiosk.stg_sales",
    }
    assert [set(types(catalog, name)) for name in ("raw.sales", "stg_sales")] == [{"SEEN"}] * 2
    assert catalog.columns("stg_sales") == {(f"stg_sales#{column}", f"raw.sales#{column}") for column in SALES}


# -- what is not told again


def test_the_same_files_again_tell_of_no_node_and_no_result(catalog: Catalog) -> None:
    catalog.ingest("third")
    before = catalog.everything()
    assert catalog.told_by("third") == (set(), set())
    assert catalog.everything() == before


def test_another_run_of_the_same_project_tells_its_results_alone(catalog: Catalog) -> None:
    catalog.ingest("again")
    nodes, results = catalog.told_by("third")
    assert nodes == set()
    assert len(results) == 16
    assert len(catalog.runs()) == 2 * 13


def test_an_incremental_model_that_is_compiled_otherwise_from_its_second_run_on_is_told_once_more(
    catalog: Catalog,
) -> None:
    catalog.ingest("built")
    nodes, _ = catalog.told_by("again")
    assert nodes == {"model.kiosk.takings", "model.kiosk.per_item", "model.kiosk.best", "exposure.kiosk.board"}
    assert catalog.columns("takings") >= {("takings#id", "stg_sales#id"), ("takings#price", "rates#rate")}


def test_of_a_changed_description_exactly_that_node_is_told(catalog: Catalog) -> None:
    catalog.ingest("third")

    def edit(manifest: dict[str, Any]) -> None:
        manifest["nodes"]["model.kiosk.takings"]["description"] = "In euros and cents."

    assert catalog.told_by(changed(catalog.made.artifacts("third"), edit=edit)) == ({"model.kiosk.takings"}, set())
    assert catalog.of("takings")["documentation"] == {"description": "In euros and cents."}


def test_of_a_changed_owner_of_a_group_its_nodes_are_told(catalog: Catalog) -> None:
    catalog.ingest("third")

    def edit(manifest: dict[str, Any]) -> None:
        manifest["groups"]["group.kiosk.money"]["owner"]["name"] = "Dora"

    nodes, _ = catalog.told_by(changed(catalog.made.artifacts("third"), edit=edit))
    assert {each for each in nodes if not each.startswith("test.")} == {"model.kiosk.per_item"}
    assert catalog.of("per_item")["ownership"] == {"owners": [{"name": "Dora"}]}


def test_of_another_column_what_is_made_of_it_is_told_too(catalog: Catalog) -> None:
    catalog.ingest("third")

    def edit(manifest: dict[str, Any]) -> None:
        model = manifest["nodes"]["model.kiosk.per_item"]
        model["compiled_code"] = model["compiled_code"].replace("count(*) as sold", "min(price) as least")

    nodes, _ = catalog.told_by(changed(catalog.made.artifacts("third"), edit=edit))
    assert nodes == {"model.kiosk.per_item", "model.kiosk.best", "exposure.kiosk.board"}
    assert catalog.schema("best") == ["item", "total", "least"]
    assert catalog.columns("best") == {(f"best#{name}", f"per_item#{name}") for name in ("item", "total", "least")}
    assert ("per_item#least", "takings#price") in catalog.columns("per_item")


def test_another_date_in_the_sql_is_nothing_new(catalog: Catalog) -> None:
    def dated(day: str) -> Callable[[dict[str, Any]], None]:
        def edit(manifest: dict[str, Any]) -> None:
            manifest["nodes"][UNUSED]["compiled_code"] += f" where '{day}' > timestamp '{day}'"

        return edit

    built = catalog.made.artifacts("third")
    catalog.ingest(changed(built, 1, dated("2025-01-01 10:00:00")))
    assert catalog.told_by(changed(built, 2, dated("2025-01-02 11:30:59"))) == (set(), set())


def test_an_exposure_of_a_metric_reads_what_that_is_made_of_also_when_it_is_told_alone(catalog: Catalog) -> None:
    def measured(description: str) -> Callable[[dict[str, Any]], None]:
        def edit(manifest: dict[str, Any]) -> None:
            for table, kind, name, above in (
                ("semantic_models", "semantic_model", "sales", "model.kiosk.takings"),
                ("metrics", "metric", "sold", "semantic_model.kiosk.sales"),
                ("saved_queries", "saved_query", "monthly", "metric.kiosk.sold"),
            ):
                unique_id = f"{kind}.kiosk.{name}"
                manifest[table][unique_id] = {"unique_id": unique_id, "resource_type": kind, "name": name}
                manifest[table][unique_id]["depends_on"] = {"nodes": [above]}
            manifest["exposures"]["exposure.kiosk.board"]["depends_on"]["nodes"] = ["saved_query.kiosk.monthly"]
            manifest["exposures"]["exposure.kiosk.board"]["description"] = description

        return edit

    third = catalog.made.artifacts("third")
    for number, description in enumerate(("As it was.", "As it is."), 1):
        catalog.ingest(changed(third, number, measured(description)))
        assert catalog.reads("kiosk.main.exposure.kiosk.board") == {"takings"}


def test_jobs_in_another_namespace_are_told_anew(catalog: Catalog) -> None:
    catalog.ingest("third", job_namespace="one")
    before = catalog.lineage()
    catalog.ingest("third", job_namespace="two")
    assert {each.namespace for each in catalog.store.scan("job") if each.name.endswith("takings")} == {"one", "two"}
    assert catalog.reads("kiosk.main.kiosk.takings", "two") == {"stg_sales", "rates"}
    assert catalog.reads("kiosk.main.kiosk.takings", "one") == set()
    assert catalog.lineage() == before


# -- two nodes that are one relation

RATES = "source.kiosk.files.rates"


def with_source(manifest: dict[str, Any]) -> None:
    """The seed is a source as well, which somebody has described."""
    seed = manifest["nodes"]["seed.kiosk.rates"]
    place = {key: seed[key] for key in ("database", "schema", "relation_name")}
    words = {
        "description": "Rates of the day.",
        "tags": ["bronze"],
        "columns": {"rate": {"name": "rate", "tags": ["x"]}},
    }
    names = {"unique_id": RATES, "resource_type": "source", "name": "rates", "identifier": "rates"}
    manifest["sources"][RATES] = {**place, **words, **names, "source_name": "files", "package_name": "kiosk"}
    seed["description"] = ""


def test_what_a_source_says_of_a_seed_stays_when_the_seed_is_told_again_or_gone(catalog: Catalog) -> None:
    third = catalog.made.artifacts("third")

    def step(number: int, *edits: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
        catalog.ingest(changed(third, number, lambda manifest: [each(manifest) for each in edits]))
        return catalog.of("rates")

    def other_seed(manifest: dict[str, Any]) -> None:
        manifest["nodes"]["seed.kiosk.rates"]["checksum"] = {"name": "sha256", "checksum": "other"}

    def of_seed(name: str) -> Callable[[dict[str, Any]], object]:
        return lambda manifest: without(manifest, name)

    both = step(1, with_source)
    assert both["documentation"] == {"description": "Rates of the day."}
    assert [each["key"] for each in both["tags"]["tags"]] == ["bronze"]
    assert catalog.of("rates#rate", "column")["tags"]
    assert step(2, with_source, other_seed)["documentation"] == both["documentation"]
    assert step(3, with_source, of_seed("seed.kiosk.rates"))["documentation"] == both["documentation"]
    assert catalog.of("rates#rate", "column")["tags"]
    assert "documentation" not in step(4)
    assert "tags" not in catalog.of("rates#rate", "column")


def test_one_that_has_only_run_a_seed_takes_nothing_from_its_source(catalog: Catalog) -> None:
    third = changed(catalog.made.artifacts("third"), 1, with_source)
    catalog.ingest(third)
    seed = {key: value for key, value in third.nodes()["seed.kiosk.rates"].items() if key != "description"}
    document = (
        third.document() | catalog.made.told() | {"nodes": [seed], "before": True, "generated_at": NEXT.format(2)}
    )
    catalog.send("dbt", document)
    assert catalog.of("rates")["documentation"] == {"description": "Rates of the day."}


# -- what is taken back


def test_of_a_model_that_is_gone_all_words_are_taken_back_and_its_job_ends(catalog: Catalog) -> None:
    catalog.ingest("third")
    assert "documentation" in catalog.of("unused")
    done = catalog.ingest(changed(catalog.made.artifacts("third"), edit=lambda manifest: without(manifest, "unused")))
    assert (done.gone, done.new, done.changed) == (2, 0, 0)
    assert catalog.of("unused") == {}
    assert catalog.of("unused#currency", "column") == {}
    assert catalog.of("kiosk.main.kiosk.unused", "job") == {}
    assert not any("unused" in name for name, _, _ in catalog.facts("dbt_node"))
    assert ("rates", "unused") not in catalog.lineage()
    assert catalog.columns("unused") == set()


def test_whether_a_relation_is_still_there_when_its_model_is_gone_others_know(catalog: Catalog) -> None:
    catalog.ingest("third")
    catalog.ingest(changed(catalog.made.artifacts("third"), edit=lambda manifest: without(manifest, "unused")))
    assert catalog.facts()["unused", "existence", "*"] is True


def test_a_test_that_is_gone_is_no_check_any_more_and_the_others_are(catalog: Catalog) -> None:
    catalog.ingest("third")
    before = {name for name in catalog.of("per_item") if "Check:" in name}
    done = catalog.ingest(
        changed(catalog.made.artifacts("third"), edit=lambda m: without(m, "not_null_per_item", "sums_by"))
    )
    assert done.gone == 2
    assert {name for name in catalog.of("per_item") if "Check:" in name} == {
        name for name in before if "accepted_values" in name
    }


def test_what_was_taken_back_may_come_again(catalog: Catalog) -> None:
    third = catalog.made.artifacts("third")
    catalog.ingest(third)
    before = catalog.everything()
    catalog.ingest(changed(third, 1, lambda manifest: without(manifest, "unused", "board", "rates")))
    catalog.ingest(changed(third, 2))
    assert catalog.everything() == before


@pytest.mark.parametrize(
    "path", [("columns", "currency"), ("columns",), ("description",), ("columns", "id", "description")]
)
def test_words_that_are_not_written_any_more_are_taken_back(catalog: Catalog, path: tuple[str, ...]) -> None:
    catalog.ingest("third")

    def edit(manifest: dict[str, Any]) -> None:
        stated = manifest["nodes"]["model.kiosk.stg_sales"]
        for key in path[:-1]:
            stated = stated[key]
        stated[path[-1]] = {} if path == ("columns",) else ""
        if path == ("columns", "currency"):
            del stated["currency"]

    catalog.ingest(changed(catalog.made.artifacts("third"), edit=edit))
    words = {name: catalog.of(name, "column").get("documentation") for name in ("stg_sales#id", "stg_sales#currency")}
    gone = {
        ("columns", "currency"): {"stg_sales#currency"},
        ("columns",): {"stg_sales#id", "stg_sales#currency"},
        ("description",): set(),
        ("columns", "id", "description"): {"stg_sales#id"},
    }[path]
    assert {name for name, word in words.items() if word is None} == gone
    assert ("documentation" in catalog.of("stg_sales")) is (path != ("description",))


def test_a_model_that_is_another_relation_now_leaves_none_of_its_words_at_the_old_one(catalog: Catalog) -> None:
    catalog.ingest("third")

    def edit(manifest: dict[str, Any]) -> None:
        manifest["nodes"][UNUSED] |= {"alias": "renamed", "relation_name": '"kiosk"."main"."renamed"'}

    catalog.ingest(changed(catalog.made.artifacts("third"), edit=edit))
    assert catalog.of("unused") == {}
    assert "documentation" in catalog.of("renamed")
    assert any("Check:" in name for name in catalog.of("renamed"))
    assert {("rates", "renamed")} == {edge for edge in catalog.lineage() if edge[1] in ("unused", "renamed")}


def test_a_model_that_becomes_ephemeral_is_no_relation_any_more(catalog: Catalog) -> None:
    catalog.ingest("third")

    def edit(manifest: dict[str, Any]) -> None:
        manifest["nodes"][UNUSED] |= {"relation_name": None}
        manifest["nodes"][UNUSED]["config"]["materialized"] = "ephemeral"

    catalog.ingest(changed(catalog.made.artifacts("third"), edit=edit))
    assert not {name for name in catalog.of("unused") if "Check:" not in name}
    assert ("rates", "unused") not in catalog.lineage()
    assert "documentation" in catalog.of("kiosk.main.kiosk.unused", "job")


def test_a_source_may_be_written_down_with_other_columns(catalog: Catalog) -> None:
    third = catalog.made.artifacts("third")

    def written(*names: str) -> Callable[[dict[str, Any]], None]:
        columns = {name: {"name": name, "description": name} for name in names}
        return lambda manifest: manifest["sources"]["source.kiosk.till.sales"].update(columns=columns)

    for number, names in enumerate((("id",), ("id", "amount"), ("amount",)), 1):
        catalog.ingest(changed(third, number, written(*names)))
        assert catalog.schema("raw.sales") == list(names)


# -- partial runs, other orders, several targets


def test_a_run_of_one_model_loses_nothing_of_the_others(catalog: Catalog) -> None:
    """Its manifest has the SQL of that one alone."""
    catalog.ingest("third")
    facts, edges, columns, _ = catalog.everything()
    nodes, results = catalog.told_by("part")
    assert nodes == {UNUSED}
    assert results == {"model.kiosk.best"}
    assert catalog.of("unused")["documentation"] == {"description": "Somebody may read it."}
    after, *same, _ = catalog.everything()
    assert same == [edges, columns]
    assert [_told(after[kind]) for kind in ("job", "column")] == [_told(facts[kind]) for kind in ("job", "column")]
    assert {k: v for k, v in after["dataset"].items() if k[:2] != ("unused", "documentation")} == {
        k: v for k, v in facts["dataset"].items() if k[:2] != ("unused", "documentation")
    }


def _told(facts: Mapping[tuple[str, str, str], Any]) -> dict[tuple[str, str, str], Any]:
    return {key: value for key, value in facts.items() if key[:2] != ("kiosk.main.kiosk.unused", "documentation")}


def test_a_model_that_is_compiled_for_the_first_time_completes_what_was_not(catalog: Catalog) -> None:
    catalog.ingest("part")
    assert catalog.columns("takings") == set()
    catalog.ingest("third")
    assert ("takings#id", "stg_sales#id") in catalog.columns("takings")


@pytest.mark.parametrize("seed", range(3))
def test_documents_that_are_merged_in_any_order_come_to_the_same(
    catalog: Catalog, other: Catalog, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is whole by itself."""
    monkeypatch.setattr(dbt_ingest, "_MOST", 1)
    for name in ("built", "third", "part"):
        catalog.ingest(name)
    envelopes = catalog.store.envelopes()
    assert len(envelopes) > 20
    random.Random(seed).shuffle(envelopes)
    for envelope in envelopes:
        other.store.accept([envelope])
        other.merge()
    assert other.everything() == catalog.everything()


def test_an_older_manifest_that_comes_late_changes_nothing_that_is_newer(catalog: Catalog, other: Catalog) -> None:
    third = catalog.made.artifacts("third")

    def edit(manifest: dict[str, Any]) -> None:
        without(manifest, "unused")
        manifest["nodes"]["model.kiosk.takings"]["description"] = "Newer."

    newer = changed(third, 1, edit)
    for artifacts in (third, newer):
        catalog.ingest(artifacts)
    for artifacts in (newer, third, newer):
        other.ingest(artifacts)
    assert other.of("takings")["documentation"] == {"description": "Newer."}
    assert other.of("unused") == {}
    facts, edges, columns, runs = other.everything()
    wanted, *rest = catalog.everything()
    assert [edges, columns, runs] == rest
    assert facts["dataset"] == wanted["dataset"]
    assert facts["job"] == wanted["job"]


def test_development_and_production_stand_side_by_side(catalog: Catalog) -> None:
    prod = catalog.made.told("prod")
    catalog.ingest("third")
    catalog.ingest("prod", **prod)
    names = set(catalog.uids("dataset").values())
    assert names == RELATIONS | {
        f"prod.{name}" for name in ("stg_sales", "takings", "per_item", "best", "unused", "rates")
    } | {"prod_history.sales_states"}
    assert catalog.of("takings")["documentation"] == catalog.of("prod.takings")["documentation"]
    assert catalog.told_by("third") == (set(), set())
    assert catalog.told_by("prod", **prod) == (set(), set())


def test_what_is_gone_in_development_is_still_there_in_production(catalog: Catalog) -> None:
    catalog.ingest("third")
    catalog.ingest("prod", **catalog.made.told("prod"))
    catalog.ingest(changed(catalog.made.artifacts("third"), edit=lambda manifest: without(manifest, "unused")))
    assert catalog.of("unused") == {}
    assert "documentation" in catalog.of("prod.unused")


def test_two_projects_in_one_warehouse_speak_for_themselves(catalog: Catalog) -> None:
    """Also of what both have from one package, in the same place."""

    def theirs(manifest: dict[str, Any]) -> None:
        manifest["metadata"]["project_name"] = "office"
        manifest["nodes"]["model.kiosk.takings"]["description"] = "As the office sees it."

    third = catalog.made.artifacts("third")
    office = changed(third, 1, theirs)
    catalog.ingest(third)
    assert catalog.ingest(office).new == 18
    assert catalog.told_by(third) == (set(), set())
    said = {
        by: value
        for (name, aspect, by), value in catalog.facts().items()
        if (name, aspect) == ("takings", "documentation")
    }
    assert said == {
        "dbt:kiosk": {"description": "Sales in euros."},
        "dbt:office": {"description": "As the office sees it."},
    }
    assert catalog.ingest(changed(office, 2, lambda manifest: without(manifest, "unused"))).gone == 2
    assert "documentation" in catalog.of("unused")


# -- the store


def test_the_store_made_again_of_its_log_is_the_same(catalog: Catalog) -> None:
    third = catalog.made.artifacts("third")
    for artifacts in ("built", "third", "part", changed(third, edit=lambda manifest: without(manifest, "unused"))):
        catalog.ingest(artifacts)
    catalog.ingest("prod", **catalog.made.told("prod"))
    catalog.send("openlineage", *catalog.made.events)
    catalog.work()
    assert rebuild(catalog.store, read).equal


def test_a_dry_run_counts_what_would_be_sent_and_sends_nothing(catalog: Catalog) -> None:
    done = ingest(catalog.store, catalog.made.artifacts("built"), catalog.made.told(), dry_run=True)
    assert (done.new, done.results, done.documents) == (18, 16, 0)
    assert catalog.store.envelopes() == []


def test_no_document_is_larger_than_it_need_be(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dbt_ingest, "_MOST_BYTES", 20_000)

    def edit(manifest: dict[str, Any]) -> None:
        for node in manifest["nodes"].values():
            if node.get("compiled_code"):
                node["compiled_code"] += f" -- {'x' * 10_000}"

    catalog.ingest(changed(catalog.made.artifacts("third"), edit=edit))
    sizes = [len(each.payload) for each in catalog.store.envelopes()]
    assert len(sizes) > 4
    assert max(sizes) < 80_000  # a model with its tests


def test_what_is_tested_comes_with_all_its_tests(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that they are one run."""
    monkeypatch.setattr(dbt_ingest, "_MOST", 1)
    catalog.ingest("third")
    of = {}
    for number, document in enumerate(catalog.documents()):
        for result in document.get("results", ()):
            if "per_item" in result["unique_id"] and result["unique_id"].split(".")[0] in ("test", "unit_test"):
                of[result["unique_id"]] = number
    assert len(of) == 3
    assert len(set(of.values())) == 1


def test_an_ingest_that_died_half_way_is_done_by_the_next(catalog: Catalog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dbt_ingest, "_MOST", 1)
    monkeypatch.setattr(dbt_ingest, "_BATCH", 2)
    third, accept = catalog.made.artifacts("third"), catalog.store.accept
    calls = []

    def dying(envelopes: Any) -> Any:
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return accept(envelopes)

    monkeypatch.setattr(catalog.store, "accept", dying)
    with pytest.raises(KeyboardInterrupt):
        ingest(catalog.store, third, catalog.made.told())
    monkeypatch.setattr(catalog.store, "accept", accept)
    catalog.merge()
    catalog.ingest("third")
    assert len(catalog.runs()) == 13
    assert (
        len({value["unique_id"] for (_, aspect, _), value in catalog.facts("dbt_node").items() if aspect == "dbt"})
        == 18
    )


# -- others who tell of the same run


@pytest.mark.parametrize("order", ["events first", "artifacts first"])
def test_events_of_dbt_ol_tell_of_the_same_jobs_runs_and_datasets(catalog: Catalog, other: Catalog, order: str) -> None:
    said: list[Callable[[], object]] = [
        lambda: catalog.send("openlineage", *catalog.made.events),
        lambda: catalog.ingest("built"),
    ]
    for tell in said if order == "events first" else reversed(said):
        tell()
    other.ingest("built")
    assert catalog.uids("job") == other.uids("job")
    assert catalog.runs() == other.runs()
    # `dbt-ol` takes an ephemeral model for a dataset.
    assert set(catalog.uids("dataset").values()) == RELATIONS | {"priced"}
    assert catalog.lineage() - {("rates", "priced"), ("stg_sales", "priced"), ("priced", "takings")} == other.lineage()
    ours = {key: value for key, value in catalog.facts().items() if key[2].startswith("dbt:")}
    assert ours == {key: value for key, value in other.facts().items() if key[2].startswith("dbt:")}


@pytest.mark.parametrize("order", [1, -1])
def test_who_comes_first_makes_no_difference(catalog: Catalog, other: Catalog, order: int) -> None:
    catalog.send("openlineage", *catalog.made.events[::order])
    catalog.ingest("built")
    other.ingest("built")
    other.send("openlineage", *catalog.made.events)
    assert catalog.everything() == other.everything()


# -- columns that become known later


def crawled(made: Kiosk, *columns: str, name: str = "raw.sales") -> dict[str, Any]:
    fields = [{"name": name, "type": "text"} for name in columns]
    return {
        "eventTime": "2098-01-01T00:00:00Z",
        "producer": "https://example.org/crawler",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/DatasetEvent",
        "dataset": {"namespace": made.namespace, "name": name, "facets": {"schema": {"fields": fields}}},
    }


def chained(manifest: dict[str, Any]) -> None:
    """Three models, each all of the one before it, and nobody has written down a column."""
    manifest["sources"]["source.kiosk.till.sales"]["columns"] = {}
    for name, above in (("stg_sales", None), ("unused", "stg_sales"), ("best", "unused")):
        model = manifest["nodes"][f"model.kiosk.{name}"]
        model["columns"] = {}
        if above:
            model["compiled_code"] = " ".join(("select * from", f'"kiosk"."main"."{above}"'))
            model["depends_on"]["nodes"] = [f"model.kiosk.{above}"]


SALES = ("id", "item", "amount", "currency", "sold_at")


def shown(catalog: Catalog, name: str) -> set[tuple[str, ...]]:
    """Its columns, by whoever says so."""
    found = [value for (about, aspect, _), value in catalog.facts().items() if (about, aspect) == (name, "schema")]
    return {tuple(field["name"] for field in value["fields"]) for value in found}


def test_a_source_that_is_crawled_later_completes_the_columns_down_a_chain_of_models(catalog: Catalog) -> None:
    third = catalog.made.artifacts("third")
    catalog.ingest(changed(third, 1, chained))
    catalog.work()
    assert all(SALES not in shown(catalog, name) for name in ("stg_sales", "unused", "best"))
    catalog.send("openlineage", crawled(catalog.made, *SALES))
    catalog.work()
    for name, above in (("stg_sales", "raw.sales"), ("unused", "stg_sales"), ("best", "unused")):
        assert SALES in shown(catalog, name)
        assert catalog.columns(name) == {(f"{name}#{column}", f"{above}#{column}") for column in SALES}


def test_all_of_a_source_that_nobody_knows_has_what_others_take_from_it(catalog: Catalog) -> None:
    third = catalog.made.artifacts("third")
    catalog.ingest(changed(third, 1, chained))
    taken = {"id", "item", "amount", "currency"}
    assert catalog.columns("stg_sales") == {(f"stg_sales#{column}", f"raw.sales#{column}") for column in taken}
    assert [set(names) for names in shown(catalog, "stg_sales")] == [taken]
    before = catalog.everything()
    assert catalog.told_by(changed(third, 2, chained)) == (set(), set())

    def asking(manifest: dict[str, Any]) -> None:
        chained(manifest)
        asked = 'select sold_at as item, 1 as total, 2 as sold from "kiosk"."main"."unused"'
        manifest["nodes"]["model.kiosk.best"]["compiled_code"] = asked

    nodes, _ = catalog.told_by(changed(third, 3, asking))
    assert nodes >= {"model.kiosk.best", "model.kiosk.unused", "model.kiosk.stg_sales"}
    assert catalog.columns("unused") >= {("unused#sold_at", "stg_sales#sold_at")}
    assert catalog.columns("stg_sales") >= {("stg_sales#sold_at", "raw.sales#sold_at")}
    assert catalog.everything() != before


def test_a_model_that_is_crawled_shows_what_its_star_has_of_a_source_that_nobody_knows(catalog: Catalog) -> None:
    catalog.ingest(changed(catalog.made.artifacts("third"), 1, chained))
    for name, columns in (("stg_sales", SALES), ("main_history.sales_states", (*SALES, "dbt_scd_id"))):
        catalog.send("openlineage", crawled(catalog.made, *columns, name=name))
    catalog.work()
    assert catalog.columns("stg_sales") == {(f"stg_sales#{column}", f"raw.sales#{column}") for column in SALES}
    history = "main_history.sales_states"
    assert catalog.columns(history) == {(f"{history}#{column}", f"raw.sales#{column}") for column in SALES}


def test_a_snapshot_that_is_read_again_keeps_the_columns_that_dbt_adds(catalog: Catalog) -> None:
    catalog.ingest(changed(catalog.made.artifacts("third"), 1, chained))
    catalog.send("openlineage", crawled(catalog.made, *SALES))
    catalog.work()
    added = ("dbt_scd_id", "dbt_updated_at", "dbt_valid_from", "dbt_valid_to")
    assert shown(catalog, "main_history.sales_states") == {(*SALES, *added)}


def test_columns_that_were_written_down_in_part_are_completed_as_well(catalog: Catalog) -> None:
    catalog.ingest("third")
    assert [set(names) for names in shown(catalog, "stg_sales")] == [{"id", "item", "amount", "currency"}]
    catalog.send("openlineage", crawled(catalog.made, *SALES))
    catalog.work()
    assert SALES in shown(catalog, "stg_sales")
    assert catalog.columns("stg_sales") == {(f"stg_sales#{column}", f"raw.sales#{column}") for column in SALES}


def test_the_next_ingest_says_the_same_of_columns_as_was_read_again(catalog: Catalog) -> None:
    stated = changed(catalog.made.artifacts("third"), 1, chained)
    catalog.ingest(stated)
    catalog.send("openlineage", crawled(catalog.made, *SALES))
    catalog.work()
    before = {name: catalog.columns(name) for name in RELATIONS}
    nodes, _ = catalog.told_by(stated)
    assert {"model.kiosk.stg_sales", "model.kiosk.unused", "model.kiosk.best"} <= nodes
    catalog.work()
    assert {name: catalog.columns(name) for name in RELATIONS} == before
    assert [shown(catalog, name) for name in ("stg_sales", "unused", "best", "raw.sales")] == [{SALES}] * 4
    assert catalog.told_by(stated) == (set(), set())


# -- files of anybody's making

_FILES = ("manifest", "run_results", "catalog", "sources")
_ODD = st.sampled_from([None, 0, "", "x", [], [7], {}, {"a": 7}, True, 1e300, "x" * 3_000])


@given(data=st.data())
@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture], max_examples=150)
def test_whatever_the_files_say_nothing_but_our_own_errors_is_raised(other: Catalog, data: st.DataObject) -> None:
    trimmed = _trimmed(other.made)
    name = data.draw(st.sampled_from(_FILES))
    places = [path for path in paths(getattr(trimmed, name)) if path]
    path = data.draw(st.sampled_from(places))
    stated = trimmed._replace(**{name: replaced(getattr(trimmed, name), path, data.draw(_ODD))})
    try:
        ingest(other.store, stated, other.made.told(), dry_run=True)
        for document in dbt_ingest_documents(other, stated):
            json.dumps(document)
    except CatalogError:
        pass


def dbt_ingest_documents(catalog: Catalog, artifacts: Artifacts) -> list[dict[str, Any]]:
    """Those that would be sent."""
    sent: list[Envelope] = []

    class Kept:
        def __getattr__(self, name: str) -> Any:
            return getattr(catalog.store, name)

        def accept(self, envelopes: list[Envelope]) -> None:
            sent.extend(envelopes)

    ingest(Kept(), artifacts, catalog.made.told())  # type: ignore[arg-type]  # what of a store is asked here
    return [json.loads(each.payload) for each in sent]


def _trimmed(made: Kiosk) -> Artifacts:
    """What of the files is read, without the thousands of lines that are not."""
    third, fresh = made.artifacts("third"), made.artifacts("fresh")
    unread = ("macros", "docs", "parent_map", "child_map")
    manifest = {key: value for key, value in third.manifest.items() if key not in unread}
    entry = {"columns": {"id": {"name": "id", "type": "INTEGER", "index": 1, "comment": None}}}
    return third._replace(
        manifest=manifest,
        sources=fresh.sources,
        catalog={"metadata": {}, "nodes": {"model.kiosk.best": entry}, "sources": {}},
    )
