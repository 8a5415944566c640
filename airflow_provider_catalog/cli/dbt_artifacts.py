"""The manifest that somebody names, with the catalog.json that lies beside it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from airflow_provider_catalog.services.dbt_manifest import Manifest

MANIFEST, CATALOG = "manifest.json", "catalog.json"
HELP = "dbt's target folder, the project it is in, or a manifest.json"


def manifest(name: str | Path, *, sql_first: bool = False) -> Manifest:
    from airflow_provider_catalog.errors import ArtifactsError
    from airflow_provider_catalog.services.dbt_manifest import Manifest

    path = _path(Path(name))
    said = _loaded(path)
    if not isinstance(said.get("nodes"), dict) or not isinstance(said.get("metadata"), dict):
        raise ArtifactsError(str(path), f"it is no manifest of dbt: `dbt compile` writes one to target/{MANIFEST}")
    beside = path.with_name(CATALOG)
    catalog = _loaded(beside) if path.name == MANIFEST and beside.is_file() else None
    return Manifest(said, catalog, sql_first=sql_first)


def _path(named: Path) -> Path:
    """Where it is."""
    from airflow_provider_catalog.errors import ArtifactsError

    if not named.is_dir():
        if not named.exists():
            raise ArtifactsError(str(named), f"it is not there: name {HELP}; `dbt compile` makes one")
        return named
    found = next((each for each in (named / MANIFEST, named / "target" / MANIFEST) if each.is_file()), None)
    if found is None:
        raise ArtifactsError(str(named), f"it has no {MANIFEST}, nor has target/ in it: run `dbt compile` first")
    return found


def _loaded(path: Path) -> dict[str, Any]:
    from airflow_provider_catalog.errors import ArtifactsError, RejectedError
    from airflow_provider_catalog.sources.checks import load

    try:
        found = load(path.read_bytes())
    except RejectedError as error:
        raise ArtifactsError(str(path), f"it cannot be read, it is {error}: let dbt write it anew") from None
    if not isinstance(found, dict):
        raise ArtifactsError(str(path), "it is none of dbt's artifacts: let dbt write it anew")
    return found
