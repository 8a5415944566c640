"""Plans from golden data: adding a case is adding a line to a file of tests/golden/glue/plan.

`written`: what was wanted before and is carried out; `actual`: a table of others. `edits`: what somebody changed of it
since, as pairs of a member and its value, null when it was taken away. Of what is expected, `table_input` is only told
of tables that are made; the memory of what is ours is left out.

`UPDATE_GOLDEN=1 pytest tests/targets/glue/test_plan.py` writes what is expected anew: read the difference before you
commit.
"""

from __future__ import annotations

import copy
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from airflow_provider_catalog.targets.glue.ownership import MEMORY
from airflow_provider_catalog.targets.glue.plan import Plan, plan
from airflow_provider_catalog.targets.glue.table_input import input_of
from airflow_provider_catalog.targets.glue.undo import before_image, undo
from airflow_provider_catalog.targets.glue.wanted import Column, Wanted
from tests.targets.glue.made_up import written

GOLDEN = Path(__file__).parents[2] / "golden" / "glue" / "plan"
FILES = sorted(GOLDEN.glob("*.json"))
CASES = [
    pytest.param(path, at, id=f"{path.stem}-{case['title']}")
    for path in FILES
    for at, case in enumerate(json.loads(path.read_text()))
]


def wish(stated: dict[str, Any]) -> Wanted:
    def columns(some: Sequence[dict[str, Any]]) -> tuple[Column, ...]:
        return tuple(Column(**{**each, "fields": columns(each.get("fields", ()))}) for each in some)

    lists = {name: columns(stated.get(name, ())) for name in ("columns", "partition_keys")}
    return Wanted(**{"database": "sales", "name": "orders", **stated, **lists})


def edited(table: dict[str, Any], edits: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    table = copy.deepcopy(table)
    for member, value in edits:
        at: Any = table
        *way, last = member.split("/")
        for part in way:
            at = next(each for each in at if each["Name"] == part) if isinstance(at, list) else at.setdefault(part, {})
        if value is None:
            at.remove(next(each for each in at if each["Name"] == last)) if isinstance(at, list) else at.pop(last)
        else:
            at[last] = value
    return table


def table_of(case: dict[str, Any]) -> dict[str, Any] | None:
    if "written" not in case:
        return case.get("actual")
    return edited(written(plan(wish(case["written"]), None)), case.get("edits", ()))


def outcome(planned: Plan) -> dict[str, Any]:
    stated: dict[str, Any] = {"kind": planned.kind}
    if planned.archive:
        stated["archive"] = True
    if planned.kind == "create":
        parameters = {key: value for key, value in planned.table_input["Parameters"].items() if key != MEMORY}
        stated["table_input"] = {**planned.table_input, "Parameters": parameters}
    elif planned.changes:
        stated["changes"] = [list(change) for change in planned.changes]
    told = {"notes": list(planned.notes), "reason": planned.reason}
    return stated | {name: value for name, value in told.items() if value}


@pytest.mark.parametrize(("path", "at"), CASES)
def test_a_plan_does_what_is_wanted_and_no_more(path: Path, at: int) -> None:
    cases = json.loads(path.read_text())
    case = cases[at]
    found = json.loads(json.dumps(outcome(plan(wish(case["wanted"]), table_of(case)))))
    if os.environ.get("UPDATE_GOLDEN"):
        case["expected"] = found
        path.write_text("[\n" + ",\n".join(f" {json.dumps(each, ensure_ascii=False)}" for each in cases) + "\n]\n")
    assert found == case["expected"]


@pytest.mark.parametrize(("path", "at"), CASES)
def test_a_second_plan_is_for_nothing_and_the_first_is_taken_back(path: Path, at: int) -> None:
    case = json.loads(path.read_text())[at]
    wanted, table = wish(case["wanted"]), table_of(case)
    planned = plan(wanted, table)
    assert planned.version_id == (table or {}).get("VersionId") or planned.kind in {"refuse", "nothing", "create"}
    if planned.kind not in {"create", "update"}:
        return
    now = written(planned, table)
    assert plan(wanted, now).kind == "nothing"
    back = undo(json.loads(json.dumps(before_image(planned, table))), now)
    assert back.kind == ("update" if table else "delete")
    assert back.table_input == (input_of(table) if table else {})


def test_the_last_parameter_can_go() -> None:
    bare = {"Name": "orders", "TableType": "MANAGED_TABLE"}
    one = written(plan(Wanted("sales", "orders", parameters={"pii_columns": "email"}), bare), bare)
    planned = plan(Wanted("sales", "orders", parameters={"pii_columns": None}), one)
    assert planned.table_input["Parameters"] == {}
    assert plan(Wanted("sales", "orders"), written(planned, one)).kind == "nothing"


def test_a_wide_table_is_planned_with_a_memory_that_fits() -> None:
    wide = tuple(Column(f"column_{number}", "varchar(20)", "What it is") for number in range(5_000))
    made = written(plan(Wanted("sales", "orders", wide), None))
    assert len(made["Parameters"][MEMORY]) < 200_000
    assert plan(Wanted("sales", "orders", wide), made).kind == "nothing"
    later = (*wide[:-1], Column("column_4999", "varchar(30)", "What it is now"))
    changes = plan(Wanted("sales", "orders", later), made).changes
    assert [each.member.rpartition(".")[2] for each in changes] == ["Type", "Comment"]


def test_a_parameter_that_is_too_long_is_left_out() -> None:
    planned = plan(Wanted("sales", "orders", parameters={"chain": "x" * 512_001, "good": "x" * 512_000}), None)
    assert planned.table_input["Parameters"].keys() == {"EXTERNAL", "good", MEMORY}
    assert planned.notes == ("the parameter 'chain' is left out: it has 512001 bytes, and AWS takes 512000",)
