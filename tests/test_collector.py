"""The garbage collector is off while much is merged or answered, and comes back as it was."""

from __future__ import annotations

import gc
import weakref

import pytest

from airflow_provider_catalog import collector
from airflow_provider_catalog.collector import by_hand, waiting


class Circle:
    """Refers to itself, so that only the collector frees it."""

    def __init__(self) -> None:
        self.itself = self


def test_circles_are_collected_when_enough_was_merged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collector, "_EVERY", 100)
    with by_hand() as by:
        gone = weakref.ref(Circle())
        by.merged(99)
        assert gone() is not None
        by.merged(1)
        assert gone() is None


@pytest.mark.parametrize("was_on", [True, False])
def test_the_collector_comes_back_as_it_was(*, was_on: bool) -> None:
    (gc.enable if was_on else gc.disable)()
    try:
        with by_hand():
            assert not gc.isenabled()
        assert gc.isenabled() is was_on
        assert gc.get_freeze_count() == 0
    finally:
        gc.enable()


@pytest.mark.parametrize("was_on", [True, False])
def test_the_collector_waits_for_the_first_of_several_answers(*, was_on: bool) -> None:
    (gc.enable if was_on else gc.disable)()
    try:
        with waiting():
            with waiting():
                assert not gc.isenabled()
            assert not gc.isenabled()
        assert gc.isenabled() is was_on
    finally:
        gc.enable()


def test_an_answer_that_goes_on_does_not_keep_the_collector_off_for_longer_than_the_first_one() -> None:
    first, second = waiting(), waiting()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert gc.isenabled()
    second.__exit__(None, None, None)
    assert gc.isenabled()
