"""Where a run of dbt has written to, as far as the process of its task can tell: without who logs in.

For runs without our package in dbt, which says it itself. Profiles are YAML, and templates over environment variables;
Airflow has loaded what reads them, and nothing is loaded for it here.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from airflow_provider_catalog.model.dbt import Target
from airflow_provider_catalog.model.dbt_target import PROFILES, STATED, UnsetError, as_target, rendered
from airflow_provider_catalog.model.untyped import mapping

_PROJECT = "dbt_project.yml"
_MOST_BYTES = 1_000_000

# -- profiles


def of_profiles(folders: Iterable[str], project: str, profile: str, name: str, env: Mapping[str, str]) -> Target | None:
    """As the first profiles.yml in these folders has it. None where it is not at hand, or cannot be read, or needs what
    this environment has not.
    """
    files = (Path(each, PROFILES) for each in folders if each)
    file = next((each for each in files if each.is_file()), None)
    stated = mapping(_loaded(file)) if file else {}
    found = mapping(stated.get(profile or str(mapping(_loaded(Path(project, _PROJECT))).get("profile"))))
    sandbox = getattr(sys.modules.get("jinja2.sandbox"), "SandboxedEnvironment", None)
    try:
        chosen = name or rendered(str(found.get("target") or "default"), env, sandbox)
        output = mapping(mapping(found.get("outputs")).get(chosen))
        stated = {key: rendered(output[key], env, sandbox) for key in STATED if key in output}
    except UnsetError:
        return None
    return as_target({**stated, "name": chosen}, project) if output else None


def _loaded(file: Path) -> Any:
    """Nothing where it is not there, is too large, or is no YAML."""
    yaml = sys.modules.get("yaml")
    try:
        text = file.read_text("utf-8") if yaml and file.stat().st_size <= _MOST_BYTES else ""
        return yaml.safe_load(text) if yaml else None
    except Exception:  # noqa: BLE001  of anybody's making
        return None


# -- dbt itself


def of_credentials(project: str) -> Target | None:
    """Of the adapter that dbt has loaded in this process, if there is one and no other."""
    factory = getattr(sys.modules.get("dbt.adapters.factory"), "FACTORY", None)
    adapters = [*getattr(factory, "adapters", {}).values()]
    config = getattr(adapters[0], "config", None) if len(adapters) == 1 else None
    credentials = getattr(config, "credentials", None)
    if credentials is None:
        return None
    found = {key: getattr(credentials, key, None) for key in STATED}
    more = {"name": getattr(config, "target_name", None), "attach": _attached(getattr(credentials, "attach", None))}
    return as_target({**found, **more}, project)


def _attached(stated: Any) -> list[dict[str, Any]]:
    """Objects here, not what the profile says."""
    listed = stated if isinstance(stated, list | tuple) else ()
    return [{key: getattr(each, key, None) for key in ("path", "alias", "type")} for each in listed]
