"""What a writer believes to know is never older than the database."""

from __future__ import annotations

import random
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_catalog.errors import StoreError
from airflow_provider_catalog.model.identity import DatasetId
from airflow_provider_catalog.model.statement import Changes, Claim, Content, Origin, Statement
from airflow_provider_catalog.store import open_store
from airflow_provider_catalog.store.protocol import Store
from airflow_provider_catalog.store.sql import streams
from airflow_provider_catalog.store.sql.cache import Generations
from tests.store.histories import apply_in_batches, dump_of, history
from tests.store.saying import A, B, C, completed, lineage, say, say_each


@pytest.mark.parametrize("seed", range(6))
def test_writers_that_take_turns_write_what_one_alone_would(store_url: str, tmp_path: Path, seed: int) -> None:
    told = history(seed, 60)
    random.Random(seed).shuffle(told)
    alone = open_store(f"sqlite:///{tmp_path}/alone.db")
    apply_in_batches(alone, told, [60])
    stores = [open_store(store_url) for _ in range(3)]

    for statement, store in zip(told, cycle(stores), strict=False):
        store.apply(Changes((statement,)))

    assert dump_of(stores[0]) == dump_of(alone)
    for store in [alone, *stores]:
        store.close()


def test_what_a_failed_transaction_wrote_is_not_believed(store_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    told = history(1, 40)
    store, other = open_store(store_url), open_store(store_url)

    def fail(*_: object) -> None:
        raise StoreError("refused")

    with monkeypatch.context() as patch:
        patch.setattr("airflow_provider_catalog.store.sql.meta.raise_to", fail)
        with pytest.raises(StoreError):
            store.apply(Changes(tuple(told)), merged_to=1)
    assert dump_of(other)["statement"] == []

    store.apply(Changes(tuple(told)))

    assert {row[0] for row in dump_of(other)["statement"]} == {statement.id for statement in told}
    assert dump_of(other)["fact"]
    store.close()
    other.close()


def test_a_bounded_map_forgets_what_was_not_asked_for_lately() -> None:
    known: Generations[int, int] = Generations(4)
    for number in range(10):
        known.put(number, number)
    assert sum(number in known for number in range(10)) <= 6
    assert 9 in known


def test_a_reader_learns_of_a_merge_that_another_process_made(store_url: str) -> None:
    orders, sales = DatasetId("postgres://db:5432", "shop.public.orders"), DatasetId("postgres://db:5432", "s.p.sales")
    writer, reader = open_store(store_url), open_store(store_url)
    seen = [Claim.of(dataset, "existence", value=True) for dataset in (orders, sales)]
    writer.apply(Changes((Statement("test", 1, content=Content.of(seen)),)))
    assert reader.entities([orders.uid])[orders.uid].node == orders.uid

    merged = Claim.of(orders, "merged_into", {"namespace": sales.namespace, "name": sales.name})
    writer.apply(Changes((Statement("human", 2, Origin.HUMAN, content=Content.of([merged])),)))

    assert reader.entities([orders.uid])[orders.uid].node == sales.uid
    writer.close()
    reader.close()


def test_what_only_repeats_is_passed_over_however_late_it_comes(
    store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unless it is older than all that said so before it, or than what was said otherwise."""
    store = open_store(store_url)
    folded: list[int] = []
    fold = streams._fold

    def counted(batch: Any, groups: Any) -> None:
        folded.extend(statement.time for group in groups.values() for statement in group)
        fold(batch, groups)

    monkeypatch.setattr(streams, "_fold", counted)
    say(store, completed(10, lineage([A], [C])), *(completed(time, lineage([A], [B])) for time in (20, 60, 70, 80, 90)))
    assert lives(store) == {C.uid: (10, 70), B.uid: (20, None)}
    folded.clear()
    say_each(store, completed(85, lineage([A], [B])), completed(75, lineage([A], [B])))
    assert folded == []
    say_each(store, completed(65, lineage([A], [B])), completed(15, lineage([A], [B])))
    assert folded == [65, 15]
    assert lives(store) == {C.uid: (10, 60), B.uid: (15, None)}
    store.close()


def lives(store: Store) -> dict[Any, tuple[Any, Any]]:
    """Of every edge there ever was."""
    return {row[3]: (row[4], row[5]) for row in dump_of(store)["edge"]}
