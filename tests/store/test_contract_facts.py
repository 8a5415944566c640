"""What is said about things: now, then, ever, and by whom."""

from __future__ import annotations

from typing import Any

import pytest

from airflow_provider_catalog.model.identity import ColumnId, DatasetId, EntityId
from airflow_provider_catalog.model.statement import Claim, Content, Event, Origin, Statement
from airflow_provider_catalog.store.protocol import Store
from tests.store.conftest import OpenStore
from tests.store.saying import AIRFLOW, HUMAN, JOB, SPARK, A, B, claimed, edited, event, say, say_each

DOC = "documentation"


def spans(store: Store, subject: EntityId | ColumnId, aspect: str = DOC) -> list[tuple[str, int, int | None, Any]]:
    return [(f.producer, f.valid_from, f.valid_to, f.value) for f in store.history(subject.uid, aspect)]


def values(store: Store, subject: EntityId | ColumnId, as_of: int | None = None) -> dict[str, Any]:
    return {fact.producer: fact.value for fact in store.facts([subject.uid], as_of=as_of, aspects=[DOC])}


def test_nothing_is_said_of_what_nobody_knows(store: Store) -> None:
    assert store.facts([A.uid]) == []
    assert store.facts([]) == []
    assert store.history(A.uid, DOC) == []


def test_a_value_holds_from_when_it_was_first_said(store: Store) -> None:
    say_each(store, *(claimed(time, A, DOC, "one") for time in (10, 20, 30)))
    assert spans(store, A) == [(AIRFLOW, 10, None, "one")]


def test_a_new_value_ends_the_old_one(store: Store) -> None:
    say_each(store, claimed(10, A, DOC, "one"), claimed(20, A, DOC, "two"), claimed(30, A, DOC, "one"))
    assert spans(store, A) == [(AIRFLOW, 10, 20, "one"), (AIRFLOW, 20, 30, "two"), (AIRFLOW, 30, None, "one")]


@pytest.mark.parametrize(
    ("as_of", "value"), [(9, None), (10, "one"), (19, "one"), (20, "two"), (29, "two"), (30, None), (40, "four")]
)
def test_the_past_is_as_it_was(store: Store, as_of: int, value: str | None) -> None:
    said = [(10, "one"), (20, "two"), (30, None), (40, "four")]
    say_each(store, *(claimed(time, A, DOC, text) for time, text in reversed(said)))
    assert values(store, A, as_of) == ({} if value is None else {AIRFLOW: value})


def test_an_older_word_does_not_replace_a_newer_one(store: Store) -> None:
    say_each(store, claimed(20, A, DOC, "new"), claimed(10, A, DOC, "old"))
    assert values(store, A) == {AIRFLOW: "new"}
    assert spans(store, A) == [(AIRFLOW, 10, 20, "old"), (AIRFLOW, 20, None, "new")]


def test_a_word_between_two_equal_ones_divides_them(store: Store) -> None:
    say_each(store, claimed(10, A, DOC, "one"), claimed(30, A, DOC, "one"), claimed(20, A, DOC, "two"))
    assert [span[1:] for span in spans(store, A)] == [(10, 20, "one"), (20, 30, "two"), (30, None, "one")]


def test_an_earlier_equal_word_moves_the_beginning(store: Store) -> None:
    say_each(store, claimed(20, A, DOC, "one"), claimed(10, A, DOC, "one"))
    assert spans(store, A) == [(AIRFLOW, 10, None, "one")]


def test_of_two_words_at_one_instant_the_same_one_stands_whatever_came_first(store: Store) -> None:
    both = [claimed(10, A, DOC, "one"), claimed(10, A, DOC, "two")]
    say_each(store, *both)
    say_each(store, *(claimed(10, B, DOC, "one"), claimed(10, B, DOC, "two"))[::-1])
    last = max(both, key=lambda statement: statement.order)
    assert values(store, A) == {AIRFLOW: last.content.claims[0].value}
    assert len(spans(store, A)) == len(spans(store, B)) == 1


