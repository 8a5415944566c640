"""A list in somebody's YAML gets an item, and nothing else becomes another."""

from __future__ import annotations

from itertools import takewhile
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from airflow_provider_catalog.cli.yaml_list import UneditableError, read, scalar, with_item, with_other

TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn")), max_size=12)
ITEMS = st.one_of(TEXTS, st.dictionaries(TEXTS, TEXTS, max_size=3), st.lists(TEXTS, max_size=3))
COMMENTS = st.sampled_from(["", "# packages: []\n", "\n\n", "   # odd\n"])
ITEM = {"local": "/opt/py thon/dbt_macros"}


@settings(deadline=None)
@given(
    said=st.dictionaries(TEXTS, ITEMS, max_size=3),
    items=st.none() | st.lists(ITEMS, max_size=4),
    flow=st.booleans(),
    indent=st.integers(2, 6),
    end=st.sampled_from(["\n", "\r\n"]),
    comments=st.lists(COMMENTS, min_size=2, max_size=2),
    cut=st.booleans(),
)
def test_an_item_comes_last_and_what_stood_there_stands_there(
    said: dict[str, Any], items: Any, flow: bool, indent: int, end: str, comments: list[str], cut: bool
) -> None:
    dumped = yaml.safe_dump({**said, "packages": items}, default_flow_style=flow, indent=indent, allow_unicode=True)
    text = (comments[0] + dumped + comments[1]).replace("\n", end)
    text = text.rstrip() if cut else text
    before = read(text)
    try:
        made = with_item(text, "packages", ITEM)
    except UneditableError:
        assert flow
        return
    assert read(made) == {**before, "packages": [*(before["packages"] or []), ITEM]}
    if before["packages"]:
        assert alike(text, made) + alike(text[::-1], made[::-1]) >= len(text)


def alike(a: str, b: str) -> int:
    """How long they begin alike."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(a, b, strict=False)))


@given(TEXTS)
def test_any_text_is_written_so_that_it_is_read(text: str) -> None:
    assert yaml.safe_load(f"a: {scalar(text)}") == {"a": text}


@pytest.mark.parametrize("text", ["yes", "null", "1.5", "2025-01-01", "0x1", "a: b", "- a", "", "~", "#a", "=", "<<"])
def test_what_yaml_takes_for_something_else_is_quoted(text: str) -> None:
    assert yaml.safe_load(f"a: {scalar(text)}") == {"a": text}
    assert yaml.safe_load(f"[{scalar(text)}]") == [text]


def test_a_text_becomes_another_only_where_it_is_all_of_a_value() -> None:
    text = 'a: /x  # /x\nb: ["/x", /x/y]\n/x: 1\n'
    assert with_other(text, "/x", "/new one") == 'a: "/new one"  # /x\nb: ["/new one", /x/y]\n/x: 1\n'
