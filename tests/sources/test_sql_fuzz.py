"""Broken SQL, seeded: reading it never fails, is consistent in what it says, and comes to an end.

`CATALOG_FUZZ=50000 pytest tests/sources/test_sql_fuzz.py` reads as many texts instead of two thousand. Work is counted,
not timed: calls, of which a text may take so many for each of its characters. What would count none and never end is
left to the time limit that every test has. Whatever fails names the text that was read.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from random import Random
from types import FrameType
from typing import Any

import pytest

from airflow_provider_catalog.model.identity import ColumnId, DatasetId
from airflow_provider_catalog.model.statement import canonical_json
from airflow_provider_catalog.sources.sql import SqlLineage, SqlStatement, lineage
from airflow_provider_catalog.sources.sql.edges import Edge
from tests.sources.sql_mutations import DIALECTS, Broken, broken

TEXTS = int(os.environ.get("CATALOG_FUZZ", "2000"))
EACH = 250
PARTS = range(-(-TEXTS // EACH))
CALLS_OF_A_CHARACTER, CHARACTERS_AT_LEAST = 10_000, 200
NAMESPACE = "postgres://db:5432"
MOVING = frozenset({"rename", "alter", "exchange", "exec", "execute"})
"""Statements after which a table has another name: what it was called is told by the edge alone."""
STRAYS = 2
"""Of a part, texts in which columns are of a table that was not told: where a colon, a brace, a percent sign or a query
in brackets stands before its name, who looks for columns takes it for a table, and who looks for tables does not.
"""
PARAMETER = "?"
"""Such a table, with no name at all."""
NAMELESS = ""
"""The file of `INTO OUTFILE ''`."""


class EndlessError(BaseException):
    """So much work that there is no end to it. No reader catches it."""


@pytest.fixture(scope="module", autouse=True)
def _dialects() -> None:
    """What a dialect is made of is made once, which is no work of a text."""
    for dialect in DIALECTS:
        lineage("SELECT a FROM b WHERE", dialect)


@pytest.mark.parametrize("part", PARTS)
def test_broken_sql_is_read_within_bounds_and_what_is_said_of_it_is_consistent(part: int) -> None:
    rng, strays = Random(part), []
    for _ in range(EACH):
        text = broken(rng)
        with named(text):
            found = counted(text)
            assert_consistent(found)
            strays += [text] if untold(found, text) else []
    assert len(strays) <= STRAYS, strays


@contextmanager
def named(text: Broken) -> Iterator[None]:
    try:
        yield
    except BaseException as error:
        error.add_note(f"while reading {text!r}")
        raise


def counted(text: Broken) -> SqlLineage:
    left = CALLS_OF_A_CHARACTER * (CHARACTERS_AT_LEAST + len(text.sql))

    def count(_frame: FrameType, event: str, _what: object) -> None:
        nonlocal left
        left -= event == "call"
        if left < 0:
            raise EndlessError

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        return lineage(text.sql, text.dialect)
    finally:
        sys.setprofile(before)


def assert_consistent(found: SqlLineage) -> None:
    assert isinstance(found, SqlLineage)
    assert_sure_or_explained(found.statements)
    assert_named_once(found)
    assert_ends_are_told(found)
    assert_is_of_its_kind(found)
    assert_has_ids(found)
    assert canonical_json(as_json(found))


def assert_sure_or_explained(statements: tuple[SqlStatement, ...]) -> None:
    for each in statements:
        assert 0 < each.confidence <= 1
        assert bool(each.error) == (each.confidence < 1)


def assert_named_once(found: SqlLineage) -> None:
    for each in (found.inputs, found.outputs, found.edges, found.wanted):
        assert len(set(each)) == len(each)


def assert_ends_are_told(found: SqlLineage) -> None:
    """Whatever is derived is written, and read what it is derived from."""
    if not moves(found):
        assert {source for source, _ in found.edges} <= {*found.inputs}
        assert {target for _, target in found.edges} <= {*found.outputs}


def moves(found: SqlLineage) -> bool:
    return not MOVING.isdisjoint(each.kind for each in found.statements)


def untold(found: SqlLineage, text: Broken) -> set[str]:
    """Tables of columns that are those of no statement. The text names them all the same."""
    told = {name for each in found.statements for name in (*each.inputs, *each.outputs)}
    ends = {table for edge in every(found) for table in (edge.output_table, edge.input_table) if table is not None}
    strays = set() if moves(found) else ends - told
    names = {table.rpartition(".")[2].lower() for table in strays} - {PARAMETER}
    assert all(name in text.sql.lower() for name in names)
    return strays


def every(found: SqlLineage) -> Iterator[Edge]:
    yield from (*found.columns, *found.influences)


def assert_is_of_its_kind(found: SqlLineage) -> None:
    assert all(edge.kind.direct for edge in found.columns)
    assert not any(edge.kind.direct or edge.transformation for edge in found.influences)


def assert_has_ids(found: SqlLineage) -> None:
    """They are stored, and no database stores NUL or half a surrogate pair. The column "" is the whole table."""
    names = {*found.inputs, *found.outputs} - {NAMELESS}
    tables = [DatasetId(NAMESPACE, name).name for name in names]
    ends = (name for edge in every(found) for name in (edge.output_column, edge.input_column))
    columns = [ColumnId(DatasetId(NAMESPACE, "t"), name).name for name in ends]
    assert all(tables)
    assert not any(b"\x00" in name.encode() for name in (*tables, *columns))


def as_json(found: SqlLineage) -> dict[str, Any]:
    return {
        "names": [*found.inputs, *found.outputs, *found.wanted],
        "edges": [list(edge) for edge in (*found.edges, *every(found))],
        "statements": [asdict(each) for each in found.statements],
        "datasets": [str(each) for each in found.datasets],
    }