def test_what_is_taken_back_is_gone_and_still_history(store: Store) -> None:
    say_each(store, claimed(10, A, DOC, "one"), claimed(20, A, DOC, None))
    assert values(store, A) == {}
    assert [span[1:] for span in spans(store, A)] == [(10, 20, "one"), (20, None, None)]


def test_each_producer_speaks_for_itself(store: Store) -> None:
    say(store, claimed(10, A, DOC, "ours"), claimed(20, A, DOC, "theirs", producer=SPARK), edited(5, A, DOC, "mine"))
    assert values(store, A) == {AIRFLOW: "ours", SPARK: "theirs", HUMAN: "mine"}
    say(store, claimed(30, A, DOC, None, producer=SPARK))
    assert values(store, A) == {AIRFLOW: "ours", HUMAN: "mine"}


def test_a_fact_knows_whose_word_it_is(store: Store) -> None:
    say(
        store,
        claimed(1, A, DOC, "a", producer="p", origin=Origin.PROPAGATED),
        claimed(2, A, DOC, "b", producer="c", origin=Origin.CLASSIFIER),
        claimed(3, A, DOC, "c"),
        edited(4, A, DOC, "d"),
    )
    found = store.facts([A.uid])
    assert {fact.producer: fact.origin for fact in found} == {
        "p": Origin.PROPAGATED,
        "c": Origin.CLASSIFIER,
        AIRFLOW: Origin.SOURCE,
        HUMAN: Origin.HUMAN,
    }


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0)])
@pytest.mark.parametrize("together", [True, False])
def test_one_producer_may_speak_with_several_voices(store: Store, order: tuple[int, ...], together: bool) -> None:
    """What a producer computed and what it saw itself are told apart, in whatever batches they come."""
    said = [
        claimed(1, A, DOC, "guess", origin=Origin.CLASSIFIER),
        claimed(2, B, DOC, "seen", origin=Origin.SOURCE),
        claimed(3, JOB, DOC, "guess", origin=Origin.PROPAGATED),
    ]
    ordered = [said[number] for number in order]
    say(store, *ordered) if together else say_each(store, *ordered)
    origins = {fact.subject: fact.origin for fact in store.facts([A.uid, B.uid, JOB.uid])}
    assert origins == {A.uid: Origin.CLASSIFIER, B.uid: Origin.SOURCE, JOB.uid: Origin.PROPAGATED}


def test_facts_can_be_asked_by_aspect_and_for_many_subjects(store: Store) -> None:
    subjects: list[EntityId | ColumnId] = [A, B, JOB, ColumnId(A, "id"), EntityId("team", "", "data")]
    say(store, *(claimed(1, subject, aspect, aspect) for subject in subjects for aspect in (DOC, "tags", "it's")))
    uids = [subject.uid for subject in subjects]
    assert len(store.facts(uids)) == 15
    assert {fact.subject for fact in store.facts(uids, aspects=["it's"])} == set(uids)
    assert [fact.aspect for fact in store.facts([A.uid], aspects=[DOC, "tags"])] == [DOC, "tags"]
    assert store.facts(uids, aspects=["no such"]) == []
    assert len(store.facts([uids[0], uids[0]])) == 3


VALUES = [True, False, 0, 1.5, -(2**53), "", "text", "n\u2028l", [], {}, [1, None, {"a": []}], {"é": "☃"}, "\U0001f600"]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_value_comes_back_as_it_was_said(store: Store, value: Any) -> None:
    say(store, claimed(1, A, DOC, value))
    assert values(store, A) == {AIRFLOW: value}
    assert type(values(store, A)[AIRFLOW]) is type(value)


def test_a_large_value_comes_back_whole(store: Store) -> None:
    schema = {"fields": [{"name": f"column_{number}", "type": "varchar(255)"} for number in range(20_000)]}
    say(store, claimed(1, A, "schema", schema))
    assert store.facts([A.uid])[0].value == schema
    assert len(store.columns_of([A.uid])) == 20_000


