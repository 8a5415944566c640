"""Arguments of a program, and what their names say of the data in them: `--input s3://…`, `--target_table orders`.

That is a guess, however good, so nothing of it is sure. A path or a table whose argument says neither that it is read
nor that it is written is told as such, and nothing comes of it.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal, NamedTuple, TypeAlias

from airflow_provider_catalog.sources.task.aws import places
from airflow_provider_catalog.sources.task.aws.findings import Findings
from airflow_provider_catalog.sources.task.aws.places import Account, Unnamed

Role: TypeAlias = Literal["reads", "writes", ""]

GUESSED, _BY_ELIMINATION = 0.7, 0.5
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_FLAG = re.compile(r"--?[A-Za-z]")
_TABLE_NAME = re.compile(r"[\w-]{1,255}(?:\.[\w-]{1,255})?")
_ROLES: dict[Role, frozenset[str]] = {
    "reads": frozenset({"in", "src", "from", "read", "reader", "reads", "origin", "upstream"}),
    "writes": frozenset({"out", "dst", "dest", "to", "write", "writer", "writes", "sink", "result", "results"}),
}
_STEMS: dict[Role, tuple[str, ...]] = {"reads": ("input", "source"), "writes": ("output", "target", "destination")}
_NO_DATA = frozenset(
    {
        *("tmp", "temp", "tempdir", "tmpdir", "temporary", "log", "logs", "logging", "checkpoint", "checkpoints"),
        *("script", "scripts", "jar", "jars", "lib", "libs", "py", "files", "wheel", "egg", "archive", "archives"),
        *("code", "class", "module", "modules", "conf", "config", "configuration", "properties", "committer"),
    }
)
_ENGINES = ("spark.", "hive.", "mapreduce.", "mapred.", "yarn.", "fs.", "tez.")
_SCHEMA = "schema"
"""A database, or a file that says what columns there are."""
_DATABASES = frozenset({"database", "db", "databasename", "dbname", _SCHEMA})
_TABLES = frozenset({"table", "tables", "tbl", "tablename"})
_FILLERS = frozenset({"name", "names", "glue", "catalog", "hive", "s", "3"}) | _DATABASES | _TABLES
_PAIRED = frozenset(
    {"-D", "-d", "-p", "--define", "--hiveconf", "--hivevar", "-hiveconf", "-hivevar", "--conf", "-param"}
)
"""Flags whose value has a name of its own in it."""
_MOST = 1_000
_NEITHER = "nothing says whether it is read or written"


class Argument(NamedTuple):
    """What stands by itself has no name."""

    name: str
    value: str

    @property
    def words(self) -> frozenset[str]:
        return frozenset(word.lower() for word in _WORD.findall(self.name[:500]))

    @property
    def role(self) -> Role:
        """A name that speaks of both says nothing."""
        said: list[Role] = [role for role in _STEMS if _speaks_of(role, self.words)]
        return said[0] if len(said) == 1 else ""

    @property
    def is_data(self) -> bool:
        """An engine has many settings of its own, of which those that are made up say what they are."""
        return self.words.isdisjoint(_NO_DATA) and (bool(self.role) or not self.name.startswith(_ENGINES))


def _speaks_of(role: Role, words: frozenset[str]) -> bool:
    return not words.isdisjoint(_ROLES[role]) or any(word.startswith(_STEMS[role]) for word in words)


def of_line(words: Sequence[str]) -> Iterator[Argument]:
    """`--name value`, `--name=value`, `-D name=value`."""
    at = 0
    while at < min(len(words), _MOST):
        word, following = words[at], words[at + 1] if at + 1 < len(words) else ""
        valued = bool(_FLAG.match(word)) and "=" not in word and bool(following) and not _FLAG.match(following)
        at += 2 if valued else 1
        if valued:
            yield _paired(following) if word in _PAIRED and "=" in following else Argument(word, following)
        else:
            yield _paired(word) if _FLAG.match(word) else Argument("", word)


def _paired(text: str) -> Argument:
    name, _, value = text.partition("=")
    return Argument(name, value)


def of_object(stated: dict[str, Any]) -> Iterator[Argument]:
    return (Argument(key, value) for key, value in list(stated.items())[:_MOST] if type(value) is str)


def words_of(text: str) -> list[str]:
    """As a shell splits it; what no shell would take is split at its spaces."""
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()


def read(arguments: Iterable[Argument], account: Account, found: Findings) -> None:
    """What one program is told."""
    told = [each for argument in arguments for each in _inner(argument) if each.is_data]
    part = found.part()
    _paths(told, part)
    _tables(told, account, part)
    found.include(part)


def _inner(argument: Argument, depth: int = 8) -> Iterator[Argument]:
    """A value may be JSON, whose keys say more, or a list with commas."""
    for value in _decoded(argument.value):
        if type(value) is str:
            yield Argument(argument.name, value)
        elif depth and type(value) is dict:
            for key, each in list(value.items())[:_MOST]:
                said = Argument(key, "").role or not argument.role
                texts = each if type(each) is list else [each]
                for text in (each for each in texts[:_MOST] if type(each) in (str, dict)):
                    name = key if said else f"{argument.name} {key}"
                    yield from _inner(Argument(name, text if type(text) is str else json.dumps(text)), depth - 1)


def _decoded(value: str) -> list[Any]:
    if value[:1] not in ("{", "["):
        return [part for part in (each.strip() for each in value.split(",")[:_MOST]) if part]
    try:
        decoded = json.loads(value)
    except (ValueError, RecursionError):
        return [value]
    return decoded[:_MOST] if type(decoded) is list else [decoded]


def _paths(told: Iterable[Argument], found: Findings) -> None:
    for argument in told:
        place = places.path(argument.value)
        if place is None or _SCHEMA in argument.words:
            continue
        if argument.role == "reads":
            found.read(place, GUESSED)
        elif argument.role == "writes":
            found.write(place, GUESSED)
        else:
            found.unknown("names", Unnamed((str(place),), _NEITHER))


def _tables(told: Sequence[Argument], account: Account, found: Findings) -> None:
    """A table and its database are told apart by what else is in their names: `source_db`, `source_table`. Where that
    says nothing, a table beside data that is only read is written, and the other way round.
    """
    databases = {_rest(each): each.value for each in told if each.words & _DATABASES and not each.words & _TABLES}
    tables = [each for each in told if each.words & _TABLES and _TABLE_NAME.fullmatch(each.value)]
    sides = bool(found.reads), bool(found.writes)
    for each in tables:
        only = next(iter(databases.values())) if len(databases) == 1 else ""
        database, _, table = each.value.rpartition(".")
        database = database or databases.get(_rest(each)) or databases.get(frozenset()) or only
        place = account.table(database, table) if _TABLE_NAME.fullmatch(database) else None
        if place is None:
            found.unknown("names", Unnamed((each.value,), "nothing says of which database it is"))
        elif each.role or sides[0] is not sides[1]:
            role = each.role or ("writes" if sides[0] else "reads")
            confidence = GUESSED if each.role else _BY_ELIMINATION
            (found.read if role == "reads" else found.write)(place, confidence)
        else:
            found.unknown("names", Unnamed((f"{database}.{table}",), _NEITHER))


def _rest(argument: Argument) -> frozenset[str]:
    return argument.words - _FILLERS
