"""Edits by people, registrations by programs, statements of other stores."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_catalog.model import codec
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.model.identity import DatasetId, JobId
from airflow_provider_catalog.model.statement import Origin, Rule, Statement
from airflow_provider_catalog.sources import read

GOLDEN = Path(__file__).parents[1] / "golden"
TABLE = ["dataset", "s3://b", "k"]


def only(kind: str, document: Any, **envelope: Any) -> Statement:
    (statement,) = read(Envelope(kind, json.dumps(document).encode(), **envelope)).statements
    return statement


@pytest.mark.parametrize(
    ("subject", "aspect", "value"),
    [
        (TABLE, "documentation", {"description": "One row per order."}),
        (["column", "s3://b", "k", "email"], "documentation", {"description": "Where we write to."}),
        (["job", "prod", "dag.task"], "ownership", {"owners": [{"name": "ann"}, {"name": "bob", "type": "STEWARD"}]}),
        (TABLE, "tag:pii", {"key": "pii", "value": "true"}),
        (TABLE, "tag:a:b", {"key": "a:b", "value": ""}),
        (TABLE, "tag:pii", {"removed": True}),
        (TABLE, "merged_into", {"namespace": "s3://b", "name": "x"}),
        (TABLE, "distinct_from:s3://b/x", {"namespace": "s3://b", "name": "x"}),
        (["namespace", "", "postgres://db:5432"], "alias_of", "postgres://localhost:5432"),
        (TABLE, "existence", False),
        (TABLE, "existence", None),
        (TABLE, "tag:pii", None),
    ],
)
def test_people_may_state(subject: list[str], aspect: str, value: Any) -> None:
    edit = {"actor": "ann", "time": "2024-05-01T00:00:00Z", "claims": [[subject, aspect, value]]}
    statement = only("edit", edit)
    assert (statement.producer, statement.origin) == ("human", Origin.HUMAN)
    assert codec.content_to_json(statement.content) == [[subject, aspect, value]]


def test_an_edit_keeps_who_made_it_and_why() -> None:
    claims = [[TABLE, "documentation", None]]
    statement = only("edit", {"actor": "ann", "reason": "wrong", "time": 1_714_521_600_000_000, "claims": claims})
    assert json.loads(statement.details) == {"actor": "ann", "reason": "wrong"}
    assert statement.time == 1_714_521_600_000_000


def test_an_edit_from_the_future_is_made_now() -> None:
    edit = {"actor": "ann", "time": "2050-01-01T00:00:00Z", "claims": [[TABLE, "documentation", None]]}
    assert only("edit", edit, recorded_at=5).time == 5


def test_the_registration_of_seed_004_declares_dataset_and_lineage() -> None:
    case = json.loads((GOLDEN / "register" / "seed_004.json").read_text())
    statement = only("register", case["body"])
    assert codec.statement_to_json(statement) == case["expected"]
    assert statement.job == JobId("register", "dbt.new_table_model")
    assert [edge.rule for edge in statement.lineage.edges] == [Rule.DECLARED]


def test_a_registration_that_says_nothing_of_lineage_closes_no_edge() -> None:
    statement = only("register", {"time": 1, "dataset_id": "s3://b/k"})
    assert (statement.complete, statement.job, bool(statement.lineage)) == (False, None, False)


def test_a_registration_without_upstream_closes_the_edges_of_its_dataset_alone() -> None:
    statement = only("register", {"time": 1, "dataset_id": "s3://b/k", "upstream_datasets": []})
    assert (statement.complete, statement.job) == (True, JobId("register", "s3://b/k"))
    assert statement.lineage.writes == (DatasetId("s3://b", "k"),)


def test_statements_come_back_as_they_went() -> None:
    for path in (GOLDEN / "openlineage").glob("*.expected.json"):
        documents = json.loads(path.read_text())
        statements = read(Envelope("statements", json.dumps(documents).encode())).statements
        assert [codec.statement_to_json(each) for each in statements] == documents
