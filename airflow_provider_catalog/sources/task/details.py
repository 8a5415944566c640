"""Details: what belongs to one try of a task alone, and how each thing it says came to be known."""

from __future__ import annotations

from typing import Any

import orjson

from airflow_provider_catalog.model.identity import DatasetId
from airflow_provider_catalog.model.masking import mask_text, masked
from airflow_provider_catalog.sources.openlineage import details as openlineage
from airflow_provider_catalog.sources.openlineage.notes import Notes
from airflow_provider_catalog.sources.openlineage.stable import Stable
from airflow_provider_catalog.sources.task.evidence import Evidence

_AIRFLOW = ("run_id", "dag_id", "task_id", "map_index", "try_number", "state", "operator", "operator_class", "run_type")
_TEXT_LIMIT, _CAPTURE_LIMIT = 4_000, 65_536


def details(record: dict[str, Any], evidence: Evidence, said: Stable) -> bytes:
    notes = evidence.passed
    found = openlineage.run_details(evidence.stated["run_facets"], notes)
    found |= run_details(record, _AIRFLOW, notes)
    sql = openlineage.sql_details(evidence.sql or evidence.stated["job_facets"].get("sql"), notes)
    parts: dict[str, Any] = {
        "sql": sql,
        "errorMessage": _error(notes.object(record.get("error"), "/error")),
        "datasets": _datasets(evidence),
        "capture": _within(masked(evidence.told), _CAPTURE_LIMIT),
        "incomplete": incomplete(record.get("incomplete")),
    }
    found |= {name: part for name, part in parts.items() if part}
    openlineage.note_ignored(found, [*evidence.notes, *notes, *said.ignored])
    return openlineage.dump(found)


def run_details(record: dict[str, Any], keys: tuple[str, ...], notes: Notes) -> dict[str, Any]:
    """Which run it was to Airflow, and which versions told of it."""
    versions = notes.object(record.get("versions"), "/versions")
    plain = {key: record[key] for key in keys if type(record.get(key)) in (str, int)}
    found: dict[str, Any] = {"airflow": {key: _cut(value) for key, value in plain.items()}}
    if type(versions.get("catalog")) is str:
        found["producer_version"] = _cut(versions["catalog"])
    if type(versions.get("airflow")) is str and versions["airflow"]:
        found["processing_engine"] = {"name": "Airflow", "version": _cut(versions["airflow"])}
    return found


def _cut(value: Any) -> Any:
    return mask_text(value)[:_TEXT_LIMIT] if type(value) is str else value


def _error(error: dict[str, Any]) -> dict[str, str] | None:
    said = [_cut(error[key]) for key in ("type", "message") if type(error.get(key)) is str and error[key]]
    return {"message": ": ".join(said), "programmingLanguage": "PYTHON"} if said else None


def _datasets(evidence: Evidence) -> list[dict[str, Any]]:
    """What an operator measured itself counts; else the rows that its statements wrote."""
    measured = {_id(each) for each in evidence.volatile if "outputStatistics" in each["facets"]}
    rows = [(dataset, count) for dataset, count in evidence.rows.items() if dataset not in measured]
    counted = [
        {
            "namespace": dataset.namespace,
            "name": dataset.name,
            "role": "output",
            "facets": {"outputStatistics": {"rowCount": count}},
        }
        for dataset, count in rows
    ]
    return [*evidence.volatile, *counted]


def _id(named: dict[str, Any]) -> DatasetId:
    return DatasetId(named["namespace"], named["name"])


def _within(entries: list[Any], limit: int) -> list[Any]:
    """As many of the first as fit."""
    kept: list[Any] = []
    for entry in entries:
        limit -= len(orjson.dumps(entry))
        if limit < 0:
            return [*kept, {"truncated": True, "entries": len(entries)}]
        kept.append(entry)
    return kept


def incomplete(stated: Any) -> list[str]:
    """What is missing, by the word of whoever made the record."""
    return [_cut(each) for each in (stated if type(stated) is list else [stated])[:100] if type(each) is str]
