"""Documents of dbt that nobody should write: they are read or rejected, keep no secrets, and mean one thing only."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from airflow_provider_catalog.errors import RejectedError
from airflow_provider_catalog.model import codec
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.model.statement import Changes
from airflow_provider_catalog.sources import read
from airflow_provider_catalog.sources.dbt import project
from tests.sources.documents import paths, replaced

GOLDEN = Path(__file__).parents[2] / "golden"
DOCUMENTS = {
    path.stem: json.loads(path.read_text())["document"]
    for path in sorted((GOLDEN / "dbt" / "documents").glob("*.json"))
    if not path.stem.endswith(".expected")
}
PLACES = [(name, path) for name, document in DOCUMENTS.items() for path in paths(document)]
NOW = 1_893_456_000_000_000
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=20), inner, max_size=3),
    max_leaves=6,
)
ODD: tuple[Any, ...] = (
    None,
    0,
    10**30,
    -0.5,
    "",
    "\x00",
    "\ud800",
    "x" * 5_000,
    [],
    [None],
    [[]],
    {},
    {"": None},
    True,
    "a.b.c",
    ["a"],
)
SECRET = "Tr0ub4dor-3"
LEAKS = (
    f"postgresql://ann:{SECRET}@db/shop",
    f"password = '{SECRET}'",
    f"api_key={SECRET}",
    f"Authorization: Bearer {SECRET}",
)


def said(document: Any) -> Changes | None:
    """What becomes of it; and that what was read can be written down and read again."""
    payload = json.dumps(document, ensure_ascii=False).encode("utf-8", "surrogatepass")
    try:
        changes = read(Envelope("dbt", payload, recorded_at=NOW))
    except RejectedError:
        return None
    written = json.dumps([codec.statement_to_json(each) for each in changes.statements]).encode()
    again = read(Envelope("statements", written))
    assert [each.id for each in again.statements] == [each.id for each in changes.statements]
    return changes


@pytest.mark.parametrize("name", DOCUMENTS)
def test_whatever_stands_anywhere_a_document_is_read_or_rejected(name: str) -> None:
    document = DOCUMENTS[name]
    for number, path in enumerate(paths(document)):
        for odd in ODD[number % 4 :: 4]:
            said(replaced(document, path, odd))


@given(place=st.sampled_from(PLACES), value=JSON)
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_any_json_anywhere_is_read_or_rejected(place: tuple[str, tuple[Any, ...]], value: Any) -> None:
    name, path = place
    said(replaced(DOCUMENTS[name], path, value))


@given(JSON)
def test_any_json_is_read_or_rejected(document: Any) -> None:
    assert said(document) is None


@pytest.mark.parametrize("name", DOCUMENTS)
def test_no_time_is_later_than_now(name: str) -> None:
    """Else nobody could say anything else of the same for ever."""
    document = json.loads(json.dumps(DOCUMENTS[name]).replace('"2025-', '"9025-'))
    changes = said(document)
    assert changes is not None
    assert all(each.time <= NOW for each in changes.statements)


@pytest.mark.parametrize("leak", LEAKS)
@pytest.mark.parametrize("name", ["model", "source", "exposure", "tests", "failed_model", "failed_tests", "contract"])
def test_no_secret_of_any_text_that_people_or_databases_write_is_kept(name: str, leak: str) -> None:
    for path in paths(DOCUMENTS[name]):
        if _is_prose(path):
            changes = said(replaced(DOCUMENTS[name], path, leak))
            assert changes is not None, path
            assert SECRET not in json.dumps([codec.statement_to_json(each) for each in changes.statements]), path


def _is_prose(path: tuple[Any, ...]) -> bool:
    """Where a text stands that no program reads."""
    written = {
        "description",
        "source_description",
        "message",
        "error",
        "owner",
        "compiled_code",
        "label",
        "url",
        "tags",
    }
    return bool(path) and (path[-1] in written or "meta" in path[:-1] or "adapter_response" in path[:-1])


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_order_in_which_documents_are_read_does_not_count(name: str) -> None:
    """Nothing that was read before has a say."""
    fresh = partial(type(project._remembered), 64 * 1024 * 1024)
    before = project._remembered
    try:
        project._remembered = fresh()
        alone = said(DOCUMENTS[name])
        for other in DOCUMENTS.values():
            said(other)
        after = said(DOCUMENTS[name])
    finally:
        project._remembered = before
    assert alone is not None
    assert after is not None
    assert [each.id for each in alone.statements] == [each.id for each in after.statements]


def test_a_document_of_another_format_is_rejected_with_the_one_that_is_read() -> None:
    for stated in (None, 0, 2, "1", 1.5):
        with pytest.raises(RejectedError, match="is not read here, only 1"):
            read(Envelope("dbt", json.dumps({**DOCUMENTS["model"], "format": stated}).encode()))


@pytest.mark.parametrize("key", ["nodes", "parents", "results", "freshness", "gone"])
def test_a_list_that_is_none_is_rejected_with_its_name(key: str) -> None:
    with pytest.raises(RejectedError) as rejected:
        read(Envelope("dbt", json.dumps({**DOCUMENTS["source"], "invocation": {"id": "x"}, key: {"a": 1}}).encode()))
    assert f"/{key}" in rejected.value.reason


@pytest.mark.parametrize("key", ["columns", "catalog", "invocation", "target"])
def test_an_object_that_is_none_is_rejected_with_its_name(key: str) -> None:
    with pytest.raises(RejectedError) as rejected:
        read(Envelope("dbt", json.dumps({**DOCUMENTS["model"], key: ["a"]}).encode()))
    assert f"/{key}" in rejected.value.reason
