"""Which datasets are one: stated, taken back, in any order, and what follows for lineage."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from typing import Any

import pytest

from airflow_provider_catalog.errors import IdentityCollision
from airflow_provider_catalog.model import identity
from airflow_provider_catalog.model.identity import ColumnId, DatasetId, EntityId
from airflow_provider_catalog.model.statement import Statement
from airflow_provider_catalog.store.protocol import Store
from tests.store.conftest import OpenStore
from tests.store.histories import dump_of
from tests.store.saying import (
    HUMAN,
    JOB,
    OTHER_JOB,
    SPARK,
    A,
    B,
    C,
    D,
    aliased,
    all_edges,
    claimed,
    completed,
    derived,
    lineage,
    merged,
    node_of,
    pairs,
    say,
    say_each,
    split,
    symlinked,
    table,
)

GLUE = DatasetId("arn:aws:glue:eu-west-1:123456789012", "table/shop/orders")
LAKE = DatasetId("s3://lake", "shop/orders")
LOCAL, DNS, DB = "postgres://localhost:5432", "postgres://db.example.org:5432", "postgres://db:5432"


def nodes(store: Store, *datasets: DatasetId) -> list[int]:
    return [node_of(store, dataset) for dataset in datasets]


def one(store: Store, *datasets: DatasetId) -> bool:
    return len(set(nodes(store, *datasets))) == 1


def derived_state(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """Without what was said: only what it means for who is who."""
    dump = dump_of(store)
    return {name: dump[name] for name in ("entity", "port", "edge", "column_edge", "run")}


def without_rules(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    state = derived_state(store)
    state["entity"] = [row for row in state["entity"] if row[1] != "namespace"]
    return state


def test_a_dataset_is_itself(store: Store) -> None:
    say(store, claimed(1, A, "existence", True))
    assert nodes(store, A) == [A.uid]
    assert [member.uid for member in store.members(A.uid)] == [A.uid]
    assert store.members(B.uid) == []
    assert store.alias_rules([A.uid]) == []


def test_a_merge_makes_two_one_and_says_why(store: Store) -> None:
    say(store, merged(1, A, B))
    assert nodes(store, A, B) == [B.uid, B.uid]
    assert [member.uid for member in store.members(B.uid)] == [B.uid, A.uid]
    [rule] = store.alias_rules([A.uid])
    assert (rule.left, rule.right, rule.rule, rule.producer, rule.same) == (A.uid, B.uid, "merged_into", HUMAN, True)
    assert store.alias_rules([B.uid]) == [rule]


def test_a_symlink_makes_a_location_the_table_it_holds(store: Store) -> None:
    say(store, symlinked(1, LAKE, GLUE))
    assert nodes(store, LAKE, GLUE) == [GLUE.uid, GLUE.uid]
    say(store, symlinked(2, A, LAKE, kind="LOCATION"))
    assert one(store, A, LAKE, GLUE)


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_the_order_of_rules_and_edges_makes_no_difference(new_store: OpenStore, order: tuple[int, ...]) -> None:
    columns = [(A, "id", C, "id")]
    said = [
        completed(1, lineage([A], [C], [(A, C)], columns)),
        merged(2, A, B),
        symlinked(3, C, D),
        completed(4, lineage([D], [B], (), [(D, "id", B, "id")]), job=OTHER_JOB),
    ]
    store = new_store()
    say(store, *said)
    wanted = dump_of(store)
    store = new_store()
    say_each(store, *(said[number] for number in order))
    assert dump_of(store) == wanted
    assert pairs(store) == {(node_of(store, B), node_of(store, D)), (node_of(store, D), node_of(store, B))}


def test_edges_are_walked_between_nodes_both_ways(store: Store) -> None:
    say_each(
        store,
        completed(1, lineage([A], [B], (), [(A, "id", B, "ID")])),
        completed(2, lineage([C], [D], (), [(C, "ID", D, "id")]), job=OTHER_JOB),
        merged(3, B, C),
    )
    assert list(store.walk([A.uid], "downstream").reached) == [C.uid, D.uid]
    assert list(store.walk([D.uid], "upstream").reached) == [C.uid, A.uid]
    [edge] = store.neighbours([A.uid], "downstream")
    assert (edge.source, edge.target) == (A.uid, C.uid)
    assert [(e.source, e.target) for e in store.stated([edge.job])] == [(A.uid, B.uid)]
    [column] = store.stated([edge.job], level="column")
    assert (column.source, column.target) == (ColumnId(A, "id").uid, ColumnId(B, "ID").uid)
    walked = store.walk([ColumnId(A, "id").uid], "downstream", level="column")
    assert list(walked.reached) == [ColumnId(C, "ID").uid, ColumnId(D, "id").uid]
    assert store.columns(walked.reached)[ColumnId(C, "ID").uid].dataset == C.uid
    between = store.column_edges_between([(A.uid, C.uid), (C.uid, D.uid)])
    assert {(edge.source, edge.target) for edge in between} == {
        (ColumnId(A, "id").uid, ColumnId(C, "ID").uid),
        (ColumnId(C, "ID").uid, ColumnId(D, "id").uid),
    }


HISTORY = (
    completed(1, lineage([A], [B], [(A, B)], [(A, "id", B, "id")])),
    completed(2, lineage([B, C], [D], (), [(C, "id", D, "id")]), job=OTHER_JOB),
    completed(3, lineage([table("a", LOCAL)], [D]), job=OTHER_JOB),
)
MERGES: dict[str, tuple[list[Statement], list[Statement]]] = {
    "a merge taken back": ([merged(10, A, C)], [merged(20, A, None)]),
    "a merge denied": ([merged(10, A, C)], [split(20, A, C)]),
    "a merge denied from the other side": ([merged(10, A, C)], [split(20, C, A)]),
    "a symlink taken back": ([symlinked(10, A, C)], [symlinked(20, A)]),
    "a symlink denied by a person": ([symlinked(10, A, C)], [split(5, A, C)]),
    "a namespace alias taken back": ([aliased(10, LOCAL, DB)], [aliased(20, LOCAL, None)]),
    "a chain taken apart": ([merged(10, A, B), merged(11, B, C)], [merged(20, A, None), merged(21, B, None)]),
}


@pytest.mark.parametrize("name", MERGES)
def test_what_is_taken_apart_is_as_if_it_had_never_been_one(new_store: OpenStore, name: str) -> None:
    together, apart = MERGES[name]
    store = new_store()
    say(store, *HISTORY)
    wanted = without_rules(store)
    store = new_store()
    say_each(store, HISTORY[0], *together, *HISTORY[1:])
    assert derived_state(store)["edge"] != wanted["edge"]
    say_each(store, *apart)
    assert without_rules(store) == wanted
    assert {node_of(store, dataset) for dataset in (A, B, C, D)} == {A.uid, B.uid, C.uid, D.uid}


def test_what_is_split_can_be_merged_again(store: Store) -> None:
    say_each(store, merged(1, A, B), split(2, A, B))
    assert not one(store, A, B)
    say(store, split(3, A, B, holds=False))
    assert one(store, A, B)


def test_a_split_parts_only_those_two(store: Store) -> None:
    say_each(store, merged(1, A, B), merged(2, B, C), split(3, A, B))
    assert one(store, B, C)
    assert not one(store, A, B)
    rules = {(rule.left, rule.right, rule.same) for rule in store.alias_rules([A.uid, C.uid])}
    assert rules == {(A.uid, B.uid, True), (A.uid, B.uid, False), (B.uid, C.uid, True)}


def test_merges_in_a_circle_agree_on_one(new_store: OpenStore) -> None:
    chosen = set()
    circle = [merged(1, A, B), merged(2, B, C), merged(3, C, A)]
    for order in permutations(circle):
        store = new_store()
        say_each(store, *order)
        assert one(store, A, B, C)
        chosen.add(node_of(store, A))
    assert len(chosen) == 1


def test_the_word_of_another_producer_stays_when_one_is_taken_back(store: Store) -> None:
    say_each(store, symlinked(1, A, B), symlinked(2, A, B, producer=SPARK), symlinked(3, A))
    assert one(store, A, B)
    say(store, symlinked(4, A, producer=SPARK))
    assert not one(store, A, B)


def test_to_be_merged_into_itself_is_nothing(store: Store) -> None:
    say_each(store, merged(1, A, A), symlinked(1, A, A), aliased(1, DB, DB), split(1, A, A))
    assert nodes(store, A) == [A.uid]


# -- namespaces


def test_an_alias_of_a_namespace_makes_all_of_its_datasets_those_of_the_other(store: Store) -> None:
    known = [table(f"t{number}", LOCAL) for number in range(3)]
    say(store, *(claimed(1, dataset, "existence", True) for dataset in [*known, table("t0"), table("x")]))
    say(store, aliased(2, LOCAL, DB))
    assert nodes(store, known[0]) == [table("t0").uid]
    later = table("t9", LOCAL)
    say(store, claimed(3, later, "existence", True))
    assert not one(store, later, table("x"))
    say(store, claimed(4, table("t9"), "existence", True))
    assert nodes(store, later) == [table("t9").uid]
    say(store, claimed(5, table("t1"), "existence", True))
    assert nodes(store, known[1], known[2]) == [table("t1").uid, known[2].uid]


ALIASES = {
    "a chain": [aliased(1, LOCAL, DNS), aliased(2, DNS, DB)],
    "two to one": [aliased(1, LOCAL, DB), aliased(2, DNS, DB)],
    "a circle": [aliased(1, LOCAL, DNS), aliased(2, DNS, DB), aliased(3, DB, LOCAL)],
    "a circle with a tail": [aliased(1, LOCAL, DNS), aliased(2, DNS, DB), aliased(3, DB, DNS)],
    "a chain cut and mended": [
        aliased(1, LOCAL, DNS),
        aliased(2, DNS, DB),
        aliased(3, DNS, None),
        aliased(4, DNS, DB),
    ],
    "a chain that turned": [aliased(1, LOCAL, DNS), aliased(2, LOCAL, DB), aliased(3, DNS, DB)],
}


@pytest.mark.parametrize("with_the_middle", [False, True])
@pytest.mark.parametrize("name", ALIASES)
def test_aliases_of_aliases_lead_to_one_dataset_in_any_order(
    new_store: OpenStore, name: str, with_the_middle: bool
) -> None:
    """Also when nobody ever saw a dataset in the namespace in the middle."""
    spaces = [LOCAL, DNS, DB] if with_the_middle else [LOCAL, DB]
    seen = [completed(10, lineage([table("t", space)], [A]), job=JOB) for space in spaces]
    said = [*ALIASES[name], *seen]
    orders = [said, said[::-1], [*seen, *ALIASES[name][::-1]], [*ALIASES[name][::-1], *seen], [*seen, *ALIASES[name]]]
    dumps = []
    for order in orders:
        store = new_store()
        say_each(store, *order)
        assert one(store, *(table("t", space) for space in spaces)), order
        dumps.append(dump_of(store))
    assert all(dump == dumps[0] for dump in dumps)


def test_a_chain_that_is_cut_leaves_what_remains(store: Store) -> None:
    say(store, *(claimed(1, table("t", space), "existence", True) for space in (LOCAL, DNS, DB)))
    say_each(store, aliased(1, LOCAL, DNS), aliased(2, DNS, DB), aliased(3, DNS, None))
    assert nodes(store, table("t", LOCAL)) == [table("t", DNS).uid]
    assert nodes(store, table("t", DB)) == [table("t", DB).uid]


# -- names as they are shown


def test_of_two_cases_the_same_one_is_shown_whatever_came_first(new_store: OpenStore) -> None:
    shown = set()
    for names in permutations(["DB.S.Orders", "db.s.orders", "Db.S.ORDERS"]):
        store = new_store()
        datasets = [DatasetId("snowflake://org-acc", name) for name in names]
        say_each(store, *(claimed(1, dataset, "existence", True) for dataset in datasets))
        assert len({dataset.uid for dataset in datasets}) == 1
        shown.add(store.entities([datasets[0].uid])[datasets[0].uid].name)
    assert len(shown) == 1


def test_columns_of_what_is_one_meet(store: Store) -> None:
    say_each(
        store,
        completed(1, lineage([A], [B], (), [(A, "id", B, "total")])),
        completed(2, lineage([C], [D], (), [(C, "total", D, "sum")]), job=OTHER_JOB),
        merged(3, B, C),
        claimed(4, B, "schema", {"fields": [{"name": "total", "type": "int"}, {"name": "late", "type": "int"}]}),
    )
    walked = store.walk([ColumnId(D, "sum").uid], "upstream", level="column")
    assert list(walked.reached) == [ColumnId(C, "total").uid, ColumnId(A, "id").uid]
    say(store, merged(5, B, None))
    walked = store.walk([ColumnId(D, "sum").uid], "upstream", level="column")
    assert list(walked.reached) == [ColumnId(C, "total").uid]
    assert pairs(store) == derived((A, B), (C, D))


def test_an_edge_within_what_is_one_is_a_loop_and_no_more(store: Store) -> None:
    say_each(store, completed(1, lineage([A], [B])), merged(2, A, B), completed(3, lineage([B], [C]), job=OTHER_JOB))
    walked = store.walk([B.uid], "downstream", depth=5)
    assert (list(walked.reached), walked.truncated) == ([C.uid], False)
    assert (B.uid, B.uid) in {(edge.source, edge.target) for edge in all_edges(store)}


def test_what_is_taken_apart_leaves_no_columns_behind(store: Store) -> None:
    say(store, claimed(1, A, "schema", {"fields": [{"name": "id", "type": "int"}]}), claimed(1, B, "existence", True))
    say_each(store, merged(2, A, B), merged(3, A, None))
    assert [column.name for column in store.columns_of([B.uid])] == []


def test_columns_are_the_same_whatever_came_first(new_store: OpenStore) -> None:
    said = [claimed(1, A, "schema", {"fields": [{"name": "id", "type": "int"}]}), merged(2, A, B)]
    found = []
    for order in (said, said[::-1]):
        store = new_store()
        say_each(store, *order)
        found.append([(column.dataset, column.name) for column in store.columns_of([A.uid, B.uid])])
    assert found[0] == found[1]


# -- two names, one number


@pytest.fixture
def few_numbers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Hashes of four bits: names collide at once."""
    whole = identity._hash63
    monkeypatch.setattr(identity, "_hash63", lambda data: whole(data) & 15)
    caches = [identity._entity, identity._job, identity._dataset, identity._column]
    for cache in caches:
        cache.cache_clear()
    monkeypatch.setattr(identity, "_REMEMBERED", 0)
    yield
    monkeypatch.undo()
    for cache in caches:
        cache.cache_clear()


