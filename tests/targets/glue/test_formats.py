"""Formats from golden data: adding a case is adding a line to tests/golden/glue/formats.json."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_catalog.targets.glue.formats import format_of, of_path, storage

GOLDEN: dict[str, list[dict[str, Any]]] = json.loads(
    (Path(__file__).parents[2] / "golden" / "glue" / "formats.json").read_text()
)


@pytest.mark.parametrize("case", GOLDEN["storage"], ids=lambda case: case["format"])
def test_a_format_has_its_classes_and_parameters(case: dict[str, Any]) -> None:
    found = storage(case["format"], case.get("compression", ""), case.get("header_lines", 0))
    assert found is not None
    assert dict(found.descriptor) == case["descriptor"]
    assert dict(found.parameters) == case["parameters"]


@pytest.mark.parametrize("case", GOLDEN["paths"], ids=lambda case: case["path"])
def test_a_path_tells_its_format_and_compression(case: dict[str, Any]) -> None:
    assert of_path(case["path"]) == (case["format"], case["compression"])


@pytest.mark.parametrize("case", GOLDEN["names"], ids=lambda case: case["name"])
def test_a_format_has_several_names(case: dict[str, Any]) -> None:
    found = format_of(case["name"])
    assert (found.name if found else "") == case["format"]


def test_what_is_no_format_has_no_storage() -> None:
    assert storage("xlsx") is None
    assert storage("") is None


@given(st.text(), st.text(), st.integers())
def test_any_text_may_be_asked_for(path: str, compression: str, lines: int) -> None:
    found, _ = of_path(path)
    assert storage(found or "csv", compression, lines) is not None
