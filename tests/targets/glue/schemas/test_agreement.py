"""Our check and a server that has another: where ours is sure, they agree, and it is sure of most."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator  # type: ignore[import-untyped]  # as it comes

from airflow_provider_catalog.targets.glue.schemas.compatibility import Judgement, Version, judge
from airflow_provider_catalog.targets.glue.schemas.problem import UnreadableDefinition
from tests.glue import definitions
from tests.targets.glue.schemas import made_up

MANY = settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow])
MODES = ("BACKWARD", "FORWARD", "FULL")
PAIRS = {"AVRO": made_up.avro(), "JSON": made_up.json_schema(), "PROTOBUF": made_up.protobuf()}
ANY = st.one_of([st.tuples(st.just(name), pairs) for name, pairs in PAIRS.items()])


@pytest.mark.parametrize("data_format", PAIRS)
def test_what_is_explained_as_breaking_the_server_refuses_and_nothing_else(data_format: str) -> None:
    answers: Counter[str] = Counter()

    @MANY
    @given(PAIRS[data_format], st.sampled_from(MODES))
    def agree(pair: tuple[str, str], mode: str) -> None:
        before, after = pair
        assert not definitions.problem(data_format, after)
        refused = definitions.incompatible(data_format, mode, after, [before])
        judged = judge(data_format, mode, after, [Version(1, before)])
        answers["broken" if judged.broken else "doubtful" if judged.doubts else "fits"] += 1
        assert not judged.broken or refused, judged.broken
        assert judged.broken or judged.doubts or not refused, refused

    agree()
    assert min(answers["broken"], answers["fits"]) > 40, answers


@given(ANY)
@MANY
def test_a_definition_fits_itself_and_nobody_doubts_it(drawn: tuple[str, tuple[str, str]]) -> None:
    data_format, (definition, _) = drawn
    judged = judge(data_format, "FULL_ALL", definition, [Version(1, definition), Version(2, definition)])
    assert (judged.broken, judged.doubts) == ((), ())


@given(ANY)
@MANY
def test_what_breaks_one_way_is_the_same_whichever_definition_is_the_new_one(
    drawn: tuple[str, tuple[str, str]],
) -> None:
    data_format, (before, after) = drawn
    there = judge(data_format, "BACKWARD", after, [Version(1, before)])
    back = judge(data_format, "FORWARD", before, [Version(1, after)])
    assert [each.path for each in there.broken] == [each.path for each in back.broken]


@given(st.sampled_from(sorted(PAIRS)), st.text(max_size=60), st.text(max_size=60))
@MANY
def test_a_text_of_any_kind_is_judged_or_said_to_be_none(data_format: str, one: str, other: str) -> None:
    with suppress(UnreadableDefinition):
        assert isinstance(judge(data_format, "FULL", one, [Version(1, other)]), Judgement)


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(made_up.json_schema(), st.data())
def test_what_fits_for_sure_takes_every_document_of_before(pair: tuple[str, str], data: st.DataObject) -> None:
    before, after = pair
    judged = judge("JSON", "BACKWARD", after, [Version(1, before)])
    assume(not judged.broken and not judged.doubts and before != after)
    document = data.draw(made_up.documents(json.loads(before)))
    assume(Draft7Validator(json.loads(before)).is_valid(document))
    assert Draft7Validator(json.loads(after)).is_valid(document)
