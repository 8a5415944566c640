"""What has to be done for a project of dbt to find our macro: files with the text that they have to have.

Nothing is written here, and what is as it should be is left alone.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from airflow_provider_catalog.cli.dbt_project import (
    MACRO,
    MACRO_PATHS,
    PACKAGE,
    PROJECT,
    DbtProject,
    NoProjectError,
    content,
    parsed,
)
from airflow_provider_catalog.cli.yaml_list import UneditableError, with_item, with_other

WRAPPER = f"{{% macro {MACRO}() %}}{{{{ return({PACKAGE}.{MACRO}()) }}}}{{% endmacro %}}\n"
_OURS = ("airflow_provider_catalog", "dbt_macros")


class Step(NamedTuple):
    """A file with the text it has to have. `text` None: it is as it should be."""

    path: Path
    text: str | None
    what: str


def by_wrapper(project: DbtProject, package: Path) -> list[Step]:
    if _has_our_folder(project, package):
        raise NoProjectError(
            f"{project.folder / PROJECT} has {package} among its {MACRO_PATHS} already, and that is enough: "
            f"take it out there first if you want the package instead"
        )
    return [_wrapper(project), _packages(project, package)]


def by_macro_paths(project: DbtProject, package: Path) -> list[Step]:
    path, macros = project.folder / PROJECT, package / "macros"
    if _has_our_folder(project, package):
        return [Step(path, None, f"has our folder among its {MACRO_PATHS}")]
    if (own := project.defining()) is not None:
        raise NoProjectError(f"{own} has a macro of that name, and dbt takes no two in one project: delete it first")
    text = _edited(path, project.text, MACRO_PATHS, str(macros), project.macro_paths)
    return [Step(path, text, f"{macros} among its {MACRO_PATHS}")]


def _has_our_folder(project: DbtProject, package: Path) -> bool:
    return any(folder.resolve() == (package / "macros").resolve() for folder in project.macro_folders)


def _wrapper(project: DbtProject) -> Step:
    own = project.defining()
    if own is not None:
        if f"{PACKAGE}.{MACRO}" in content(own):
            return Step(own, None, f"calls {PACKAGE}.{MACRO}()")
        raise NoProjectError(
            f"{own} has a macro {MACRO} of your own, which is left as it is: call {PACKAGE}.{MACRO}() in it, "
            f"or delete it and try again"
        )
    folder = next(project.macro_folders, None)
    if folder is None:
        raise NoProjectError(f"{project.folder / PROJECT} has no plain path among its {MACRO_PATHS}: add one first")
    path = folder / f"{MACRO}.sql"
    if path.exists():
        raise NoProjectError(f"{path} is there already, without a macro {MACRO} in it: rename it and try again")
    return Step(path, WRAPPER, f"a macro that calls {PACKAGE}.{MACRO}()")


def _packages(project: DbtProject, package: Path) -> Step:
    path, text = project.packages()
    stated = parsed(path, text or "").get("packages")
    for entry in stated if isinstance(stated, list) else ():
        if not isinstance(entry, dict) or not _is_ours(project, entry):
            continue
        local = entry.get("local")
        if not isinstance(local, str) or (project.folder / local / PROJECT).is_file():
            return Step(path, None, "lists our package")
        return Step(path, _moved(path, text or "", local, str(package)), f"our package, which is {package} now")
    made = _edited(path, text or "", "packages", {"local": str(package)})
    return Step(path, made, f"our package, {package}")


def _is_ours(project: DbtProject, entry: dict[str, Any]) -> bool:
    """By its path, also one where nothing is any more; from git by the folder in the repository."""
    local = entry.get("local")
    if not isinstance(local, str):
        return str(entry.get("subdirectory", "")).strip("/") == _OURS[1]
    if Path(local).parts[-2:] == _OURS:
        return True
    said = project.folder / local / PROJECT
    return said.is_file() and parsed(said, content(said)).get("name") == PACKAGE


def _moved(path: Path, text: str, old: str, new: str) -> str:
    try:
        return with_other(text, old, new)
    except UneditableError as error:
        raise NoProjectError(f"{path} is left as it is, {error}: replace it by {new}") from None


def _edited(path: Path, text: str, key: str, item: dict[str, str] | str, before: tuple[str, ...] = ()) -> str:
    try:
        return with_item(text, key, item, before=before)
    except UneditableError as error:
        wanted = f'{key}: ["{item}"]' if isinstance(item, str) else f"{key}: [{{local: {item['local']}}}]"
        raise NoProjectError(f"{path} is left as it is, {error}: add to it {wanted}") from None
