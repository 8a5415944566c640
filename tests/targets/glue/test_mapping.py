"""Which table a dataset is: cases are data, in tests/golden/glue/mapping.json."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_catalog.errors import ConfigError
from airflow_provider_catalog.model.identity import DatasetId
from airflow_provider_catalog.targets.glue.mapping import GlueMapping, GluePlace

CASES = json.loads((Path(__file__).parents[2] / "golden" / "glue" / "mapping.json").read_text())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["about"])
def test_a_dataset_is_the_table_that_the_golden_file_says(case: dict[str, Any]) -> None:
    found = GlueMapping(case["rules"]).place([DatasetId(*name) for name in case["names"]])
    expected = case["place"]
    if expected is not None:
        partition = tuple(map(tuple, expected.pop("partition", ())))
        assert found == GluePlace(**expected, partition=partition)
    else:
        assert found is None


@pytest.mark.parametrize(
    ("stated", "reason"),
    [
        ({}, "must be a JSON list"),
        ("s3://lake", "must be a JSON list"),
        ([1], "rule 1 must be an object of texts"),
        ([{"match": 1}], "rule 1 must be an object of texts"),
        ([{"match": ""}], "rule 1 must be an object of texts"),
        ([{"database": "a"}], "rule 1 has no `match`"),
        ([{"match": "s3://{database}/{table}"}, {"match": "s3://x", "name": "y"}], "rule 2 has 'name'"),
        ([{"match": "s3://lake/{table}"}], "rule 1 uses {database}"),
        ([{"match": "s3://lake/{table}/{table}", "database": "a"}], "the same {name} twice"),
    ],
)
def test_a_wrong_setting_is_told_at_once(stated: Any, reason: str) -> None:
    with pytest.raises(ConfigError, match="glue_mapping") as told:
        GlueMapping(stated)
    assert reason in str(told.value)
