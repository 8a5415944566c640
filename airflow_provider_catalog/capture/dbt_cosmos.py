"""Operators of Cosmos: they run dbt in a folder that is gone before anybody is told how the task ended.

So the operator gets one more of its callbacks when it starts, which opens the artifacts while they are there. Cosmos
calls it after every command of its own process, whether dbt is a library or a program there, and before it looks at
how that went.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from airflow_provider_catalog.capture.dbt_files import Files
from airflow_provider_catalog.capture.dbt_target import of_profiles
from airflow_provider_catalog.model.dbt import Target
from airflow_provider_catalog.model.dbt_target import as_target

log = logging.getLogger(__name__)
_MODULES = "cosmos."


def is_one(task: Any) -> bool:
    return hasattr(task, "profile_config") and any(each.__module__.startswith(_MODULES) for each in type(task).__mro__)


def attach(task: Any, keep: Callable[[Files], None], since: float) -> None:
    """To one whose process runs dbt itself; where containers do, there are no files here."""
    if not hasattr(task, "callback") or not isinstance(getattr(task, "callback_args", None), dict):
        return
    stated = task.callback

    def callback(project_dir: str, **_args: Any) -> None:
        """Costs a few files that are opened, and never fails the task."""
        try:
            found = Files.new(Path(project_dir, "target"), since)
            if found is not None:
                keep(found)
        except Exception:
            log.warning("The catalog could not look at what dbt has left; the task is not affected", exc_info=True)

    task.callback = [*(stated if isinstance(stated, list) else [stated] if stated else []), callback]


def target(task: Any) -> Target | None:
    """As its profile says, which was asked for the connection already."""
    config = task.profile_config
    name = str(getattr(config, "target_name", "") or "")
    mapping = getattr(config, "profile_mapping", None)
    if mapping is not None:
        stated = mapping.profile
        kind = {"type": getattr(mapping, "dbt_profile_type", None), "name": name}
        return as_target({**stated, **kind}, project(task)) if isinstance(stated, Mapping) else None
    file = getattr(config, "profiles_yml_filepath", None)
    profile = str(getattr(config, "profile_name", "") or "")
    return of_profiles([str(Path(file).parent)] if file else [], project(task), profile, name, environment(task))


def project(task: Any) -> str:
    return str(getattr(task, "project_dir", "") or "")


def environment(task: Any) -> Mapping[str, str]:
    stated = getattr(task, "env", None)
    own = {str(key): str(value) for key, value in stated.items()} if isinstance(stated, Mapping) else {}
    return {**(os.environ if getattr(task, "append_env", True) else {}), **own}
