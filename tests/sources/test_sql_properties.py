"""What no way of writing SQL changes, for all SQL of the golden files.

The few texts for which a property does not hold are in `sql_exceptions`, with the reason. Ways that write texts by
sqlglot are compared with what it makes of the text as it is: whether that says the same is a property of its own.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest

from airflow_provider_catalog.sources.sql.edges import Edge
from tests.sources import sql_layout, sql_syntax
from tests.sources.sql_corpus import CORPUS, Case, Said
from tests.sources.sql_exceptions import EXCEPTIONS

REPOSITORY = Path(__file__).parents[2]
UNRELATED = "INSERT INTO far.away.target (copied) SELECT original FROM far.away.source"


class Difference(NamedTuple):
    """For whoever reads why a test failed."""

    dialect: str
    sql: str
    otherwise: str
    lost: list[object]
    gained: list[object]

    def __str__(self) -> str:
        return f"in {self.dialect}:\n{self.sql}\nand\n{self.otherwise}\nlost {self.lost}\ngained {self.gained}"


def exactly(edge: Edge) -> Edge:
    return edge


def difference(case: Case, otherwise: Case, show: Callable[[Edge], Edge] = exactly) -> Difference | None:
    return differs(case, otherwise, case.said.shown(show), otherwise.said.shown(show))


def differs(case: Case, otherwise: Case, expected: Said, found: Said) -> Difference | None:
    if found == expected:
        return None
    return Difference(case.dialect, case.sql, otherwise.sql, expected.but(found), found.but(expected))


def assert_none_but_known(name: str, differences: Iterable[Difference | None]) -> None:
    found = [each for each in differences if each is not None]
    known = EXCEPTIONS.get(name, {})
    unknown = [each for each in found if each.sql not in known]
    assert not unknown, "\n\n".join(map(str, unknown))
    assert {each.sql for each in found} == set(known), "an exception is none any more: take it from the list"


def laid_out(rewrite: Callable[[Case, Random], str], show: Callable[[Edge], Edge] = exactly) -> list[Difference | None]:
    """Each text has a layout of its own, the same each time."""
    return [difference(case, case.otherwise(rewrite(case, Random(case.sql))), show) for case in CORPUS]


def test_white_space_and_line_breaks_mean_nothing() -> None:
    assert_none_but_known("white space", laid_out(sql_layout.respaced))


def test_comments_mean_nothing() -> None:
    assert_none_but_known("comments", laid_out(sql_layout.commented))


def test_the_case_of_words_means_nothing_where_the_dialect_folds_it() -> None:
    """An expression is shown as it was written."""

    def folded(edge: Edge) -> Edge:
        return edge._replace(transformation=edge.transformation.lower())

    assert_none_but_known("case", laid_out(sql_layout.recased, folded))


def test_what_sqlglot_formats_says_the_same() -> None:
    texts = [(case, sql_syntax.written(case, pretty=True)) for case in CORPUS]
    assert sum(text is not None for _, text in texts) > 600
    assert_none_but_known("format", (difference(case, case.otherwise(text)) for case, text in texts if text))


def rewritten(least: int, show: Callable[[Edge], Edge], *changes: sql_syntax.Change) -> list[Difference | None]:
    """`least`: of so many texts at least there is something to change."""
    texts = [(case, sql_syntax.written(case), sql_syntax.changed(case, *changes)) for case in CORPUS]
    both = [(case, before, after) for case, before, after in texts if before and after]
    assert len(both) >= least
    return [
        found and found._replace(sql=case.sql)
        for case, before, after in both
        for found in [difference(case.otherwise(before), case.otherwise(after), show)]
    ]


def without_queries(edge: Edge) -> Edge:
    """An expression that holds a query is shown with it, as it was written."""
    return edge._replace(transformation="") if "SELECT" in edge.transformation else edge


def test_an_alias_of_a_table_may_be_any_other() -> None:
    def unnamed(edge: Edge) -> Edge:
        return edge._replace(transformation=edge.transformation.replace(sql_syntax.OTHERWISE, ""))

    assert_none_but_known("aliases", rewritten(150, unnamed, sql_syntax.rename_aliases))


def test_a_table_says_the_same_through_a_subquery() -> None:
    assert_none_but_known("subqueries", rewritten(450, without_queries, sql_syntax.wrap_tables))


def test_a_subquery_says_the_same_as_a_with() -> None:
    changes = sql_syntax.wrap_tables, sql_syntax.name_subqueries
    assert_none_but_known("withs", rewritten(450, without_queries, *changes))


def test_a_with_says_the_same_where_it_is_read() -> None:
    assert_none_but_known("inlined", rewritten(15, without_queries, sql_syntax.inline_withs))


@pytest.mark.parametrize("form", ["{};", "{}\n;;\n ;", ";{}", "; ;\n;{};"])
def test_semicolons_around_a_script_mean_nothing(form: str) -> None:
    """One after a comment that goes to the end of the line is in it."""
    cases = [case for case in CORPUS if form[0] == ";" or form[2] == "\n" or "\n" in case.sql or "--" not in case.sql]
    assert_none_but_known("semicolons", (difference(case, case.otherwise(form.format(case.sql))) for case in cases))


def test_a_statement_that_is_said_twice_says_the_same() -> None:
    alone = [case for case in CORPUS if len(case.read.statements) == 1]
    assert_none_but_known("twice", (difference(case, case.otherwise(f"{case.sql}\n;\n{case.sql}")) for case in alone))


@pytest.mark.parametrize("form", [f"{UNRELATED};\n{{}}", f"{{}}\n;\n{UNRELATED}"], ids=["before", "after"])
def test_a_statement_of_other_tables_adds_what_it_says_alone_and_changes_no_more(form: str) -> None:
    found = []
    for case in CORPUS:
        both = case.otherwise(form.format(case.sql))
        found.append(differs(case, both, case.said.beside(case.otherwise(UNRELATED).said), both.said))
    assert_none_but_known("unrelated", found)


@pytest.mark.parametrize("form", ["CREATE TABLE wrapped AS {}", "INSERT INTO wrapped {}", "CREATE VIEW wrapped AS {}"])
def test_the_columns_of_a_query_have_the_same_sources_wherever_they_go(form: str) -> None:
    queries = [case for case in CORPUS if [each.kind for each in case.read.statements] == ["select"]]
    asked = [case for case in queries if not case.read.outputs and "INTO" not in case.sql]
    assert len(asked) > 300
    assert_none_but_known(form[:6], (filled(case, case.otherwise(form.format(case.sql))) for case in asked))


def filled(case: Case, wrapped: Case) -> Difference | None:
    (target,) = wrapped.read.outputs or ("",)
    expected = case.said.shown(partial(Edge._replace, output_table=target))
    return differs(case, wrapped, expected._replace(outputs=frozenset({target})), wrapped.said)


def test_columns_of_tables_that_are_not_named_change_nothing() -> None:
    more = {"far.away": ["id", "name", "a", "b", "x", "y", "v"], "elsewhere": {"id": "int", "total": "numeric"}}
    changed = [
        case.sql
        for case in CORPUS
        if Case(case.kind, case.sql, case.dialect, case.names, {**(case.schema or {}), **more}).read != case.read
    ]
    assert changed == []


@pytest.mark.parametrize("seed", ["1", "2"])
def test_the_same_is_said_in_the_same_order_whatever_python_hashes_by(seed: str) -> None:
    code = "from tests.sources.sql_corpus import CORPUS\nfor case in CORPUS: print(ascii(case.read))"
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    said = subprocess.check_output([sys.executable, "-c", code], cwd=REPOSITORY, env=environment, text=True)
    assert said.splitlines() == [ascii(case.read) for case in CORPUS]
