"""Who sent an envelope is told by its statements, and no payload can tell it otherwise."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from airflow_provider_catalog.errors import RejectedError
from airflow_provider_catalog.model import codec
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.model.statement import Statement
from airflow_provider_catalog.sources import read
from tests.sources.documents import paths, replaced

GOLDEN = Path(__file__).parents[1] / "golden"
NOW = 1_893_456_000_000_000  # 2030
SENDER, FORGED = "token:spark", "user:admin"
EDIT = {"actor": "ann", "time": 1, "claims": [[["dataset", "s3://b", "k"], "tag:pii", {"key": "pii", "value": ""}]]}


class Case(NamedTuple):
    name: str
    kind: str
    document: Any


def golden(folder: str, name: str, key: str) -> Any:
    return json.loads((GOLDEN / folder / f"{name}.json").read_text())[key]


def cases() -> Iterator[Case]:
    for name in ("provider_sql_task", "job_event", "dataset_event", "child_query", "statistics_and_quality"):
        yield Case(name, "openlineage", golden("openlineage", name, "events")[0])
    for name in ("sql_operator", "failed", "dag_run", "asset"):
        record = golden("task", name, "records")[0]
        yield Case(name, record.pop("kind", "task"), record)
    yield Case("seed_004", "register", golden("register", "seed_004", "body"))
    yield Case("crawl", "crawl", golden("crawlers/statements", "table", "crawls")[0])
    yield Case("edit", "edit", EDIT)
    yield Case("statements", "statements", json.loads((GOLDEN / "openlineage" / "dbt_run.expected.json").read_text()))


CASES = pytest.mark.parametrize("case", list(cases()), ids=lambda case: case.name)


def said(case: Case, document: Any, sender: str = "") -> tuple[Statement, ...]:
    return read(Envelope(case.kind, json.dumps(document).encode(), recorded_at=NOW, sender=sender)).statements


@CASES
def test_every_statement_tells_who_sent_it_and_is_the_same_otherwise(case: Case) -> None:
    plain, sent = said(case, case.document), said(case, case.document, SENDER)
    assert len(plain) == len(sent) > 0
    for before, after in zip(plain, sent, strict=True):
        one, other = codec.statement_to_json(before), codec.statement_to_json(after)
        assert other == {**one, "details": {**one["details"], "sender": SENDER}}
        assert before.id != after.id


@CASES
def test_one_envelope_gives_the_same_ids_each_time_also_when_they_travel(case: Case) -> None:
    plain, first, second = (said(case, case.document, sender) for sender in ("", SENDER, SENDER))
    assert [statement.id for statement in first] == [statement.id for statement in second]
    assert list(map(_travels, first)) == list(map(_travels, plain))


def _travels(statement: Statement) -> bool:
    """All do, but for a few with very small floats among their details."""
    return codec.statement_from_json(codec.statement_to_json(statement)).id == statement.id


@CASES
@pytest.mark.parametrize("sender", ["", SENDER])
def test_what_a_payload_says_of_its_sender_does_not_count(case: Case, sender: str) -> None:
    """Wherever in the payload it says so. What is rejected for it says nothing at all."""
    places = [path for path in paths(case.document) if isinstance(_at(case.document, path), dict)]
    assert places
    for path in places:
        forged = replaced(case.document, path, {**_at(case.document, path), "sender": FORGED})
        for statement in _said_if_readable(case, forged, sender):
            assert json.loads(statement.details).get("sender", "") == sender, path


def _at(document: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        document = document[key]
    return document


def _said_if_readable(case: Case, document: Any, sender: str) -> tuple[Statement, ...]:
    try:
        return said(case, document, sender)
    except RejectedError:
        return ()


def test_statements_that_were_handed_over_are_of_whoever_hands_them_over() -> None:
    """What they say of their first sender stays with the store they come from."""
    case = next(case for case in cases() if case.kind == "statements")
    claiming = [
        {**each, "details": {**each["details"], "sender": FORGED, "x": {"sender": 1}}} for each in case.document
    ]
    for sender, told in (("", {"x": {"sender": 1}}), (SENDER, {"x": {"sender": 1}, "sender": SENDER})):
        for statement, stated in zip(said(case, claiming, sender), case.document, strict=True):
            assert json.loads(statement.details) == stated["details"] | told


def test_what_a_sender_is_named_is_kept_as_it_is() -> None:
    name = 'token:é"\\\u2028 {}'
    case = next(cases())
    assert [json.loads(statement.details)["sender"] for statement in said(case, case.document, name)] == [name]


def test_a_checkpoint_is_the_stores_own_and_nobody_may_send_one() -> None:
    document: dict[str, Any] = {"contents": {}, "lineages": {}, "statements": []}
    payload = json.dumps(document).encode()
    assert read(Envelope("checkpoint", payload)).statements == ()
    with pytest.raises(RejectedError, match="made by the store alone"):
        read(Envelope("checkpoint", payload, sender=SENDER))
