"""Whatever comes in becomes `Changes` or is rejected with a reason; nothing else ever happens."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_catalog.errors import RejectedError
from airflow_provider_catalog.model import codec
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.model.statement import Changes
from airflow_provider_catalog.sources import read
from tests.sources.documents import paths, replaced

GOLDEN = Path(__file__).parents[1] / "golden"
REJECTED = [
    pytest.param(path.stem, case, id=f"{path.stem}-{i}")
    for path in sorted((GOLDEN / "rejected").glob("*.json"))
    for i, case in enumerate(json.loads(path.read_text()))
]
EVENTS = [
    event
    for path in sorted((GOLDEN / "openlineage").glob("*.json"))
    if not path.stem.endswith(".expected")
    for event in json.loads(path.read_text())["events"]
]
EDIT: dict[str, Any] = {
    "actor": "ann",
    "time": "2024-05-01T00:00:00Z",
    "reason": "asked by bob",
    "claims": [
        [["dataset", "s3://b", "k"], "documentation", {"description": "text"}],
        [["column", "s3://b", "k", "c"], "tag:pii", {"key": "pii", "value": "true"}],
        [["dataset", "s3://b", "k"], "ownership", {"owners": [{"name": "ann", "type": "MAINTAINER"}]}],
        [["dataset", "s3://b", "k"], "merged_into", {"namespace": "s3://b", "name": "x"}],
        [["dataset", "s3://b", "k"], "distinct_from:s3://b/y", {"namespace": "s3://b", "name": "y"}],
        [["namespace", "", "postgres://db:5432"], "alias_of", "postgres://localhost:5432"],
        [["dataset", "s3://b", "k"], "existence", False],
    ],
}
REGISTRATION: dict[str, Any] = json.loads((GOLDEN / "register" / "seed_004.json").read_text())["body"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=20), inner, max_size=3),
    max_leaves=6,
)


def readable(kind: str, document: Any) -> Changes | None:
    """What becomes of it, and that what was read can be written down and read again."""
    payload = json.dumps(document, ensure_ascii=False).encode("utf-8", "surrogatepass")
    try:
        changes = read(Envelope(kind, payload, recorded_at=1_893_456_000_000_000))
    except RejectedError:
        return None
    written = json.dumps([codec.statement_to_json(each) for each in changes.statements]).encode()
    again = read(Envelope("statements", written))
    assert [each.id for each in again.statements] == [each.id for each in changes.statements]
    return changes


@pytest.mark.parametrize(("kind", "case"), REJECTED)
def test_what_cannot_be_read_is_rejected_and_told_why(kind: str, case: dict[str, str]) -> None:
    with pytest.raises(RejectedError) as rejected:
        read(Envelope(kind, case["payload"].encode("latin-1")))
    assert rejected.value.reason.startswith(case["reason"])


def test_an_unknown_kind_is_rejected_with_the_kinds_there_are() -> None:
    with pytest.raises(RejectedError, match=r"'telegram', only of .*edit, openlineage"):
        read(Envelope("telegram", b"{}"))


@pytest.mark.parametrize("kind", ["edit", "openlineage", "register", "statements"])
@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_ten_thousand_levels_are_rejected(kind: str, opening: bytes) -> None:
    closing = b"]" if opening == b"[" else b"}"
    with pytest.raises(RejectedError):
        read(Envelope(kind, opening * 10_000 + b"1" + closing * 10_000))


@pytest.mark.parametrize("depth", [50, 126, 127, 150, 500])
@pytest.mark.parametrize("place", ["run", "job", "dataset"])
def test_a_facet_of_any_depth_is_read_or_passed_over_or_rejected(depth: int, place: str) -> None:
    facets = {each: {"deep": "here"} if each == place else {} for each in ("run", "job", "dataset")}
    event = {
        "eventTime": "2024-05-01T00:00:00Z",
        "run": {"runId": "r", "facets": facets["run"]},
        "job": {"namespace": "prod", "name": "j", "facets": facets["job"]},
        "outputs": [{"namespace": "s3://b", "name": "k", "facets": facets["dataset"]}],
    }
    payload = json.dumps(event).replace('"here"', '{"a":[' * depth + "]}" * depth).encode()
    with contextlib.suppress(RejectedError):
        assert read(Envelope("openlineage", payload)).statements[0].id
        assert depth < 127 or place == "run"


@given(st.data())
def test_whatever_stands_in_the_place_of_a_node_an_event_is_read_or_rejected(data: st.DataObject) -> None:
    event = data.draw(st.sampled_from(EVENTS))
    readable("openlineage", replaced(event, data.draw(st.sampled_from(list(paths(event)))), data.draw(JSON)))


@given(st.data())
def test_whatever_stands_in_the_place_of_a_node_an_edit_is_read_or_rejected(data: st.DataObject) -> None:
    readable("edit", replaced(EDIT, data.draw(st.sampled_from(list(paths(EDIT)))), data.draw(JSON)))


@given(st.data())
def test_whatever_stands_in_the_place_of_a_node_a_registration_is_read_or_rejected(data: st.DataObject) -> None:
    readable("register", replaced(REGISTRATION, data.draw(st.sampled_from(list(paths(REGISTRATION)))), data.draw(JSON)))


@given(st.data())
def test_whatever_stands_in_the_place_of_a_node_statements_are_read_or_rejected(data: st.DataObject) -> None:
    expected = data.draw(st.sampled_from(sorted((GOLDEN / "openlineage").glob("*.expected.json"))))
    statements = json.loads(expected.read_text())
    readable("statements", replaced(statements, data.draw(st.sampled_from(list(paths(statements)))), data.draw(JSON)))


@given(st.binary())
def test_any_bytes_are_read_or_rejected(payload: bytes) -> None:
    with pytest.raises(RejectedError):
        read(Envelope("openlineage", payload))
