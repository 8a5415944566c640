"""What breaks which mode, and in which words, from golden data: adding a case is adding an object to a file of
tests/golden/glue/schemas. `versions` are those before, the latest last; `forbidden` the modes that do not allow it.

`UPDATE_GOLDEN=1 pytest tests/targets/glue/schemas` writes what is expected anew: read the difference before you commit.
"""

from __future__ import annotations

import json
import os
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_catalog.targets.glue.schemas.compatibility import (
    MODES,
    Judgement,
    Version,
    all_versions,
    expect_readable,
    judge,
    told,
)
from airflow_provider_catalog.targets.glue.schemas.problem import UnreadableDefinition

GOLDEN = Path(__file__).parents[3] / "golden" / "glue" / "schemas"
FORMATS = {"avro": "AVRO", "json": "JSON", "protobuf": "PROTOBUF"}
CASES = [
    pytest.param(name, at, id=f"{name}-{case['title']}")
    for name in FORMATS
    for at, case in enumerate(json.loads((GOLDEN / f"{name}.json").read_text()))
]


def text(definition: Any) -> str:
    return definition if isinstance(definition, str) else json.dumps(definition)


def judged(data_format: str, case: dict[str, Any], mode: str) -> Judgement:
    versions = [Version(number, text(each)) for number, each in enumerate(case["versions"], 1)]
    return judge(data_format, mode, text(case["definition"]), versions if all_versions(mode) else versions[-1:])


def answered(data_format: str, case: dict[str, Any]) -> dict[str, Any]:
    try:
        found = judged(data_format, case, case["mode"])
    except UnreadableDefinition as error:
        return {"unreadable": str(error)}
    answer = {"broken": [each.sentence for each in found.broken], "doubts": list(found.doubts)}
    answer["forbidden"] = [mode for mode in MODES if judged(data_format, case, mode).broken]
    return {name: value for name, value in answer.items() if value}


@pytest.mark.parametrize(("name", "at"), CASES)
def test_a_change_is_told_in_these_words(name: str, at: int) -> None:
    path = GOLDEN / f"{name}.json"
    cases = json.loads(path.read_text())
    found = answered(FORMATS[name], cases[at])
    if os.environ.get("UPDATE_GOLDEN"):
        cases[at]["expected"] = found
        path.write_text(json.dumps(cases, indent=2, ensure_ascii=False) + "\n")
    assert found == cases[at]["expected"]


def test_no_mode_but_the_eight_is_known() -> None:
    assert sorted(MODES) == [
        *("BACKWARD", "BACKWARD_ALL", "DISABLED", "FORWARD"),
        *("FORWARD_ALL", "FULL", "FULL_ALL", "NONE"),
    ]


def test_what_the_mode_does_not_mind_is_still_told() -> None:
    before = '{"type": "record", "name": "o", "fields": [{"name": "amount", "type": "int"}]}'
    found = judge("AVRO", "BACKWARD", before.replace('"int"', '"long"'), [Version(3, before)])
    assert found.broken == ()
    assert [each.to_json() for each in found.allowed] == [
        {
            "mode": "FORWARD",
            "version": 3,
            "path": "amount",
            "change": (
                "`amount` was int and is long: readers with version 3 cannot read it; "
                "keep the type, or add a field beside it"
            ),
        }
    ]


@pytest.mark.parametrize(
    ("data_format", "definition", "certain"),
    [
        ("AVRO", "{", True),
        ("JSON", "7", True),
        ("AVRO", '"money"', False),
        ("PROTOBUF", "{", False),
        ("JSON", "[" * 100_000, False),
    ],
)
def test_only_what_nobody_takes_is_refused_without_asking(data_format: str, definition: str, certain: bool) -> None:
    expected = pytest.raises(UnreadableDefinition) if certain else nullcontext()
    with expected:
        expect_readable(data_format, definition)


def test_of_a_hundred_reasons_twenty_are_shown() -> None:
    fields = [{"name": f"f{number}", "type": "int"} for number in range(100)]
    before, after = ({"type": "record", "name": "o", "fields": each} for each in ([], fields))
    found = judge("AVRO", "BACKWARD", json.dumps(after), [Version(1, json.dumps(before))])
    lines = told("BACKWARD", found.broken).splitlines()
    assert len(lines) == 22
    assert lines[0] == "the compatibility mode BACKWARD forbids this definition, and nothing was registered:"
    assert lines[1].startswith("- field `f0` is new and has no default: the new definition cannot read what version 1")
    assert lines[-1] == "- and 80 more"


@pytest.mark.parametrize(
    ("data_format", "deep"),
    [
        ("AVRO", '{"type": "array", "items": ' * 5000 + '"int"' + "}" * 5000),
        ("JSON", '{"items": ' * 5000 + "{}" + "}" * 5000),
        ("PROTOBUF", "message a { " * 5000 + "}" * 5000),
    ],
)
def test_what_is_nested_too_deep_is_for_aws_to_decide(data_format: str, deep: str) -> None:
    found = judge(data_format, "FULL", deep, [Version(1, deep)])
    assert found.broken == ()
    assert found.doubts == ("version 1 is not compared: one of the two is nested too deep",)


def test_types_that_use_each_other_again_and_again_are_compared_once() -> None:
    def chain(leaf: str) -> str:
        made: Any = {"type": "record", "name": "r0", "fields": [{"name": "x", "type": leaf}]}
        for number in range(1, 60):
            inner, used = made, f"r{number - 1}"
            fields = [{"name": "a", "type": inner}, {"name": "b", "type": used}]
            made = {"type": "record", "name": f"r{number}", "fields": fields}
        return json.dumps(made)

    found = judge("AVRO", "BACKWARD", chain("int"), [Version(1, chain("string"))])
    assert len(found.broken) == 1
