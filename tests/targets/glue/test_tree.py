"""The lineage of a table as a tree for people."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from airflow_provider_catalog.targets.glue.limits import size
from airflow_provider_catalog.targets.glue.lineage.chain import Chain, Field, Hop
from airflow_provider_catalog.targets.glue.lineage.tree import shorter, tree
from tests.targets.glue.chains import chains, wide

LEFT_OUT = "[...] what lies farther upstream is left out"
BRANCHES = Chain(
    (
        Hop(1, "airflow_task", "prod/join", is_job=True, sql="INSERT INTO orders\n  SELECT * FROM a JOIN b USING (id)"),
        Hop(2, "table", "a", into=0, fields=(Field("id"),)),
        Hop(2, "topic", "b", into=0, fields=(Field("id"), Field("x"))),
        Hop(3, "connector", "source", is_job=True, into=2, connector_class="MySqlConnector"),
    )
)


def test_each_hop_stands_above_what_it_is_for() -> None:
    assert tree(BRANCHES, "orders", "env-1").split("\n") == [
        "Upstream lineage:",
        "  - table: a [1 column]",
        "- connector: source [MySqlConnector]",
        "  - topic: b [2 columns]",
        "    - airflow_task: prod/join [SQL: INSERT INTO orders SELECT * FROM a JOIN b USING (id)]",
        "      → orders",
        "Environment: env-1",
    ]


def test_without_lineage_there_is_no_tree() -> None:
    assert tree(Chain(truncated=True), "orders") == ""


def test_the_farthest_goes_first_and_a_line_says_so() -> None:
    whole = tree(BRANCHES, "orders")
    assert shorter(whole, size(whole)) == whole
    assert shorter(whole, size(whole) - 1).split("\n")[:3] == [
        "Upstream lineage:",
        LEFT_OUT,
        "- table: a [1 column]",
    ]
    bare = shorter(whole, 170).split("\n")
    assert bare[1:] == [LEFT_OUT, bare[2], "  → orders"]
    assert bare[2].startswith("- airflow_task: prod/join")
    assert shorter(whole, 100) == ""


def test_what_the_walk_did_not_reach_is_said_to_be_left_out() -> None:
    assert tree(BRANCHES._replace(truncated=True), "orders").split("\n")[1] == LEFT_OUT


def test_a_chain_of_any_length_is_made_quickly_and_small() -> None:
    found = tree(wide(20_000, 2_000), "orders")
    assert found.count("\n") == 258
    cut = shorter(found, 2_048)
    assert 1_900 < size(cut) <= 2_048
    assert cut.split("\n")[-1].endswith("→ orders")
    assert "etl.1 " in cut


def test_a_name_as_long_as_it_may_be_leaves_room_for_others() -> None:
    (line,) = (each for each in tree(wide(2, 1, "表" * 900), "t").split("\n") if "table" in each)
    assert len(line.encode()) < 250


@given(chains(), st.integers(0, 600), st.integers(0, 600))
@settings(max_examples=500)
def test_what_is_cut_twice_is_as_if_cut_once(chain: Chain, one: int, other: int) -> None:
    text = tree(chain, "orders", "env-1")
    narrow = min(one, other)
    found = shorter(text, narrow)
    assert size(found) <= narrow or found == text == ""
    assert shorter(shorter(text, max(one, other)), narrow) == found
    if found and found != text:
        assert LEFT_OUT in found.split("\n")


@given(st.text(alphabet="- →\nab[.]", max_size=200), st.integers(0, 200))
@settings(max_examples=500)
def test_whatever_somebody_made_of_it_is_cut_to_its_room(text: str, room: int) -> None:
    found = shorter(text, room)
    assert size(found) <= room
    assert found == text or size(text) > room
