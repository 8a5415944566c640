"""Whose a value is."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_catalog.targets.glue.limits import fault
from airflow_provider_catalog.targets.glue.ownership import Ownership

VALUES = st.one_of(st.none(), st.sampled_from(["a", "b", "c"]))


def after(*settled: tuple[str, str | None]) -> Ownership:
    """Who wrote these parameters and remembers it."""
    ours = Ownership("")
    for name, value in settled:
        ours.settle("parameter", name, value, None)
    return Ownership(ours.memory())


def test_what_we_wrote_follows_the_catalog_and_what_others_wrote_stays() -> None:
    ours = after(("pii", "email"))
    assert ours.settle("parameter", "pii", "phone", "email") == "phone"
    assert ours.settle("parameter", "pii", "phone", "none") == "none"
    assert ours.settle("comment", "pii", "phone", "email") == "email"
    assert ours.notes == [
        "the parameter pii stays 'none', as somebody else wrote it; the catalog has 'phone'",
        "the comment of pii stays 'email', as somebody else wrote it; the catalog has 'phone'",
    ]


def test_the_memory_holds_no_value_itself() -> None:
    ours = Ownership("")
    ours.settle("parameter", "secret", "hunter2", None)
    assert re.fullmatch(r"[A-Za-z0-9_-]{16}", ours.memory())
    assert not fault("ParametersMapValue", ours.memory())


def test_a_memory_of_many_values_still_fits() -> None:
    ours = Ownership("")
    for number in range(40_000):
        ours.remember("comment", f"column_{number}", "x")
    assert not fault("ParametersMapValue", ours.memory())
    again = Ownership(ours.memory())
    assert sum(again.is_ours("comment", f"column_{number}", "x") for number in range(40_000)) == 30_000


@given(VALUES, VALUES, VALUES, VALUES)
def test_each_of_three_wins_where_it_should(
    base: str | None, ours: str | None, theirs: str | None, later: str | None
) -> None:
    """Of what we wrote, what we want now and what is there: what is there stays unless it is what we wrote."""
    owner = after(("key", base))
    settled = owner.settle("parameter", "key", ours, theirs)
    if theirs is not None:
        assert settled == (ours if theirs == base else theirs)
    else:
        assert settled == (None if ours == base else ours)
    again = Ownership(owner.memory())
    assert again.settle("parameter", "key", ours, settled) == settled
    if settled is not None and settled == ours and (theirs in {None, base} or base is not None):
        assert again.settle("parameter", "key", later, settled) == later


@given(st.text())
def test_a_memory_may_be_anything(text: str) -> None:
    owner = Ownership(text)
    assert owner.settle("parameter", "key", "ours", "theirs") == "theirs"
    assert Ownership(owner.memory()).memory() == owner.memory()
