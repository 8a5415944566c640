"""The target that dbt wrote to, without who logs in, by one name each for what adapters call in ways of their own.

Where our hook has run it tells this itself. Else a profile does: a template over environment variables. Without one
that it needs nobody knows which database was meant, and half a name would mean another one.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import Any

from airflow_provider_catalog.model.dbt import Target
from airflow_provider_catalog.model.untyped import listed, mapping

PROFILES = "profiles.yml"
STATED = (
    *("type", "name", "host", "server", "software_host", "port", "database", "dbname", "schema", "path", "account"),
    *("region", "region_name", "project", "dataset", "method", "catalog", "cluster_id", "role_arn", "account_id"),
    *("attach", "attached", "schemas_and_paths"),
)
"""What is read of a profile, credentials or our hook: nothing else may be in it."""
_FILES = ("attach", "schemas_and_paths")
_FILTERS = ("as_text", "as_number", "as_bool", "as_native")


class UnsetError(LookupError):
    """A profile reads an environment variable that is not set, and has nothing instead."""


def as_target(stated: Mapping[str, Any], folder: str = "") -> Target:
    """Paths are of the folder that dbt ran in."""
    found: dict[str, Any] = {key: stated[key] for key in STATED if stated.get(key) not in (None, "", {}, [])}
    inside = found.pop("dbname", None) or found.get("database") or found.get("catalog") or found.get("project")
    found |= {"database": inside, "schema": found.get("schema") or found.pop("dataset", None)}
    if found.get("type") == "duckdb":
        found |= _of_duckdb(found, folder)
    if found.get("type") == "sqlite":
        found |= _of_sqlite(found, folder)
    port = str(found.pop("port", "") or "")
    if port.isascii() and port.isdecimal():
        found["port"] = int(port)
    return {key: value for key, value in found.items() if value not in (None, "", {}) and key not in _FILES}  # type: ignore[return-value]  # its keys


def rendered(value: Any, env: Mapping[str, str], sandbox: Callable[[], Any] | None) -> Any:
    """All text in a value of a profile. `sandbox` makes Jinja's environment; without it templates stay as they are.
    Raises `UnsetError`, and nothing else.
    """
    if isinstance(value, str):
        return _rendered(value, env, sandbox) if sandbox and ("{{" in value or "{%" in value) else value
    if isinstance(value, list):
        return [rendered(each, env, sandbox) for each in value]
    return {key: rendered(each, env, sandbox) for key, each in value.items()} if isinstance(value, dict) else value


def _rendered(text: str, env: Mapping[str, str], sandbox: Callable[[], Any]) -> str:
    """Only what dbt lets a profile say, and in a sandbox, since it is anybody's text."""

    def env_var(name: str, default: Any = None) -> Any:
        if name not in env and default is None:
            raise UnsetError(name)
        return env.get(name, default)

    made = sandbox()
    made.filters |= dict.fromkeys(_FILTERS, lambda value: value)
    try:
        return str(made.from_string(text).render(env_var=env_var, var=lambda _name, default="": default))
    except UnsetError:
        raise
    except Exception:  # noqa: BLE001  templates of anybody's making raise anything
        return ""


# -- files


def _of_duckdb(found: Mapping[str, Any], folder: str) -> dict[str, Any]:
    """It calls a database like its file, and has a schema that nobody needs to name."""
    path = _absolute(str(found.get("path") or ":memory:"), folder)
    attached = _all_absolute(found.get("attached"), folder)
    for each in map(mapping, listed(found.get("attach"))):
        if each.get("path") and each.get("type") in (None, "", "duckdb"):
            file = _absolute(str(each["path"]), folder)
            attached[str(each.get("alias") or _named_like(file))] = file
    schema = found.get("schema") or "main"
    return {
        "path": path,
        "attached": attached,
        "database": found.get("database") or _named_like(path),
        "schema": schema,
    }


def _of_sqlite(found: Mapping[str, Any], folder: str) -> dict[str, Any]:
    """It has a file for each schema."""
    attached = _all_absolute(found.get("schemas_and_paths"), folder)
    return {"path": attached.get("main", ""), "attached": attached} if attached else {}


def _all_absolute(stated: Any, folder: str) -> dict[str, str]:
    return {str(name): _absolute(str(file), folder) for name, file in mapping(stated).items()}


def _absolute(path: str, folder: str) -> str:
    """Without what is asked of the database, which may be a secret."""
    path = path.partition("?")[0]
    remote = "://" in path or path.startswith(("/", ":", "md:"))
    return path if remote or not folder else os.path.normpath(os.path.join(folder, path))  # noqa: PTH118  as text


def _named_like(path: str) -> str:
    return "memory" if path.startswith(":") else PurePosixPath(path).name.lstrip(".").partition(".")[0]
