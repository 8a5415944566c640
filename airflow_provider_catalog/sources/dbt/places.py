"""What the nodes of one document stand for: datasets, jobs, and runs of those.

What has no place in a database has that of the target.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from airflow_provider_catalog.errors import RejectedError
from airflow_provider_catalog.model.dbt import INVOCATION, job_name, job_namespace, test_name
from airflow_provider_catalog.model.identity import DatasetId, EntityId, JobId
from airflow_provider_catalog.sources.checks import mapping, sequence, text
from airflow_provider_catalog.sources.dbt.warehouse import Warehouse, relation

PRODUCER = "dbt:"
"""Before the name of the project that says something."""
NODE = "dbt_node"
"""The kind of entity that a node of a manifest is, whatever it stands for."""
TEST = "test"
JOBS = frozenset({"model", "seed", "snapshot", "exposure", "analysis"})


class Places:
    """Of one document: rejects what names no project, no invocation or no place."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        self.project = text(document.get("project"), "/project")
        self.namespace = job_namespace(text(document.get("job_namespace") or "", "/job_namespace", empty=True))
        self.warehouse = Warehouse.of(document)
        self.nodes = self._by_id("nodes")
        self.parents = self._by_id("parents")
        self._datasets: dict[str, DatasetId | None] = {}

    @property
    def producer(self) -> str:
        return PRODUCER + self.project

    @cached_property
    def target(self) -> str:
        """What a node without a place is in."""
        return ".".join(part for part in (self.warehouse.database, self.warehouse.schema) if part)

    def find(self, unique_id: str) -> Mapping[str, Any] | None:
        return self.nodes.get(unique_id) or self.parents.get(unique_id)

    def dataset(self, node: Mapping[str, Any]) -> DatasetId | None:
        """Asked for whatever is made of it and tests it."""
        if node.get("resource_type") not in _PLACED:
            return None
        unique_id = str(node.get("unique_id"))
        if unique_id not in self._datasets:
            self._datasets[unique_id] = self.warehouse.dataset(node)
        return self._datasets[unique_id]

    def job(self, node: Mapping[str, Any], kind: str = "") -> JobId:
        """`kind` "test": of the tests of a relation."""
        database, schema = self._place(node)
        unique_id = str(node.get("unique_id"))
        if kind == TEST and (names := relation(node)):
            return JobId(self.namespace, text(test_name(".".join(filter(None, names)), unique_id), "the job of tests"))
        name = job_name(database, schema, unique_id, kind or str(node.get("resource_type")))
        return JobId(self.namespace, text(name, f"the job of {unique_id[:100]}"))

    def entity(self, node: Mapping[str, Any]) -> EntityId:
        """The node itself, in this target: development and production have the same sources."""
        name = ".".join(part for part in (self.target, str(node.get("unique_id"))) if part)
        return EntityId(NODE, self.warehouse.namespace, text(name, f"the node {name[:100]}"))

    def of_invocation(self) -> JobId:
        return JobId(self.namespace, INVOCATION + self.project)

    def _place(self, node: Mapping[str, Any]) -> tuple[str, str]:
        found = (str(node.get("database") or ""), str(node.get("schema") or ""))
        return found if found[1] else (self.warehouse.database, self.warehouse.schema)

    def _by_id(self, key: str) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for i, stated in enumerate(sequence(self.document.get(key), f"/{key}")):
            node = mapping(stated, f"/{key}/{i}")
            found[text(node.get("unique_id"), f"/{key}/{i}/unique_id")] = node
        return found

    def known(self, unique_id: str) -> Mapping[str, Any]:
        found = self.find(unique_id)
        if found is None:
            raise RejectedError(f"/results: {unique_id!r} is neither among the nodes nor among the parents")
        return found


_PLACED = frozenset({"model", "seed", "snapshot", "source"})
