"""Calls to Glue keep to so many a second, whoever makes them."""

from __future__ import annotations

from itertools import pairwise

import pytest

from airflow_provider_catalog.targets.glue.budget import Budget
from airflow_provider_catalog.targets.glue.calls import Calls


class Time:
    """Goes on only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def time() -> Time:
    return Time()


def turns(budget: Budget, time: Time, calls: int) -> list[float]:
    found = []
    for _ in range(calls):
        budget.take()
        found.append(time.now)
    return found


def test_after_a_seconds_worth_calls_are_as_far_apart_as_they_must_be(time: Time) -> None:
    budget = Budget(10, lambda: time.now, time.sleep)
    found = turns(budget, time, 40)
    assert found[:10] == [100.0] * 10
    assert found[-1] == pytest.approx(103, abs=0.11)
    assert all(later - earlier == pytest.approx(0.1) for earlier, later in pairwise(found[11:]))


def test_who_was_silent_for_long_may_ask_for_no_more_than_a_seconds_worth(time: Time) -> None:
    budget = Budget(10, lambda: time.now, time.sleep)
    turns(budget, time, 30)
    time.now += 3600
    begun = time.now
    found = turns(budget, time, 30)
    assert sum(turn < begun + 0.05 for turn in found) <= 11
    assert found[-1] >= begun + 1.8


def test_another_try_is_a_call_too(time: Time) -> None:
    from botocore.exceptions import ClientError

    class Client:
        tries = 0

        def get_table(self) -> str:
            self.tries += 1
            if self.tries < 5:
                raise ClientError({"Error": {"Code": "ThrottlingException"}}, "GetTable")
            return "found"

    budget = Budget(1, lambda: time.now, time.sleep)
    assert Calls(Client(), budget, sleep=lambda _: None)("get_table") == "found"
    assert time.now == pytest.approx(103, abs=1.01)
