"""Finding things by name, the audit, and any name coming back as it was given (F10)."""

from __future__ import annotations

import random
import string

import pytest

from airflow_provider_catalog.model.identity import ColumnId, DatasetId, EntityId, JobId
from airflow_provider_catalog.model.statement import Changes, Claim, Content, Event, Origin, Statement
from airflow_provider_catalog.store.protocol import Store
from tests.store.saying import (
    AIRFLOW,
    HUMAN,
    A,
    B,
    claimed,
    completed,
    edited,
    event,
    lineage,
    say,
    say_each,
    table,
)

HOSTILE = [
    "Robert'); DROP TABLE catalog_entity;--",
    '"quoted"',
    "back\\slash",
    "per%cent",
    "under_score",
    "[a-z]*?",
    "new\nline",
    "tab\tand\rreturn",
    "{0}{name}%s%(x)s:name?$1",
    "NULL",
    "☃é\U0001f600",
    "\u202eright to left",
    "e\u0301 is not é",
    "'",
    "''",
    "*",
    "-- comment",
    "a" * 400,
    "İ",
    "ß",
    "\x7f\x01",
    "to_tsquery('a & !b')",
]


def exists(*subjects: EntityId | ColumnId) -> Statement:
    return Statement(
        AIRFLOW, 1, content=Content.of([Claim.of(subject, "existence", value=True) for subject in subjects])
    )


def names(store: Store, prefix: str, **more: object) -> list[str]:
    return [entity.name for entity in store.find(prefix, **more)]  # type: ignore[arg-type]


def test_datasets_are_found_by_the_beginning_of_their_last_part(store: Store) -> None:
    say(store, exists(table("orders"), table("order_lines"), table("customers"), DatasetId("s3://lake", "raw/Orders")))
    assert names(store, "order") == ["shop.public.order_lines", "shop.public.orders", "raw/Orders"]
    assert names(store, "ORDERS") == ["shop.public.orders", "raw/Orders"]
    assert names(store, "shop") == names(store, "rders") == []
    assert len(names(store, "")) == 4


def test_a_find_is_limited_to_kinds_and_pages(store: Store) -> None:
    say(store, exists(*(table(f"t{number:03}") for number in range(30)), JobId("airflow", "dag.t000")))
    assert [entity.kind for entity in store.find("t0", kinds=["job"])] == ["job"]
    pages = [names(store, "t", kinds=["dataset"], limit=7, after=start) for start in range(0, 35, 7)]
    assert [len(page) for page in pages] == [7, 7, 7, 7, 2]
    assert [name for page in pages for name in page] == [f"shop.public.t{number:03}" for number in range(30)]


@pytest.mark.parametrize(
    "prefix", ["%", "_", "a%", "a_", "\\", "[a]", "*", "'", '"', "a' OR 1=1 --", "\0", "\ud800", "\U0010ffff"]
)
def test_a_prefix_has_no_metacharacters(store: Store, prefix: str) -> None:
    say(store, exists(table("abc"), table("axc")))
    assert names(store, prefix) == []


def test_a_prefix_with_metacharacters_finds_what_begins_so(store: Store) -> None:
    bucket = "s3://lake"
    say(store, exists(*(DatasetId(bucket, name) for name in ("a%b", "a_b", "a\\b", "axb", "a'b"))))
    for prefix in ("a%", "a_", "a\\", "a'"):
        assert names(store, prefix) == [f"{prefix}b"]


def test_a_scan_pages_through_a_kind(store: Store) -> None:
    datasets = [table(f"t{number}") for number in range(25)]
    say(store, exists(*datasets, JobId("airflow", "dag.task")))
    seen, after = [], 0
    while page := store.scan("dataset", after=after, limit=4):
        seen += [entity.uid for entity in page]
        after = seen[-1]
    assert seen == sorted(dataset.uid for dataset in datasets)
    assert [entity.name for entity in store.scan("job")] == ["dag.task"]
    assert store.scan("no such kind") == []


def test_the_namespaces_of_a_kind_are_listed_once_in_order(store: Store) -> None:
    spaces = ["s3://b", "s3://a", "postgres://db:5432", "kafka://Z"]
    say(store, *(exists(DatasetId(space, f"a.b.t{number}")) for space in spaces for number in range(5)))
    say(store, exists(JobId("airflow", "dag.task")))
    assert store.namespaces() == sorted({DatasetId(space, "a.b.c").namespace for space in spaces})
    assert store.namespaces("job") == ["airflow"]
    assert store.namespaces("team") == []


@pytest.mark.parametrize("kind", ["dataset", "column", "job", "run", "team", "producer", "aspect"])
def test_a_thousand_names_come_back_as_they_were_given(store: Store, kind: str) -> None:
    """F10: quotes, newlines, backslashes, metacharacters and any unicode, in every place that has a name."""
    rng = random.Random(kind)
    alphabet = [
        *string.printable,
        *"'\"\\%_;-\n\r\t{}$?:",
        *map(chr, rng.sample(range(0x80, 0xD800), 200)),
        "\U0001f600",
    ]
    fuzzed = HOSTILE + ["x" + "".join(rng.choices(alphabet, k=rng.randrange(1, 40))) + "x" for _ in range(1000)]
    {
        "dataset": _datasets,
        "column": _columns,
        "job": _jobs,
        "run": _runs,
        "team": _teams,
        "producer": _producers,
        "aspect": _aspects,
    }[kind](store, list(dict.fromkeys(fuzzed)))


