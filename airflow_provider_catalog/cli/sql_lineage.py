"""`sql-lineage`: what files of SQL read and write, and which column is made of which. It needs no store.

Each file is a script of its own: what one makes, another knows only by its name.
"""

from __future__ import annotations

import argparse
import codecs
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from airflow_provider_catalog.cli.context import Context
from airflow_provider_catalog.cli.mermaid import Arrow, flowchart
from airflow_provider_catalog.cli.options import FORMATS, Subparsers, command
from airflow_provider_catalog.cli.output import clean, pad, table, width

if TYPE_CHECKING:
    from airflow_provider_catalog.sources.sql import SqlLineage, SqlStatement
    from airflow_provider_catalog.sources.sql.edges import Edge
    from airflow_provider_catalog.sources.sql.schema import Given
    from airflow_provider_catalog.store.protocol import Store

_BYTES = 8_000_000
"""So long may a file be: its bounds in characters are those of whoever reads SQL."""
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_QUERY, _UNKNOWN = "(query)", "?"
"""What a query gives to whoever asked, and one of the tables that a statement reads."""
_WIDE = 60
_EDGES, _CHARACTERS = 500, 50_000
"""Mermaid draws no more unless it is told to, and GitHub does not tell it."""
_EXAMPLES = """examples:
  airflow-catalog sql-lineage load.sql --dialect snowflake --level column
  airflow-catalog sql-lineage dbt/models/*.sql --dialect bigquery --schema columns.json -o mermaid
  echo 'INSERT INTO a SELECT * FROM b' | airflow-catalog sql-lineage - --dialect postgres -o json"""


class _Script(NamedTuple):
    """A file, and what was read in it."""

    file: str
    said: SqlLineage

    @property
    def doubted(self) -> list[SqlStatement]:
        return [statement for statement in self.said.statements if statement.error]

    @property
    def wanted(self) -> list[str]:
        """Files have columns, too, but nobody can tell them."""
        from airflow_provider_catalog.sources.sql.files import is_file

        return [name for name in self.said.wanted if not is_file(name)]


def register(subparsers: Subparsers) -> None:
    parser = command(
        subparsers,
        "sql-lineage",
        _sql_lineage,
        "show what files of SQL read and write, without any store",
        formats=(*FORMATS, "mermaid"),
        epilog=_EXAMPLES,
    )
    parser.add_argument("files", metavar="FILE|-", nargs="+", help="each a script by itself; - is stdin")
    parser.add_argument("--dialect", type=_dialect, default="generic", help="whose SQL it is (default: generic)")
    parser.add_argument("--default-database", metavar="NAME", help="where tables are that do not say so")
    parser.add_argument("--default-schema", metavar="NAME", help="likewise")
    columns = parser.add_mutually_exclusive_group()
    columns.add_argument(
        "--schema",
        type=_schema,
        metavar="FILE",
        help='the columns of tables, for stars and columns without a table: {"shop.orders": ["id", "amount"]} as JSON',
    )
    columns.add_argument(
        "--from-store", metavar="NAMESPACE", help="the columns that the catalog knows of datasets in this namespace"
    )
    parser.add_argument(
        "--level", choices=("table", "column"), default="table", help="of what is shown (default: table); json has all"
    )
    parser.add_argument(
        "--influences", action="store_true", help="columns, and those that only have a say: filters, joins, groups"
    )
    parser.add_argument("--strict", action="store_true", help="exit code 1 if any statement was not read as a whole")


def _dialect(text: str) -> str:
    """Whoever mistypes one is told, although the reader would go on with generic SQL."""
    from sqlglot.dialects.dialect import Dialect

    from airflow_provider_catalog.sources.sql.session import NAMED

    known = {*Dialect.classes, *NAMED} - {""}
    if text.lower() not in known:
        raise argparse.ArgumentTypeError(f"{text!r} is not known; known are {', '.join(sorted(known))}")
    return text.lower()


