"""Footers of Parquet become columns: golden ones, whatever pyarrow writes, and what nobody should have written."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_catalog.model.statement import Json
from airflow_provider_catalog.targets.files.parquet import LONGEST_NAME, MOST_FIELDS, NotParquetError, fields
from airflow_provider_catalog.targets.glue.types.types import HiveType, hive_type
from airflow_provider_catalog.targets.glue.wanted import columns_of
from tests.targets.files.arrow import pa, written
from tests.targets.files.footers import footer

GOLDEN = Path(__file__).parents[2] / "golden" / "parquet"
CASES = {path.stem: json.loads(path.read_text()) for path in sorted(GOLDEN.glob("*.json"))}
INT = {"1": 1}


def hive(found: Json) -> dict[str, HiveType]:
    return {each.name: hive_type(each.type, "", each.fields) for each in columns_of({"fields": found})}


@pytest.mark.parametrize("name", CASES)
def test_a_schema_is_what_the_golden_files_say(name: str) -> None:
    assert fields(footer(*CASES[name]["schema"])) == CASES[name]["fields"]


KINDS: dict[str, list[pa.DataType]] = {
    "boolean": [pa.bool_()],
    "tinyint": [pa.int8()],
    "smallint": [pa.int16(), pa.uint8()],
    "int": [pa.int32(), pa.uint16()],
    "bigint": [pa.int64(), pa.uint32(), pa.duration("s")],
    "decimal(20,0)": [pa.uint64()],
    "float": [pa.float16(), pa.float32()],
    "double": [pa.float64()],
    "string": [pa.string(), pa.large_string(), pa.dictionary(pa.int32(), pa.string())],
    "binary": [pa.binary(), pa.large_binary(), pa.binary(5)],
    "date": [pa.date32(), pa.date64()],
    "timestamp": [pa.timestamp(unit, zone) for unit in ("s", "ms", "us", "ns") for zone in (None, "Europe/Paris")],
    "decimal(10,2)": [pa.decimal128(10, 2)],
    "decimal(38,9)": [pa.decimal128(38, 9), pa.decimal256(38, 9)],
}
"""What types of Arrow are to whoever reads the file with Hive's."""
NOT_IN_HIVE = [pa.time32("ms"), pa.time64("ns"), pa.null(), pa.decimal256(39, 2)]
PLAIN = {type_: said for said, types in [*KINDS.items(), ("string", NOT_IN_HIVE)] for type_ in types}
NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,12}", fullmatch=True)
Typed = tuple[pa.DataType, str]


def _struct(inner: list[tuple[str, Typed]]) -> Typed:
    return pa.struct(
        [(name, type_) for name, (type_, _) in inner]
    ), f"struct<{','.join(f'{n}:{h}' for n, (_, h) in inner)}>"


def _lists(inner: st.SearchStrategy[Typed]) -> st.SearchStrategy[Typed]:
    made = st.sampled_from([pa.list_, pa.large_list, lambda type_: pa.list_(type_, 3)])
    return st.tuples(made, inner).map(lambda pair: (pair[0](pair[1][0]), f"array<{pair[1][1]}>"))


def _maps(inner: st.SearchStrategy[Typed]) -> st.SearchStrategy[Typed]:
    keys = st.sampled_from([each for each in PLAIN.items() if each[0] != pa.null()])
    return st.tuples(keys, inner).map(lambda pair: (pa.map_(pair[0][0], pair[1][0]), f"map<{pair[0][1]},{pair[1][1]}>"))


def _nested(inner: st.SearchStrategy[Typed]) -> st.SearchStrategy[Typed]:
    structs = st.lists(st.tuples(NAMES, inner), min_size=1, max_size=3, unique_by=lambda each: each[0]).map(_struct)
    return st.one_of(_lists(inner), _maps(inner), structs)


TYPES = st.recursive(st.sampled_from(sorted(PLAIN.items(), key=str)), _nested, max_leaves=8)


@given(
    columns=st.lists(st.tuples(NAMES, TYPES), max_size=6, unique_by=lambda each: each[0]),
    compliant=st.booleans(),
    version=st.sampled_from(["1.0", "2.6"]),
    old_times=st.booleans(),
)
def test_whatever_pyarrow_writes_glue_has_a_type_for(
    columns: list[tuple[str, Typed]], compliant: bool, version: str, old_times: bool
) -> None:
    schema = pa.schema([(name, type_) for name, (type_, _) in columns])
    raw = written(
        schema,
        use_compliant_nested_type=compliant,
        version=version,
        use_deprecated_int96_timestamps=old_times,
        store_schema=old_times,
    )
    expected = {name: HiveType(said, known=True) for name, (_, said) in columns}
    assert hive(fields(raw)) == expected


