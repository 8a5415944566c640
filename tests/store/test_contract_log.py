"""The log and the dead letters, as every store must keep them."""

from __future__ import annotations

import pytest

from airflow_provider_catalog.model.envelope import DeadLetter, Envelope
from airflow_provider_catalog.model.statement import Changes
from airflow_provider_catalog.store.protocol import Accepted, Applied, Status, Store
from tests.store.conftest import OpenStore
from tests.store.saying import A, B, completed, lineage

PAYLOADS = [b"", b"{}", b"\0\xff not text", b"x" * 255, b"y" * 256, bytes(range(256)) * 400, '{"é":"\u2028"}'.encode()]


def envelopes(*payloads: bytes) -> list[Envelope]:
    return [Envelope("openlineage", payload, "producer", 1_000) for payload in payloads]


def test_what_is_accepted_is_pending_in_the_order_it_came(store: Store) -> None:
    for number in range(5):
        store.accept(envelopes(b"%d" % number))
    assert [envelope.payload for envelope in store.pending(10)] == [b"0", b"1", b"2", b"3", b"4"]
    assert [envelope.payload for envelope in store.pending(2)] == [b"0", b"1"]


def test_an_envelope_comes_out_as_it_went_in(store: Store) -> None:
    sent = [Envelope("kind é", payload, "who ☃", 7, f"key {number}'\n%") for number, payload in enumerate(PAYLOADS)]
    store.accept(sent)
    found = {envelope.key: envelope for envelope in store.pending(100)}
    assert [found[envelope.key].payload for envelope in sent] == PAYLOADS
    for envelope in sent:
        got = found[envelope.key]
        assert (got.id, got.kind, got.producer, got.recorded_at) == (envelope.id, envelope.kind, envelope.producer, 7)
        assert store.envelope(envelope.id) == got


def test_an_envelope_without_a_time_gets_one(store: Store) -> None:
    store.accept([Envelope("openlineage", b"{}")])
    assert store.pending(1)[0].recorded_at > 1_700_000_000_000_000


def test_a_second_delivery_is_a_duplicate(store: Store) -> None:
    assert store.accept(envelopes(b"a", b"b", b"a")) == Accepted(2, 1)
    assert store.accept(envelopes(b"b", b"c")) == Accepted(1, 1)
    assert store.accept([]) == Accepted(0, 0)
    assert len(store.pending(10)) == 3


def test_the_key_decides_what_a_second_delivery_is(store: Store) -> None:
    store.accept([Envelope("openlineage", b"one", key="k"), Envelope("openlineage", b"two", key="k")])
    store.accept([Envelope("edit", b"three", key="k")])
    assert sorted(envelope.payload for envelope in store.pending(10)) == [b"one", b"three"]


def test_what_is_merged_is_not_pending_any_more_and_still_in_the_log(store: Store) -> None:
    store.accept(envelopes(*(b"%d" % number for number in range(6))))
    third = store.pending(3)[-1]
    store.apply(Changes(), merged_to=third.seq)
    assert len(store.pending(10)) == 3
    assert len(store.envelopes()) == 6
    assert [envelope.seq > third.seq for envelope in store.envelopes(after=third.seq, limit=2)] == [True, True]


def test_a_slower_worker_does_not_take_back_what_is_merged(store: Store, open_again: OpenStore) -> None:
    store.accept(envelopes(*(b"%d" % number for number in range(4))))
    seqs = [envelope.seq for envelope in store.pending(4)]
    store.apply(Changes(), merged_to=seqs[3])
    open_again().apply(Changes(), merged_to=seqs[1])
    assert store.pending(10) == []


def test_numbers_grow_and_are_never_used_twice(store: Store) -> None:
    store.accept(envelopes(b"a"))
    store.accept(envelopes(b"a", b"b"))
    store.accept(envelopes(b"c"))
    seqs = [envelope.seq for envelope in store.pending(10)]
    assert seqs == sorted(set(seqs))


def test_a_page_after_another_sees_every_envelope_once(store: Store) -> None:
    store.accept(envelopes(*(b"%d" % number for number in range(25))))
    seen, after = [], 0
    while page := store.envelopes(after, 4):
        seen += page
        after = page[-1].seq
    assert [len(seen), len({envelope.id for envelope in seen})] == [25, 25]


def test_nobody_has_an_envelope_of_an_unknown_id(store: Store) -> None:
    assert store.envelope(b"\0" * 16) is None


def test_applying_and_merging_is_one_step(store: Store) -> None:
    """A batch that is refused leaves neither its statements nor its number."""
    store.accept(envelopes(b"a"))
    seq = store.pending(1)[0].seq
    with pytest.raises(Exception, match=r"(?i)int|range|convert"):
        store.apply(Changes((completed(1, lineage([A], [B])), completed(2**70))), merged_to=seq)
    assert len(store.pending(10)) == 1
    assert store.status().statements == 0
    assert store.apply(Changes((completed(1, lineage([A], [B])),)), merged_to=seq) == Applied(1, 0)
    assert store.pending(10) == []


