"""Who ran dbt: a task of Cosmos, a script of a shell, or a function, by what the process of the task can see of it.

* Cosmos: its artifacts are opened before their folder goes (`dbt_cosmos`).
* A command of a shell is read for where dbt ran (`dbt_command`).
* dbt as a library of this process says itself where it ran, and over which connection.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from airflow_provider_catalog.capture import dbt_cosmos
from airflow_provider_catalog.capture.dbt_command import Command, commands
from airflow_provider_catalog.capture.dbt_files import Files
from airflow_provider_catalog.capture.dbt_target import of_credentials, of_profiles
from airflow_provider_catalog.model.dbt import Target


class Left(NamedTuple):
    """What one command has left. `target` is asked where our hook in dbt did not run."""

    files: Files
    target: Callable[[Mapping[str, Any]], Target | None]
    roots: Sequence[str]
    env: Mapping[str, str]
    since: float
    may_be: Callable[[Mapping[str, Any]], bool]


_opened: list[Files] = []
"""By the callback of Cosmos, in the task of this process."""
_before: list[str] = [""]
"""The last invocation of dbt in this process that is not of its task."""


def begin(task: Any) -> None:
    """Where many tasks run in one process, what others have left is theirs."""
    while _opened:
        _opened.pop().close()
    _before[0] = _invocation_id()
    if dbt_cosmos.is_one(task):
        dbt_cosmos.attach(task, _opened.append, time.time())


def left_by(task: Any, since: float) -> Iterator[Left]:
    """What was run since then, in seconds since 1970."""
    if dbt_cosmos.is_one(task):
        yield from _of_cosmos(task, since)
    elif isinstance(script := getattr(task, "bash_command", None), str):
        yield from _of_script(task, script, since) if "dbt" in script.lower() else ()
    elif "dbt.cli.main" in sys.modules:
        yield from _of_library(since) if _invocation_id() != _before[0] else ()


def _of_cosmos(task: Any, since: float) -> Iterator[Left]:
    env = dbt_cosmos.environment(task)
    while _opened:
        files, roots = _opened.pop(0), [dbt_cosmos.project(task)]
        yield Left(files, lambda _: dbt_cosmos.target(task), roots, env, since, lambda _: True)


def _of_script(task: Any, script: str, since: float) -> Iterator[Left]:
    """Of several commands that leave their artifacts in one place the last is there."""
    stated = getattr(task, "env", None)
    own = {str(key): str(value) for key, value in stated.items()} if isinstance(stated, Mapping) else {}
    alone = bool(own) and not getattr(task, "append_env", False)
    env = own if alone else {**os.environ, **own}
    by_target: dict[Path, list[Command]] = {}
    for command in commands(script, str(getattr(task, "cwd", None) or ""), env):
        if command.target is not None:
            by_target.setdefault(command.target, []).append(command)
    for folder, some in by_target.items():
        if files := Files.new(folder, since):
            yield Left(files, _profile(some[-1]), [some[-1].project], some[-1].env, since, _said_by(some))


def _said_by(some: Sequence[Command]) -> Callable[[Mapping[str, Any]], bool]:
    return lambda args: any(each.may_have_said(args.get("invocation_command")) for each in some)


def _profile(command: Command) -> Callable[[Mapping[str, Any]], Target | None]:
    def found(args: Mapping[str, Any]) -> Target | None:
        stated = (args.get("profiles_dir"), command.option("--profiles-dir"), command.env.get("DBT_PROFILES_DIR"))
        project, home = str(args.get("project_dir") or command.project), str(Path.home() / ".dbt")
        folders = [str(Path(project, str(each))) for each in stated if each]
        profile = str(args.get("profile") or command.env.get("DBT_PROFILE") or "")
        name = str(args.get("target") or command.env.get("DBT_TARGET") or "")
        return of_profiles([*folders, project, home], project, profile, name, command.env)

    return found


def _of_library(since: float) -> Iterator[Left]:
    """By what it was called with last."""
    flags = getattr(sys.modules.get("dbt.flags"), "GLOBAL_FLAGS", None)
    project = str(getattr(flags, "PROJECT_DIR", None) or Path.cwd())
    folder = Path(project, str(getattr(flags, "TARGET_PATH", None) or "target"))
    if files := Files.new(folder, since):
        yield Left(files, lambda _: of_credentials(project), [project], os.environ, since, lambda _: True)


def _invocation_id() -> str:
    """Dbt's own, of this process."""
    return str(getattr(sys.modules.get("dbt_common.invocation"), "_INVOCATION_ID", ""))
