"""What AWS takes, as its service model says."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airflow_provider_catalog.targets.glue.limits import cut, fault, fitted, shown, size
from airflow_provider_catalog.targets.glue.service_model import longest, shape
from tests.glue.model import mistakes
from tests.targets.glue.made_up import LONG

KINDS = ["NameString", "CommentString", "KeyString", "ParametersMapValue", "DescriptionString", "ColumnTypeString"]
KINDS += ["LocationString"]
ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)


@pytest.mark.parametrize(
    ("kind", "bytes_of_it"),
    [
        ("NameString", 255),
        ("CommentString", 255),
        ("KeyString", 255),
        ("ParametersMapValue", 512_000),
        ("DescriptionString", 2_048),
        ("ColumnTypeString", 131_072),
        ("LocationString", 2_056),
    ],
)
def test_a_text_may_have_so_many_bytes(kind: str, bytes_of_it: int) -> None:
    assert longest(kind) == bytes_of_it
    assert not fault(kind, "x" * bytes_of_it)
    assert fault(kind, "x" * (bytes_of_it + 1)) == f"has {bytes_of_it + 1} bytes, and AWS takes {bytes_of_it}"
    assert fault(kind, "€" * (bytes_of_it // 3 + 1))


@given(st.sampled_from(KINDS), ANY)
@settings(max_examples=500)
def test_a_fault_is_what_the_model_refuses(kind: str, text: str) -> None:
    assert bool(fault(kind, text)) == bool(mistakes(shape(kind), text))


@given(st.sampled_from(["CommentString", "DescriptionString"]), st.one_of(st.text(), LONG))
def test_what_is_fitted_is_taken(kind: str, text: str) -> None:
    found = fitted(kind, text)
    assert not fault(kind, found)
    assert fitted(kind, found) == found
    assert found == text.strip() or fault(kind, text) or size(text.strip()) < size(text)


def test_a_comment_is_cut_and_on_one_line() -> None:
    assert fitted("CommentString", " one\r\ntwo\0 ") == "one  two"
    assert fitted("CommentString", "ü" * 200) == f"{'ü' * 126}..."
    assert fitted("DescriptionString", "one\ntwo") == "one\ntwo"


@given(st.text(), st.integers(-5, 50))
def test_a_cut_leaves_whole_characters(text: str, room: int) -> None:
    found = cut(text, room)
    assert text.startswith(found)
    assert size(found) <= max(room, 0)


def test_half_a_character_is_none_that_aws_takes() -> None:
    assert fault("ParametersMapValue", "\ud800")
    assert fault("NameString", "\ud800")
    assert not fault("NameString", "\U0001f600")


def test_what_is_shown_is_short() -> None:
    assert shown("x") == "'x'"
    assert len(shown("x" * 1_000)) < 70
