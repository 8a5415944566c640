"""A manifest of dbt as questions are put to it: whose a node is, who owns it, what tests it, which columns it has.

Names of columns are compared without their case, since dbt's files and the database seldom agree on it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from functools import cached_property
from typing import Any

from airflow_provider_catalog.model.dbt_nodes import all_nodes, depends_on
from airflow_provider_catalog.model.untyped import mapping, texts
from airflow_provider_catalog.services.times import parse
from airflow_provider_catalog.sources.dbt.project import (
    Lineage,
    Project,
    catalog_columns,
    has_sql,
    in_order,
    is_sql,
)
from airflow_provider_catalog.sources.dbt.warehouse import dialect_of, is_ephemeral
from airflow_provider_catalog.sources.dbt.words import words

RELATIONS = ("model", "seed", "snapshot", "source")


def gives_all(read: Lineage) -> bool:
    """Whether SQL tells all columns: no star stands for some that nobody knows."""
    return bool(read.fields) and not read.hidden


class Manifest:
    """One state of a project.

    `sql_first`: of a model that has its SQL, the SQL says which columns it has, since the catalog.json may be older
    than that; else the database does, as the catalog.json has it.
    """

    def __init__(
        self, said: Mapping[str, Any], catalog: Mapping[str, Any] | None = None, *, sql_first: bool = False
    ) -> None:
        self._said = said
        stated = catalog or {}
        self._known = {**mapping(stated.get("sources")), **mapping(stated.get("nodes"))}
        self.nodes = all_nodes(said)
        read = {each for each, node in self.nodes.items() if has_sql(node)} if sql_first else set()
        kept = {each: table for each, table in self._known.items() if each not in read}
        self.columns_known = catalog_columns({"nodes": kept})
        self.project = Project(self.nodes, dialect_of(self.adapter), self.columns_known)

    @property
    def adapter(self) -> str:
        return str(mapping(self._said.get("metadata")).get("adapter_type") or "")

    @property
    def name(self) -> str:
        """Of the project."""
        return str(mapping(self._said.get("metadata")).get("project_name") or "")

    @property
    def generated_at(self) -> int:
        """Microseconds since 1970; 0: it does not say."""
        stated = mapping(self._said.get("metadata")).get("generated_at")
        try:
            return parse(stated) if isinstance(stated, str) else 0
        except ValueError:
            return 0

    @cached_property
    def uncompiled(self) -> tuple[int, int]:
        """How many models have no SQL in it, of how many that could: `dbt parse` leaves it out, and so does a run of
        those that it did not select.
        """
        models = [node for node in self.nodes.values() if node.get("resource_type") == "model"]
        models = [node for node in models if node.get("language", "sql") == "sql"]
        return sum(not has_sql(node) for node in models), len(models)

    def relations(self) -> Iterator[str]:
        """What holds or gives rows."""
        return (each for each, node in self.nodes.items() if node.get("resource_type") in RELATIONS)

    def is_own(self, unique_id: str) -> bool:
        """Of the project, and of none of the packages that it uses."""
        return not self.name or self.nodes[unique_id].get("package_name") == self.name

    def short_name(self, unique_id: str) -> str:
        """As people call it: `orders`, `raw.orders`, of another package with that before it."""
        node = self.nodes.get(unique_id)
        if node is None:
            return unique_id
        name = str(node.get("name") or unique_id)
        if node.get("resource_type") == "source":
            return f"{node.get('source_name')}.{name}"
        name = f"{name}.v{node['version']}" if node.get("version") not in (None, "") else name
        return name if self.is_own(unique_id) else f"{node.get('package_name')}.{name}"

    @cached_property
    def _groups(self) -> dict[str, Any]:
        stated = mapping(self._said.get("groups")).values()
        return {str(group.get("name")): group for group in stated if isinstance(group, dict)}

    def owners(self, unique_id: str) -> tuple[str, ...]:
        said = words(self.nodes.get(unique_id) or {}, self._groups)["ownership"]
        stated = said.get("owners") if isinstance(said, dict) else None
        listed = stated if isinstance(stated, list) else []
        return tuple(str(each["name"]) for each in listed if isinstance(each, dict))

    @cached_property
    def tests(self) -> Mapping[str, tuple[tuple[str, str], ...]]:
        """Of each relation the tests of data, each with the column that it is about, in small letters, or nothing."""
        found: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
        for each, node in self.nodes.items():
            if node.get("resource_type") == "test":
                attached = node.get("attached_node")
                about = [attached] if isinstance(attached, str) and attached else depends_on(node)
                for relation in about:
                    found[relation].append((each, str(node.get("column_name") or "").strip('"`[]').lower()))
        return {relation: tuple(tests) for relation, tests in found.items()}

    @cached_property
    def unit_tests(self) -> Mapping[str, tuple[str, ...]]:
        found: defaultdict[str, list[str]] = defaultdict(list)
        for each, node in self.nodes.items():
            if node.get("resource_type") == "unit_test":
                tested = node.get("tested_node_unique_id")
                for model in [tested] if isinstance(tested, str) else depends_on(node)[:1]:
                    found[model].append(each)
        return {model: tuple(tests) for model, tests in found.items()}

    def columns(self, unique_id: str) -> Mapping[str, str] | None:
        """Their names in small letters and as they are written; None: nobody knows any."""
        names = self.project.columns(unique_id)
        if unique_id in self._known and not gives_all(self.project.lineage(unique_id)):
            names = tuple(str(column["name"]) for column in in_order(self._known[unique_id])) or names
        return None if names is None else {name.lower(): name for name in names}

    def with_columns(self, columns: Mapping[str, Sequence[str]]) -> Project:
        """The same project, if some of its nodes had these columns."""
        return Project(self.nodes, dialect_of(self.adapter), {**self.columns_known, **columns})

    def knowing(self, columns: Mapping[str, Sequence[str]]) -> Manifest:
        """The same manifest, if somebody had seen these columns of some of its nodes."""
        made = copy(self)
        made.columns_known = {**self.columns_known, **{each: tuple(names) for each, names in columns.items()}}
        made.project = made.with_columns({})
        return made

    def seen_columns(self) -> Mapping[str, Sequence[str]]:
        """What the database has of what is not made by SQL: seeds, sources, models in Python."""
        known = self.columns_known.items()
        return {each: columns for each, columns in known if each in self.nodes and not is_sql(self.nodes[each])}

    def readers(self, unique_id: str) -> Iterator[str]:
        """Relations that name it, also by way of ephemeral models, whose SQL is in theirs."""
        seen, waiting = {unique_id}, [*self.project.children(unique_id)]
        while waiting:
            each = waiting.pop(0)
            node = self.nodes.get(each)
            if node is None or each in seen or node.get("resource_type") not in RELATIONS:
                continue
            seen.add(each)
            yield each
            if is_ephemeral(node):
                waiting += self.project.children(each)

    def sees_all_columns(self, unique_id: str) -> bool:
        """Not only those that are written down."""
        return unique_id in self._known or gives_all(self.project.lineage(unique_id))

    def documented(self, unique_id: str) -> frozenset[str]:
        """The columns that are written down."""
        return frozenset(name for name, _ in self._columns(unique_id))

    def checksum(self, unique_id: str) -> str:
        return str(mapping(self.nodes[unique_id].get("checksum")).get("checksum") or "")

    def macros(self, unique_id: str) -> Mapping[str, str]:
        """All that it is made by, with their texts."""
        known, found = mapping(self._said.get("macros")), dict[str, str]()
        waiting = _macros_of(self.nodes[unique_id])
        while waiting:
            name = waiting.pop()
            if name not in found:
                macro = mapping(known.get(name))
                found[name] = str(macro.get("macro_sql") or "")
                waiting += _macros_of(macro)
        return found

    def described_columns(self, unique_id: str) -> frozenset[str]:
        return frozenset(
            name for name, column in self._columns(unique_id) if str(column.get("description") or "").strip()
        )

    def types(self, unique_id: str) -> Mapping[str, str]:
        """As they are written down."""
        return {name: str(column["data_type"]) for name, column in self._columns(unique_id) if column.get("data_type")}

    def known_types(self, unique_id: str) -> Mapping[str, str]:
        """As the database has them."""
        columns = in_order(self._known.get(unique_id))
        return {str(column["name"]).lower(): str(column["type"]) for column in columns if column.get("type")}

    def _columns(self, unique_id: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        for key, column in mapping(self.nodes[unique_id].get("columns")).items():
            if isinstance(column, dict):
                yield str(column.get("name") or key).lower(), column


def _macros_of(stated: Mapping[str, Any]) -> list[str]:
    return texts(mapping(stated.get("depends_on")).get("macros"))
