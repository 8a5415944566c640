"""Whose word counts."""

from __future__ import annotations

import itertools

from airflow_provider_catalog.model.statement import Json, Origin
from airflow_provider_catalog.services.facts import owners, resolve, tags, text
from airflow_provider_catalog.store.protocol import Fact


def said(
    value: Json, origin: Origin = Origin.SOURCE, *, at: int = 1, by: str = "airflow", aspect: str = "documentation"
) -> Fact:
    return Fact(1, aspect, by, origin, at, None, at, value)


def test_a_human_wins_over_all_machines_whatever_the_time() -> None:
    human = said("h", Origin.HUMAN, at=1)
    source = said("s", at=9)
    classifier = said("c", Origin.CLASSIFIER, at=10)
    propagated = said("p", Origin.PROPAGATED, at=11)
    for facts in itertools.permutations([propagated, classifier, source, human]):
        word = resolve(facts)["documentation"]
        assert word.said == human
        assert word.others == (source, classifier, propagated)


def test_the_newest_wins_within_one_origin_and_then_the_name_of_the_producer() -> None:
    assert resolve([said("old", at=1), said("new", at=2)])["documentation"].value == "new"
    for facts in itertools.permutations([said("a", by="airflow"), said("b", by="spark")]):
        assert resolve(facts)["documentation"].value == "a"


def test_a_word_taken_back_counts_no_more() -> None:
    assert resolve([said(None, Origin.HUMAN, at=9), said("source")])["documentation"].value == "source"
    assert resolve([said(None)]) == {}


def test_a_resolved_word_says_who_said_it_and_who_lost() -> None:
    word = resolve([said("x", Origin.HUMAN, by="human"), said("y")])["documentation"]
    assert word.to_json() == {
        "value": "x",
        "said_by": "human",
        "origin": "human",
        "since": "1970-01-01T00:00:00.000001Z",
        "others": [{"value": "y", "said_by": "airflow", "origin": "source", "since": "1970-01-01T00:00:00.000001Z"}],
    }


def test_tags_of_all_sources_add_up() -> None:
    facts = [
        said({"tags": [{"key": "pii", "value": "true"}]}, aspect="tags"),
        said({"tags": [{"key": "gold"}]}, aspect="tags", by="dbt"),
        said({"key": "team", "value": "x"}, Origin.HUMAN, aspect="tag:team", by="human"),
    ]
    assert [(tag.key, tag.value) for tag in tags(facts)] == [("gold", ""), ("pii", "true"), ("team", "x")]


def test_a_person_takes_a_tag_off_until_taking_that_back() -> None:
    on = said({"tags": [{"key": "pii"}]}, aspect="tags", at=9)
    off = said({"removed": True}, Origin.HUMAN, aspect="tag:pii")
    assert tags([on, off]) == ()
    assert [tag.key for tag in tags([on, off._replace(value=None)])] == ["pii"]


def test_what_is_not_as_expected_is_nothing_rather_than_an_error() -> None:
    odd = resolve([said("text"), said(7, aspect="ownership"), said({"owners": [7, {"name": "x"}]}, aspect="own")])
    assert text(odd["documentation"], "description") == ""
    assert owners(odd["ownership"]) == []
    assert owners(odd["own"]) == ["x"]
    assert tags([said([1], aspect="tags"), said({"tags": ["x", {}]}, aspect="tags")]) == ()
