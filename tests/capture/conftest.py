"""What the listener of this process keeps."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_catalog import listener
from airflow_provider_catalog.capture.spool import Spool


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """What is in the spool, when asked."""
    monkeypatch.setenv("AIRFLOW__CATALOG__SPOOL_DIR", str(tmp_path / "spool"))
    monkeypatch.setenv("AIRFLOW__CATALOG__STORE_URL", f"sqlite:///{tmp_path / 'away' / 'catalog.db'}")
    monkeypatch.setenv("AIRFLOW__CATALOG__NAMESPACE", "ours")
    listener.recorder.cache_clear()
    spool = Spool(tmp_path / "spool", 1 << 30)

    def records() -> list[tuple[str, dict[str, Any]]]:
        return [(e.kind, json.loads(e.payload)) for batch in spool.batches() for e in batch.envelopes]

    yield records
    listener.recorder.cache_clear()
