"""A dbt project as far as `dbt init` has to know it: its files, where its macros are, what is called as ours are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from airflow_provider_catalog.cli.yaml_list import UneditableError, read

PROJECT, PACKAGES, DEPENDENCIES = "dbt_project.yml", "packages.yml", "dependencies.yml"
PACKAGE, MACRO = "airflow_catalog", "export_lineage_to_catalog"
"""What our package and the macro of it are called."""
MACRO_PATHS = "macro-paths"
_DEFAULT = ("macros",)
_DEFINED = re.compile(rf"{{%-?\s*macro\s+{MACRO}\s*\(")
_COMMENT = re.compile(r"{#.*?#}", re.DOTALL)


class NoProjectError(ValueError):
    """There is no project of dbt, or one that dbt would not take either."""


@dataclass(frozen=True)
class DbtProject:
    """Read once; nothing is written here."""

    folder: Path
    text: str
    said: dict[str, Any]

    @classmethod
    def at(cls, folder: Path) -> DbtProject:
        path = folder / PROJECT
        if not path.is_file():
            raise NoProjectError(f"{folder} is no project of dbt, it has no {PROJECT}: --project-dir names another")
        text = content(path)
        said = parsed(path, text)
        if not isinstance(said.get("name"), str):
            raise NoProjectError(f"{path} has no name, so it is no project of dbt: correct it first")
        if said["name"] == PACKAGE:
            raise NoProjectError(f"{folder} is our package itself: --project-dir names the project that is to use it")
        return cls(folder, text, said)

    @cached_property
    def macro_paths(self) -> tuple[str, ...]:
        stated = self.said.get(MACRO_PATHS)
        return tuple(map(str, stated)) if isinstance(stated, list) else _DEFAULT

    @property
    def macro_folders(self) -> Iterator[Path]:
        """Those that are written down as they are; what Jinja makes of others only dbt knows."""
        return (self.folder / each for each in self.macro_paths if "{{" not in each)

    @property
    def calls_us(self) -> bool:
        """Whether its on-run-end has our line, in one form or another."""
        return MACRO in str(self.said.get("on-run-end", ""))

    def defining(self) -> Path | None:
        """The file of its own that has a macro of that name already."""
        files = (file for folder in self.macro_folders for file in sorted(folder.rglob("*.sql")))
        return next((file for file in files if _DEFINED.search(_COMMENT.sub("", content(file)))), None)

    def packages(self) -> tuple[Path, str | None]:
        """The file that says which packages are used, and its text; None: there is none yet."""
        for name in (DEPENDENCIES, PACKAGES):
            path = self.folder / name
            if path.is_file() and (name == PACKAGES or "packages" in parsed(path, content(path))):
                return path, content(path)
        return self.folder / PACKAGES, None


def nearest(folder: Path) -> Path:
    """The folder or the first above it that has a project, as dbt looks for it; else the folder."""
    return next((each for each in (folder, *folder.parents) if (each / PROJECT).is_file()), folder)


def content(path: Path) -> str:
    """As it is, line ends and all."""
    try:
        return path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        raise NoProjectError(f"{path} is not in UTF-8: dbt reads nothing else, save it as such") from None


def parsed(path: Path, text: str) -> dict[str, Any]:
    try:
        return read(text)
    except UneditableError as error:
        raise NoProjectError(f"{path} cannot be read, {error}: correct it first") from None
