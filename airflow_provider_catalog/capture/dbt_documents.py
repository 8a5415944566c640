"""Documents of one run of dbt, as its artifacts tell it: what was executed, what that is made of, and how it went.

Each fits into a record, and what is tested goes with its tests. Where a run is too large for the time there is, it says
of its last nodes only how they went.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from airflow_provider_catalog.capture.dbt_files import Manifest, first_line
from airflow_provider_catalog.capture.dbt_nodes import bare, told, went
from airflow_provider_catalog.capture.payload import LIMIT
from airflow_provider_catalog.model.dbt import Document
from airflow_provider_catalog.model.dbt_nodes import (
    around,
    catalogued,
    depends_on,
    parents_of,
    placed,
    seed_columns,
    unit_of,
)
from airflow_provider_catalog.model.untyped import mapping

_ROOM = LIMIT * 3 // 4
"""For nodes, results and parents; the rest is for what all documents of a run have."""
_PLACED_BYTES = 500


class Telling:
    """`base`: what all documents have. `roots`: folders in which files of the project may be. After `seconds` of this
    thread only how nodes went is said, and a little later nothing more.
    """

    def __init__(
        self, base: Document, manifest: Manifest, catalog: Mapping[str, Any], roots: Iterable[str], seconds: float
    ) -> None:
        self._base = base
        self._manifest = manifest
        self._catalog = {**mapping(catalog.get("nodes")), **mapping(catalog.get("sources"))}
        self._roots = [Path(each) for each in roots if each]
        self._until = time.thread_time() + seconds
        self._end = self._until + max(seconds, 0) / 4
        self.untold = 0
        """How many nodes stayed so."""

    def documents(self, results: Iterable[Mapping[str, Any]], freshness: list[dict[str, Any]]) -> Iterator[Document]:
        if freshness:
            yield cast("Document", {**self._base, **self._fresh(freshness)})
        part = _Part()
        empty = not freshness
        for unit in self._units(results):
            more = self._part(unit)
            if part.results and part.size + more.size > _ROOM:
                yield self._document(part)
                part = _Part()
            part.add(more)
            empty = False
        if part.results or empty:
            yield self._document(part)

    def _units(self, results: Iterable[Mapping[str, Any]]) -> Iterable[list[Mapping[str, Any]]]:
        """By what is tested."""
        found: dict[str, list[Mapping[str, Any]]] = {}
        for each in results:
            unique_id = str(each.get("unique_id"))
            found.setdefault(unit_of(unique_id, self._manifest.get(unique_id, {})), []).append(each)
        return found.values()

    def _part(self, unit: Iterable[Mapping[str, Any]]) -> _Part:
        part = _Part()
        for each in unit:
            unique_id = str(each.get("unique_id"))
            stated = self._manifest.get(unique_id)
            now = time.thread_time()
            if stated is not None and now < self._until:
                part.nodes[unique_id] = told(stated, each)
            elif now < self._end and (known := around(stated) if stated is not None else bare(each)):
                part.parents[unique_id] = known
                self.untold += 1
            else:
                self.untold += 1
                continue
            part.results.append(went(each))
        part.size = sum(len(json.dumps(each, default=str)) for each in (part.nodes, part.parents, part.results))
        said = (*part.nodes.values(), *part.parents.values())
        part.size += _PLACED_BYTES * sum(len(depends_on(each)) for each in said)
        return part

    def _document(self, part: _Part) -> Document:
        above = {**part.nodes, **part.parents}
        more_above = [placed(self._manifest[each]) for each in parents_of(above, self._manifest)]
        columns = {each: found for each in part.nodes if (found := self._seeded(each))}
        catalog = {each: catalogued(self._catalog[each]) for each in part.nodes if each in self._catalog}
        groups = {name: {"owner": found.get("owner")} for each in part.nodes for name, found in self._group(each)}
        more = {"columns": columns, "catalog": catalog, "groups": groups}
        parents = [*part.parents.values(), *more_above]
        made = {"nodes": [*part.nodes.values()], "parents": parents, "results": part.results}
        return cast("Document", {**self._base, **made, **{key: found for key, found in more.items() if found}})

    def _seeded(self, unique_id: str) -> list[str]:
        """The columns of a CSV file, where it is at hand."""
        stated = self._manifest[unique_id]
        if stated.get("resource_type") != "seed":
            return []
        path = str(stated.get("original_file_path") or "")
        of_package = Path(str(stated.get("root_path") or ""), path)
        files = (root / each for root in self._roots for each in (of_package, path))
        line = next((line for file in files if (line := first_line(file, self._roots))), "")
        return seed_columns(stated, line) if line else []

    def _group(self, unique_id: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        stated = self._manifest[unique_id]
        name = stated.get("group") or mapping(stated.get("config")).get("group")
        found = self._manifest.get(f"group.{stated.get('package_name')}.{name}") if name else None
        if found is not None:
            yield str(name), found

    def _fresh(self, freshness: list[dict[str, Any]]) -> dict[str, Any]:
        known = (self._manifest.get(str(each.get("unique_id"))) for each in freshness)
        return {"freshness": freshness, "parents": [placed(each) for each in known if each is not None]}


class _Part:
    """Of a document: what is tested together is in one."""

    def __init__(self) -> None:
        self.nodes: dict[str, dict[str, Any]] = {}
        self.parents: dict[str, dict[str, Any]] = {}
        self.results: list[dict[str, Any]] = []
        self.size = 0

    def add(self, more: _Part) -> None:
        self.nodes |= more.nodes
        self.parents |= more.parents
        self.results += more.results
        self.size += more.size
