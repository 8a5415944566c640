"""A target folder of dbt, wherever it is, and the profile that belongs to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol, Self

from airflow_provider_catalog.errors import ArtifactsError
from airflow_provider_catalog.model.dbt import Target
from airflow_provider_catalog.model.dbt_target import PROFILES
from airflow_provider_catalog.sources.dbt.artifacts import MANIFEST, Artifacts
from airflow_provider_catalog.sources.dbt.profile import target

_PROJECT = "dbt_project.yml"


class Folder(Protocol):
    """Of this host, or of an object store: `pathlib.Path`, Airflow's `ObjectStoragePath`."""

    def __truediv__(self, name: str) -> Self: ...
    def exists(self) -> bool: ...
    def read_bytes(self) -> bytes: ...


def artifacts(folder: Folder) -> Artifacts:
    """Of a target folder, or of a project that has one."""
    if not (folder / MANIFEST).exists() and (folder / "target" / MANIFEST).exists():
        folder = folder / "target"
    found = Artifacts.of(lambda name: _read(folder / name), str(folder))
    if not isinstance(folder, Path):
        return found
    project, compiled = folder.resolve().parent, folder.resolve() / "compiled"
    return found.beside(
        lambda seed: _first_line(project, found.project, seed), lambda node: _last_batch(compiled, node)
    )


def _read(file: Folder) -> bytes | None:
    try:
        return file.read_bytes() if file.exists() else None
    except OSError as error:
        raise ArtifactsError(str(file), f"cannot be read: {error.strerror or error}") from error


def _first_line(project: Path, name: str, seed: Mapping[str, Any]) -> str | None:
    """Of a seed's file, where dbt ran on this host. What a manifest says must not lead out of the project."""
    path = str(seed.get("original_file_path") or "")
    stated = _inside(project, str(Path(str(seed.get("root_path") or ""), path)))
    own = str(seed.get("unique_id")).split(".")[1:2] == [name]  # of a package only where that lies
    file = stated or (_inside(project, path) if own else None)
    if file is None or file.suffix != ".csv":
        return None
    try:
        with file.open(encoding="utf-8-sig") as lines:
            return lines.readline(65_536)
    except (OSError, UnicodeDecodeError):
        return None


def _last_batch(compiled: Path, node: Mapping[str, Any]) -> str | None:
    """Where dbt compiles a model batch by batch, in a folder of this host."""
    path = str(Path(str(node.get("original_file_path"))).with_suffix(""))
    folder = _inside(compiled, str(Path(str(node.get("package_name")), path)))
    try:
        files = sorted(folder.glob("*.sql")) if folder else []
        return files[-1].read_text("utf-8") if files else None
    except (OSError, UnicodeDecodeError, ValueError):
        return None


def _inside(folder: Path, path: str) -> Path | None:
    try:
        found = (folder / path).resolve()
    except (OSError, ValueError):
        return None
    return found if found.is_relative_to(folder) else None


def found_target(
    made: Artifacts, env: Mapping[str, str], *, profiles_dir: str = "", profile: str = "", name: str = ""
) -> Target | None:
    """As the profile says that dbt was run with. None where there is none at hand."""
    project = str(made.args.get("project_dir") or "")
    chosen = profile or str(made.args.get("profile") or "") or _profile_of(project)
    for folder in _folders(made, env, profiles_dir):
        file = folder / PROFILES
        if file.is_file() and chosen:
            wanted = name or str(made.args.get("target") or env.get("DBT_TARGET") or "")
            return target(file.read_text("utf-8", "replace"), chosen, wanted, env, str(file), project)
    if profiles_dir:
        raise ArtifactsError(profiles_dir, f"there is no {PROFILES}, or no profile is named: --profile names it")
    return None


def _folders(made: Artifacts, env: Mapping[str, str], profiles_dir: str) -> Iterator[Path]:
    """In the order in which dbt looks."""
    project = str(made.args.get("project_dir") or "")
    stated = (profiles_dir, made.args.get("profiles_dir"), env.get("DBT_PROFILES_DIR"), project)
    for each in stated if not profiles_dir else (profiles_dir,):
        if each:
            yield Path(project, str(each)) if each != profiles_dir else Path(profiles_dir)
    if not profiles_dir:
        yield Path.home() / ".dbt"


def _profile_of(project: str) -> str:
    import yaml

    file = Path(project, _PROJECT)
    if not project or not file.is_file():
        return ""
    try:
        stated = yaml.safe_load(file.read_text("utf-8", "replace"))
    except yaml.YAMLError:
        return ""
    return str(stated.get("profile") or "") if isinstance(stated, dict) else ""
