"""Where a run of dbt has written to, as far as the process of its task can tell: without who logs in.

For runs without our package in dbt, which says it itself. Profiles are YAML, and templates over environment variables;
Airflow has loaded what reads them, and nothing is loaded for it here.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, cast

from airflow_provider_catalog.model.dbt import Target

PROFILES = "profiles.yml"
_PROJECT = "dbt_project.yml"
_MOST_BYTES = 1_000_000
_KEPT = (
    *("type", "name", "host", "server", "port", "database", "dbname", "schema", "path", "account", "region"),
    *("region_name", "project", "dataset", "method", "catalog", "cluster_id", "role_arn", "account_id"),
)
_FILTERS = ("as_text", "as_number", "as_bool", "as_native")


def said(stated: Mapping[str, Any]) -> Target:
    """By our macros, in our own words."""
    return cast("Target", {key: stated[key] for key in Target.__annotations__ if key in stated})


def normal(stated: Mapping[str, Any], folder: str = "") -> Target:
    """By the catalog's names for what adapters call in ways of their own. Paths are of the folder that dbt ran in."""
    found = {key: stated[key] for key in _KEPT if stated.get(key) not in (None, "")}
    inside = found.pop("dbname", None) or found.get("database") or found.get("catalog") or found.get("project")
    found |= {"database": inside, "schema": found.get("schema") or found.pop("dataset", None)}
    if str(found.get("port") or "").isdigit():
        found["port"] = int(found["port"])
    if found.get("type") == "duckdb":
        found |= _files(found, stated.get("attach"), folder)
    return cast("Target", {key: value for key, value in found.items() if value})


def _files(found: Mapping[str, Any], attach: Any, folder: str) -> dict[str, Any]:
    """DuckDB calls a database like its file."""
    path = _absolute(str(found.get("path") or ":memory:"), folder)
    listed = [each for each in attach if isinstance(each, dict)] if isinstance(attach, list) else []
    files = {str(each.get("alias") or PurePosixPath(str(each["path"])).stem): each for each in listed if "path" in each}
    attached = {name: _absolute(str(each["path"]), folder) for name, each in files.items() if not each.get("type")}
    return {"path": path, "attached": attached, "database": found.get("database") or PurePosixPath(path).stem}


def _absolute(path: str, folder: str) -> str:
    path = path.partition("?")[0]
    remote = "://" in path or path.startswith((":", "md:"))
    return path if remote or not folder else os.path.normpath(os.path.join(folder, path))  # noqa: PTH118  as text


# -- profiles


def of_profiles(folders: Iterable[str], project: str, profile: str, name: str, env: Mapping[str, str]) -> Target | None:
    """As the first profiles.yml in these folders has it. None where it is not at hand, or cannot be read."""
    files = (Path(each, PROFILES) for each in folders if each)
    file = next((each for each in files if each.is_file()), None)
    stated = _mapping(_loaded(file)) if file else {}
    found = _mapping(stated.get(profile or str(_mapping(_loaded(Path(project, _PROJECT))).get("profile"))))
    chosen = name or _rendered(str(found.get("target") or "default"), env)
    output = _mapping(_mapping(found.get("outputs")).get(chosen))
    if not output:
        return None
    rendered = {key: _render_all(output[key], env) for key in (*_KEPT, "attach") if key in output}
    return normal({**rendered, "name": chosen}, project)


def _loaded(file: Path) -> Any:
    """Nothing where it is not there, is too large, or is no YAML."""
    yaml = sys.modules.get("yaml")
    try:
        text = file.read_text("utf-8") if yaml and file.stat().st_size <= _MOST_BYTES else ""
        return yaml.safe_load(text) if yaml else None
    except Exception:  # noqa: BLE001  of anybody's making
        return None


def _render_all(value: Any, env: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return _rendered(value, env)
    if isinstance(value, list):
        return [_render_all(each, env) for each in value]
    return {key: _render_all(each, env) for key, each in value.items()} if isinstance(value, dict) else value


def _rendered(text: str, env: Mapping[str, str]) -> str:
    """Only what dbt lets a profile say; in a sandbox, since it is anybody's text."""
    sandbox = sys.modules.get("jinja2.sandbox")
    if sandbox is None or ("{{" not in text and "{%" not in text):
        return text
    made = sandbox.SandboxedEnvironment()
    made.filters |= dict.fromkeys(_FILTERS, lambda value: value)
    try:
        return str(
            made.from_string(text).render(
                env_var=lambda name, default="": env.get(name, default), var=lambda _name, default="": default
            )
        )
    except Exception:  # noqa: BLE001  as above
        return ""


# -- dbt itself


def of_credentials(project: str) -> Target | None:
    """Of the adapter that dbt has loaded in this process, if there is one and no other."""
    factory = getattr(sys.modules.get("dbt.adapters.factory"), "FACTORY", None)
    adapters = [*getattr(factory, "adapters", {}).values()]
    config = getattr(adapters[0], "config", None) if len(adapters) == 1 else None
    credentials = getattr(config, "credentials", None)
    if credentials is None:
        return None
    found = {key: getattr(credentials, key, None) for key in _KEPT}
    more = {"name": getattr(config, "target_name", None), "attach": _attached(getattr(credentials, "attach", None))}
    return normal({**found, **more}, project)


def _attached(stated: Any) -> list[dict[str, Any]]:
    """Objects here, not what the profile says."""
    listed = stated if isinstance(stated, list | tuple) else ()
    return [{key: getattr(each, key, None) for key in ("path", "alias", "type")} for each in listed]


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
