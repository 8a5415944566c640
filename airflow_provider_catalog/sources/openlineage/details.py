"""Details: what belongs to one event alone. Masked, bounded, and written in one form."""

from __future__ import annotations

from typing import Any

import orjson

from airflow_provider_catalog.model import codec
from airflow_provider_catalog.model.identity import DatasetId
from airflow_provider_catalog.model.masking import LIMIT, mask_sql, mask_text, masked
from airflow_provider_catalog.sources.openlineage.notes import Notes

FACET_LIMIT = 65_536
_IGNORED_LIMIT = 50
_VOLATILE = frozenset(
    {
        "version",
        "datasetVersion",
        "dataQualityMetrics",
        "dataQualityAssertions",
        "dataQuality",
        "columnMetrics",
        "stats",
    }
    | {"inputStatistics", "outputStatistics", "greatExpectations_assertions"}
)
_ABIDING = frozenset({"dataQualityMetrics"})
"""What a dataset says of itself, and no run of it, holds until it says otherwise."""
_ROLES = {"inputs": "input", "outputs": "output", "dataset": "subject"}
_NAMED = ("errorMessage", "extractionError", "processing_engine")
_READ = frozenset({"parent", "parentRun", "nominalTime", *_NAMED})


def dump(details: dict[str, Any]) -> bytes:
    """The same bytes as codec.details, sooner; the two spell very small and large floats differently."""
    try:
        return orjson.dumps(details, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        return codec.details(details)


def note_ignored(details: dict[str, Any], ignored: list[tuple[str, str]]) -> None:
    if ignored:
        details["ignored"] = [
            [mask_text(path[:500]), mask_text(reason[:500])] for path, reason in ignored[:_IGNORED_LIMIT]
        ]
        details["ignored_count"] = len(ignored)


def take_volatile(event: dict[str, Any], notes: Notes) -> list[dict[str, Any]]:
    """Takes out of the event's datasets what is new in every run, and returns it."""
    taken: list[dict[str, Any]] = []
    for side, role in _ROLES.items():
        datasets = event.get(side)
        for i, dataset in enumerate(datasets if type(datasets) is list else ()):
            if type(dataset) is dict and (facets := _volatile(dataset, role, f"/{side}/{i}", notes)):
                taken.append({**_named(dataset), "role": role, "facets": facets})
    return taken


def _named(dataset: dict[str, Any]) -> dict[str, str]:
    """As its id has it. What has no name is rejected later on."""
    namespace, name = dataset.get("namespace"), dataset.get("name")
    if type(namespace) is not str or type(name) is not str:
        return {}
    made = DatasetId(namespace, name)
    return {"namespace": made.namespace, "name": made.name}


def _volatile(dataset: dict[str, Any], role: str, path: str, notes: Notes) -> dict[str, Any]:
    found: dict[str, Any] = {}
    volatile = _VOLATILE - _ABIDING if role == "subject" else _VOLATILE
    facets = dataset.get("facets")
    if type(facets) is dict:
        if not volatile.isdisjoint(facets):
            found = {name: facets.pop(name) for name in volatile & facets.keys()}
        if "lifecycleStateChange" in facets:
            found["lifecycleStateChange"] = facets["lifecycleStateChange"]
    for key in ("inputFacets", "outputFacets"):
        if key in dataset:
            found.update(notes.object(dataset.pop(key), f"{path}/{key}"))
    return {name: bounded(each, f"{path}/{name}", notes) for name, each in found.items() if each is not None}


def bounded(facet: Any, path: str, notes: Notes) -> Any:
    """A facet as it came, without secrets; of a large one only its size is kept."""
    try:
        raw = orjson.dumps(facet)
    except TypeError:
        notes.skip(path, "nested too deep")
        return None
    if len(raw) > FACET_LIMIT:
        notes.skip(path, f"{len(raw)} bytes; {FACET_LIMIT} is the limit")
        return {"truncated": True, "bytes": len(raw)}
    return masked(facet)


def run_details(facets: dict[str, Any], notes: Notes) -> dict[str, Any]:
    """Errors and engine by their names, the rest under "facets"."""
    details: dict[str, Any] = {}
    for name in _NAMED:
        if facets.get(name) is not None:
            details[name] = bounded(facets[name], f"/run/facets/{name}", notes)
    rest = {name: _facet(name, each, notes) for name, each in facets.items() if name not in _READ and each is not None}
    if rest:
        details["facets"] = rest
    return details


def _facet(name: str, facet: Any, notes: Notes) -> Any:
    path = f"/run/facets/{name}"
    if name == "environmentVariables":
        listed = notes.objects(notes.object(facet, path).get("environmentVariables"), f"{path}/environmentVariables")
        return sorted(str(each.get("name")) for _, each in listed)
    return bounded(facet, path, notes)


def sql_details(facet: Any, notes: Notes) -> dict[str, Any] | None:
    """Masked, and cut after that."""
    if facet is None:
        return None
    path = "/job/facets/sql"
    body = notes.object(facet, path)
    query = notes.text(body.get("query"), f"{path}/query") if body else None
    if query is None:
        return None
    details: dict[str, Any] = {"query": mask_sql(query)}
    details |= {key: mask_text(body[key]) for key in ("dialect", "database", "schema") if type(body.get(key)) is str}
    return details if len(query) <= LIMIT else {**details, "truncated": True, "length": len(query)}
