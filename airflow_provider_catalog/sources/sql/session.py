"""A session: which dialect it speaks, how that folds names, and what USE makes of the names after it."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from airflow_provider_catalog.sources.sql.names import Names
from airflow_provider_catalog.sources.sql.tree import Node

_DIALECTS = {
    **dict.fromkeys(("postgresql", "cockroachdb", "greenplum", "yugabytedb", "vertica"), "postgres"),
    **dict.fromkeys(("mssql", "sqlserver", "synapse"), "tsql"),
    **dict.fromkeys(("mariadb", "singlestore", "memsql"), "mysql"),
    **dict.fromkeys(("sparksql", "spark_sql"), "spark"),
    **dict.fromkeys(("generic", "ansi"), ""),
    "impala": "hive",
}
"""Names that others have for dialects, and dialects that are nearly another."""

_EXACT = frozenset({"bigquery"})
"""Dialects in which a table's case counts, whatever sqlglot does to names that may be of a WITH."""
_IMPLICIT = frozenset({"tsql", "oracle", "snowflake", "teradata"})
"""Dialects that need no RECURSIVE for a WITH that reads itself."""
_DATABASE_FIRST = frozenset({"snowflake", "tsql"})
"""Dialects in which `USE x` means a database that has schemas."""
_SCHEMA_SET = re.compile(
    r"(?is)\s*(?:alter\s+session\s+)?set\s+(?:local\s+|session\s+)?"
    r"(?:search_path|current_schema)\s*(?:=|to)\s*[\"']?(\w+)"
)


class Session:
    """A dialect nobody knows is generic SQL."""

    def __init__(self, dialect: str, names: Names) -> None:
        lowered = dialect.lower()
        self.language = _language(_DIALECTS.get(lowered, lowered))
        self.names = names
        self._dialect = type(self.language).__name__.lower()

    @property
    def implicit(self) -> bool:
        return self._dialect in _IMPLICIT

    def name(self, parts: list[Node]) -> str | None:
        """BigQuery quotes all parts together, and after a dollar names a part of the table."""
        texts = ["" if part is None else self._text(part) for part in parts]
        if self._dialect in _EXACT:
            texts = ".".join(texts).partition("$")[0].split(".")
        return self.names.qualified(texts)

    def fold(self, text: str) -> str:
        """What is not quoted, as the dialect folds it."""
        from sqlglot import exp

        return self._text(exp.to_identifier(text))

    def use(self, root: Node, text: str) -> None:
        """After this statement."""
        if found := _SCHEMA_SET.match(text):
            self.names = self.names._replace(schema=found[1])
        elif root.key == "use" and root.this is not None and root.this.key == "table":
            kind = root.args["kind"].name.upper() if root.args.get("kind") else ""
            self.names = self._used(kind, *map(self._text, root.this.parts))

    def _used(self, kind: str, *parts: str) -> Names:
        database = kind == "CATALOG" or (kind in ("", "DATABASE") and self._dialect in _DATABASE_FIRST)
        if len(parts) > 1:
            return Names(*parts[-2:])
        if database:
            return Names(parts[0], None if kind == "CATALOG" else self.names.schema)
        return self.names._replace(schema=parts[0]) if kind in ("", "DATABASE", "SCHEMA") else self.names

    def _text(self, part: Node) -> str:
        """T-SQL's temporary tables keep their mark."""
        everywhere = part.args.get("global_") or part.args.get("global")
        mark = "##" if everywhere else "#" if part.args.get("temporary") else ""
        folded = part if self._dialect in _EXACT else self.language.normalize_identifier(part.copy())
        return f"{mark}{folded.name}"


@cache
def _language(dialect: str) -> Any:
    from sqlglot.dialects.dialect import Dialect

    try:
        return Dialect.get_or_raise(dialect if dialect.isidentifier() else "")
    except ValueError:
        return Dialect.get_or_raise("")
