"""The user's text in a description, and the block of ours beside it."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from airflow_provider_catalog.targets.glue.description import block_of, clean, with_block, without_block
from airflow_provider_catalog.targets.glue.limits import fault
from tests.targets.glue.made_up import LONG, texts_with_blocks

BLOCK = "\n\n-- airflow-catalog --\nOurs.\n-- end of airflow-catalog --"
BEGIN, END = "-- airflow-catalog --", "-- end of airflow-catalog --"


def is_taken(text: str) -> bool:
    return not fault("DescriptionString", text)


def test_a_block_stands_below_the_text_of_the_user() -> None:
    assert with_block("Theirs.", "Ours.") == f"Theirs.{BLOCK}"
    assert with_block("", "Ours.") == BLOCK.lstrip()
    assert block_of(f"Theirs.{BLOCK}") == "Ours."
    assert block_of("Theirs.") is None


def test_it_stays_where_somebody_moved_it() -> None:
    moved = f"Above.{BLOCK}\nBelow."
    assert with_block(moved, "New.") == moved.replace("Ours", "New")
    assert with_block(moved, "") == without_block(moved) == "Above.\nBelow."


def test_of_several_blocks_one_is_left() -> None:
    assert with_block(f"Above.{BLOCK}\nBetween.{BLOCK}\nBelow.", "New.") == (
        f"Above.{BLOCK.replace('Ours', 'New')}\nBetween.\nBelow."
    )


def test_a_block_that_lost_its_end_is_text_of_the_user() -> None:
    broken = f"Theirs.\n\n{BEGIN}\nhalf of"
    assert without_block(broken) == broken
    assert with_block(broken, "Ours.") == broken + BLOCK
    assert with_block(with_block(broken, "Ours."), "New.") == broken + BLOCK.replace("Ours", "New")


def test_our_marks_in_a_block_are_left_out() -> None:
    assert clean(f"a\n{BEGIN}\nb\n x {END}\nc") == "a\nb\nc"
    assert clean(f"{BEGIN[:5]}\0{BEGIN[5:]}\nb") == "b"
    assert clean(" \r\n a\rb\u2028c\ufffe\ud800 \n") == "a\nb\u2028c"


def test_a_block_that_does_not_fit_is_cut_between_words() -> None:
    found = with_block("Theirs.", "word " * 600)
    assert 2_040 < len(found) <= 2_048
    assert str(block_of(found)).endswith("word [...]")
    whole = with_block("Theirs.", "ü" * 1_500)
    assert len(whole.encode()) <= 2_048
    assert str(block_of(whole)).strip("ü") == " [...]"


@pytest.mark.parametrize("theirs", [2_048, 2_000, 1_975])
def test_without_room_there_is_no_block(theirs: int) -> None:
    assert with_block("x" * theirs, "Ours. " * 40) == "x" * theirs


def test_a_block_goes_when_there_is_no_room_for_it_any_more() -> None:
    theirs = "x" * 1_980
    assert with_block(theirs + BLOCK, "Ours. " * 40) == theirs


@given(st.one_of(st.text(), texts_with_blocks()), st.one_of(st.text(), LONG))
@example(f"{BEGIN}\nx", f"\n{END}")
@example(f"{BEGIN[:9]}{BLOCK}{BEGIN[9:]}\nx\n{END}", "")
@settings(max_examples=1_000)
def test_the_text_of_the_user_is_never_touched(text: str, block: str) -> None:
    found = with_block(text, block)
    assert without_block(found) == without_block(text)
    assert with_block(found, block) == found
    assert with_block(found, "") == without_block(text)
    assert block_of(found) in {None, clean(block)} or str(block_of(found)).endswith(" [...]")
    if is_taken(without_block(text)):
        assert is_taken(found)


@given(st.text(alphabet=st.characters(exclude_categories=("Cc", "Cs", "Cn")), max_size=200), LONG)
@settings(max_examples=500)
def test_what_the_user_writes_around_a_block_stays(text: str, block: str) -> None:
    found = with_block(text, "Ours.")
    assert found == f"{text}{BLOCK}" if text else BLOCK.lstrip()
    around = f"{text}{found}{text}"
    assert without_block(around) == f"{text}{text}{text}"
    assert without_block(with_block(around, block)) == f"{text}{text}{text}"
