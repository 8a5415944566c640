"""The target that dbt wrote to, as the profile of its user says, without who logs in.

Where our hook has run it tells this itself. Profiles are templates over environment variables; one that is not set, and
not needed to say where the database is, does no harm.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from airflow_provider_catalog.errors import ArtifactsError
from airflow_provider_catalog.model.dbt import Target

PROFILES = "profiles.yml"
_FILES = ("attach", "schemas_and_paths")
_KEPT = (
    *("type", "host", "server", "software_host", "port", "database", "dbname", "schema", "path", "account", "region"),
    *("region_name", "project", "dataset", "method", "catalog", "cluster_id", "role_arn", "account_id"),
    *_FILES,
)


def target(profiles: str, profile: str, name: str, env: Mapping[str, str], where: str = "") -> Target:
    """The one of that name, or the profile's own choice."""
    stated = _load(profiles, where)
    found = stated.get(profile)
    if not isinstance(found, dict):
        known = ", ".join(sorted(str(key) for key in stated if key != "config"))
        raise ArtifactsError(where, f"{PROFILES} has no profile {profile!r}, only {known or 'none'}")
    outputs = found.get("outputs")
    chosen = name or _rendered(str(found.get("target") or "default"), env)
    output = outputs.get(chosen) if isinstance(outputs, dict) else None
    if not isinstance(output, dict):
        raise ArtifactsError(where, f"{PROFILES} has no target {chosen!r} in the profile {profile!r}")
    rendered = {key: _render_all(output[key], env) for key in _KEPT if output.get(key) is not None}
    return as_target({**rendered, "name": chosen})


def as_target(stated: Mapping[str, Any], folder: str = "") -> Target:
    """By the names that the catalog has for it. Paths are of the folder that dbt ran in."""
    found: dict[str, Any] = {key: value for key, value in stated.items() if value not in (None, "", {}, [])}
    found["database"] = (
        found.pop("dbname", None) or found.get("database") or found.get("catalog") or found.get("project")
    )
    found["schema"] = found.get("schema") or found.pop("dataset", None)
    if found.get("type") == "duckdb":
        found |= _of_files(found, folder)
    if found.get("type") == "sqlite":
        found |= _of_schemas(found, folder)
    port = str(found.pop("port", "") or "")
    if port.isascii() and port.isdecimal():
        found["port"] = int(port)
    return {key: value for key, value in found.items() if value not in (None, "", {}) and key not in _FILES}  # type: ignore[return-value]  # its keys


def _of_files(found: Mapping[str, Any], folder: str) -> dict[str, Any]:
    """DuckDB calls a database like its file."""
    path = _absolute(str(found.get("path") or ":memory:").partition("?")[0], folder)
    attached = {str(name): _absolute(str(file), folder) for name, file in _items(found.get("attached"))}
    for each in found["attach"] if isinstance(found.get("attach"), list) else ():
        if isinstance(each, dict) and each.get("path") and each.get("type") in (None, "", "duckdb"):
            file = str(each["path"]).partition("?")[0]
            attached[str(each.get("alias") or PurePosixPath(file).stem)] = _absolute(file, folder)
    return {"path": path, "attached": attached, "database": found.get("database") or _stem(path)}


def _stem(path: str) -> str:
    return "memory" if path.startswith(":") else PurePosixPath(path).name.partition(".")[0]


def _items(value: Any) -> list[tuple[Any, Any]]:
    return list(value.items()) if isinstance(value, dict) else []


def _of_schemas(found: Mapping[str, Any], folder: str) -> dict[str, Any]:
    """SQLite has a file for each schema."""
    attached = {str(name): _absolute(str(file), folder) for name, file in _items(found.get("schemas_and_paths"))}
    return {"path": attached.get("main", ""), "attached": attached} if attached else {}


def _absolute(path: str, folder: str) -> str:
    remote = "://" in path or path.startswith(("/", ":", "md:"))
    return path if remote or not folder else str(PurePosixPath(folder) / path)


def _load(text: str, where: str) -> dict[str, Any]:
    import yaml

    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ArtifactsError(where, f"{PROFILES} is not YAML: {' '.join(str(error).split())[:300]}") from error
    return found if isinstance(found, dict) else {}


def _render_all(value: Any, env: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return _rendered(value, env)
    if isinstance(value, list):
        return [_render_all(each, env) for each in value]
    return {key: _render_all(each, env) for key, each in value.items()} if isinstance(value, dict) else value


def _rendered(text: str, env: Mapping[str, str]) -> str:
    """Only what dbt lets a profile say; in a sandbox, since it is anybody's text."""
    if "{{" not in text and "{%" not in text:
        return text
    from jinja2.sandbox import SandboxedEnvironment

    environment = SandboxedEnvironment()
    environment.filters |= {name: lambda value: value for name in ("as_text", "as_number", "as_bool", "as_native")}
    try:
        return environment.from_string(text).render(
            env_var=lambda name, default="": env.get(name, default) or "", var=lambda _name, default="": default
        )
    except Exception:  # noqa: BLE001  templates of anybody's making raise anything
        return ""