def test_whether_something_exists_is_one_story_of_all_machines(store: Store) -> None:
    say_each(store, claimed(10, A, "existence", True), claimed(20, A, "existence", False, producer=SPARK))
    assert [fact.value for fact in store.facts([A.uid])] == [False]
    say_each(store, claimed(30, A, "existence", True), claimed(15, A, "existence", True, producer=SPARK))
    assert [span[1:] for span in spans(store, A, "existence")] == [(10, 20, True), (20, 30, False), (30, None, True)]


def test_what_people_say_of_existence_is_their_own_word(store: Store) -> None:
    say_each(store, edited(10, A, "existence", False), claimed(20, A, "existence", True))
    assert {fact.origin: fact.value for fact in store.facts([A.uid])} == {Origin.HUMAN: False, Origin.SOURCE: True}


def test_a_statement_that_speaks_of_many_things_is_one(store: Store) -> None:
    claims = [Claim.of(subject, DOC, "same") for subject in (A, B, JOB, ColumnId(A, "id"))]
    applied = say(store, Statement(AIRFLOW, 1, content=Content.of(claims)))
    assert applied.statements == 1
    assert len(store.facts([A.uid, B.uid, JOB.uid, ColumnId(A, "id").uid])) == 4


def test_the_claims_of_events_are_facts_too(store: Store) -> None:
    claims = [Claim.of(JOB, "jobType", {"integration": "AIRFLOW"}), Claim.of(A, "existence", True)]
    say_each(store, *(event(kind, 10 * kind, claims=claims) for kind in (Event.COMPLETE, Event.START)))
    assert [(f.aspect, f.valid_from) for f in store.facts([JOB.uid])] == [("jobType", 10)]


def test_saying_it_again_changes_nothing(store: Store) -> None:
    statement = claimed(10, A, DOC, "one")
    assert say(store, statement, statement).duplicates == 1
    before = store.history(A.uid, DOC)
    assert (say(store, statement).statements, store.history(A.uid, DOC)) == (0, before)


def test_another_writer_does_not_make_us_forget(store: Store, open_again: OpenStore) -> None:
    """What one store object believes to know is checked against what others wrote."""
    other = open_again()
    for time, writer in enumerate([store, other, store, store, other, other, store] * 3):
        say(writer, claimed(time, A, DOC, time % 2), claimed(time, B, DOC, "always"))
    assert [fact.value for fact in store.history(A.uid, DOC)] == [time % 2 for time in range(21)]
    assert spans(store, B) == [(AIRFLOW, 0, None, "always")]


def test_columns_are_those_anybody_named(store: Store) -> None:
    schema = {
        "fields": [
            {"name": "ID", "type": "int"},
            {"name": "address", "type": "struct", "fields": [{"name": "city", "type": "text"}]},
        ]
    }
    say(store, claimed(1, A, "schema", schema), claimed(1, ColumnId(A, "note"), DOC, "x"))
    assert [column.name for column in store.columns_of([A.uid])] == ["ID", "address", "address.city", "note"]
    [column] = [column for column in store.columns_of([A.uid]) if column.name == "note"]
    assert store.columns([column.uid]) == {ColumnId(A, "note").uid: column}
    assert store.columns([1, 2]) == {}


def test_a_very_old_and_a_far_time_are_times(store: Store) -> None:
    times = [-62_135_596_800_000_000, -1, 0, 1, 253_402_300_799_999_999]
    say_each(store, *(claimed(time, A, DOC, f"at {time}") for time in reversed(times)))
    assert [span[1] for span in spans(store, A)] == times
    assert values(store, A, -1) == {AIRFLOW: "at -1"}


def test_names_of_one_dataset_in_two_cases_are_one(store: Store) -> None:
    upper, lower = DatasetId("snowflake://org-acc", "DB.S.T"), DatasetId("snowflake://org-acc", "db.s.t")
    say_each(store, claimed(1, upper, DOC, "one"), claimed(2, lower, DOC, "two"))
    assert [span[1:] for span in spans(store, upper)] == [(1, 2, "one"), (2, None, "two")]