def _schema(name: str) -> dict[str, list[str]]:
    try:
        stated = json.loads(Path(name).read_bytes())
    except OSError as error:
        raise argparse.ArgumentTypeError(f"{name}: {error.strerror}") from None
    except (ValueError, RecursionError):
        stated = None
    if not isinstance(stated, dict) or not all(map(_are_columns, stated.values())):
        raise argparse.ArgumentTypeError(f'{name} is not JSON such as {{"shop.orders": ["id", "amount"]}}')
    return {table: list(columns) for table, columns in stated.items()}


def _are_columns(stated: Any) -> bool:
    """Names, or names with their types."""
    return isinstance(stated, list | dict) and all(isinstance(name, str) for name in stated)


def _sql_lineage(context: Context) -> int:
    from airflow_provider_catalog.sources.sql import lineage

    args = context.args
    scripts: list[_Script] = []
    unread: dict[str, str] = {}
    with _known(context) as schema:
        for file in args.files:
            try:
                sql = _text(file)
            except (OSError, ValueError) as error:
                unread[file] = _reason(error)
            else:
                said = lineage(sql, args.dialect, args.default_database, args.default_schema, schema)
                scripts.append(_Script(file, said))
    _show(context, scripts, unread)
    return _code(context, scripts, unread)


@contextmanager
def _known(context: Context) -> Iterator[Given]:
    """The columns of tables, from wherever they are known."""
    if context.args.from_store is None:
        yield context.args.schema
        return
    with context.store() as store:
        yield _InStore(store, context.args.from_store)


class _InStore:
    """Asked for one table at a time, by its full name."""

    def __init__(self, store: Store, namespace: str) -> None:
        from airflow_provider_catalog.sources.connections import Database

        self._store = store
        self._place = Database(namespace)

    def columns(self, table: str) -> Sequence[str] | None:
        from airflow_provider_catalog.services.known_columns import known_columns

        dataset = self._place.dataset(table)
        found = known_columns(self._store, [dataset.uid]).get(dataset.uid) if dataset else None
        return found.columns if found else None


def _text(file: str) -> str:
    """UTF-8, or UTF-16 if it begins as that does: so do scripts of SQL Server's tools."""
    if file == "-":
        read = sys.stdin.buffer.read(_BYTES + 1)
    else:
        with Path(file).open("rb") as stream:
            read = stream.read(_BYTES + 1)
    if len(read) > _BYTES:
        raise ValueError(f"it is over the limit of {_BYTES} bytes")
    found = read.decode("utf-16" if read.startswith(_UTF_16) else "utf-8-sig")
    if "\0" in found:
        raise ValueError("it is no text")
    return found


def _reason(error: Exception) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "it is no text, or not in UTF-8"
    return (isinstance(error, OSError) and error.strerror) or str(error)


def _show(context: Context, scripts: Sequence[_Script], unread: dict[str, str]) -> None:
    args = context.args
    if args.output == "mermaid":
        context.write(_mermaid(context, scripts))
        return
    document = {
        "dialect": args.dialect,
        "scripts": [_as_json(script) for script in scripts],
        "unread": [{"file": file, "reason": reason} for file, reason in unread.items()],
    }
    if scripts or args.output != "table":
        context.show(document, lambda: "\n\n".join(_shown(script, context) for script in scripts))


def _code(context: Context, scripts: Iterable[_Script], unread: dict[str, str]) -> int:
    """SQL that nobody can read is a matter of course, unless somebody says that it is none."""
    for file, reason in unread.items():
        context.note(f"airflow-catalog: {clean(file)}: {clean(reason)}")
    doubted = sum(len(script.doubted) for script in scripts) if context.args.strict else 0
    if doubted:
        context.note(f"airflow-catalog: not read as a whole: {doubted} statement{'s' if doubted > 1 else ''}")
    return 1 if unread or doubted else 0


def _as_json(script: _Script) -> dict[str, Any]:
    said = script.said
    return {
        "file": script.file,
        "inputs": list(said.inputs),
        "outputs": list(said.outputs),
        "edges": [{"input": source, "output": target} for source, target in said.edges],
        "columns": [_edge_as_json(edge) for edge in said.columns],
        "influences": [_edge_as_json(edge) for edge in said.influences],
        "statements": [
            {
                "kind": each.kind,
                "inputs": list(each.inputs),
                "outputs": list(each.outputs),
                "confidence": each.confidence,
                "error": each.error,
            }
            for each in said.statements
        ],
        "files": [{"namespace": each.namespace, "name": each.name} for each in said.datasets],
        "wanted": script.wanted,
    }


