"""Objects and files that are no data of a task: those it deletes, and those that only its hook has seen."""

from __future__ import annotations

import re
from typing import Any

from airflow_provider_catalog.sources.task.aws import places
from airflow_provider_catalog.sources.task.aws.fields import Fields
from airflow_provider_catalog.sources.task.aws.findings import Findings

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_SOME = "only some of what begins so was deleted"


def delete(fields: Fields, found: Findings) -> None:
    """Of S3DeleteObjectsOperator: objects by their keys; all of a folder, unless it is by their age."""
    bucket, prefix = fields.text("bucket"), fields.text("prefix")
    for key in fields.texts("keys"):
        found.gone(places.s3(bucket, key))
    aged = any(fields.stated.get(name) for name in ("from_datetime", "to_datetime"))
    if prefix.endswith("/") and not aged:
        found.gone(places.s3(bucket, prefix))
    elif prefix or aged:
        found.note("deletes", (f"s3://{bucket}/{prefix}",), _SOME)


def lasting(assets: Any, *, random: bool) -> Any:
    """What hooks reported without files that were only on the way. `random`: nor names that are new in every run."""
    if type(assets) is not list:
        return assets
    return [each for each in assets if not _passing(Fields({"asset": each}).text("asset", "uri"), random=random)]


def _passing(uri: str, *, random: bool) -> bool:
    return uri.startswith("file:") or (random and _UUID.search(uri.rpartition("/")[2]) is not None)
