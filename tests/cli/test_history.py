"""One history of everything there is, on every database: events, registrations, people's edits, merges, tombstones.

What follows from the log is what the store has, before and after retention, and answers stay what they were.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.store import open_store
from tests.cli.conftest import Run
from tests.worker.events import event

LONG_AGO = 1_743_465_600_000_000
"""April 2025, after all of the events."""
WAREHOUSE = "postgres://db:5432"
DAYS = 12


@pytest.fixture
def url(store_url: str) -> str:
    return store_url


def table(name: str, *columns: str, **facets: Any) -> dict[str, Any]:
    schema = {"fields": [{"name": column, "type": "bigint"} for column in columns]}
    return {
        "namespace": WAREHOUSE,
        "name": f"shop.public.{name}",
        "facets": {**({"schema": schema} if columns else {}), **facets},
    }


def ran(day: int, kind: str, inputs: list[dict[str, Any]], outputs: list[dict[str, Any]]) -> bytes:
    """One event of the daily run of a job."""
    about = {
        "run": {"runId": f"01940000-0000-7000-8000-{day:012d}"},
        "job": {"namespace": "airflow", "name": "etl.orders"},
    }
    hour = {"START": 1, "COMPLETE": 2, "FAIL": 2}[kind]
    made = event(
        day, eventType=kind, eventTime=f"2025-03-{day + 1:02d}T{hour:02d}:00:00Z", inputs=inputs, outputs=outputs
    )
    return json.dumps({**made, **about}).encode()


def events() -> list[bytes]:
    """Daily runs that mostly repeat: one fails, one has a column more; and a table is renamed, another one dropped."""
    told: list[bytes] = []
    for day in range(DAYS):
        columns = ("id", "amount", "email") if day >= 8 else ("id", "amount")
        field = {"namespace": WAREHOUSE, "name": "shop.public.raw", "field": "id"}
        lineage = {"fields": {"id": {"inputFields": [field]}}}
        end = "FAIL" if day == 5 else "COMPLETE"
        told.append(ran(day, "START", [table("raw", *columns)], []))
        told.append(ran(day, end, [table("raw", *columns)], [table("orders", *columns, columnLineage=lineage)]))
    gone = {"lifecycleStateChange": {"lifecycleStateChange": "DROP"}}
    former = {"namespace": WAREHOUSE, "name": "shop.public.basket"}
    renamed = {"lifecycleStateChange": {"lifecycleStateChange": "RENAME", "previousIdentifier": former}}
    tables = [table("basket"), table("cart", **renamed), table("scratch"), table("scratch", **gone)]
    for number, written in enumerate(tables):
        made = event(500 + number, inputs=[], outputs=[written])
        told.append(json.dumps(made).encode())
    lake = [{"namespace": "s3://lake", "name": name} for name in ("day/orders_files", "day/cart_files")]
    return [*told, json.dumps(event(600, inputs=[table("raw")], outputs=lake)).encode()]


def registrations() -> list[bytes]:
    """A table that comes from orders, and later from the cart only."""
    return [
        json.dumps(
            {
                "time": f"2025-03-0{day}T09:00:00Z",
                "producer": "api",
                "dataset_id": f"{WAREHOUSE}/shop.public.revenue",
                "description": f"Told on day {day}",
                "owner": "finance",
                "tags": ["gold"],
                "columns": [{"name": "total", "type": "numeric"}],
                "upstream_datasets": [f"{WAREHOUSE}/shop.public.{source}"],
            }
        ).encode()
        for day, source in ((2, "orders"), (6, "cart"))
    ]


def edit(run: Run) -> None:
    """People say things, take them back, and decide what is one."""
    for args in (
        ("set", "orders", "--owner", "ann", "--description", "All orders", "--tag", "tier=1"),
        ("set", "orders#email", "--tag", "pii"),
        ("set", "revenue", "--owner", "bob"),
        ("set", "revenue", "--unset", "owner"),
        ("merge", "s3://lake/day/orders_files", "orders"),
        ("merge", "s3://lake/day/cart_files", "cart"),
        ("split", "s3://lake/day/cart_files", "cart"),
        ("merge", "--namespace", "postgres://replica:5432", WAREHOUSE),
    ):
        done = run(*args)
        assert done.code == 0, (args, done.err)


def answers(run: Run) -> list[Any]:
    names = ("raw", "orders", "revenue", "cart", "basket", "scratch")
    asked: list[tuple[str, ...]] = [("show", name) for name in names]
    asked += [
        ("show", "orders", "--as-of", "2025-03-06"),
        ("resolve", "s3://lake/day/orders_files"),
        ("resolve", "s3://lake/day/cart_files"),
    ]
    asked += [("lineage", name, "--depth", "5") for name in names]
    asked += [("lineage", "revenue", "--as-of", "2025-03-04"), ("lineage", "orders#id"), ("search", "")]
    return [_without_runs(run(*args, "-o", "json").json) for args in asked]


def _without_runs(answer: Any) -> Any:
    """Runs are what retention lets go of."""
    answer.pop("runs", None)
    return answer


def test_everything_follows_from_the_log_before_and_after_retention(run: Run, url: str, tmp_path: Path) -> None:
    said = [Envelope("openlineage", payload, "test", LONG_AGO) for payload in events()]
    said += [Envelope("register", payload, "api", LONG_AGO) for payload in registrations()]
    store = open_store(url)
    store.accept([*said, Envelope("openlineage", b"{broken", "test", LONG_AGO)])
    store.close()
    assert run("worker", "--once", "-o", "json").json["rejected"] == 1
    edit(run)
    recent = tmp_path / "recent.ndjson"
    recent.write_bytes(ran(20, "START", [table("raw", "id")], []) + b"\n")
    assert run("ingest", recent, "-o", "json").json["merged"] == 1
    assert run("rebuild", "--diff").code == 0
    before = answers(run)

    let_go = run("retain", "--days", "30", "-o", "json").json
    assert let_go["statements"] >= 10
    assert answers(run) == before
    assert run("rebuild", "--diff").code == 0

    late = tmp_path / "late.ndjson"
    late.write_bytes(ran(6, "COMPLETE", [table("other")], [table("orders")]) + b"\n")
    assert run("ingest", late, "-o", "json").json["merged"] == 1
    assert run("rebuild", "--diff").code == 0
    after = answers(run)
    assert after != before
    assert run("rebuild", "-o", "json").json["equal"]
    assert answers(run) == after
    assert len(run("dead-letters", "list", "-o", "json").json) == 1
