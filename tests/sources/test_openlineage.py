"""Events of every producer we know, as golden data: adding a case is adding a file to tests/golden/openlineage.

`NAME.json` has the events and says where they come from, `NAME.expected.json` has the statements. After a change of
mind `UPDATE_GOLDEN=1 pytest tests/sources` writes the latter anew: read the difference before you commit it.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.sources import read
from tests.sources.documents import assert_golden

GOLDEN = Path(__file__).parents[1] / "golden" / "openlineage"
CASES = sorted(path.stem for path in GOLDEN.glob("*.json") if not path.stem.endswith(".expected"))
NOW = 1_893_456_000_000_000  # 2030


@pytest.mark.parametrize("case", CASES)
def test_events_become_the_statements_of_the_golden_files(case: str) -> None:
    events = json.loads((GOLDEN / f"{case}.json").read_text())["events"]
    envelopes = [Envelope("openlineage", json.dumps(event).encode(), recorded_at=NOW) for event in events]
    statements = [statement for envelope in envelopes for statement in read(envelope).statements]
    assert_golden(statements, GOLDEN / f"{case}.expected.json")
