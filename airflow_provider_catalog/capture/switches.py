"""Which tasks are captured: by the settings, and by what a DAG's author said of one."""

from __future__ import annotations

from typing import Any

from airflow_provider_catalog.capture.text import class_path
from airflow_provider_catalog.settings import Settings

PARAM = "_catalog_capture"
"""A param of the task: true or false, or nothing said."""


def captured(task: Any, chosen: Settings) -> bool:
    if not chosen.enabled or _operator(task) in chosen.disabled_for_operators:
        return False
    stated = _stated(task)
    return stated is True if chosen.selective_enable else stated is not False


def _operator(task: Any) -> str:
    """The scheduler has tasks without their code, and with the name of what they are made of."""
    module = getattr(task, "_task_module", None)
    return f"{module}.{task.task_type}" if module else class_path(task)


def _stated(task: Any) -> Any:
    params = getattr(task, "params", None)
    return params.get(PARAM) if params is not None else None
