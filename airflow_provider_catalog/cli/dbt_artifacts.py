"""The manifest that somebody names, with the catalog.json that lies beside it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from airflow_provider_catalog.services.dbt_manifest import Manifest

MANIFEST, CATALOG = "manifest.json", "catalog.json"
HELP = "dbt's target folder, the project it is in, or a manifest.json"


class ArtifactError(ValueError):
    """There is no such file, or it is another one."""


def manifest(name: str | Path, *, sql_first: bool = False) -> Manifest:
    from airflow_provider_catalog.services.dbt_manifest import Manifest

    path = manifest_path(Path(name))
    said = _loaded(path)
    if not isinstance(said.get("nodes"), dict) or not isinstance(said.get("metadata"), dict):
        raise ArtifactError(f"{path} is no manifest of dbt: `dbt compile` writes one to target/{MANIFEST}")
    beside = path.with_name(CATALOG)
    catalog = _loaded(beside) if path.name == MANIFEST and beside.is_file() else None
    return Manifest(said, catalog, sql_first=sql_first)


def manifest_path(named: Path) -> Path:
    """Where it is, or would be."""
    if not named.is_dir():
        if not named.exists():
            raise ArtifactError(f"{named} is not there: name {HELP}; `dbt compile` makes one")
        return named
    found = next((each for each in (named / MANIFEST, named / "target" / MANIFEST) if each.is_file()), None)
    if found is None:
        raise ArtifactError(f"{named} has no {MANIFEST}, nor has target/ in it: run `dbt compile` first")
    return found


def _loaded(path: Path) -> dict[str, Any]:
    from airflow_provider_catalog.errors import RejectedError
    from airflow_provider_catalog.sources.checks import load

    try:
        found = load(path.read_bytes())
    except RejectedError as error:
        raise ArtifactError(f"{path} cannot be read, it is {error}: let dbt write it anew") from None
    if not isinstance(found, dict):
        raise ArtifactError(f"{path} is none of dbt's artifacts: let dbt write it anew")
    return found
