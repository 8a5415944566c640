"""A session: which dialect it speaks, how that folds names, and what USE makes of the names after it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from airflow_provider_catalog.sources.sql.headings import figured
from airflow_provider_catalog.sources.sql.limits import Limits
from airflow_provider_catalog.sources.sql.names import NO_NAME, Names
from airflow_provider_catalog.sources.sql.relation import Node
from airflow_provider_catalog.sources.sql.spelling import spelled
from airflow_provider_catalog.sources.sql.tree import parts_of
from airflow_provider_catalog.sources.sql.variables import Variables

_DIALECTS = {
    **dict.fromkeys(("postgresql", "cockroachdb", "greenplum", "yugabytedb", "vertica"), "postgres"),
    **dict.fromkeys(("mssql", "sqlserver", "synapse"), "tsql"),
    **dict.fromkeys(("mariadb", "singlestore", "memsql"), "mysql"),
    **dict.fromkeys(("sparksql", "spark_sql"), "spark"),
    **dict.fromkeys(("generic", "ansi"), ""),
    "impala": "hive",
    "flink": "spark",
    "dremio": "trino",
}
"""Names that others have for dialects, and dialects that are nearly another."""

_VALUES = frozenset({"default", "current_user", "session_user", "system_user", "current_role", "current_schema"}) | {
    NO_NAME,
    *("current_date", "current_time", "current_timestamp", "localtime", "localtimestamp"),
}
_OF_ROWS = frozenset({"level", "rownum", "connect_by_isleaf", "connect_by_iscycle", "sysdate", "systimestamp", "uid"})
_NONE = frozenset[str]()
_OWN_VALUES = {
    **dict.fromkeys(("oracle", "exasol"), _OF_ROWS | {"user"}),
    **dict.fromkeys(("postgres", "redshift", "teradata"), frozenset({"user"})),
}
"""What looks like a column and is none."""
_EXACT = frozenset({"bigquery"})
"""Dialects in which a table's case counts, whatever sqlglot does to names that may be of a WITH."""
_IMPLICIT = frozenset({"tsql", "oracle", "snowflake", "teradata", "db2"})
"""Dialects that need no RECURSIVE for a WITH that reads itself."""
NAMED = frozenset({*_DIALECTS, *_IMPLICIT})
"""Dialects that go by a name which sqlglot does not have."""
_DATABASE_FIRST = frozenset({"snowflake", "tsql"})
"""Dialects in which `USE x` means a database that has schemas."""
_NAMES_OUTPUTS = frozenset(
    {"snowflake", "redshift", "databricks", "spark", "spark2", "teradata", "duckdb", "clickhouse", "exasol"}
)
"""Dialects in which an expression may name an output before it."""
_OTHERS = ("", "postgres", "spark", "tsql", "snowflake", "mysql", "bigquery", "oracle")
_STRUCTS = frozenset(
    {"bigquery", "spark", "spark2", "databricks", "hive", "trino", "presto", "athena", "duckdb", "clickhouse"}
)
"""Dialects in which `a.b` may be a field of a column."""
_METHODS = frozenset({"duckdb"})
"""Dialects in which a function may stand behind its first argument."""
_LAMBDAS = _STRUCTS | {"snowflake"}
"""Dialects in which an arrow may stand between the arguments of a function and what it is."""
_ROWS = frozenset({"postgres", "bigquery", "duckdb"})
"""Dialects in which a table's alias may be a value: the whole row."""
_FIGURED = frozenset({"postgres", "redshift"})
"""Dialects that call columns without a name as PostgreSQL does."""
_SPELLED = frozenset({"duckdb"})
"""Dialects that call them by what they are made of."""
_NO_COLUMNS: dict[str, Sequence[str]] = {}
_GIVING: dict[str, dict[str, Sequence[str]]] = {
    "postgres": {
        **dict.fromkeys(("json_each", "jsonb_each", "json_each_text", "jsonb_each_text"), ("key", "value")),
        **dict.fromkeys(("json_array_elements", "jsonb_array_elements"), ("value",)),
        **dict.fromkeys(("json_array_elements_text", "jsonb_array_elements_text"), ("value",)),
    },
    "duckdb": dict.fromkeys(
        ("json_each", "json_tree"), ("key", "value", "type", "atom", "id", "parent", "fullkey", "path")
    ),
}
_NUMBERS = frozenset({"duckdb"})
"""Dialects in which columns that are called the same get numbers where the result of a query becomes a relation."""
_IN_PLACE = frozenset({"duckdb", "sqlite"})
"""Dialects in which a star has the columns of USING where the left side has them, and not first."""
_BOTH_SIDES = frozenset({"clickhouse"})
"""Dialects in which columns of the right side of a SEMI JOIN may be selected."""
_INTO_VARIABLES = frozenset({"oracle", "mysql", "snowflake", "teradata", "db2", "exasol"})
"""Dialects in which SELECT INTO fills variables, and no table."""
_INTO_VARIABLES_INSIDE = _INTO_VARIABLES | {"postgres", "redshift"}
"""The same within a block."""
_CLEANED: dict[str, tuple[re.Pattern[str], str]] = {
    "hive": (re.compile(r"(?i)\bstraight_join\b|\[\s*(?:no)?(?:shuffle|broadcast|clustered)\s*\]"), " "),
    "tsql": (re.compile(r"(?im)^[ \t]*+go(?:[ \t]++\d++)?+[ \t]*+;?+[ \t]*+$"), ";"),
    "oracle": (re.compile(r"(?<!&)&&?[^\W\d]\w*\.?|(?<![\w:]):\d+"), NO_NAME),
    "sqlite": (re.compile(r"\?\d+|(?<![\w$'\"])\$[^\W\d]\w*"), "NULL"),
}
"""What the parser does not know and lineage does not need, with what may stand there instead."""
_SCHEMA_SET = re.compile(
    r"(?is)\s*(?:alter\s+session\s+)?set\s+(?:local\s+|session\s+)?"
    r"(?:search_path|current_schema)\s*(?:=|to)\s*[\"']?(\w+)"
)


