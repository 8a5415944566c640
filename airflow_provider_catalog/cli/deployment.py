"""What `doctor` asks of Airflow: whether it loads the listener, and whether tasks can reach spool and store."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from airflow_provider_catalog.settings import Settings

_REMOTE = ("celery", "kubernetes", "edge", "ecs", "batch", "lambda")
_PODS = ("kubernetes", "ecs", "batch", "lambda")


def findings(chosen: Settings, store_url: str) -> Iterator[tuple[str, str, str]]:
    """(level, what, advice) of each."""
    from airflow.configuration import conf

    yield from _plugin()
    executors = conf.get("core", "executor")
    yield from _executors(chosen, store_url, executors.lower())
    yield from _openlineage(conf.get("openlineage", "transport", fallback=""))


def _plugin() -> Iterator[tuple[str, str, str]]:
    """Asked of both of Airflow's plugin managers: that of task processes drops what comes after a name it has."""
    from airflow import plugins_manager as core
    from airflow.sdk import plugins_manager as sdk

    for place, manager in (("Airflow", core), ("task processes", sdk)):
        plugins, errors = manager._get_plugins()  # noqa: SLF001  Airflow has no other way to ask
        names = [plugin.name for plugin in plugins]
        if any(_listens(plugin) for plugin in plugins):
            yield "ok", f"the listener is loaded in {place}", ""
        else:
            problem = "; ".join(str(error) for name, error in errors.items() if "catalog" in name)
            advice = problem or "pip install airflow-provider-catalog where Airflow runs, and look at `airflow plugins`"
            yield "fail", f"the listener is not loaded in {place}", advice
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield "fail", f"two plugins of {place} are called {name!r}", "Airflow drops what comes after the second one"


def _listens(plugin: object) -> bool:
    listeners = getattr(plugin, "listeners", None) or ()
    return any(getattr(each, "__name__", "") == "airflow_provider_catalog.listener" for each in listeners)


def _executors(chosen: Settings, store_url: str, executors: str) -> Iterator[tuple[str, str, str]]:
    if chosen.ingest_url:
        yield "ok", f"tasks of the executor ({executors}) need no store, they hand over to [catalog] ingest_url", ""
    elif store_url.startswith("sqlite") and any(name in executors for name in _REMOTE):
        yield (
            "fail",
            f"the store is a file of one host, but the executor ({executors}) runs tasks on others",
            "set [catalog] store_url to a PostgreSQL database, or ingest_url to the catalog's server",
        )
    elif any(name in executors for name in _PODS) and not _mounted(Path(chosen.spool_dir)):
        yield (
            "warn",
            f"the spool {chosen.spool_dir} goes with its pod, and with it what the store did not take in time",
            "mount a volume there ([catalog] spool_dir), or set [catalog] ingest_url",
        )
    else:
        yield "ok", f"tasks of the executor ({executors}) reach the store", ""


def _mounted(path: Path) -> bool:
    with suppress(OSError):
        return any(each.is_mount() for each in (path, *path.parents) if each != Path("/"))
    return False


def _openlineage(transport: str) -> Iterator[tuple[str, str, str]]:
    """One transport of ours is fine beside our listener: both speak of the same runs."""
    with suppress(ValueError):
        ours = json.dumps(json.loads(transport or "{}")).count("airflow_provider_catalog.transport.CatalogTransport")
        if ours > 1:
            yield (
                "fail",
                "OpenLineage events reach the catalog twice",
                "keep one CatalogTransport in [openlineage] transport",
            )
        elif ours:
            yield "ok", "OpenLineage events come to the catalog, too", ""
