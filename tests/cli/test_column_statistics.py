"""`show` where somebody counted the values of columns."""

from __future__ import annotations

from airflow_provider_catalog.model.identity import ColumnId
from tests.cli.conftest import Run
from tests.services.world import World, table


def test_what_was_counted_stands_beside_each_column(world: World, run: Run) -> None:
    assert "VALUES" not in run("show", "orders").out
    world.said(ColumnId(table("orders"), "id"), "dataQualityMetrics", {"min": 1, "max": 9, "distinctCount": 9})
    lines = run("show", "orders").out.splitlines()
    assert any(line.split() == ["COLUMN", "TYPE", "VALUES", "TAGS", "DESCRIPTION"] for line in lines)
    assert [line.split(maxsplit=2) for line in lines if line.startswith(("id ", "email "))] == [
        ["id", "int", "1 to 9, 9 distinct"],
        ["email", "text"],
    ]