def test_dead_letters_keep_the_reason_and_the_head(store: Store) -> None:
    envelope = Envelope("openlineage", b"p" * 200_000, "producer", 5, "k", 9)
    store.apply(Changes(), rejected=[DeadLetter(envelope, "not JSON")])
    [letter] = store.dead_letters()
    assert (letter.id, letter.reason) == (envelope.id, "not JSON")
    assert letter.envelope.payload
    assert envelope.payload.startswith(letter.envelope.payload)
    assert (letter.envelope.kind, letter.envelope.producer, letter.envelope.key, letter.envelope.seq) == (
        "openlineage",
        "producer",
        "k",
        9,
    )


@pytest.mark.parametrize("reason", ["", "n\0l", "half \ud800 pair", "x" * 100_000, "quote ' \" \n %s ? $1 {}"])
def test_any_reason_can_be_kept(store: Store, reason: str) -> None:
    store.apply(Changes(), rejected=[DeadLetter(Envelope("openlineage", b"\0", "", 1), reason)])
    assert len(store.dead_letters()) == 1


def test_an_envelope_is_one_dead_letter_however_often_it_is_rejected(store: Store) -> None:
    letters = [DeadLetter(Envelope("openlineage", b"%d" % (number % 3), "", 1), "bad") for number in range(9)]
    store.apply(Changes(), rejected=letters)
    store.apply(Changes(), rejected=letters)
    assert len(store.dead_letters()) == 3
    assert len(store.dead_letters(limit=2)) == 2


def test_dead_letters_can_be_forgotten(store: Store) -> None:
    letters = [DeadLetter(Envelope("openlineage", b"%d" % number, "", 1), "bad") for number in range(3)]
    store.apply(Changes(), rejected=letters)
    assert store.forget_dead_letters([letters[0].id, letters[2].id, b"\0" * 16]) == 2
    assert store.forget_dead_letters([]) == 0
    assert [letter.id for letter in store.dead_letters()] == [letters[1].id]


def test_the_status_counts_everything(store: Store) -> None:
    store.accept(envelopes(b"a", b"b", b"c"))
    said = lineage([A], [B], [(A, B)], [(A, "id", B, "id")])
    store.apply(
        Changes((completed(1, said),)),
        merged_to=store.pending(1)[0].seq,
        rejected=[DeadLetter(Envelope("openlineage", b"x"), "bad")],
    )
    assert store.status() == Status(
        accepted=3,
        pending=2,
        dead_letters=1,
        statements=1,
        datasets=2,
        columns=2,
        jobs=1,
        runs=1,
        edges=1,
        column_edges=1,
    )


def test_who_sent_an_envelope_is_kept_and_makes_no_other_of_it(store: Store) -> None:
    store.accept([Envelope("openlineage", b"%d" % number, sender=name) for number, name in enumerate(SENDERS)])
    assert store.accept([Envelope("openlineage", b"0", sender="user:bob")]) == Accepted(0, 1)
    found = {envelope.payload: envelope for envelope in store.pending(10)}
    assert [found[b"%d" % number].sender for number in range(len(SENDERS))] == SENDERS
    assert [store.envelope(envelope.id) for envelope in store.envelopes()] == store.envelopes()


SENDERS = ["token:spark", "", "user:é ☃ ' %s \\ \""]


def test_what_is_accepted_is_unmerged_until_it_is_merged(store: Store) -> None:
    sent = envelopes(b"a", b"b", b"c")
    ids = [envelope.id for envelope in sent]
    assert store.unmerged(ids) == set()
    store.accept(sent)
    assert store.unmerged(ids) == set(ids)
    first, second, third = store.pending(3)
    store.apply(Changes(), merged_to=second.seq, rejected=[DeadLetter(first, "bad")])
    assert store.unmerged(ids) == {third.id}
    assert store.unmerged([first.id, second.id]) == set()
    store.apply(Changes(), merged_to=third.seq)
    assert store.unmerged(ids) == set()


def test_a_second_delivery_of_what_is_merged_is_merged(store: Store) -> None:
    store.accept(envelopes(b"a"))
    store.apply(Changes(), merged_to=store.pending(1)[0].seq)
    store.accept(envelopes(b"a", b"b"))
    assert store.unmerged([envelope.id for envelope in envelopes(b"a", b"b")]) == {envelopes(b"b")[0].id}


def test_of_what_nobody_accepted_nothing_is_waited_for(store: Store) -> None:
    store.accept(envelopes(b"a"))
    assert store.unmerged([]) == set()
    assert store.unmerged([b"\0" * 16, b"", b"x" * 40]) == set()


def test_many_can_be_asked_for_at_once(store: Store) -> None:
    sent = envelopes(*(b"%d" % number for number in range(3_000)))
    store.accept(sent)
    middle = store.pending(3_000)[1_499]
    store.apply(Changes(), merged_to=middle.seq)
    left = store.unmerged([envelope.id for envelope in sent] * 2)
    assert left == {envelope.id for envelope in store.pending(3_000)}
    assert len(left) == 1_500
