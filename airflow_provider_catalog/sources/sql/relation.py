"""Relations: the columns of tables and queries, and what each of them is made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from airflow_provider_catalog.model.statement import EdgeKind

IDENTITY, TRANSFORMATION, AGGREGATION = EdgeKind.IDENTITY, EdgeKind.TRANSFORMATION, EdgeKind.AGGREGATION
Node: TypeAlias = Any
"""`sqlglot.exp.Expression`, of any version."""
DIRECT = 0
STAR = "*"


class Origin(NamedTuple):
    """A column of a table. No table: one of several, and nobody can tell which. `influence`: DIRECT where its value
    goes on, else the kind of say it has.
    """

    table: str | None
    column: str
    influence: int = DIRECT


class How(NamedTuple):
    """`node`: the expression that made it something else."""

    kind: EdgeKind
    node: Any = None


Sources: TypeAlias = dict[Origin, How]
AS_IS = How(IDENTITY)


class Column(NamedTuple):
    """`name` is the one people see. STAR stands for all columns of a table that nobody told us."""

    name: str
    sources: Sources


class Write(NamedTuple):
    """Columns of a table that a statement fills. `table` None: a query whose rows go to whoever asked. `defines`:
    these are all the columns that the table has from now on.
    """

    table: str | None
    columns: Sequence[Column]
    defines: bool = False


class Relation:
    """Columns in their order. `rest`: for each star the tables of which it has all columns, whichever these are;
    several if they are stacked. `told`: so many are before any star. `anything` is what a column is made of whose
    name tells nothing, as those of functions. `parts`: what is stacked in it, if a star in the first
    hides the places of the others.
    """

    __slots__ = ("_columns", "_index", "anything", "parts", "rest", "told")

    def __init__(
        self, columns: Sequence[Column], anything: Sources | None = None, parts: Sequence[Relation] = ()
    ) -> None:
        stars = [at for at, column in enumerate(columns) if column.name == STAR]
        self.anything = anything
        self.parts = parts
        self.rest = tuple(tuple(origin.table for origin in columns[at].sources) for at in stars)
        self.told = stars[0] if stars else len(columns)
        self._columns = columns
        self._index: dict[str, Sources] | None = None

    @property
    def columns(self) -> Sequence[Column]:
        return self._columns

    def lowered(self) -> Mapping[str, Any]:
        """Its columns by their names, lowered."""
        if self._index is None:
            self._index = {column.name.lower(): column.sources for column in reversed(self.columns)}
        return self._index

    def find(self, key: str) -> Sources | None:
        """What a column of this name, lowered, is made of, if it is known to be there."""
        found: Sources | None = self.lowered().get(key)
        return found

    def guess(self, name: str) -> Sources | None:
        """What it is made of if it is there."""
        if self.anything is not None:
            return self.anything
        if not self.rest:
            return None
        tables = self.rest[0] if len(self.rest) == 1 else (None,)
        return {Origin(table, name): AS_IS for table in tables}

    def get(self, name: str) -> Sources | None:
        found = self.find(name.lower())
        return self.guess(name) if found is None else found

    def bases(self) -> set[str | None]:
        """The one table that it is, if it is one: it may have columns that nobody told us."""
        tables = {origin.table for column in self.columns for origin in column.sources}
        return tables if len(tables) == 1 and all(len(column.sources) == 1 for column in self.columns) else set()

    def renamed(self, names: Sequence[str]) -> Relation:
        """Of as many columns as there are names, before any star."""
        if not names:
            return self
        if self.parts:
            return stacked([each.renamed(names) for each in self.parts])
        kept = list(self.columns)
        for place, name in enumerate(names):
            if place >= len(kept) or kept[place].name == STAR:
                made = {} if self.anything is None else self.anything
                kept[place:] = [Column(each, made) for each in names[place:]]
                break
            kept[place] = Column(name, kept[place].sources)
        return Relation(kept, self.anything)

    def numbered(self) -> Relation:
        """As DuckDB calls what is called the same: `id`, `id_1`, `ID_2`, less what a column before it is called."""
        names = [column.name for column in self.columns]
        if len({name.lower() for name in names if name != STAR}) == len(names) - names.count(STAR):
            return self
        taken: dict[str, int] = {}
        made = [Column(_free(column.name, taken), column.sources) for column in self.columns]
        return Relation(made, self.anything, self.parts)


class Table(Relation):
    """A table, with its columns if anybody knows them. Queries name few of many, so they are made when asked for."""

    __slots__ = ("_made", "_named", "_names", "_table")

    def __init__(self, table: str, names: Sequence[str] | None) -> None:
        self._table = table
        self._names = (STAR,) if names is None else names
        self._named: dict[str, str] | None = None
        self._made: Sequence[Column] | None = None
        self.anything = None
        self.parts = ()
        self.rest = ((table,),) * self._names.count(STAR)
        self.told = self._names.index(STAR) if self.rest else len(self._names)

    @property
    def columns(self) -> Sequence[Column]:
        if self._made is None:
            self._made = [Column(name, {Origin(self._table, name): AS_IS}) for name in self._names]
        return self._made

    def lowered(self) -> Mapping[str, Any]:
        if self._named is None:
            self._named = {name.lower(): name for name in reversed(self._names)}
        return self._named

    def find(self, key: str) -> Sources | None:
        name = self.lowered().get(key)
        return None if name is None else {Origin(self._table, name): AS_IS}

    def bases(self) -> set[str | None]:
        return {self._table} if self._names else set()


def _free(name: str, taken: dict[str, int]) -> str:
    """`taken`: the names that are, each with the last number that was put behind it."""
    free = name
    while name != STAR and free.lower() in taken:
        taken[name.lower()] += 1
        free = f"{name}_{taken[name.lower()]}"
    taken[free.lower()] = 0
    return free


def merged(parts: Iterable[Sources]) -> Sources:
    """Of several ways the one that changes most counts."""
    found: Sources = {}
    for part in parts:
        add(found, part)
    return found


def add(found: Sources, sources: Sources) -> None:
    for origin, how in sources.items():
        known = found.get(origin)
        if known is None or known.kind < how.kind:
            found[origin] = how


def changed(sources: Sources, kind: EdgeKind, node: Any) -> Sources:
    """What is at least so much changed by an expression."""
    return {origin: how if origin.influence or how.kind >= kind else How(kind, node) for origin, how in sources.items()}


def stacked(relations: Sequence[Relation], *, by_name: bool = False) -> Relation:
    """Set operations go by position, or by name; the names are those of the first, and of the others if by name."""
    first, *others = relations
    columns = list(first.columns)
    if by_name:
        more = {column.name.lower(): Column(column.name, {}) for each in others for column in each.columns}
        columns += [column for name, column in more.items() if first.find(name) is None]
    made = [
        Column(column.name, merged([column.sources, *(_beside(each, place, column.name, by_name) for each in others)]))
        for place, column in enumerate(columns)
    ]
    return Relation(made, first.anything, relations if first.rest and not by_name else ())


def _beside(relation: Relation, place: int, name: str, by_name: bool) -> Sources:  # noqa: FBT001
    """The column at the same place. Behind a star nobody knows the place, so its name must do."""
    columns = relation.columns
    if not by_name and place < relation.told:
        return columns[place].sources
    if not by_name and relation.told == len(columns):
        return {}
    if name == STAR:
        return columns[place].sources if place < len(columns) and columns[place].name == STAR else {}
    return relation.get(name) or {}


def passed_on(sources: Sources, influence: int, how: How) -> Sources:
    """What something is made of that is made of these: as it was changed last, and at least as much."""
    if influence:
        return {origin._replace(influence=influence): how for origin in sources}
    return {
        origin: known if origin.influence or how.kind <= IDENTITY else How(max(how.kind, known.kind), how.node)
        for origin, known in sources.items()
    }
