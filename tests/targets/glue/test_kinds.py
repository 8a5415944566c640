"""What hops are called, from golden data: adding a case is adding a line to tests/golden/glue/kinds.json."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_catalog.targets.glue.lineage.kinds import connector_class, of_dataset, of_job

CASES = json.loads((Path(__file__).parents[2] / "golden" / "glue" / "kinds.json").read_text())


@pytest.mark.parametrize(("platform", "said", "more", "kind"), CASES["datasets"])
def test_a_dataset_is_what_was_said_of_it_or_what_its_platform_has(
    platform: str, said: str, more: str, kind: str
) -> None:
    assert of_dataset(platform, said, more) == kind


@pytest.mark.parametrize(("job_type", "kind"), CASES["jobs"])
def test_a_job_is_called_as_the_seed_calls_it_or_as_the_catalog_does(job_type: str | None, kind: str) -> None:
    assert of_job(job_type) == kind


@pytest.mark.parametrize(("details", "name"), CASES["connectors"])
def test_a_connector_is_known_by_its_settings_in_a_facet_of_its_run(details: dict[str, Any], name: str) -> None:
    assert connector_class(details) == name