def _as_it_is(text: str) -> str:
    return text


_FOLDS: dict[str, tuple[Callable[[str], str], Callable[[str], str]]] = {
    "LOWERCASE": (str.lower, _as_it_is),
    "UPPERCASE": (str.upper, _as_it_is),
    "CASE_INSENSITIVE": (str.lower, str.lower),
    "CASE_INSENSITIVE_UPPERCASE": (str.upper, str.upper),
    "CASE_SENSITIVE": (_as_it_is, _as_it_is),
}
"""What is done to names that are not quoted, and to those that are."""


class Session:
    """A dialect nobody knows is generic SQL."""

    def __init__(self, dialect: str, names: Names) -> None:
        lowered = dialect.lower()
        self.language = _language(_DIALECTS.get(lowered, lowered))
        self.names = names
        self._dialect = type(self.language).__name__.lower()
        self.names_outputs = self._dialect in _NAMES_OUTPUTS
        self.has_structs = self._dialect in _STRUCTS
        self.has_headings = self._dialect in _FIGURED | _SPELLED
        self.has_methods = self._dialect in _METHODS
        self.has_lambdas = self._dialect in _LAMBDAS
        self.has_rows = self._dialect in _ROWS
        self.numbers_columns = self._dialect in _NUMBERS
        self.joins_in_place = self._dialect in _IN_PLACE
        self.implicit = bool({lowered, self._dialect} & _IMPLICIT)
        self._spoken = {lowered, self._dialect}
        self.block = Variables()
        self.limits = Limits()
        self._values = _VALUES | _OWN_VALUES.get(self._dialect, _NONE)
        strategy = self.language.normalization_strategy.name
        self._folds = _FOLDS.get("CASE_SENSITIVE" if self._dialect in _EXACT else strategy, _FOLDS["LOWERCASE"])

    @property
    def is_unseparated(self) -> bool:
        """Statements need no semicolons between them."""
        return self._dialect == "tsql"

    @property
    def others(self) -> list[Any]:
        """Languages to try where its own does not do."""
        return [other for name in _OTHERS if (other := _language(name)) is not self.language]

    @property
    def has_table_variables(self) -> bool:
        return self._dialect == "tsql"

    @property
    def has_collections(self) -> bool:
        """A column may stand where a table does, after the alias of its own."""
        return "impala" in self._spoken

    def is_half(self, join: Node) -> bool:
        """SEMI and ANTI JOIN only say which rows of the left side stay."""
        return str(join.args.get("kind")).upper() in ("SEMI", "ANTI") and self._dialect not in _BOTH_SIDES

    def gives(self, function: str) -> Sequence[str]:
        """The columns of what a function gives where a table may stand."""
        return _GIVING.get(self._dialect, _NO_COLUMNS).get(function, ())

    def heading_of_value(self, place: int) -> str:
        """Of a column of VALUES."""
        return f"col{place}" if self._dialect == "duckdb" else f"column{place + 1}"

    def heading(self, node: Node) -> str | None:
        """What the database calls a column that is nothing but this expression, if that is known."""
        if node.key == "column":
            return None
        if self._dialect in _FIGURED:
            return figured(node)
        found = spelled(node) if self._dialect in _SPELLED and not _is_name(node) else None
        return None if found is None else self.fold_column(found)

    def into_variables(self, *, inside: bool) -> bool:
        return bool(self._spoken & (_INTO_VARIABLES_INSIDE if inside else _INTO_VARIABLES))

    def cleaned(self, sql: str) -> str:
        found = _CLEANED.get(self._dialect)
        return sql if found is None else found[0].sub(found[1], sql)

    def is_value(self, identifier: Node) -> bool:
        """No column, unless the table is known to have one of that name."""
        if identifier.args.get("quoted"):
            return False
        text = str(identifier.name).lower()
        return text in self._values or text in self.block.names

    def name(self, parts: list[Node]) -> str | None:
        """BigQuery quotes all parts together, and after a dollar names a part of the table."""
        if any(part is not None and part.key == "parameter" for part in parts) and not self.has_table_variables:
            return None
        texts = ["" if part is None else self._text(part) for part in parts]
        if self._dialect in _EXACT:
            texts = ".".join(texts).partition("$")[0].split(".")
        return self.names.qualified(texts)

    def column(self, identifier: Node) -> str:
        """A column as a user would see it in that database."""
        unquoted, quoted = self._folds
        text = str(identifier.name)
        return (quoted if identifier.args.get("quoted") else unquoted)(text)

    def column_of(self, node: Node) -> str:
        """What an assignment or a list of columns names."""
        inner = node.this if node.key == "column" else node
        return self.column(inner) if inner.key == "identifier" else self.fold_column(node.name)

    def fold_column(self, text: str) -> str:
        return self._folds[0](text)

    def table(self, table: Node) -> str | None:
        return self.name(parts_of(table))

    def written(self, tokens: Sequence[Any]) -> str | None:
        """A table's name as tokens."""
        parts = [token for token in tokens if token.text != "."]
        unquoted, quoted = self._folds
        if any(token.token_type.name != "IDENTIFIER" and not token.text[:1].isalpha() for token in parts):
            return None
        return self.names.qualified(
            [(quoted if token.token_type.name == "IDENTIFIER" else unquoted)(str(token.text)) for token in parts]
        )

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
        if part.key == "parameter":
            return f"@{self.fold_column(part.name)}"
        everywhere = part.args.get("global_") or part.args.get("global")
        mark = "##" if everywhere else "#" if part.args.get("temporary") else ""
        return f"{mark}{self.column(part)}"


def _is_name(node: Node) -> bool:
    """The name of a column in brackets is its own."""
    while node.key == "paren":
        node = node.this
    return node.key in ("column", "star") or (node.key == "dot" and node.expression.key == "identifier")


@cache
def _language(dialect: str) -> Any:
    from sqlglot.dialects.dialect import Dialect

    try:
        return Dialect.get_or_raise(dialect if dialect.isidentifier() else "")
    except ValueError:
        return Dialect.get_or_raise("")
