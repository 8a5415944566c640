"""dbt in a script of a shell: where it runs, and with which words. Nothing is executed to find out.

A script is read from top to bottom: `cd`, `export`, variables before a command, and those of its environment. What
only a shell would know, such as the output of a command, stays as it is written.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator, Mapping
from itertools import takewhile
from pathlib import Path
from typing import Any, NamedTuple

PROGRAMS = frozenset({"dbt", "dbtf", "dbt-ol", "dbt-fusion"})
_MODULE = "dbt.cli.main"
_OPERATORS = frozenset(";&|()\n")
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_ASSIGNED = re.compile(r"(\w+)=(.*)", re.DOTALL)
_REDIRECTION = re.compile(r"\d?[<>]")
_MOST = 100_000
_PROJECT = "dbt_project.yml"


class Command(NamedTuple):
    """`words` after the name of the program; the folder is not known where Airflow makes one for the command."""

    program: str
    words: tuple[str, ...]
    folder: str
    env: Mapping[str, str]

    def option(self, name: str) -> str:
        """`--name value` or `--name=value`; the last counts."""
        found = ""
        for at, word in enumerate(self.words):
            if word == name:
                found = "".join(self.words[at + 1 : at + 2])
            elif word.startswith(f"{name}="):
                found = word.partition("=")[2]
        return found

    @property
    def project(self) -> str:
        """The folder of the project; as dbt does, it is looked for upwards."""
        stated = self.option("--project-dir") or self.env.get("DBT_PROJECT_DIR", "")
        if stated:
            return _joined(self.folder, stated)
        above = [Path(self.folder), *Path(self.folder).parents] if self.folder else []
        return str(next((each for each in above if (each / _PROJECT).is_file()), self.folder))

    @property
    def target(self) -> Path | None:
        """None where nobody can know it."""
        stated = self.option("--target-path") or self.env.get("DBT_TARGET_PATH", "") or "target"
        found = _joined(self.project, stated)
        return Path(found) if found.startswith("/") else None

    def may_have_said(self, invocation_command: Any) -> bool:
        """Whether dbt's own words for a run may be those of this command: another task may have run it there."""
        told = isinstance(invocation_command, str) and invocation_command.startswith("dbt ")
        plain = self.program in {"dbt", "dbtf"} and not any(set(word) & set("$`*?") for word in self.words)
        return not (told and plain) or " ".join(self.words).split() == invocation_command.split()[1:]


def commands(script: str, folder: str, env: Mapping[str, str]) -> list[Command]:
    """Those of dbt, in their order."""
    found: list[Command] = []
    known = dict(env)
    for words in _simple(script[:_MOST]):
        said = [_expanded(word, known) for word in words]
        after = _program(said)
        if said[0] == "cd" and len(said) > 1:
            folder = _joined(folder, said[1])
        elif after:
            name, env = _name(said[after - 1]), known | _assigned(said[: after - 1])
            found.append(Command(name, (*takewhile(_is_no_redirection, said[after:]),), folder, env))
        elif said[0] == "export" or len(_assigned(said)) == len(said):
            known |= _assigned(said)
    return found


def _assigned(words: list[str]) -> dict[str, str]:
    return {match[1]: match[2] for word in words if (match := _ASSIGNED.fullmatch(word))}


def _simple(script: str) -> Iterator[list[str]]:
    """Simple commands, each as its words. None of what a shell could not read either."""
    lexer = shlex.shlex(script.replace("\\\n", " "), posix=True, punctuation_chars="".join(_OPERATORS))
    lexer.whitespace, lexer.whitespace_split, lexer.commenters = " \t\r", True, ""
    words: list[str] = []
    comment = False
    try:
        for word in lexer:
            if set(word) <= _OPERATORS:
                if words:
                    yield words
                words, comment = [], comment and "\n" not in word
            elif comment or word.startswith("#"):
                comment = True
            else:
                words.append(word)
    except ValueError:
        return
    if words:
        yield words


def _program(words: list[str]) -> int:
    """How many words there are up to dbt's name, and with it: `uv run dbt`, `python -m dbt.cli.main`."""
    return next((at + 1 for at, word in enumerate(words) if _name(word) in PROGRAMS or word == _MODULE), 0)


def _is_no_redirection(word: str) -> bool:
    return _REDIRECTION.match(word) is None


def _name(word: str) -> str:
    return word.rpartition("/")[2]


def _expanded(word: str, env: Mapping[str, str]) -> str:
    found = _VARIABLE.sub(lambda match: env.get(match[1] or match[2], match[0]), word)
    return env.get("HOME", "~") + found[1:] if found == "~" or found.startswith("~/") else found


def _joined(folder: str, path: str) -> str:
    return os.path.normpath(os.path.join(folder, path))  # noqa: PTH118  of text that may name nothing
