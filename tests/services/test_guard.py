"""What a caller may ask of the store, and what of the answers is hidden from them."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest

from airflow_provider_catalog.errors import ForbiddenError
from airflow_provider_catalog.model.codec import details as details_of
from airflow_provider_catalog.model.envelope import DeadLetter, Envelope
from airflow_provider_catalog.model.statement import (
    Changes,
    Claim,
    ColumnEdge,
    Content,
    Edge,
    EdgeKind,
    Lineage,
    Origin,
    Rule,
    Run,
    Statement,
)
from airflow_provider_catalog.services.access import guarded
from airflow_provider_catalog.services.caller import Caller, Right
from airflow_provider_catalog.services.edits import described, edit
from airflow_provider_catalog.services.guard import PASSED, Guard
from airflow_provider_catalog.store.protocol import Store
from tests.services.callers import MODEL, RIGHTS, SQL, FakeDags, ran, seen_by, shown
from tests.services.world import World, column, day, job_id, table


@pytest.fixture
def half(world: World) -> Store:
    """As somebody sees it who may read DAG a and not DAG b."""
    return seen_by(world, FakeDags({"a", "b"}, {"a"}))


# -- every call


def public(kind: type) -> set[str]:
    return {name for name in {*vars(kind), *getattr(kind, "__annotations__", {})} if not name.startswith("_")}


def test_every_method_of_a_store_is_decided_about() -> None:
    assert public(Store) == PASSED.keys() | public(Guard)
    assert PASSED.keys().isdisjoint(public(Guard))


@pytest.mark.parametrize("name", sorted(public(Guard)))
def test_a_guarded_call_is_called_as_the_store_is(name: str) -> None:
    assert inspect.signature(getattr(Guard, name)) == inspect.signature(getattr(Store, name))


def test_what_is_no_method_of_a_store_is_not_there(world: World) -> None:
    store = seen_by(world, None)
    for name in ("tokens", "engine", "log", "reading", "_cache"):
        assert hasattr(world.store, name)
        assert not hasattr(store, name)


NAMES: set[Right] = {"read", "store"}
RAW: set[Right] = {"write", "store"}
OWN: set[Right] = {"store"}
ANYBODY: set[Right] = set(RIGHTS)
CALLS: dict[str, tuple[set[Right], Callable[[Store], object]]] = {
    "accept": ({"write", "ingest", "store"}, lambda s: s.accept([])),
    "pending": (RAW, lambda s: s.pending(1)),
    "envelopes": (RAW, lambda s: s.envelopes()),
    "envelope": (NAMES, lambda s: s.envelope(b"")),
    "unmerged": (ANYBODY, lambda s: s.unmerged([])),
    "apply": (OWN, lambda s: s.apply(Changes())),
    "dead_letters": (RAW, lambda s: s.dead_letters()),
    "forget_dead_letters": (OWN, lambda s: s.forget_dead_letters([])),
    "entities": (NAMES, lambda s: s.entities([])),
    "columns": (NAMES, lambda s: s.columns([])),
    "columns_of": (NAMES, lambda s: s.columns_of([])),
    "members": (NAMES, lambda s: s.members(1)),
    "alias_rules": (NAMES, lambda s: s.alias_rules([])),
    "namespaces": (NAMES, lambda s: s.namespaces()),
    "find": (NAMES, lambda s: s.find("x")),
    "scan": (NAMES, lambda s: s.scan("job")),
    "facts": (NAMES, lambda s: s.facts([])),
    "history": (NAMES, lambda s: s.history(1, "schema")),
    "audit": (NAMES, lambda s: s.audit()),
    "runs": (NAMES, lambda s: s.runs([])),
    "run": (NAMES, lambda s: s.run("x")),
    "latest": (NAMES, lambda s: s.latest([])),
    "walk": (NAMES, lambda s: s.walk([1], "upstream")),
    "edges": (NAMES, lambda s: s.edges([])),
    "neighbours": (NAMES, lambda s: s.neighbours([], "upstream")),
    "column_edges_between": (NAMES, lambda s: s.column_edges_between([])),
    "stated": (NAMES, lambda s: s.stated([])),
    "heard": (NAMES, lambda s: s.heard([])),
    "ports": (NAMES, lambda s: s.ports()),
    "totals": (NAMES, lambda s: s.totals([])),
    "images": (OWN, lambda s: s.images("glue")),
    "keep_images": (OWN, lambda s: s.keep_images([])),
    "forget_images": (OWN, lambda s: s.forget_images([])),
    "recompute_totals": (OWN, lambda s: s.recompute_totals()),
    "acquire_lease": (OWN, lambda s: s.acquire_lease("merge", "me", 1)),
    "release_lease": (OWN, lambda s: s.release_lease("merge", "me")),
    "leases": (NAMES, lambda s: s.leases()),
    "status": ({"read", "metrics", "store"}, lambda s: s.status()),
    "dump": (OWN, lambda s: list(s.dump())),
    "remote": (ANYBODY, lambda s: s.remote),
    "glance": (ANYBODY, lambda s: s.glance()),
}


@pytest.mark.parametrize("right", RIGHTS)
def test_one_right_alone_opens_what_it_is_for(world: World, right: Right) -> None:
    store = guarded(world.store, Caller("token:t", frozenset({right})), ["prod"])
    opened = {name for name, (_, call) in CALLS.items() if opens(call, store)}
    assert opened == {name for name, (rights, _) in CALLS.items() if right in rights}


def opens(call: Callable[[Store], object], store: Store) -> bool:
    try:
        call(store)
    except ForbiddenError:
        return False
    return True


def test_no_call_is_left_out_of_what_rights_open() -> None:
    assert public(Store) == {*CALLS, "close"}


def test_nobody_closes_a_store_that_is_not_theirs(world: World) -> None:
    with pytest.raises(ForbiddenError, match="scope store"):
        seen_by(world, None, "read", "write", "ingest").close()


def test_a_refusal_says_which_right_is_missing(world: World) -> None:
    store = guarded(world.store, Caller("token:t", frozenset({"ingest"})), ["prod"])
    with pytest.raises(ForbiddenError, match=r"token:t may not read the catalog: .* a token the scope read"):
        store.entities([1])


def test_who_has_the_scope_store_has_the_store_itself(world: World) -> None:
    assert guarded(world.store, Caller("token:t", frozenset({"store"})), ["prod"]) is world.store


def test_a_user_with_the_right_store_is_still_shown_no_dag_that_is_not_theirs(world: World) -> None:
    run_id = world.ran("b.load", ["raw"], ["orders"])
    store = seen_by(world, FakeDags({"a", "b"}, {"a"}), "store")
    assert not shown(store, job_id("b.load"), run_id)


# -- facts


CODE = {"sourceCode": "language", "sourceCodeLocation": "type", "facet:airflow": "task", "facet:gcp_lineage": "query"}


@pytest.mark.parametrize("aspect", CODE)
def test_the_code_of_a_hidden_job_is_hidden(world: World, half: Store, aspect: str) -> None:
    for name in ("a.load", "b.load"):
        world.said(job_id(name), aspect, {CODE[aspect]: SQL})
    jobs = {name: job_id(name).uid for name in ("a.load", "b.load")}
    assert [fact.subject for fact in half.facts(list(jobs.values()))] == [jobs["a.load"]]
    assert [fact.subject for fact in half.facts(list(jobs.values()), as_of=day(3))] == [jobs["a.load"]]
    assert half.history(jobs["b.load"], aspect) == []
    assert len(half.history(jobs["a.load"], aspect)) == 1


def test_what_a_hidden_job_is_for_is_everybodys(world: World, half: Store) -> None:
    job = job_id("b.load")
    world.said(job, "documentation", {"description": "Loads the orders."})
    world.said(job, "jobType", {"integration": "AIRFLOW", "jobType": "TASK"})
    world.said(job, "tags", {"tags": [{"key": "daily"}]})
    world.edited(job, "ownership", {"owners": [{"name": "ann"}]})
    world.edited(job, "tag:gold", {"key": "gold", "value": ""})
    found = {fact.aspect for fact in half.facts([job.uid])}
    assert found == {"documentation", "jobType", "tags", "ownership", "tag:gold"}


def test_unknown_facets_of_a_dataset_are_hidden_with_the_jobs_of_who_says_them(world: World, half: Store) -> None:
    world.ran("a.load", ["raw"], ["orders"])
    world.ran("b.load", ["raw"], ["revenue"])
    for name in ("orders", "revenue", "lonely"):
        world.said(table(name), "facet:view", {"definition": SQL})
    world.said(table("revenue"), "facet:view", {"definition": "another's"}, producer="glue")
    said = half.facts([table(name).uid for name in ("orders", "revenue", "lonely")], aspects=("facet:view",))
    assert {(fact.subject, fact.producer) for fact in said} == {
        (table("orders").uid, "airflow"),
        (table("revenue").uid, "glue"),
        (table("lonely").uid, "airflow"),
    }


def test_schemas_and_names_are_everybodys_and_no_dag_is_asked_for(world: World) -> None:
    world.has_columns("orders", "id:int")
    world.ran("b.load", ["raw"], ["orders"], edges=[("raw", "orders")])
    dags = FakeDags({"a", "b"}, {"a"})
    store = seen_by(world, dags)
    orders, job = table("orders").uid, job_id("b.load").uid
    assert {fact.aspect for fact in store.facts([orders])} >= {"schema"}
    assert store.entities([job])[job].name == "b.load"
    assert store.walk([orders], "upstream").reached == {table("raw").uid: 1}
    assert [edge.job for edge in store.edges([orders, table("raw").uid])] == [job]
    assert store.ports(jobs=[job])
    assert store.find("load")
    assert dags.asked == 0


# -- edges


def test_how_a_column_is_made_is_hidden_and_that_it_is_made_is_not(world: World, half: Store) -> None:
    for name, target in (("a.load", "orders"), ("b.load", "revenue")):
        made = ColumnEdge(column("raw.x"), column(f"{target}.x"), EdgeKind.TRANSFORMATION, Rule.SQL, transformation=SQL)
        lineage = Lineage((table("raw"),), (table(target),), (Edge(table("raw"), table(target), Rule.SQL),), (made,))
        ran(world, job_id(name), f"r-{name}", lineage=lineage)
    ends = [column(f"{name}.x").uid for name in ("raw", "orders", "revenue")]
    jobs = [job_id(name).uid for name in ("a.load", "b.load")]
    pairs = [(table("raw").uid, table(name).uid) for name in ("orders", "revenue")]
    expected = {jobs[0]: SQL, jobs[1]: ""}
    for found in (
        half.edges(ends, level="column"),
        half.edges(ends, level="column", as_of=day(3)),
        half.neighbours(ends[:1], "downstream", level="column"),
        half.stated(jobs, level="column"),
        half.column_edges_between(pairs),
    ):
        assert {edge.job: edge.transformation for edge in found} == expected


def test_the_past_is_judged_by_what_a_job_ran_under_then(world: World, half: Store) -> None:
    """The model moved from DAG b to DAG a."""
    made = ColumnEdge(column("raw.x"), column("orders.x"), EdgeKind.TRANSFORMATION, Rule.SQL, transformation=SQL)
    lineage = Lineage((table("raw"),), (table("orders"),), columns=(made,))
    for at, dag in ((1, "b"), (3, "a")):
        code = Claim.of(MODEL, "sourceCode", {"sourceCode": dag})
        view = Claim.of(table("orders"), "facet:view", {"definition": dag})
        ran(world, MODEL, f"r{at}", parent=job_id(f"{dag}.dbt"), at=at, claims=[code, view], lineage=lineage)
    ends = [column(f"{name}.x").uid for name in ("raw", "orders")]

    def told(as_of: int | None) -> tuple[list[str], set[str]]:
        edges = [edge.transformation for edge in half.edges(ends, level="column", as_of=as_of)]
        facts = half.facts([MODEL.uid, table("orders").uid], as_of=as_of, aspects=("sourceCode", "facet:view"))
        return edges, {str(fact.value) for fact in facts}

    assert told(None) == ([SQL], {"{'sourceCode': 'a'}", "{'definition': 'a'}"})
    assert told(day(2)) == ([""], set())
    assert [fact.value for fact in half.history(MODEL.uid, "sourceCode")] == [{"sourceCode": "a"}]
    assert [fact.value for fact in half.history(table("orders").uid, "facet:view")] == [{"definition": "a"}]


# -- people's words, and what came in


def test_of_what_is_said_by_hand_of_a_hidden_job_only_who_and_when_is_told(world: World, half: Store) -> None:
    for name in ("a.load", "b.load"):
        content = Content.of([described(job_id(name), "x")])
        told = details_of({"actor": "ann", "sender": "user:ann", "reason": SQL})
        world.apply(Statement("human", day(2), Origin.HUMAN, content=content, details=told))
    (shown_row,), (hidden_row,) = (half.audit(job_id(name).uid) for name in ("a.load", "b.load"))
    assert shown_row.details["reason"] == SQL
    assert hidden_row.details == {"actor": "ann", "sender": "user:ann"}
    assert (hidden_row.time, hidden_row.id != b"") == (day(2), True)


def test_a_statement_about_a_hidden_job_that_passes_for_a_persons_is_hidden(world: World, half: Store) -> None:
    told = details_of({"sql": {"query": SQL}})
    world.apply(Statement("human", day(2), Origin.HUMAN, job=job_id("b.load"), run=Run("r"), details=told))
    assert [(row.details, row.run_id) for row in half.audit()] == [({}, None)]
    assert [row.run_id for row in seen_by(world, None).audit()] == ["r"]


def test_the_words_of_people_about_datasets_are_told_in_full(world: World, half: Store) -> None:
    told = details_of({"actor": "ann", "reason": "it was wrong"})
    for subject in (table("orders"), column("orders.id")):
        content = Content.of([described(subject, "x")])
        world.apply(Statement("human", day(2), Origin.HUMAN, content=content, details=told))
        assert [row.details for row in half.audit(subject.uid)] == [{"actor": "ann", "reason": "it was wrong"}]


def test_what_came_in_is_shown_to_who_may_write_and_reads_every_dag(world: World) -> None:
    raw = Envelope("openlineage", SQL.encode())
    world.store.accept([raw])
    world.store.apply(Changes(), rejected=[DeadLetter(raw, "not JSON")])
    everything = seen_by(world, FakeDags({"a"}, {"a", "b"}), "read", "write")
    some = seen_by(world, FakeDags({"a", "b"}, {"a"}), "read", "write")
    calls: list[Callable[[Store], Any]] = [
        lambda s: s.envelope(raw.id),
        lambda s: s.envelopes(),
        lambda s: s.pending(10),
        lambda s: s.dead_letters(),
    ]
    for call in calls:
        assert call(everything)
        with pytest.raises(ForbiddenError, match="GET on every DAG"):
            call(some)
        with pytest.raises(ForbiddenError, match="PUT on assets"):
            call(seen_by(world, None, "read"))


def test_where_nobody_can_tell_what_was_edited_only_who_and_when_is_told(world: World, half: Store) -> None:
    for subject in (table("orders"), job_id("b.load")):
        told = details_of({"actor": "ann", "reason": SQL})
        world.apply(
            Statement("human", day(2), Origin.HUMAN, content=Content.of([described(subject, "x")]), details=told)
        )
    assert [row.details for row in half.audit()] == [{"actor": "ann"}] * 2
    everything = seen_by(world, FakeDags({"a", "b"}, {"a", "b"}))
    assert [row.details for row in everything.audit()] == [{"actor": "ann", "reason": SQL}] * 2


def test_a_persons_word_on_a_hidden_job_is_for_its_readers(world: World, half: Store) -> None:
    world.ran("b.load")
    world.ran("a.load")
    said = {
        name: edit("ann", [described(table("orders"), "x"), described(job_id(name), SQL)])
        for name in ("a.load", "b.load")
    }
    world.store.accept(list(said.values()))
    assert half.envelope(said["b.load"].id) is None
    for store, name in ((half, "a.load"), (seen_by(world, None), "b.load")):
        found = store.envelope(said[name].id)
        assert found is not None
        assert found.payload == said[name].payload


def test_a_persons_word_on_a_job_that_nobody_has_heard_of_is_for_who_reads_every_dag(world: World, half: Store) -> None:
    said = edit("ann", [described(job_id("a.never_ran"), SQL)])
    world.store.accept([said])
    assert half.envelope(said.id) is None
    assert seen_by(world, FakeDags({"a"}, {"a"})).envelope(said.id) is not None


def test_an_envelope_with_a_persons_word_is_for_all_who_read(world: World, half: Store) -> None:
    said = edit("ann", [described(table("orders"), "x")])
    world.store.accept([said])
    found = half.envelope(said.id)
    assert found is not None
    assert found.payload == said.payload
    assert half.envelope(b"never there") is None
