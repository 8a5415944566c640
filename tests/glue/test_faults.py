from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError

from tests.glue.faults import KINDS
from tests.glue.orders import ORDERS, refusal
from tests.glue.server import Faults, GlueServer

NOT_TRIED_AGAIN = {"timed_out", "timed_out_after", "conflicted"}
"""boto3 leaves these to whoever calls it."""
UPDATE = {"DatabaseName": "sales", "TableInput": {**ORDERS, "Owner": "ann"}}


def owner(server: GlueServer) -> str | None:
    found: dict[str, str] = server.call("GetTable", DatabaseName="sales", Name="orders")["Table"]
    return found.get("Owner")


@pytest.mark.parametrize("kind", [kind for kind, fault in KINDS.items() if fault.code])
def test_a_fault_comes_before_the_effect_or_after_it(server: GlueServer, sales: Any, kind: str) -> None:
    server.faults = Faults(shares={kind: 1})
    refused = refusal(sales.update_table, **UPDATE)
    assert (refused.code, refused.status) == (KINDS[kind].code, KINDS[kind].status)
    assert owner(server) == ("ann" if KINDS[kind].after else None)
    assert server.writes["UpdateTable"] == int(KINDS[kind].after)
    assert server.calls["UpdateTable"] == 1


@pytest.mark.parametrize("kind", ["hung_up", "hung_up_after"])
def test_a_connection_may_end_without_an_answer(server: GlueServer, sales: Any, kind: str) -> None:
    server.faults = Faults(shares={kind: 1})
    with pytest.raises((ConnectionClosedError, ReadTimeoutError)):
        sales.update_table(**UPDATE)
    assert owner(server) == ("ann" if KINDS[kind].after else None)


def test_what_stands_before_the_service_may_answer_in_its_place(server: GlueServer, sales: Any) -> None:
    server.faults = Faults(shares={"bad_gateway": 1})
    assert refusal(sales.update_table, **UPDATE).status == 502
    assert owner(server) is None


@pytest.mark.parametrize(
    "kind", ["throttled", "too_many", "broken", "broken_after", "unavailable", "bad_gateway", "hung_up"]
)
def test_a_stock_client_tries_again(server: GlueServer, sales: Any, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda seconds: None)
    server.faults = Faults(seed=1, shares={kind: 0.5})
    glue = server.client(retries={"total_max_attempts": 50, "mode": "legacy"})
    for _ in range(3):
        glue.get_table(DatabaseName="sales", Name="orders")
    assert server.faults.drawn[kind] == server.calls["GetTable"] - 3 > 0


def test_the_same_seed_draws_the_same_faults() -> None:
    drawn = []
    for seed in (7, 7, 8):
        faults = Faults(seed, {"throttled": 0.3, "broken_after": 0.1})
        drawn.append([faults.draw("GetTable") for _ in range(1000)])
    assert drawn[0] == drawn[1] != drawn[2]
    assert [200 < drawn[0].count(KINDS["throttled"]) < 400, 50 < drawn[0].count(KINDS["broken_after"]) < 150]


def test_faults_may_be_those_of_some_operations_only(server: GlueServer, sales: Any) -> None:
    server.faults = Faults(shares={"throttled": 1}, only={"UpdateTable"})
    sales.get_table(DatabaseName="sales", Name="orders")
    assert refusal(sales.update_table, **UPDATE).code == "ThrottlingException"
    assert server.faults.drawn == {"throttled": 1}


def test_faults_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="no such faults"):
        Faults(shares={"earthquake": 0.1})
    with pytest.raises(ValueError, match="more than all calls"):
        Faults(shares={"throttled": 0.6, "broken": 0.6})
