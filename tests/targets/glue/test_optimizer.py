"""What is to be done about an optimizer, without AWS."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from airflow_provider_catalog.targets.glue.optimizer import CONFIGURATIONS, Optimizer, last_run, plan, refusal
from airflow_provider_catalog.targets.glue.service_model import shape

ROLE = "arn:aws:iam::111122223333:role/optimizer"
DAYS = {"icebergConfiguration": {"snapshotRetentionPeriodInDays": 5, "numberOfSnapshotsToRetain": 2}}
THERE: dict[str, Any] = {"roleArn": ROLE, "enabled": True, "retentionConfiguration": DAYS}


def test_every_type_of_aws_has_its_configuration() -> None:
    assert set(CONFIGURATIONS) == set(shape("TableOptimizerType").enum)
    assert set(CONFIGURATIONS.values()) <= set(shape("TableOptimizerConfiguration").members)


@pytest.mark.parametrize(
    ("wanted", "actual", "action"),
    [
        (None, None, "none"),
        (None, {"configuration": THERE}, "delete"),
        (Optimizer("retention", ROLE), None, "create"),
        (Optimizer("retention", ROLE), {"configuration": THERE}, "none"),
        (Optimizer("retention"), {"configuration": THERE}, "none"),
        (Optimizer("retention", ROLE, enabled=False), {"configuration": THERE}, "update"),
        (Optimizer("retention", configuration={"numberOfSnapshotsToRetain": 2}), {"configuration": THERE}, "none"),
        (Optimizer("retention", configuration={"numberOfSnapshotsToRetain": 3}), {"configuration": THERE}, "update"),
        (Optimizer("retention", connection="inside"), {"configuration": THERE}, "update"),
        (Optimizer("retention", ROLE), {}, "update"),
    ],
)
def test_what_is_there_decides_what_is_done(wanted: Optimizer | None, actual: dict[str, Any], action: str) -> None:
    assert plan(wanted, actual).action == action


def test_an_update_tells_the_whole_of_it() -> None:
    made = plan(Optimizer("retention", configuration={"numberOfSnapshotsToRetain": 3}), {"configuration": THERE})
    days = {"snapshotRetentionPeriodInDays": 5, "numberOfSnapshotsToRetain": 3}
    assert made.configuration == {**THERE, "retentionConfiguration": {"icebergConfiguration": days}}
    assert plan(Optimizer("retention"), {"configuration": made.configuration}).state == "unchanged"


@pytest.mark.parametrize("spelled", ["ICEBERG", "iceberg"])
def test_a_table_of_iceberg_is_not_refused(spelled: str) -> None:
    assert refusal("retention", {"Parameters": {"table_type": spelled}}) == ""


@pytest.mark.parametrize("parameters", [None, {}, {"table_type": "HUDI"}])
def test_other_tables_are(parameters: dict[str, str] | None) -> None:
    said = refusal("retention", {"DatabaseName": "d", "Name": "t", "Parameters": parameters})
    assert said.startswith("d.t is no Iceberg table")


def test_times_of_a_run_are_told_in_utc() -> None:
    begun = datetime(2026, 1, 2, 1, tzinfo=timezone(timedelta(hours=2)))
    assert last_run({"lastRun": {"startTimestamp": begun, "eventType": "completed"}}) == {
        "startTimestamp": "2026-01-01T23:00:00+00:00",
        "eventType": "completed",
    }
    assert last_run(None) == last_run({"configuration": THERE}) == {}
