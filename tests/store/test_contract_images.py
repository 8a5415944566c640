"""Before images: the last ones of each thing, the newest first, whatever is in them."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from airflow_provider_catalog.store.protocol import Image, Store

TEXTS = st.text(st.characters(codec="utf-8"), max_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


def image(at: int, thing: str = "eu-west-1/sales/orders", target: str = "glue", **body: Any) -> Image:
    return Image(target, thing, at, {"at": at, **body})


def test_images_come_back_with_the_newest_first(store: Store) -> None:
    kept = [image(2, before=None), image(1, before={"é ☃": ["\\", '"', "%s", 1.5, None]}), image(3, after={})]
    store.keep_images(kept)
    assert store.images("glue", "eu-west-1/sales/orders") == [kept[2], kept[0], kept[1]]


def test_each_thing_and_each_target_has_images_of_its_own(store: Store) -> None:
    ours, other, elsewhere = image(1), image(2, "eu-west-1/sales/customers"), image(3, target="atlas")
    store.keep_images([ours, other, elsewhere])
    assert store.images("glue", ours.thing) == [ours]
    assert store.images("glue") == [other, ours]
    assert store.images("glue", limit=1) == [other]
    assert store.images("glue", "eu-west-1/sales/nothing") == []


def test_only_the_last_images_of_a_thing_are_kept(store: Store) -> None:
    store.keep_images([image(0, "another")])
    for at in range(1, 26):
        store.keep_images([image(at)])
    assert [each.taken_at for each in store.images("glue", limit=100)] == [*range(25, 15, -1), 0]


def test_what_is_forgotten_is_gone_and_nothing_else(store: Store) -> None:
    kept = [image(at) for at in range(1, 4)] + [image(2, "another")]
    store.keep_images(kept)
    store.forget_images([kept[1], image(9), image(3, target="atlas")])
    store.forget_images([])
    assert store.images("glue") == [kept[2], kept[3], kept[0]]


def test_keeping_nothing_keeps_nothing(store: Store) -> None:
    store.keep_images([])
    assert store.images("glue") == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
@given(thing=TEXTS.filter(lambda each: each and "\0" not in each), body=st.dictionaries(TEXTS, VALUES, max_size=4))
def test_whatever_is_in_them_comes_back(store: Store, thing: str, body: dict[str, Any]) -> None:
    at = 1 + max((each.taken_at for each in store.images("made up", thing, limit=1)), default=0)
    store.keep_images([Image("made up", thing, at, body)])
    assert store.images("made up", thing, limit=1) == [Image("made up", thing, at, body)]
