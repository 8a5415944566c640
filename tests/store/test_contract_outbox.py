"""The outbox holds what says something else now, exactly that, and each target is told of it at its own pace."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

import pytest

from airflow_provider_catalog.model.identity import ColumnId, DatasetId, EntityId
from airflow_provider_catalog.model.statement import Changes, Event, Rule, Statement
from airflow_provider_catalog.sources import read
from airflow_provider_catalog.store.protocol import Store
from airflow_provider_catalog.store.sql.outbox import Refused, Standing
from airflow_provider_catalog.store.sql.rebuild import rebuild
from airflow_provider_catalog.store.sql.retention import retain
from airflow_provider_catalog.store.sql.store import SqlStore
from tests.store.conftest import OpenStore
from tests.store.histories import LONG_AGO, accept, dump_of, history, long_history, merge
from tests.store.saying import (
    AIRFLOW,
    JOB,
    OTHER_JOB,
    SPARK,
    A,
    B,
    C,
    D,
    aliased,
    claimed,
    completed,
    designed,
    edited,
    event,
    lineage,
    merged,
    say,
    say_each,
    split,
    symlinked,
    table,
)

NOW = 2**60
Said: TypeAlias = dict[int, set[tuple[Any, ...]]]


def news(store: SqlStore, target: str = "atlas") -> set[int]:
    """What there is to tell since this was asked last."""
    page = store.outbox.page(target, 10_000)
    assert store.outbox.settle(page)
    return {due.node for due in page.due}


def uids(*datasets: EntityId) -> set[int]:
    return {dataset.uid for dataset in datasets}


def known(*datasets: DatasetId) -> list[Statement]:
    return [claimed(1, dataset, "existence", True) for dataset in datasets]


def fields(*names: str) -> dict[str, Any]:
    return {"fields": [{"name": name, "type": "int"} for name in names]}


# -- what is put there

ORDERS, SPELLED = DatasetId("snowflake://org-acc", "DB.S.ORDERS"), DatasetId("snowflake://org-acc", "Db.s.Orders")
LOCAL = table("a", "postgres://localhost:5432")
FROM_A, FROM_C = lineage([A], [B]), lineage([C], [B])
OF_COLUMNS = lineage(columns=[(A, "x", B, "y"), (A, "x", B, "z")])
ONE_OF_COLUMNS = lineage(columns=[(A, "x", B, "z")])
AB = known(A, B, C, D)

CHANGES: dict[str, tuple[list[Statement], list[Statement], set[int]]] = {
    "a dataset is there": ([], [claimed(2, A, "existence", True)], uids(A)),
    "a dataset is gone": (AB, [claimed(2, A, "existence", False)], uids(A)),
    "it has a schema": (AB, [claimed(2, A, "schema", fields("id"))], uids(A)),
    "it has another": (
        [*AB, claimed(2, A, "schema", fields("id"))],
        [claimed(3, A, "schema", fields("id", "x"))],
        uids(A),
    ),
    "it lies elsewhere": (AB, [claimed(2, A, "dataSource", {"uri": "s3://b/k"})], uids(A)),
    "it has an owner": (AB, [edited(2, A, "ownership", {"owners": [{"name": "ann"}]})], uids(A)),
    "a word is taken back": (
        [*AB, edited(2, A, "documentation", {"description": "x"})],
        [edited(3, A, "documentation", None)],
        uids(A),
    ),
    "another says it": (
        [*AB, claimed(2, A, "schema", fields("id"))],
        [claimed(3, A, "schema", fields("id"), producer=SPARK)],
        uids(A),
    ),
    "a column has a tag": (AB, [edited(2, ColumnId(A, "id"), "tag:pii", {"key": "pii"})], uids(A)),
    "a job is described": (AB, [claimed(2, JOB, "documentation", {"description": "x"})], set()),
    "it is made of another": (AB, [completed(2, FROM_A)], uids(B)),
    "it is made of a third, too": ([*AB, completed(2, FROM_A)], [completed(3, FROM_C, job=OTHER_JOB)], uids(B)),
    "it is only read": (AB, [completed(2, lineage([A]))], set()),
    "it is only written": (AB, [completed(2, lineage((), [B]))], uids(B)),
    "a run begins": (AB, [event(Event.START, 2)], set()),
    "a column is made of another": ([*AB, completed(2, FROM_A)], [completed(3, OF_COLUMNS, job=OTHER_JOB)], uids(B)),
    "it is no longer made of that": ([*AB, designed(2, lineage(edges=[(A, B)]))], [designed(3, lineage())], uids(B)),
    "a column is no longer": ([*AB, designed(2, OF_COLUMNS)], [designed(3, ONE_OF_COLUMNS)], uids(B)),
    "nothing of it any more": ([*AB, designed(2, ONE_OF_COLUMNS)], [designed(3, lineage())], uids(B)),
    "it is made of that again": (
        [*AB, designed(2, FROM_A), designed(3, lineage())],
        [designed(4, lineage(edges=[(A, B)]))],
        uids(B),
    ),
    "it is known better how": (
        [*AB, designed(2, FROM_A)],
        [designed(3, lineage([A], [B], [(A, B)], rule=Rule.SQL))],
        uids(B),
    ),
    "one run does without": (
        [*AB, completed(2, lineage([A], [B])), completed(3, lineage([A], [B]))],
        [completed(4, lineage())],
        set(),
    ),
    "one is another": (AB, [merged(2, A, B)], uids(B)),
    "one is another, and a third is made of it": (
        [*AB, completed(2, lineage([A], [D]))],
        [merged(3, A, B)],
        uids(B, D),
    ),
    "one is another, and a third is made of its columns": (
        [*AB, designed(2, lineage(columns=[(A, "x", D, "y")]))],
        [merged(3, A, B)],
        uids(B, D),
    ),
    "one is another no longer": (
        [*AB, completed(2, lineage([A], [D])), merged(3, A, B)],
        [split(4, A, B)],
        uids(A, B, D),
    ),
    "a rule that is silenced": ([*AB, split(2, A, B)], [symlinked(3, A, B)], uids(A)),
    "a word of what is another": ([*AB, merged(2, A, B)], [claimed(3, A, "schema", fields("id"))], uids(B)),
    "a namespace is another": ([*AB, *known(LOCAL)], [aliased(2, LOCAL.namespace, A.namespace)], uids(A)),
    "it is spelled better": (known(SPELLED), [claimed(2, ORDERS, "existence", True)], uids(ORDERS)),
    "the same again": ([*AB, claimed(2, A, "schema", fields("id"))], [claimed(3, A, "schema", fields("id"))], set()),
    "the same of old": ([*AB, claimed(3, A, "schema", fields("id"))], [claimed(2, A, "existence", True)], set()),
    "another word of old": (
        [*AB, claimed(2, A, "schema", fields("id")), claimed(9, A, "schema", fields("x"))],
        [claimed(5, A, "schema", fields("y"))],
        set(),
    ),
    "a late word that counts": (
        [*AB, claimed(9, A, "schema", fields("x"), producer=SPARK)],
        [claimed(5, A, "schema", fields("y"))],
        uids(A),
    ),
    "an edge of old": (
        [*AB, completed(9, FROM_A)],
        [designed(3, lineage(edges=[(C, B)])), designed(4, lineage())],
        set(),
    ),
    "another run of the same": (
        [*AB, event(Event.START, 2, FROM_A), completed(3, FROM_A)],
        [event(Event.START, 4, FROM_A, run="run-5"), completed(5, FROM_A)],
        set(),
    ),
}


@pytest.mark.parametrize("case", CHANGES)
def test_what_says_something_else_now_is_in_the_outbox_and_nothing_else(sql_store: SqlStore, case: str) -> None:
    before, after, expected = CHANGES[case]
    say_each(sql_store, *before)
    news(sql_store)
    say(sql_store, *after)
    assert news(sql_store) == expected
    say(sql_store, *before, *after)
    assert news(sql_store) == set()


@pytest.mark.parametrize("case", CHANGES)
def test_what_a_writer_has_forgotten_makes_no_difference(sql_store: SqlStore, open_again: OpenStore, case: str) -> None:
    """Another process knows nothing by heart."""
    before, after, expected = CHANGES[case]
    say_each(sql_store, *before)
    news(sql_store)
    say_each(open_again(), *after)
    assert news(sql_store) == expected


def test_what_was_merged_away_is_told_as_what_it_is_now(sql_store: SqlStore) -> None:
    say(sql_store, *AB, completed(2, lineage([A], [B])))
    page = sql_store.outbox.page("atlas", 10)
    sql_store.outbox.settle(page, [Refused(A.uid, "atlas", 1, 0, "no")])
    say(sql_store, merged(3, A, B))
    assert sql_store.outbox.refused() == []
    assert news(sql_store) == uids(B)
    assert news(sql_store, "glue") == uids(B, C, D)


# -- the same, of anything that may happen


def said_now(store: SqlStore) -> Said:
    """What the store says of each dataset now, plainly, as rows of a dump tell it."""
    dump: dict[str, list[tuple[Any, ...]]] = dict(dump_of(store))
    node_of = {row[0]: row[5] for row in dump["entity"] if row[1] == "dataset"}
    dataset_of = dict.fromkeys(node_of, 0) | {row[0]: row[1] for row in dump["column"]}
    found: Said = defaultdict(set)
    for uid, _, namespace, name, _, node in (row for row in dump["entity"] if row[1] == "dataset"):
        found[node].add(("name", uid, namespace, name))
    for subject, aspect, producer, since, until, origin, value, _ in dump["fact"]:
        if until is None and subject in dataset_of:
            found[node_of[dataset_of[subject] or subject]].add(
                ("fact", subject, aspect, producer, since, origin, value)
            )
    for job, producer, direction, dataset, since, until, *_ in dump["port"]:
        if until is None and direction == "w":
            found[node_of[dataset]].add(("port", job, producer, dataset, since))
    for job, producer, source, target, since, until, _, _, _, *how, source_node, _ in dump["edge"]:
        if until is None:
            found[node_of[target]].add(("edge", job, producer, source, target, since, *how, source_node))
    for job, producer, source, target, kind, since, until, _, _, _, *how, source_node, _ in dump["column_edge"]:
        if until is None:
            found[node_of[dataset_of[target]]].add(
                ("column", job, producer, source, target, kind, since, *how, source_node)
            )
    return found


def batches(rng: random.Random, statements: Sequence[Statement]) -> Iterable[tuple[Statement, ...]]:
    start = 0
    while start < len(statements):
        size = rng.choice([1, 1, 2, 5, 20])
        yield tuple(statements[start : start + size])
        start += size


@pytest.mark.parametrize("seed", range(6))
def test_of_random_histories_exactly_what_says_something_else_is_told(
    sql_store: SqlStore, open_again: OpenStore, seed: int
) -> None:
    """By two writers, neither of which knows what the other wrote."""
    rng = random.Random(seed)
    statements = history(seed + 700, 120) if seed % 2 else long_history(seed)[:120]
    writers: list[Store] = [sql_store, open_again()]
    before, changed = said_now(sql_store), 0
    for batch in batches(rng, statements):
        rng.choice(writers).apply(Changes(batch))
        after = said_now(sql_store)
        expected = {node for node, said in after.items() if before.get(node) != said}
        assert news(sql_store) == expected
        before, changed = after, changed + len(expected)
    assert changed > 10
    rng.shuffle(statements)
    for batch in batches(rng, statements):
        rng.choice(writers).apply(Changes(batch))
    assert news(sql_store) == set()


@pytest.mark.parametrize("seed", range(3))
def test_of_every_dataset_there_is_one_row_with_the_version_of_its_last_change(sql_store: SqlStore, seed: int) -> None:
    versions: dict[int, int] = {}
    before = said_now(sql_store)
    for number, batch in enumerate(batches(random.Random(seed), history(seed + 800, 100)), 1):
        sql_store.apply(Changes(batch))
        after = said_now(sql_store)
        versions.update({node: number for node, said in after.items() if before.get(node) != said})
        before = after
    with sql_store.reading() as connection:
        rows = connection.exec_driver_sql("SELECT node_id, version FROM catalog_outbox").all()
    assert dict(map(tuple, rows)) == {node: version for node, version in versions.items() if node in before}


def test_what_is_rolled_back_is_not_told(sql_store: SqlStore) -> None:
    say(sql_store, *AB)
    news(sql_store)
    with pytest.raises(AttributeError):
        sql_store.apply(Changes((claimed(2, A, "schema", fields("id")), None)))  # type: ignore[arg-type]
    assert news(sql_store) == set()


def test_a_store_derived_anew_is_told_of_whole_and_what_is_not_in_it_any_more_is_not(sql_store: SqlStore) -> None:
    accept(sql_store, history(3, 60), LONG_AGO)
    merge(sql_store, 10)
    everything = news(sql_store)
    say(sql_store, claimed(1, table("stray"), "existence", True))
    page = sql_store.outbox.page("atlas", 10)
    sql_store.outbox.settle(page, [Refused(page.due[0].node, "atlas", 1, None, "no")])
    assert not rebuild(sql_store, read, apply=True).equal
    assert sql_store.outbox.refused() == []
    assert news(sql_store) == everything == set(said_now(sql_store))
    assert news(sql_store) == set()


def test_comparing_letting_go_and_dumping_leave_the_outbox_alone(sql_store: SqlStore) -> None:
    accept(sql_store, long_history(1), LONG_AGO)
    merge(sql_store, 50)
    news(sql_store)
    before = dump_of(sql_store)
    assert rebuild(sql_store, read).equal
    assert retain(sql_store, days=1).envelopes > 0
    assert news(sql_store) == set()
    assert news(sql_store, "glue")
    assert before.keys() == dump_of(sql_store).keys()
    assert not {"outbox", "target", "refused"} & before.keys()


# -- who was told of what


def refused(dataset: DatasetId, target: str = "atlas", attempts: int = 1, not_before: int | None = NOW) -> Refused:
    return Refused(dataset.uid, target, attempts, not_before, "é ☃ ' %s")


def test_a_page_is_told_again_until_it_is_settled(sql_store: SqlStore) -> None:
    say(sql_store, *AB)
    page = sql_store.outbox.page("atlas", 3)
    assert sql_store.outbox.page("atlas", 3) == page
    assert len(page.due) == 3
    assert sql_store.outbox.settle(page)
    rest = sql_store.outbox.page("atlas", 3)
    assert {due.node for due in (*page.due, *rest.due)} == uids(A, B, C, D)
    assert sql_store.outbox.settle(rest)
    assert sql_store.outbox.page("atlas", 3).due == ()


def test_what_changed_first_is_told_first_and_what_changed_since_then_once(sql_store: SqlStore) -> None:
    say_each(sql_store, *known(C, A, B), claimed(3, C, "schema", fields("id")))
    assert [due.node for due in sql_store.outbox.page("atlas", 10).due] == [A.uid, B.uid, C.uid]


def test_what_changes_while_it_is_told_is_told_again(sql_store: SqlStore) -> None:
    say(sql_store, *known(A, B))
    page = sql_store.outbox.page("atlas", 10)
    say(sql_store, claimed(2, A, "schema", fields("id")))
    assert sql_store.outbox.settle(page)
    assert news(sql_store) == uids(A)


def test_targets_go_at_their_own_pace_and_a_new_one_is_told_of_everything(sql_store: SqlStore) -> None:
    say(sql_store, *known(A, B))
    assert news(sql_store, "atlas") == uids(A, B)
    say(sql_store, *known(C))
    assert news(sql_store, "atlas") == uids(C)
    assert news(sql_store, "glue") == uids(A, B, C)


def test_what_was_refused_comes_again_when_it_is_time_and_not_before(sql_store: SqlStore) -> None:
    say(sql_store, *known(A, B, C, D))
    outbox = sql_store.outbox
    later, soon, never = refused(A), refused(B, attempts=3, not_before=5), refused(C, not_before=None)
    outbox.settle(outbox.page("atlas", 10), [later, soon, never])
    assert sorted(outbox.refused()) == sorted([later, soon, never])
    assert [tuple(due) for due in outbox.page("atlas", 10).due] == [(B.uid, 3)]
    outbox.settle(outbox.page("atlas", 10))
    assert sorted(outbox.refused()) == sorted([later, never])


def test_what_was_refused_is_tried_when_it_changes_whatever_it_waits_for(sql_store: SqlStore) -> None:
    say(sql_store, *known(A, B))
    outbox = sql_store.outbox
    outbox.settle(outbox.page("atlas", 10), [refused(A), refused(B, attempts=7, not_before=None)])
    say(sql_store, claimed(2, B, "schema", fields("id")))
    page = outbox.page("atlas", 10)
    assert [tuple(due) for due in page.due] == [(B.uid, 7)]
    outbox.settle(page)
    assert outbox.refused() == [refused(A)]


def test_somebody_may_say_that_all_of_it_be_tried_now(sql_store: SqlStore) -> None:
    say(sql_store, *known(A, B))
    outbox = sql_store.outbox
    for name in ("atlas", "glue"):
        outbox.settle(outbox.page(name, 10), [refused(A, name), refused(B, name, not_before=None)])
    assert outbox.retry("atlas") == 2
    assert news(sql_store, "glue") == set()
    assert news(sql_store, "atlas") == uids(A, B)
    assert (outbox.retry(), outbox.retry("nobody")) == (2, 0)
    assert news(sql_store, "glue") == uids(A, B)
    assert outbox.refused() == []


def test_neither_second_tries_nor_news_wait_for_the_other(sql_store: SqlStore) -> None:
    datasets = [table(f"t{number}") for number in range(40)]
    say(sql_store, *known(*datasets[:20]))
    outbox = sql_store.outbox
    outbox.settle(outbox.page("atlas", 100), [refused(each, not_before=0) for each in datasets[:20]])
    say(sql_store, *known(*datasets[20:]))
    nodes = {due.node for due in outbox.page("atlas", 10).due}
    assert (len(nodes & uids(*datasets[:20])), len(nodes & uids(*datasets[20:]))) == (5, 5)
    assert len(outbox.page("atlas", 1).due) == 1


def test_who_settles_late_has_all_of_it_told_again(sql_store: SqlStore) -> None:
    """Two workers at once: the older picture may have come last."""
    say(sql_store, *known(A, B))
    outbox = sql_store.outbox
    slow = outbox.page("atlas", 10)
    say(sql_store, claimed(2, A, "schema", fields("id")))
    quick = outbox.page("atlas", 10)
    assert outbox.settle(quick, [refused(B)])
    assert not outbox.settle(slow)
    assert {due.node for due in outbox.page("atlas", 10).due} == uids(A, B)
    assert outbox.standing()[0].waiting == 0
    assert news(sql_store) == uids(A, B)
    assert news(sql_store) == set()


def test_a_forgotten_target_is_told_of_everything_even_if_it_was_being_told(sql_store: SqlStore) -> None:
    say(sql_store, *known(A, B))
    outbox = sql_store.outbox
    outbox.settle(outbox.page("atlas", 10), [refused(A)])
    say(sql_store, *known(C))
    page = outbox.page("atlas", 10)
    assert (outbox.forget("atlas"), outbox.forget("nobody")) == (True, False)
    assert (outbox.standing(), outbox.refused()) == ([], [])
    assert not outbox.settle(page)
    assert news(sql_store) == uids(A, B, C)


def test_the_standing_of_each_target_is_known(sql_store: SqlStore) -> None:
    say(sql_store, *known(A, B, C))
    outbox = sql_store.outbox
    assert outbox.standing() == []
    outbox.settle(outbox.page("atlas", 2), [refused(A)])
    outbox.down("glue", "no route")
    outbox.down("glue", "no password")
    atlas, glue = outbox.standing()
    assert atlas == Standing("atlas", 1, 1, None, "")
    assert (glue.waiting, glue.refused, glue.reason) == (3, 0, "no password")
    assert glue.down_since is not None
    news(sql_store, "glue")
    assert outbox.standing()[1] == Standing("glue", 0, 0, None, "")


def test_since_when_a_target_is_down_stays_the_same(sql_store: SqlStore) -> None:
    sql_store.outbox.down("glue", "a")
    (before,) = sql_store.outbox.standing()
    sql_store.outbox.down("glue", "b")
    assert sql_store.outbox.standing() == [before._replace(reason="b")]


def test_what_was_refused_is_listed_of_one_target_and_not_more_than_wanted(sql_store: SqlStore) -> None:
    say(sql_store, *known(A, B))
    outbox = sql_store.outbox
    for name in ("atlas", "glue"):
        outbox.settle(outbox.page(name, 10), [refused(A, name), refused(B, name)])
    assert [each.target for each in outbox.refused("glue")] == ["glue", "glue"]
    assert len(outbox.refused(limit=3)) == 3
    assert outbox.refused("nobody") == []


def test_a_producer_that_repeats_itself_writes_nothing_to_the_outbox(sql_store: SqlStore) -> None:
    said = [completed(number, FROM_A, claims=[], producer=AIRFLOW) for number in range(2, 8)]
    say(sql_store, *AB, *said[:3])
    news(sql_store)
    with sql_store.reading() as connection:
        before = connection.exec_driver_sql("SELECT * FROM catalog_outbox ORDER BY 1").all()
        say_each(sql_store, *said[3:])
        assert connection.exec_driver_sql("SELECT * FROM catalog_outbox ORDER BY 1").all() == before