@pytest.mark.usefixtures("few_numbers")
def test_two_names_with_one_number_are_refused_and_never_mixed(store: Store) -> None:
    first = DatasetId("s3://lake", "t0")
    other = next(
        dataset
        for dataset in (DatasetId("s3://lake", f"t{number}") for number in range(1, 999))
        if dataset.uid == first.uid
    )
    say(store, claimed(1, first, "documentation", "ours"))
    before = dump_of(store)
    with pytest.raises(IdentityCollision, match="t0") as refused:
        say(store, claimed(2, other, "documentation", "theirs"))
    assert (refused.value.uid, refused.value.retryable) == (first.uid, False)
    assert dump_of(store) == before


@pytest.mark.usefixtures("few_numbers")
def test_two_names_with_one_number_in_one_batch_are_refused(store: Store) -> None:
    datasets = [DatasetId("s3://lake", f"t{number}") for number in range(40)]
    before = dump_of(store)
    with pytest.raises(IdentityCollision):
        say(store, *(claimed(1, dataset, "documentation", dataset.name) for dataset in datasets))
    assert dump_of(store) == before


@pytest.mark.usefixtures("few_numbers")
def test_a_dataset_and_a_job_with_one_number_are_refused(store: Store) -> None:
    job = EntityId("team", "", "data")
    other = next(
        dataset for dataset in (DatasetId("s3://lake", f"t{number}") for number in range(999)) if dataset.uid == job.uid
    )
    say(store, claimed(1, job, "documentation", "ours"))
    with pytest.raises(IdentityCollision):
        say(store, claimed(2, other, "documentation", "theirs"))
