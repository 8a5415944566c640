"""Which Glue table a dataset is, by the rules of `[catalog] glue_mapping`: a JSON list, whose first match counts.

    {"match": "s3://lake/warehouse/{database}/{table}"}
    {"match": "snowflake://*/{db}.{schema}.{table}", "database": "sf_{db}_{schema}", "table": "{table}"}

`match` is compared with the dataset's id. `{name}` is a part of it, `*` a part that is not needed, `**` any number. A
dataset that Glue itself has a name for needs no rule. A path goes as far as its folder: what follows from the first
`key=value` on is a partition, and a file is of the table that its folder is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import unquote

from airflow_provider_catalog.errors import ConfigError
from airflow_provider_catalog.model.identity import DatasetId
from airflow_provider_catalog.model.platforms import by_namespace

OPTION = "glue_mapping"
_EXAMPLE = '[{"match": "s3://lake/{database}/{table}"}]'
_OPTIONAL = ("database", "table", "catalog_id", "region")
_HOLE = re.compile(r"\{([A-Za-z_]\w*)\}|(\*\*)|(\*)")
_PARTITION = re.compile(r"([A-Za-z_][\w-]*)=(.*)", re.DOTALL)
_FILE = re.compile(
    r"(?i)\.(?:parquet|orc|avro|json|jsonl|ndjson|csv|tsv|txt)(?:\.\w{1,6})?$|\.(?:gz|snappy|zst|bz2|lz4)$"
)
_ARN = re.compile(r"arn:[\w-]+:glue:([\w-]+):(\d{12})")
_UNFIT = re.compile(r"[^a-z0-9_]+")
_LONGEST = 255


class GluePlace(NamedTuple):
    """A table of Glue. `partition`: the one that a path names, if any. Where nothing is said of account and region
    those of the credentials are meant.
    """

    database: str
    table: str
    location: str = ""
    partition: tuple[tuple[str, str], ...] = ()
    catalog_id: str | None = None
    region: str | None = None


class GlueMapping:
    """The rules of the setting. Whatever is wrong with one is told at once."""

    def __init__(self, stated: Any) -> None:
        if not isinstance(stated, list | tuple):
            raise ConfigError(OPTION, f"it must be a JSON list of rules, such as {_EXAMPLE}")
        self._rules = tuple(_rule(each, number) for number, each in enumerate(stated, 1))

    def place(self, names: Sequence[DatasetId]) -> GluePlace | None:
        """Of a dataset by all its names. What Glue calls it wins; where it lies another name may tell."""
        folders = [_folder(name) for name in names]
        found = next((place for name in names if (place := _in_glue(name))), None)
        found = found or self._mapped(folders)
        where = next((folder for folder in folders if folder.is_path), None)
        if found is None or where is None:
            return found
        return found._replace(location=f"{where.id.rstrip('/')}/", partition=where.partition)

    def _mapped(self, folders: Sequence[_Folder]) -> GluePlace | None:
        places = (rule.place(folder) for folder in folders for rule in self._rules)
        return next((place for place in places if place), None)


class _Folder(NamedTuple):
    """A dataset's id, of a path as far as the table goes, and the partition that follows."""

    id: str
    partition: tuple[tuple[str, str], ...] = ()
    is_path: bool = False


def _folder(name: DatasetId) -> _Folder:
    if by_namespace(name.namespace).start not in ("key", "/"):
        return _Folder(str(name))
    segments = str(name).rstrip("/").split("/")
    named = [_PARTITION.fullmatch(segment) for segment in segments]
    first = next((at for at, found in enumerate(named) if found), len(segments))
    partition = tuple((found[1].lower(), unquote(found[2])) for found in named if found)
    if first == len(segments) and _FILE.search(segments[-1]):
        first -= 1
    return _Folder("/".join(segments[:first]), partition, is_path=True)


def _in_glue(name: DatasetId) -> GluePlace | None:
    account = _ARN.fullmatch(name.namespace)
    parts = name.name.split("/")
    if account is None or len(parts) != 3 or parts[0] != "table":
        return None
    return GluePlace(parts[1], parts[2], catalog_id=account[2], region=account[1])


@dataclass(frozen=True, slots=True)
class _Rule:
    pattern: re.Pattern[str]
    database: str
    table: str
    catalog_id: str | None
    region: str | None

    def place(self, folder: _Folder) -> GluePlace | None:
        found = self.pattern.fullmatch(folder.id)
        if found is None:
            return None
        database, table = (_name(template, found.groupdict()) for template in (self.database, self.table))
        if not database or not table:
            return None
        return GluePlace(database, table, catalog_id=self.catalog_id, region=self.region)


def _rule(stated: Any, number: int) -> _Rule:
    known = {"match", *_OPTIONAL}
    if not isinstance(stated, Mapping) or not all(isinstance(value, str) and value for value in stated.values()):
        raise ConfigError(OPTION, f"rule {number} must be an object of texts, as in {_EXAMPLE}")
    if unknown := sorted(stated.keys() - known):
        raise ConfigError(OPTION, f"rule {number} has {unknown[0]!r}; rules have {', '.join(sorted(known))}")
    if "match" not in stated:
        raise ConfigError(OPTION, f"rule {number} has no `match`")
    holes = [hole[1] for hole in _HOLE.finditer(stated["match"]) if hole[1]]
    database, table = (stated.get(key, f"{{{key}}}") for key in ("database", "table"))
    for template in (database, table):
        if missing := [hole[1] for hole in _HOLE.finditer(template) if hole[1] and hole[1] not in holes]:
            raise ConfigError(OPTION, f"rule {number} uses {{{missing[0]}}}, which its `match` does not have")
    if len(set(holes)) < len(holes):
        raise ConfigError(OPTION, f"rule {number} has the same {{name}} twice in its `match`")
    return _Rule(_pattern(stated["match"]), database, table, stated.get("catalog_id"), stated.get("region"))


def _pattern(match: str) -> re.Pattern[str]:
    """A part ends at a slash; a dot ends it where the pattern has one beside it."""
    made, at = "", 0
    for hole in _HOLE.finditer(match):
        dotted = "." in (match[hole.start() - 1 : hole.start()], match[hole.end() : hole.end() + 1])
        part = r"[^/.]+" if dotted else r"[^/]+"
        made += re.escape(match[at : hole.start()])
        made += f"(?P<{hole[1]}>{part})" if hole[1] else r".*" if hole[2] else part
        at = hole.end()
    return re.compile(made + re.escape(match[at:]).removesuffix("/"), re.DOTALL)


def _name(template: str, parts: Mapping[str, str]) -> str:
    """As Hive and Athena take it without quotes: lower case, and nothing but letters, digits and underscores."""
    filled = _HOLE.sub(lambda hole: parts.get(hole[1] or "", ""), template)
    return _UNFIT.sub("_", filled.lower()).strip("_")[:_LONGEST]
