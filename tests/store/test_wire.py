"""The wire: what a call takes and gives comes out as it went in; what somebody made up is refused with its place."""

from __future__ import annotations

import inspect
import json
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_catalog.errors import RejectedError
from airflow_provider_catalog.model.envelope import DeadLetter, Envelope
from airflow_provider_catalog.model.statement import EdgeKind, Event, Origin, Rule
from airflow_provider_catalog.store.calls import CALLS, CHANGES
from airflow_provider_catalog.store.http import HttpStore
from airflow_provider_catalog.store.protocol import (
    AliasRule,
    Entity,
    Fact,
    LineageEdge,
    RunRow,
    StatementRow,
    Status,
    Store,
    Totals,
    Walk,
)
from airflow_provider_catalog.store.wire import dumps, form, loads

LEAST, MOST = -(2**63), 2**63 - 1
ENVELOPE = Envelope("task", bytes(range(256)), "who ☃", 7, "key\u2028", 9, "token:é")
RUN = RunRow("run", MOST, Event.FAIL, 1, None, None, None, "parent", None)
EDGE = LineageEdge(1, "p", LEAST, MOST, Rule.SQL, 0.1, 5, None, kind=EdgeKind.FILTER)
ANSWERS: list[tuple[str, Any]] = [
    ("pending", [ENVELOPE, Envelope("openlineage", b"")]),
    ("envelope", ENVELOPE),
    ("envelope", None),
    ("unmerged", {b"\0\xff", b"a"}),
    ("dead_letters", [DeadLetter(ENVELOPE, "why", b"\1")]),
    ("entities", {LEAST: Entity(LEAST, "dataset", "postgres://db", "a.b", MOST)}),
    ("alias_rules", [AliasRule(1, 2, "symlink", "p", same=False)]),
    ("namespaces", ["s3://a", ""]),
    ("facts", [Fact(1, "schema", "p", Origin.HUMAN, 1, None, 2, {"a": [1, 1.0, None, True, "x"]}, 3)]),
    ("audit", [StatementRow(b"id", "p", Origin.SOURCE, Event.OTHER, 1, None, None, complete=True, details={"k": [1]})]),
    ("run", (RUN, [])),
    ("latest", {7: (RUN, {"rows": 1})}),
    ("walk", Walk({1: 1, 2: 5}, truncated=True)),
    ("edges", [EDGE]),
    ("heard", {(MOST, "p"): LEAST, (1, "☃"): 0}),
    ("totals", {1: Totals(1, 2, None)}),
    ("leases", {"merge": "ann"}),
    ("status", Status(*range(10))),
    ("release_lease", None),
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def sent(document: Any) -> Any:
    return loads(dumps(document))


def types_of(value: Any) -> Any:
    """The shape of it, as comparing does not tell 1 from True or an enum."""
    if isinstance(value, dict):
        return {key: (type(key), types_of(each)) for key, each in value.items()}
    return [type(value), *map(types_of, value)] if isinstance(value, list | tuple) else type(value)


@pytest.mark.parametrize(("name", "answer"), ANSWERS)
def test_an_answer_comes_out_as_it_went_in(name: str, answer: Any) -> None:
    result = CALLS[name].result
    found = result.read(sent(result.write(answer)), "")
    assert found == answer
    assert types_of(found) == types_of(answer)


def test_every_call_of_the_protocol_can_be_asked_over_http() -> None:
    public = {name for name, each in vars(Store).items() if inspect.isfunction(each) and not name.startswith("_")}
    assert public == CALLS.keys() | {"accept", "apply", "dump", "glance", "close"}
    assert [name for name in public if getattr(HttpStore, name) is getattr(Store, name)] == []


def test_arguments_travel_by_name_and_what_was_left_out_stays_out() -> None:
    walk = CALLS["walk"]
    written = walk.write([1, 2], "upstream", as_of=None, depth=MOST)
    assert written == {"starts": [1, 2], "direction": "upstream", "as_of": None, "depth": MOST}
    assert walk.read(sent(written)) == written
    with pytest.raises(TypeError, match="direction"):
        walk.write([1])


def test_any_collection_is_sent_as_a_list() -> None:
    assert CALLS["entities"].write({3: "c"}.keys()) == {"uids": [3]}
    assert CALLS["forget_dead_letters"].write({b"\xff"}) == {"envelope_ids": ["/w=="]}
    assert sent(CALLS["column_edges_between"].write([(1, 2)])) == {"pairs": [[1, 2]]}


WRONG = [
    ("entities", {"uids": 1}, "/uids: expected a list, found a number"),
    ("entities", {"uids": [1, "2"]}, "/uids/1: expected a whole number of 64 bits, found a string"),
    ("entities", {"uids": [True]}, "/uids/0: expected a whole number of 64 bits, found true or false"),
    ("entities", {"uids": [1.0]}, "/uids/0: expected a whole number of 64 bits"),
    ("entities", {"uids": [MOST + 1]}, "/uids/0: expected a whole number of 64 bits"),
    ("entities", {"uids": [LEAST - 1]}, "/uids/0: expected a whole number of 64 bits"),
    ("entities", {}, "/uids: is missing"),
    ("entities", [], "/: expected an object, found a list"),
    ("entities", {"uids": [], "self": 1}, "/self: entities takes uids"),
    ("status", {"x": 1}, "/x: status takes nothing"),
    ("walk", {"starts": [], "direction": "sideways"}, "/direction: expected one of upstream, downstream"),
    ("walk", {"starts": [], "direction": ["upstream"]}, "/direction: expected one of"),
    ("find", {"prefix": None}, "/prefix: expected a string, found null"),
    ("envelope", {"envelope_id": "no base64"}, "/envelope_id: expected base64"),
    ("envelope", {"envelope_id": "é"}, "/envelope_id: expected base64"),
    ("column_edges_between", {"pairs": [[1, 2], [1]]}, "/pairs/1: expected 2 items, found 1"),
    ("acquire_lease", {"role": "r", "holder": "h", "seconds": "1"}, "/seconds: expected a number, found a string"),
]


@pytest.mark.parametrize(("name", "document", "problem"), WRONG)
def test_what_is_wrong_is_refused_with_its_place(name: str, document: Any, problem: str) -> None:
    with pytest.raises(RejectedError) as caught:
        CALLS[name].read(loads(json.dumps(document).encode()))
    assert caught.value.reason.startswith(problem)


@given(JSON, st.sampled_from([*CALLS.values(), CHANGES]))
def test_whatever_is_sent_is_read_or_refused(document: Any, call: Any) -> None:
    """With names of real arguments too, since nothing else comes far."""
    for stated in (document, dict.fromkeys(call.arguments, document)):
        with suppress(RejectedError):
            call.signature.bind(**call.read(sent(stated)))


def test_a_record_of_an_older_version_may_lack_what_was_added_since() -> None:
    letters = form(Sequence[DeadLetter])
    assert letters.read([[["task", "e30="], "why"]], "") == [DeadLetter(Envelope("task", b"{}"), "why")]
    with pytest.raises(RejectedError, match="/0/0: expected 7 items, found 8"):
        letters.read([[["task", "", "", 0, "", 0, "", "more"], "why"]], "")


def test_what_no_store_keeps_is_replaced_and_what_json_cannot_say_is_refused() -> None:
    assert sent({"half \ud800": ["\udfff", "whole \U0001f600"]}) == {"half ?": ["?", "whole \U0001f600"]}
    with pytest.raises(RejectedError, match="this cannot be sent: Integer exceeds 64-bit range"):
        dumps([2**70])
    with pytest.raises(RejectedError, match="not JSON"):
        loads(b"{")
