"""The user's text in a description, and the block of ours beside it."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from airflow_provider_catalog.targets.glue.description import block_of, clean, with_block, without_block
from airflow_provider_catalog.targets.glue.limits import fault, size
from airflow_provider_catalog.targets.glue.lineage.chain import Chain
from airflow_provider_catalog.targets.glue.lineage.tree import tree
from tests.targets.glue.chains import chains, wide
from tests.targets.glue.made_up import LONG, texts_with_blocks

BLOCK = "\n\n-- airflow-catalog --\nOurs.\n-- end of airflow-catalog --"
LINEAGE = "\n\n-- airflow-catalog lineage --\nUpstream.\n-- end of airflow-catalog lineage --"
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


# -- two blocks


def test_each_of_two_blocks_stays_where_it_is_when_the_other_changes() -> None:
    both = with_block(with_block("Theirs.", "Ours."), None, "Upstream.")
    assert both == f"Theirs.{BLOCK}{LINEAGE}"
    assert with_block(both, "New.") == f"Theirs.{BLOCK.replace('Ours', 'New')}{LINEAGE}"
    assert with_block(both, None, "New.") == f"Theirs.{BLOCK}{LINEAGE.replace('Upstream', 'New')}"
    moved = f"Above.{LINEAGE}\nBetween.{BLOCK}\nBelow."
    assert with_block(moved, "Ours.", "Upstream.") == with_block(moved, None) == moved
    assert (block_of(moved), block_of(moved, "lineage")) == ("Ours.", "Upstream.")
    assert without_block(moved) == "Above.\nBetween.\nBelow."


def test_either_block_can_go_and_the_other_stays() -> None:
    both = f"Theirs.{BLOCK}{LINEAGE}"
    assert with_block(both, "") == f"Theirs.{LINEAGE}"
    assert with_block(both, None, "") == f"Theirs.{BLOCK}"
    assert with_block(both, "", "") == "Theirs."
    assert with_block(f"{BLOCK}{LINEAGE}".lstrip(), "") == LINEAGE.lstrip()


def test_a_block_that_somebody_put_into_the_other_is_the_only_one() -> None:
    inside = f"{BEGIN}\na{LINEAGE}\nb\n{END}"
    assert (block_of(inside), block_of(inside, "lineage")) == (None, "Upstream.")
    assert with_block(inside, None) == inside
    assert with_block(inside, "Ours.") == f"{inside}{BLOCK}"
    assert clean(f"a{LINEAGE}{BLOCK}\nb") == "a\n\nUpstream.\n\nOurs.\nb"


def test_lineage_gets_the_room_that_is_left_and_none_for_less_than_a_hop() -> None:
    block = tree(wide(100, 2), "orders")
    found = with_block("Theirs.", "word " * 300, block)
    assert (block_of(found) or "").endswith("word")
    assert "[...] what lies farther upstream is left out" in (block_of(found, "lineage") or "")
    assert 1_900 < size(found) <= 2_048
    assert block_of(with_block("Theirs.", "word " * 390, block), "lineage") is None
    assert block_of(with_block(found, "word " * 390), "lineage") is None


@given(
    st.one_of(st.text(), texts_with_blocks()),
    LONG,
    chains(),
    st.lists(st.booleans(), min_size=2, max_size=5).filter(lambda turns: len(set(turns)) == 2),
)
@settings(max_examples=1_000)
def test_whoever_tells_first_and_however_often_the_description_is_the_same(
    text: str, block: str, chain: Chain, turns: list[bool]
) -> None:
    """True is a registration, False a push. The blocks may stand in another order, and that is all."""
    lineage = tree(chain, "orders")
    found = text
    for registers in turns:
        found = with_block(found, block) if registers else with_block(found, None, lineage)
    assert with_block(found, block) == with_block(found, None, lineage) == with_block(found, block, lineage) == found
    assert without_block(found) == without_block(text)
    other = with_block(text, block, lineage)
    if is_taken(without_block(text)):
        assert is_taken(found)
    if without_block(text) == text:
        assert (block_of(found), block_of(found, "lineage")) == (block_of(other), block_of(other, "lineage"))