def _edge_as_json(edge: Edge) -> dict[str, Any]:
    return {**edge._asdict(), "kind": edge.kind.name.lower(), "transformation": _expression(edge)}


def _expression(edge: Edge) -> str:
    """It ends up in logs of CI, where a password has no business."""
    from airflow_provider_catalog.model.masking import mask_sql

    return mask_sql(edge.transformation)


# For people


def _shown(script: _Script, context: Context) -> str:
    style, said = context.style, script.said
    parts = [style.bold(clean(script.file)), _statements(script, context)]
    parts.append("\n".join(_arrows([(target, source, "") for source, target in said.edges])))
    if _is_of_columns(context):
        edges = _columns(script, context)
        lines = [(_output(each), _input(each), f"({each.kind.name.lower()}) {_expression(each)}") for each in edges]
        parts.append("\n".join(_arrows(lines)))
        if script.wanted:
            names = clean(", ".join(script.wanted))
            parts.append(style.dim(f"Not known are the columns of {names}: --schema or --from-store tells them."))
    return "\n\n".join(part for part in parts if part)


def _statements(script: _Script, context: Context) -> str:
    found = script.said.statements
    rows: list[tuple[object, ...]] = [
        (at, each.kind, ", ".join(each.inputs), ", ".join(each.outputs)) for at, each in enumerate(found, 1)
    ]
    header: tuple[str, ...] = ("NO", "STATEMENT", "READS", "WRITES")
    if script.doubted:
        header = (*header, "CONFIDENCE", "WHY NOT MORE")
        rows = [
            (*row, each.confidence if each.error else None, each.error) for row, each in zip(rows, found, strict=True)
        ]
    return table(header, rows, context.style)


def _is_of_columns(context: Context) -> bool:
    return bool(context.args.level == "column" or context.args.influences)


def _columns(script: _Script, context: Context) -> tuple[Edge, ...]:
    said = script.said
    return said.columns + said.influences if context.args.influences else said.columns


def _arrows(found: Sequence[tuple[str, str, str]]) -> Iterator[str]:
    """Beneath each other as far as that is not too wide."""
    shown = [(clean(target), f"{clean(source)} {clean(beside)}".rstrip()) for target, source, beside in found]
    to = max((size for target, _ in shown if (size := width(target)) <= _WIDE), default=0)
    return (f"{pad(target, to)} <- {source}" for target, source in shown)


def _output(edge: Edge) -> str:
    return _end(_QUERY if edge.output_table is None else edge.output_table, edge.output_column)


def _input(edge: Edge) -> str:
    return _end(_UNKNOWN if edge.input_table is None else edge.input_table, edge.input_column)


def _end(table: str, column: str) -> str:
    """A column as everywhere on the command line; what has its say in all of a table has it in no one column."""
    return f"{table}#{column}" if column else table


# As a diagram


def _mermaid(context: Context, scripts: Sequence[_Script]) -> str:
    """All files in one diagram, so that one sees how they follow from each other."""
    arrows = dict.fromkeys(arrow for script in scripts for arrow in _drawn(script, context, len(scripts) > 1))
    said = [] if _is_of_columns(context) else [script.said for script in scripts]
    alone = [name for each in said for name in (*each.inputs, *each.outputs)]
    made = flowchart(arrows, alone)
    if len(arrows) > _EDGES or len(made) > _CHARACTERS:
        context.note(f"GitHub draws no diagram of more than {_EDGES} edges or {_CHARACTERS} characters.")
    return made


def _drawn(script: _Script, context: Context, several: bool) -> Iterator[Arrow]:  # noqa: FBT001  of files
    file = [script.file] if several else []
    if not _is_of_columns(context):
        yield from (Arrow(source, target, "".join(file)) for source, target in script.said.edges)
        return
    for edge in _columns(script, context):
        target = _output(edge) if edge.output_table or not several else f"{_output(edge)} {script.file}"
        label = ", ".join([edge.kind.name.lower(), *file])
        yield Arrow(_input(edge), target, label, dotted=not edge.kind.direct)
