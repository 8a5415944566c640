"""A dbt project as far as somebody has told of it: its nodes, the columns of each, and what those are made of.

Columns are those that the database has, where somebody has looked; else those that the SQL of a model gives; else those
that are written down. SQL is read once, upstream first, since a star is what the tables before it have.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import orjson

from airflow_provider_catalog.model.dbt_nodes import all_nodes, depends_on
from airflow_provider_catalog.model.statement import EdgeKind
from airflow_provider_catalog.sources.dbt.warehouse import dialect_of, is_ephemeral, relation
from airflow_provider_catalog.sources.openlineage.memo import Memo
from airflow_provider_catalog.sources.sql import SqlLineage
from airflow_provider_catalog.sources.sql import lineage as sql_lineage
from airflow_provider_catalog.sources.sql.edges import Edge
from airflow_provider_catalog.sources.sql.moments import timeless

STAR = "*"
_WITH_SQL = ("model", "snapshot", "analysis")
_REMEMBERED_BYTES = 64 * 1024 * 1024
_OF_SNAPSHOTS = ("dbt_scd_id", "dbt_updated_at", "dbt_valid_from", "dbt_valid_to")
_WORD = r"""(?:"[^"\n]{1,300}"|`[^`\n]{1,300}`|(?<!\w)\w++)"""
_DOTTED = re.compile(rf"{_WORD}(?:\.{_WORD}){{1,2}}")
_FILE = re.compile(r"'([^']+)'")
"""What is read in place: DuckDB has the path, or a function of it, for the name of a table."""
_QUOTES = re.compile(r'["`]')


class ColumnSource(NamedTuple):
    """A column is made of another. `source` is a node, or empty where SQL names a `table` that is none."""

    column: str
    source: str
    source_column: str
    kind: EdgeKind
    transformation: str = ""
    table: str = ""


class Lineage(NamedTuple):
    """What the SQL of a node reads and gives. `fields` in their order; `hidden` where a star stands for more of them,
    `more` where it stands for columns that are written down, of which there may be more. `partial`: not all columns of
    what it reads are known, so that who knows them may find more. `others`: tables that are no nodes. Influences
    without a column are on all of it.
    """

    columns: tuple[ColumnSource, ...] = ()
    influences: tuple[ColumnSource, ...] = ()
    reads: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    hidden: bool = False
    partial: bool = False
    confidence: float = 1.0
    more: bool = False

    @property
    def whole(self) -> bool:
        return bool(self.fields) and not self.hidden and not self.partial


_NOTHING = Lineage()


class _Read(NamedTuple):
    """`asked`: the columns that it took to read it, by table: it is the same as long as these are."""

    said: SqlLineage
    asked: Mapping[str, Sequence[str] | None]


