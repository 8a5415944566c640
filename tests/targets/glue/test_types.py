"""Types from golden data: adding a case is adding a line to tests/golden/glue/types.json.

`known` is false where something stands for what nobody knows. `fields` are nested columns as OpenLineage has them.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airflow_provider_catalog.targets.glue.types import names as type_names
from airflow_provider_catalog.targets.glue.types.types import UNKNOWN, hive_type
from airflow_provider_catalog.targets.glue.wanted import Column, columns_of

GOLDEN = Path(__file__).parents[2] / "golden" / "glue" / "types.json"
CASES: list[dict[str, Any]] = json.loads(GOLDEN.read_text())
DIALECTS = sorted({case["dialect"] for case in CASES})
PLAIN = re.compile(
    r"boolean|tinyint|smallint|int|bigint|float|double|string|binary|date|timestamp"
    r"|decimal\(([0-9]+),([0-9]+)\)|char\(([0-9]+)\)|varchar\(([0-9]+)\)"
)
PIECES = [
    "array",
    "map",
    "struct",
    "row",
    "<",
    ">",
    "(",
    ")",
    "[",
    "]",
    ",",
    ":",
    "=",
    "a",
    "int",
    "decimal",
    "10",
    "-2",
]
PIECES += ["unsigned", "'x'", '"', "`", "not null", "with time zone", "varchar", "nested", "nullable", "*", "[]", " "]


def ends(text: str, at: int = 0) -> int:
    """Where the type that begins here ends, if Hive can read it."""
    if text.startswith("array<", at):
        return closed(text, ends(text, at + len("array<")))
    if text.startswith("map<", at):
        key = plain_ends(text, at + len("map<"))
        assert text[key] == ","
        return closed(text, ends(text, key + 1))
    return fields_end(text, at + len("struct<")) if text.startswith("struct<", at) else plain_ends(text, at)


def plain_ends(text: str, at: int) -> int:
    word = re.compile(r"[a-z]+(\([0-9]+(,[0-9]+)?\))?").match(text, at)
    found = PLAIN.fullmatch(word[0]) if word else None
    assert word, f"no type: {text[at:]!r}"
    assert found, f"no type of Hive: {word[0]!r}"
    precision, scale, char, varchar = (int(each or 1) for each in found.groups())
    assert scale <= precision <= 38
    assert 1 <= char <= 255
    assert 1 <= varchar <= 65_535
    return word.end()


def closed(text: str, at: int) -> int:
    assert text[at] == ">"
    return at + 1


def fields_end(text: str, at: int) -> int:
    while True:
        named = re.compile(r"[^\s:<>,()\"'`]+:").match(text, at)
        assert named, f"a field without a name in {text}"
        at = ends(text, named.end())
        if text[at] != ",":
            return closed(text, at)
        at += 1


def is_of_hive(text: str) -> bool:
    return ends(text) == len(text)


@pytest.mark.parametrize("case", [pytest.param(case, id=f"{case['dialect']}-{case['text']}") for case in CASES])
def test_a_type_of_a_dialect_is_one_of_hive(case: dict[str, Any]) -> None:
    found = hive_type(case["text"], case["dialect"], columns_of(case))
    assert is_of_hive(found.type)
    assert found == (case["type"], case.get("known", True))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_case_of_letters_tells_nothing(dialect: str) -> None:
    for text in (case["text"] for case in CASES if case["dialect"] == dialect):
        upper = hive_type(text.upper(), dialect.upper())
        assert hive_type(text.lower(), dialect) == upper._replace(type=upper.type.lower())


def test_each_dialect_of_the_table_has_cases() -> None:
    assert {*type_names.DIALECTS} <= {*DIALECTS}


@given(
    st.one_of(st.text(max_size=60), st.lists(st.sampled_from(PIECES), max_size=25).map("".join)),
    st.sampled_from(DIALECTS),
)
@settings(max_examples=1_500)
def test_whatever_is_written_is_a_type_of_hive_then(text: str, dialect: str) -> None:
    found = hive_type(text, dialect)
    assert is_of_hive(found.type)
    assert hive_type(found.type, "hive").type == found.type


def columns(depth: int = 3) -> st.SearchStrategy[Column]:
    names, types = st.text(max_size=6), st.sampled_from(["", "array", "map", "struct", "int", "mood", "RECORD"])
    inner = st.lists(columns(depth - 1), max_size=3).map(tuple) if depth else st.just(())
    return st.builds(Column, names, types, fields=inner)


@given(columns(), st.sampled_from(DIALECTS))
def test_nested_columns_are_one_type_of_hive(column: Column, dialect: str) -> None:
    assert is_of_hive(hive_type(column.type, dialect, column.fields).type)


@pytest.mark.parametrize(
    "text", ["array<" * 5_000, "int" + "[]" * 5_000, "(" * 100_000, "struct<a:" * 9_000 + "int", "<" * 300_000]
)
def test_there_is_an_end_to_how_deep_a_type_is_read(text: str) -> None:
    found = hive_type(text, "spark")
    assert not found.known
    assert is_of_hive(found.type)


def test_columns_that_are_nested_without_end_are_not_followed_there() -> None:
    deep = Column("a", "int")
    for _ in range(200):
        deep = Column("a", "struct", fields=(deep,))
    assert not hive_type(deep.type, "", deep.fields).known


def test_a_type_that_is_longer_than_any_is_not_read() -> None:
    assert hive_type("struct<" + ",".join(f"a{n}:int" for n in range(40_000)) + ">", "hive") == UNKNOWN
