"""What callers may speak of, and under which name."""

from __future__ import annotations

from pathlib import Path

import pytest

from airflow_provider_catalog.errors import ForbiddenError
from airflow_provider_catalog.model.identity import ColumnId, DatasetId, EntityId, JobId
from airflow_provider_catalog.model.statement import (
    Changes,
    Claim,
    ColumnEdge,
    Content,
    Edge,
    EdgeKind,
    Json,
    Lineage,
    Rule,
    Statement,
)
from airflow_provider_catalog.services.access import within
from airflow_provider_catalog.services.caller import Caller

TOKEN = Caller("token:dbt", frozenset({"ingest"}), namespaces=("dbt-prod", "postgres://*:5432"))
OURS, THEIRS = DatasetId("postgres://db:5432", "shop.public.x"), DatasetId("s3://lake", "x")
ENDS = ((OURS, THEIRS), (THEIRS, OURS))


def claim(subject: EntityId | ColumnId, aspect: str, value: Json) -> Statement:
    return Statement("p", 1, content=Content.of([Claim.of(subject, aspect, value)]))


def pair(dataset: EntityId) -> dict[str, Json]:
    return {"namespace": dataset.namespace, "name": dataset.name}


FORBIDDEN = {
    "a job": (Statement("p", 1, job=JobId("airflow", "a.load")), "airflow"),
    "a read": (Statement("p", 1, lineage=Lineage(reads=(OURS, THEIRS))), "s3://lake"),
    "a write": (Statement("p", 1, lineage=Lineage(writes=(THEIRS,))), "s3://lake"),
    **{
        f"the {end} of an edge": (Statement("p", 1, lineage=Lineage(edges=(Edge(*ends, Rule.SQL),))), "s3://lake")
        for end, ends in zip(("target", "source"), ENDS, strict=True)
    },
    **{
        f"the {end} of a column's edge": (
            Statement(
                "p",
                1,
                lineage=Lineage(
                    columns=(ColumnEdge(ColumnId(ends[0], "x"), ColumnId(ends[1], "y"), EdgeKind.IDENTITY, Rule.SQL),)
                ),
            ),
            "s3://lake",
        )
        for end, ends in zip(("target", "source"), ENDS, strict=True)
    },
    "a dataset": (claim(THEIRS, "documentation", {"description": "x"}), "s3://lake"),
    "a dataset that is taken back": (claim(THEIRS, "documentation", None), "s3://lake"),
    "a column": (claim(ColumnId(THEIRS, "x"), "documentation", {"description": "x"}), "s3://lake"),
    "a job's claim": (claim(JobId("airflow", "a"), "documentation", {"description": "x"}), "airflow"),
    "a dashboard": (claim(EntityId("dashboard", "tableau", "x"), "documentation", {}), "tableau"),
    "a parent": (claim(JobId("dbt-prod", "m"), "parent", pair(JobId("airflow", "a"))), "airflow"),
    "a symlink": (
        claim(OURS, "symlinks", {"identifiers": [pair(OURS), {**pair(THEIRS), "type": "TABLE"}]}),
        "s3://lake",
    ),
    "a merge": (claim(OURS, "merged_into", pair(THEIRS)), "s3://lake"),
    "a split": (claim(OURS, "distinct_from:s3://lake/x", pair(THEIRS)), "s3://lake"),
}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_a_token_of_some_namespaces_speaks_of_no_others(what: str) -> None:
    statement, namespace = FORBIDDEN[what]
    fine = Statement("p", 1, job=JobId("dbt-prod", "m"), lineage=Lineage(reads=(OURS,)))
    with pytest.raises(ForbiddenError, match=f"token:dbt may not speak of the namespace '{namespace}'"):
        within(TOKEN, Changes((fine, statement)))
    within(Caller("token:any", frozenset({"ingest"})), Changes((fine, statement)))


def test_what_lies_in_no_namespace_is_for_tokens_without_limits() -> None:
    statement = claim(EntityId("namespace", "", "postgres://db:5432"), "alias_of", "s3://lake")
    with pytest.raises(ForbiddenError, match="speak of the namespace 'postgres://db:5432': only of namespaces like"):
        within(TOKEN, Changes((statement,)))
    with pytest.raises(ForbiddenError):
        within(Caller("token:star", frozenset({"ingest"}), namespaces=("*",)), Changes((statement,)))
    within(Caller("token:any", frozenset({"ingest"})), Changes((statement,)))


def test_a_token_speaks_of_its_own_namespaces() -> None:
    job = JobId("dbt-prod", "m")
    derived = ColumnEdge(ColumnId(OURS, "x"), ColumnId(OURS, "y"), EdgeKind.IDENTITY, Rule.SQL)
    lineage = Lineage((OURS,), (OURS,), (Edge(OURS, OURS, Rule.SQL),), (derived,))
    links: Json = {"identifiers": [pair(OURS), "nonsense", {"namespace": 1}]}
    claims = [Claim.of(OURS, "symlinks", links), Claim.of(job, "parent", pair(job)), Claim.of(OURS, "symlink", None)]
    within(TOKEN, Changes((Statement("p", 1, job=job, content=Content.of(claims), lineage=lineage),)))


def test_patterns_are_of_namespaces_as_the_catalog_spells_them(tmp_path: Path) -> None:
    spelled = DatasetId("postgresql://DB:5432", "shop.public.x")
    assert spelled.namespace == "postgres://db:5432"
    within(TOKEN, Changes((Statement("p", 1, lineage=Lineage(reads=(spelled,))),)))


def test_machines_have_no_name_to_speak_under() -> None:
    assert Caller("user:ann", frozenset({"write"})).person == "ann"
    with pytest.raises(ForbiddenError, match="people's words"):
        _ = Caller("token:user:ann", frozenset({"write"})).person
