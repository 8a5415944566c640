"""What a crawl has to tell, of what is there and what was told: no store, no database."""

from __future__ import annotations

import pytest

from airflow_provider_catalog.services.crawl_plan import Change, Plan, Told, compare
from airflow_provider_catalog.sources.crawlers.tables import Seen

NOW, THEN = Seen("s", "t", "now"), Seen("s", "t", "then")
TOLD = Told(5, "then", "s", "t")


@pytest.mark.parametrize(
    ("found", "told", "plan"),
    [
        ({}, {}, Plan()),
        ({1: NOW}, {}, Plan(new=(Change(NOW, Told()),))),
        ({1: NOW}, {1: Told(7)}, Plan(new=(Change(NOW, Told(7)),))),
        ({1: NOW}, {1: TOLD}, Plan(changed=(Change(NOW, TOLD),))),
        ({1: THEN}, {1: TOLD}, Plan(unchanged=1)),
        ({}, {1: TOLD}, Plan(gone=(TOLD,))),
        ({}, {1: Told(7)}, Plan()),
        ({2: NOW}, {1: TOLD}, Plan(new=(Change(NOW, Told()),), gone=(TOLD,))),
    ],
    ids=["nothing", "new", "heard of", "changed", "as it was", "gone", "not ours", "renamed"],
)
def test_what_is_there_is_told_and_what_was_told_is_not_told_twice(
    found: dict[int, Seen], told: dict[int, Told], plan: Plan
) -> None:
    assert compare(found, told, lambda _: True) == plan


def test_what_the_crawl_would_not_have_seen_is_not_gone() -> None:
    other = Told(5, "f", "other", "t")
    assert compare({}, {1: TOLD, 2: other}, lambda each: each.schema == "other").gone == (other,)
