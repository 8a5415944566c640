"""The garbage collector is off while much is merged, and comes back as it was."""

from __future__ import annotations

import gc
import weakref

import pytest

from airflow_provider_catalog.worker import collector
from airflow_provider_catalog.worker.collector import by_hand


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
