"""Documents from tables and logs, however their lines were wrapped, and whatever stands between them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from airflow_provider_catalog.sources.dbt.exported import documents_of_log, documents_of_rows

GOLDEN = Path(__file__).parents[1] / "golden" / "dbt" / "exported"


@pytest.mark.parametrize("case", sorted(GOLDEN.glob("*.log")), ids=lambda case: case.stem)
def test_lines_become_documents(case: Path) -> None:
    found = list(documents_of_log(case.read_text().splitlines()))
    assert found == json.loads(case.with_suffix(".json").read_text())


@pytest.mark.parametrize("case", sorted(GOLDEN.glob("*.rows.json")), ids=lambda case: case.stem)
def test_rows_become_documents(case: Path) -> None:
    found = list(documents_of_rows(json.loads(case.read_text())))
    assert found == json.loads((GOLDEN / case.name.replace(".rows", "")).read_text())


def test_a_document_comes_with_its_last_piece() -> None:
    lines = (GOLDEN / "text.log").read_text().splitlines()
    documents = documents_of_log(iter([*lines, "nobody has read this"]))
    assert next(documents)["nodes"][0]["unique_id"] == "model.shop.orders"
