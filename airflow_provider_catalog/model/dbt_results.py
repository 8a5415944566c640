"""Results of a run as documents have them, and what they and their file say of the invocation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airflow_provider_catalog.model.dbt import MARKER, Invocation
from airflow_provider_catalog.model.untyped import listed, mapping, some

FAILED = frozenset({"error", "fail", "runtime error", "partial success"})
_RUNNING = frozenset({"run", "build", "test", "seed", "snapshot", "retry", "clone", "freshness"})
_RESULT = (
    *("unique_id", "status", "execution_time", "message", "failures", "thread_id", "timing", "adapter_response"),
    *("batch_results",),
)


def results_of(run_results: Mapping[str, Any]) -> list[dict[str, Any]]:
    """All of them, those of hooks too."""
    return [each for each in listed(run_results.get("results")) if isinstance(each, dict)]


def has_run(run_results: Mapping[str, Any]) -> bool:
    """Whether its command makes anything: `compile` and `docs` leave results as well."""
    return str(mapping(run_results.get("args")).get("which")) in _RUNNING


def invocation(run_results: Mapping[str, Any], generated_at: str = "") -> Invocation | None:
    """None where nothing was run. `generated_at`: when it was over, for results that do not say."""
    metadata, args = mapping(run_results.get("metadata")), mapping(run_results.get("args"))
    if not has_run(run_results) or not metadata.get("invocation_id"):
        return None
    results = results_of(run_results)
    found: Invocation = {"id": str(metadata["invocation_id"]), "command": str(args["which"])}
    found["ended_at"] = ended = str(metadata.get("generated_at") or generated_at)
    found["started_at"] = min(str(metadata.get("invocation_started_at") or _first(results) or ended), ended)
    found["succeeded"] = not any(str(each.get("status")).lower() in FAILED for each in results)
    if metadata.get("dbt_version"):
        found["dbt_version"] = str(metadata["dbt_version"])
    if args.get("full_refresh") is True:
        found["full_refresh"] = True
    return found


def timed(stated: Mapping[str, Any], key: str) -> str:
    """The first time of a result that goes by this name: `started_at`, `completed_at`."""
    found = (mapping(each).get(key) for each in listed(stated.get("timing")))
    return min((at for at in found if isinstance(at, str)), default="")


def _first(results: list[dict[str, Any]]) -> str:
    """Of older versions, which do not say when they were started."""
    return min((at for each in results if (at := timed(each, "started_at"))), default="")


def result(stated: Mapping[str, Any]) -> dict[str, Any]:
    """A result without what our hook has left in it, and without the SQL, which is the node's."""
    kept = some(stated, _RESULT)
    if isinstance(response := kept.get("adapter_response"), dict):
        kept["adapter_response"] = {key: value for key, value in response.items() if key != MARKER}
    return kept


def marked(run_results: Mapping[str, Any]) -> dict[str, Any]:
    """What our hook left in the results: {"target", "parent", …}; nothing where it did not run."""
    for each in listed(run_results.get("results")):
        found = mapping(mapping(mapping(each).get("adapter_response")).get(MARKER))
        if found:
            return dict(found)
    return {}
