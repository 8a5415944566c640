"""Documents of dbt as golden data: adding a case is adding a file to tests/golden/dbt/documents.

`NAME.json` has a document and says what it is about, `NAME.expected.json` has the statements. After a change of mind
`UPDATE_GOLDEN=1 pytest tests/sources` writes the latter anew: read the difference before you commit it.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.sources import read
from tests.sources.documents import assert_golden

GOLDEN = Path(__file__).parents[2] / "golden" / "dbt" / "documents"
CASES = sorted(path.stem for path in GOLDEN.glob("*.json") if not path.stem.endswith(".expected"))
NOW = 1_893_456_000_000_000  # 2030


@pytest.mark.parametrize("case", CASES)
def test_documents_become_the_statements_of_the_golden_files(case: str) -> None:
    document = json.loads((GOLDEN / f"{case}.json").read_text())["document"]
    changes = read(Envelope("dbt", json.dumps(document).encode(), recorded_at=NOW))
    assert_golden(list(changes.statements), GOLDEN / f"{case}.expected.json")
