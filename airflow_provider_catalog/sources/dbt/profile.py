"""The target that dbt wrote to, as the profile of its user says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airflow_provider_catalog.errors import ArtifactsError
from airflow_provider_catalog.model.dbt import Target
from airflow_provider_catalog.model.dbt_target import PROFILES, STATED, UnsetError, as_target, rendered


def target(profiles: str, profile: str, name: str, env: Mapping[str, str], where: str = "", folder: str = "") -> Target:
    """The one of that name, or the profile's own choice. Paths are of the folder that dbt ran in."""
    stated = _load(profiles, where)
    found = stated.get(profile)
    if not isinstance(found, dict):
        known = ", ".join(sorted(str(key) for key in stated if key != "config"))
        raise ArtifactsError(where, f"{PROFILES} has no profile {profile!r}, only {known or 'none'}")
    from jinja2.sandbox import SandboxedEnvironment

    def said(key: str, value: Any) -> Any:
        try:
            return rendered(value, env, SandboxedEnvironment)
        except UnsetError as error:
            problem = (
                f"{PROFILES} takes {key!r} from the environment variable {error}, which is not set: set it as for dbt"
            )
            raise ArtifactsError(where, f"{problem}, or name the namespace of the datasets") from None

    outputs = found.get("outputs")
    chosen = name or said("target", str(found.get("target") or "default"))
    output = outputs.get(chosen) if isinstance(outputs, dict) else None
    if not isinstance(output, dict):
        raise ArtifactsError(where, f"{PROFILES} has no target {chosen!r} in the profile {profile!r}")
    stated = {key: said(key, output[key]) for key in STATED if output.get(key) is not None}
    return as_target({**stated, "name": chosen}, folder)


def _load(text: str, where: str) -> dict[str, Any]:
    import yaml

    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ArtifactsError(where, f"{PROFILES} is not YAML: {' '.join(str(error).split())[:300]}") from error
    return found if isinstance(found, dict) else {}