def _datasets(store: Store, fuzzed: list[str]) -> None:
    datasets = {DatasetId("s3://lake", name) for name in fuzzed} | {DatasetId(f"custom {name}", "t") for name in fuzzed}
    say(store, exists(*datasets))
    found = store.entities([dataset.uid for dataset in datasets])
    assert {(entity.namespace, entity.name) for entity in found.values()} == {(d.namespace, d.name) for d in datasets}
    assert all(DatasetId(entity.namespace, entity.name).uid == uid for uid, entity in found.items())
    assert len(found) == len(datasets)
    for dataset in list(datasets)[:200]:
        short = dataset.short_name[:100]
        shown = {entity.uid for entity in store.find(short, limit=5000)}
        assert dataset.uid in shown, short


def _columns(store: Store, fuzzed: list[str]) -> None:
    fields = [{"name": name, "type": "text"} for name in fuzzed if "." not in name]
    pairs = [(A, field["name"], B, field["name"]) for field in fields]
    say(store, claimed(1, A, "schema", {"fields": fields}), completed(2, lineage([A], [B], (), pairs)))
    wanted = {ColumnId(A, field["name"]).uid: ColumnId(A, field["name"]).folded for field in fields}
    assert {column.uid: column.name for column in store.columns_of([A.uid])} == wanted
    assert len(store.column_edges_between([(A.uid, B.uid)])) == len(wanted)
    assert store.facts([A.uid], aspects=["schema"])[0].value == {"fields": fields}


def _jobs(store: Store, fuzzed: list[str]) -> None:
    jobs = [JobId("airflow", name) for name in fuzzed]
    say(store, *(event(Event.START, 1, job=job, run=f"run {number}") for number, job in enumerate(jobs)))
    found = store.entities([job.uid for job in jobs])
    assert [found[job.uid].name for job in jobs] == [job.name for job in jobs] == fuzzed


def _runs(store: Store, fuzzed: list[str]) -> None:
    told = {"sql": {"query": fuzzed}}
    say(store, *(event(Event.START, 1, run=name, parent=name, scope=name, details=told) for name in fuzzed))
    for name in fuzzed[:100]:
        found = store.run(name)
        assert found is not None
        assert (found[0].run_id, found[0].parent_run_id, found[1][0].details) == (name, name, told)
    assert {row.run_id for row in store.runs([event(Event.START, 1).job.uid], limit=5000)} == set(fuzzed)  # type: ignore[union-attr]


def _teams(store: Store, fuzzed: list[str]) -> None:
    teams = [EntityId("team", name, name) for name in fuzzed]
    say(store, *(claimed(1, team, "documentation", {name: [name]}) for team, name in zip(teams, fuzzed, strict=True)))
    found = {fact.subject: fact.value for fact in store.facts([team.uid for team in teams])}
    assert [found[team.uid] for team in teams] == [{name: [name]} for name in fuzzed]


def _producers(store: Store, fuzzed: list[str]) -> None:
    say(store, *(claimed(1, A, "documentation", name, producer=name) for name in fuzzed))
    assert {fact.producer: fact.value for fact in store.facts([A.uid])} == {name: name for name in fuzzed}


def _aspects(store: Store, fuzzed: list[str]) -> None:
    store.apply(Changes((Statement(AIRFLOW, 1, content=Content.of([Claim.of(A, name, name) for name in fuzzed])),)))
    assert {fact.aspect: fact.value for fact in store.facts([A.uid])} == {name: name for name in fuzzed}
    for name in fuzzed[:50]:
        assert [fact.value for fact in store.history(A.uid, name)] == [name]
        assert [fact.value for fact in store.facts([A.uid], aspects=[name])] == [name]


# -- the audit


def test_the_audit_tells_what_people_said_newest_first(store: Store) -> None:
    say_each(
        store,
        edited(20, A, "documentation", "two", actor="bob"),
        edited(10, A, "documentation", "one"),
        edited(30, B, "documentation", "three"),
        claimed(40, A, "documentation", "a machine's word"),
    )
    rows = store.audit()
    assert [(row.time, row.details["actor"], row.producer, row.origin) for row in rows] == [
        (30, "ann", HUMAN, Origin.HUMAN),
        (20, "bob", HUMAN, Origin.HUMAN),
        (10, "ann", HUMAN, Origin.HUMAN),
    ]
    assert [row.time for row in store.audit(A.uid)] == [20, 10]
    assert [row.time for row in store.audit(limit=1)] == [30]
    assert store.audit(JobId("airflow", "x").uid) == []


def test_what_was_taken_back_stays_in_the_audit(store: Store) -> None:
    column = ColumnId(A, "email")
    say_each(store, edited(10, column, "tag:pii", {"key": "pii"}), edited(20, column, "tag:pii", None, actor="bob"))
    assert [(row.time, row.details["actor"]) for row in store.audit(column.uid)] == [(20, "bob"), (10, "ann")]
    assert store.facts([column.uid]) == []