def test_what_hive_does_not_have_is_told_as_it_is() -> None:
    found = fields(written(pa.schema([("n", pa.decimal256(76, 2)), ("t", pa.time64("us"))])))
    assert found == [{"name": "n", "type": "decimal(76,2)"}, {"name": "t", "type": "time(6)"}]
    assert set(hive(found).values()) == {HiveType("string", known=True)}


def test_what_follows_the_schema_is_not_read() -> None:
    whole = footer(["optional", "a", INT], after=b"\xff" * 1000)
    assert fields(whole) == [{"name": "a", "type": "int"}]


@given(st.data())
def test_a_broken_footer_is_refused_and_never_more(data: st.DataObject) -> None:
    raw = bytearray(footer(*CASES[data.draw(st.sampled_from(sorted(CASES)))]["schema"]))
    for at, byte in data.draw(st.lists(st.tuples(st.integers(0, len(raw) - 1), st.integers(0, 255)), max_size=6)):
        raw[at] = byte
    cut = data.draw(st.integers(0, len(raw)))
    try:
        found = fields(bytes(raw[:cut]))
    except NotParquetError:
        return
    assert json.loads(json.dumps(found)) == found


@given(st.binary(max_size=200))
def test_any_bytes_are_columns_or_refused(raw: bytes) -> None:
    with suppress(NotParquetError):
        assert isinstance(fields(raw), list)


def deep(levels: int) -> list[Any]:
    node: list[Any] = ["optional", "x", INT]
    for _ in range(levels):
        node = ["optional", "x", {}, [node]]
    return node


X = ["optional", "x", INT]
MANY = {"5": 2_000_000_000}
HOSTILE = {
    "more columns than anybody has": (footer(*[["optional", "x", INT]] * MOST_FIELDS), "more than 10,000 columns"),
    "a billion that are not there": (b"\x15\x02\x19\xfc" + b"\xff\xff\xff\xff\x07", "more than 10,000 columns"),
    "children that are not there": (footer(["optional", "x", MANY]), "ends in the middle"),
    "nested without an end": (footer(deep(200)), "nested deeper than"),
    "lists nested without an end": (footer(["optional", "x", {"6": 3}, [deep(200)]]), "nested deeper than"),
    "a name as long as a book": (footer(["optional", "x" * (LONGEST_NAME + 1), INT]), "name takes 1,001 bytes"),
    "a map of three": (footer(["optional", "m", {"6": 1}, [["repeated", "kv", {}, [X, X, X]]]]), "is a map of 3 parts"),
    "no schema": (b"\x15\x02\x00", "has no schema"),
    "a schema of numbers": (b"\x29\x15\x02", "has no schema"),
    "a kind that is none": (b"\x1e", "there is no kind 14"),
    "a number without an end": (b"\x15" + b"\xff" * 20, "a number does not end"),
    "structs in structs": (b"\x1c" * 100, "nested too deep"),
    "nothing": (b"", "it is cut off"),
}  # fmt: skip


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_footers_are_refused_with_the_reason(what: str) -> None:
    raw, reason = HOSTILE[what]
    with pytest.raises(NotParquetError, match=reason):
        fields(raw)


def test_as_many_columns_as_are_allowed_are_read() -> None:
    found = fields(footer(*[["optional", f"c{number}", INT] for number in range(MOST_FIELDS - 1)]))
    assert (len(found), found[-1]) == (MOST_FIELDS - 1, {"name": f"c{MOST_FIELDS - 2}", "type": "int"})


def test_values_that_no_schema_needs_are_passed_over() -> None:
    """A map, a float, a list of bools and a list of lists before the schema."""
    first, schema = b"\x02", b"\x09\x04"
    odd = (b"\x0b", b"\x01\x55\x02\x04"), (b"\x07", b"\0" * 8), (b"\x09", b"\x21\x01\x02"), (b"\x09", b"\x19\x15\x02")
    before = b"".join(kind + first + value for kind, value in odd)
    assert fields(before + schema + footer(["optional", "a", INT])[3:]) == [{"name": "a", "type": "int"}]