class Project:
    """`known`: columns that the database has, by node; there may be more of those that are `partial`."""

    def __init__(
        self,
        nodes: Mapping[str, Mapping[str, Any]],
        dialect: str = "",
        known: Mapping[str, Sequence[str]] | None = None,
        partial: Collection[str] = (),
    ) -> None:
        self.nodes = nodes
        self._partial = frozenset(partial)
        self._dialect = dialect
        self._known = {unique_id: tuple(columns) for unique_id, columns in (known or {}).items() if columns}
        self._read: dict[str, Lineage] = {}
        self._being_read: set[str] = set()
        self._relations = _Relations(nodes)
        self._children: dict[str, tuple[str, ...]] | None = None
        self._asked: dict[str, tuple[str, ...]] = {}

    @classmethod
    def of(cls, manifest: Mapping[str, Any], catalog: Mapping[str, Any] | None = None) -> Project:
        metadata = manifest.get("metadata")
        adapter = str(metadata.get("adapter_type") or "") if isinstance(metadata, dict) else ""
        return cls(all_nodes(manifest), dialect_of(adapter), catalog_columns(catalog or {}))

    def columns(self, unique_id: str) -> tuple[str, ...] | None:
        """In their order; None where nobody knows them."""
        known = self._known.get(unique_id)
        if known is None and (node := self.nodes.get(unique_id)) is not None:
            read = self.lineage(unique_id)
            given = read.fields and not read.hidden
            known = (*read.fields, *added(node, read.fields)) if given else documented(node)
        return known or None

    def lineage(self, unique_id: str) -> Lineage:
        """Nothing for what has no SQL, or is not compiled."""
        for each in self._waiting(unique_id):
            self._being_read.add(each)
            self._read[each] = self._of(each)
            self._being_read.discard(each)
        return self._read.get(unique_id, _NOTHING)

    def asked(self, unique_id: str) -> tuple[str, ...]:
        """Of what has all of something that nobody knows: its columns as far as its SQL or somebody names them, and
        those that others take from it, which must be in there. Nothing for what is known better.
        """
        for each in self._hidden_below(unique_id):
            self._asked[each] = tuple(self._taken(each).values())
        return self._asked.get(unique_id, ())

    def find(self, table: str) -> str:
        """The node that SQL names so."""
        return self._relations.find(table)

    def is_known(self, unique_id: str) -> bool:
        """Whether somebody has seen its columns."""
        return unique_id in self._known

    def children(self, unique_id: str) -> tuple[str, ...]:
        if self._children is None:
            found: defaultdict[str, list[str]] = defaultdict(list)
            for each, node in self.nodes.items():
                for parent in depends_on(node):
                    found[parent].append(each)
            self._children = {each: tuple(some) for each, some in found.items()}
        return self._children.get(unique_id, ())

    def _waiting(self, unique_id: str) -> Iterator[str]:
        """What is not read yet, upstream first."""
        return furthest_first(
            unique_id,
            lambda each: each in self.nodes and not self._is_read(each),
            lambda each: self._above(self.nodes[each]),
        )

    def _hidden_below(self, unique_id: str) -> Iterator[str]:
        """What nobody has asked of yet, downstream first: who has all of it is asked for its columns as well."""
        return furthest_first(unique_id, lambda each: each not in self._asked and self._is_hidden(each), self.children)

    def _is_hidden(self, unique_id: str) -> bool:
        return unique_id not in self._known and self.lineage(unique_id).more

    def _taken(self, unique_id: str) -> dict[str, str]:
        """As they are spelled, by their names in lower case."""
        found: dict[str, str] = {}
        for name in (*self.lineage(unique_id).fields, *documented(self.nodes[unique_id])):
            found.setdefault(name.lower(), name)
        for child in self.children(unique_id):
            if has_sql(self.nodes[child]):
                said = self._reading(self.nodes[child], _Tables(self, child), (*self._asked.get(child, ()), STAR)).said
                for edge in (*said.columns, *said.influences):
                    if edge.input_table and edge.input_column and self.find(edge.input_table) == unique_id:
                        found.setdefault(edge.input_column.lower(), edge.input_column)
        return found

    def _above(self, node: Mapping[str, Any]) -> list[str]:
        """What it depends on, and what its SQL names besides."""
        sql = str(node["compiled_code"]) if has_sql(node) else ""
        return [*depends_on(node), *filter(None, (self._relations.find(name) for name in _names(sql)))]

    def _is_read(self, unique_id: str) -> bool:
        """Or about to be: SQL may name, in circles, what dbt does not know that it depends on."""
        return unique_id in self._read or unique_id in self._being_read

    def _of(self, unique_id: str) -> Lineage:
        node = self.nodes[unique_id]
        if not has_sql(node):
            return _NOTHING
        (said, asked), more = self._said(unique_id, node)
        found = dict.fromkeys(name for table, name in said.fields if table is None)
        sources = {table: self._relations.find(table) for table in said.inputs}
        return Lineage(
            tuple(_sources(said.columns, self._relations, unique_id)),
            tuple(_sources(said.influences, self._relations, unique_id)),
            tuple(dict.fromkeys(each for each in sources.values() if each and each != unique_id)),
            tuple(table for table, each in sources.items() if not each),
            tuple(name for name in found if name != STAR),
            STAR in found,
            any(columns is None or self.is_partial(self._relations.find(table)) for table, columns in asked.items()),
            min((each.confidence for each in said.statements), default=1.0),
            more,
        )

    def is_partial(self, unique_id: str) -> bool:
        """What is written down is all there is only where a contract says so."""
        if unique_id in self._known or unique_id not in self.nodes:
            return unique_id in self._partial
        node = self.nodes[unique_id]
        contract = config(node).get("contract")
        enforced = isinstance(contract, dict) and contract.get("enforced") is True
        if not has_sql(node):
            return not enforced
        read = self.lineage(unique_id)
        return read.more or read.hidden

    def _said(self, unique_id: str, node: Mapping[str, Any]) -> tuple[_Read, bool]:
        """Where a star would hide columns, what is written down is better than nothing, and so is what is known to be
        filled; then there may be more columns.
        """
        known = self._reading(node, _Tables(self, unique_id))
        if (None, STAR) not in known.said.fields:
            return known, False
        more = set(added(node, ()))
        gives = [name for name in self._known.get(unique_id, ()) if name not in more]
        gives += [STAR] if gives and unique_id in self._partial else []
        return self._reading(node, _Tables(self, unique_id, written=True), gives), True

    def _reading(self, node: Mapping[str, Any], tables: _Tables, gives: Sequence[str] = ()) -> _Read:
        sql = timeless(str(node["compiled_code"]))
        names = relation(node) or (str(node.get("database") or ""), str(node.get("schema") or ""), "")
        where = (self._dialect, names[0] or None, names[1] or None)
        document = orjson.dumps([sql, where, tables.written, gives])
        key = _remembered.key(document)
        known = _remembered.get(key)
        if known is not None and all(tables.columns(table) == columns for table, columns in known.asked.items()):
            return known
        tables.asked.clear()
        made = _Read(sql_lineage(sql, *where, tables, gives), tables.asked)
        _remembered.keep(key, made, len(document))
        return made


