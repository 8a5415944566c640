"""What the modes allow, in each of the three formats. A case names a change and which modes forbid it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.glue import definitions

CASES = json.loads((Path(__file__).parent / "definitions.json").read_text())
MODES = ("BACKWARD", "FORWARD", "FULL")


def text(definition: Any) -> str:
    return definition if isinstance(definition, str) else json.dumps(definition)


@pytest.mark.parametrize("case", CASES["changes"], ids=lambda case: f"{case['format']}: {case['change']}")
def test_a_change_is_forbidden_by_these_modes_and_no_others(case: dict[str, Any]) -> None:
    before, after = text(case["before"]), text(case["after"])
    forbidding = [mode for mode in MODES if definitions.incompatible(case["format"], mode, after, [before])]
    assert forbidding == case["forbidden_by"]


@pytest.mark.parametrize("case", CASES["invalid"], ids=lambda case: f"{case['format']}: {case['why']}")
def test_a_definition_that_is_none_is_told_why(case: dict[str, Any]) -> None:
    assert definitions.problem(case["format"], text(case["definition"]))


@pytest.mark.parametrize("case", CASES["valid"], ids=lambda case: f"{case['format']}: {case['what']}")
def test_a_definition_that_is_one_fits_itself(case: dict[str, Any]) -> None:
    definition = text(case["definition"])
    assert definitions.problem(case["format"], definition) == ""
    assert definitions.incompatible(case["format"], "FULL_ALL", definition, [definition, definition]) == []


def test_the_modes_for_all_look_at_every_version_and_the_others_at_the_last() -> None:
    first, second, third = (
        json.dumps({"type": "record", "name": "r", "fields": [{"name": "a", "type": kind}]})
        for kind in ("long", ["long", "string"], "string")
    )
    assert definitions.incompatible("AVRO", "FORWARD", third, [first, second]) == []
    assert definitions.incompatible("AVRO", "FORWARD_ALL", third, [first, second])
    assert definitions.incompatible("AVRO", "NONE", third, [first]) == []
    assert definitions.incompatible("AVRO", "BACKWARD", third, []) == []