def furthest_first(start: str, is_open: Callable[[str], bool], beyond: Callable[[str], Iterable[str]]) -> Iterator[str]:
    """All that is open from there on, each after what lies beyond it. Without recursion: projects may be deep."""
    stack, entered = [(start, False)], set[str]()
    while stack:
        each, ready = stack.pop()
        if ready:
            yield each
        elif each not in entered and is_open(each):
            entered.add(each)
            stack.append((each, True))
            stack += [(other, False) for other in beyond(each)]


_remembered: Memo[_Read] = Memo(_REMEMBERED_BYTES)


class _Tables:
    """What the SQL of one node may ask for: all but its own. `written`: also columns of which there may be more."""

    def __init__(self, project: Project, unique_id: str, *, written: bool = False) -> None:
        self._project = project
        self._unique_id = unique_id
        self.written = written
        self.asked: dict[str, Sequence[str] | None] = {}

    def columns(self, table: str) -> Sequence[str] | None:
        found = self._project.find(table)
        if found == self._unique_id and not self._project.is_known(found):
            return None
        usable = self.written or not self._project.is_partial(found)
        self.asked[table] = self._project.columns(found) if found and usable else None
        return self.asked[table]


class _Relations:
    """Nodes by the names that SQL has for them."""

    def __init__(self, nodes: Mapping[str, Mapping[str, Any]]) -> None:
        self._by_name: dict[str, str] = {}
        self._folded: dict[str, str] = {}
        for unique_id, node in nodes.items():
            if node.get("resource_type") in _RELATIONS and (names := relation(node)):
                self._add(unique_id, [part for part in names if part])
                if file := _FILE.search(str(node.get("relation_name") or "")):
                    self._by_name.setdefault(file[1], unique_id)

    def _add(self, unique_id: str, names: Sequence[str]) -> None:
        self._by_name.setdefault(dotted(names), unique_id)
        for stated in (dotted(names).lower(), dotted(names[-2:]).lower()):
            self._folded.setdefault(stated, unique_id)

    def find(self, table: str) -> str:
        return self._by_name.get(table) or self._folded.get(table.lower(), "")


_RELATIONS = ("model", "seed", "snapshot", "source")


def _names(sql: str) -> Iterator[str]:
    """Whatever has dots in it: tables among columns."""
    for found in _DOTTED.finditer(sql):
        yield _QUOTES.sub("", found[0])


def config(node: Mapping[str, Any]) -> Mapping[str, Any]:
    stated = node.get("config")
    return stated if isinstance(stated, dict) else {}


def dotted(names: Sequence[str]) -> str:
    """As the SQL engine names tables."""
    return ".".join(name.replace(".", "\\.") for name in names)


def is_sql(node: Mapping[str, Any]) -> bool:
    """Whether it is made by SQL, be it here or not."""
    return node.get("resource_type") in _WITH_SQL and node.get("language", "sql") == "sql"


def has_sql(node: Mapping[str, Any]) -> bool:
    """Compiled, so that it can be read."""
    code = node.get("compiled_code")
    return is_sql(node) and isinstance(code, str) and bool(code.strip())


def documented(node: Mapping[str, Any]) -> tuple[str, ...]:
    """Those that are written down."""
    stated = node.get("columns")
    return tuple(map(str, stated)) if isinstance(stated, dict | list) else ()


def catalog_columns(catalog: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Of catalog.json: what the database has, by node."""
    tables = (catalog.get(table) for table in ("nodes", "sources"))
    return {name: names_of(one) for some in tables if isinstance(some, dict) for name, one in some.items()}


def names_of(entry: Any) -> tuple[str, ...]:
    """The names of the columns of a table of catalog.json."""
    return tuple(str(column["name"]) for column in in_order(entry))


def in_order(entry: Any) -> list[dict[str, Any]]:
    """The columns of a table of catalog.json."""
    stated = entry.get("columns") if isinstance(entry, dict) else None
    listed = stated.values() if isinstance(stated, dict) else stated if isinstance(stated, list) else ()
    columns = [each for each in listed if isinstance(each, dict) and each.get("name")]
    return sorted(columns, key=lambda each: each["index"] if isinstance(each.get("index"), int) else 0)


def added(node: Mapping[str, Any], fields: Sequence[str]) -> Iterator[str]:
    """What dbt adds to a snapshot."""
    if node.get("resource_type") != "snapshot":
        return
    stated = config(node).get("snapshot_meta_column_names")
    renamed = stated if isinstance(stated, dict) else {}
    deleted = ["dbt_is_deleted"] if config(node).get("hard_deletes") == "new_record" else []
    names = (str(renamed.get(name) or name) for name in (*_OF_SNAPSHOTS, *deleted))
    yield from (name for name in names if name not in fields)


def _sources(edges: Iterable[Edge], relations: _Relations, own: str) -> Iterator[ColumnSource]:
    """Without what a table has of itself."""
    for edge in edges:
        if edge.output_table is None and edge.input_table is not None:
            source = relations.find(edge.input_table)
            if source != own:
                yield ColumnSource(
                    edge.output_column, source, edge.input_column, edge.kind, edge.transformation, edge.input_table
                )


def is_placed(node: Mapping[str, Any]) -> bool:
    """Whether it is a relation of the database."""
    return node.get("resource_type") in _RELATIONS and not is_ephemeral(node)
