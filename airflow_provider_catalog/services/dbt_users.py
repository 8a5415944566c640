"""What uses nodes of dbt without being made of them: exposures, metrics, tests."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from airflow_provider_catalog.model.dbt_nodes import depends_on
from airflow_provider_catalog.model.masking import mask_uri
from airflow_provider_catalog.services.dbt_manifest import Manifest

WHOLE = ""
"""In the place of a column: all of the node."""
_USERS = ("exposure", "metric", "semantic_model", "saved_query")


class User(NamedTuple):
    """Whoever or whatever uses an affected node: an exposure, a metric, a test."""

    unique_id: str
    name: str
    kind: str
    uses: tuple[str, ...]
    owners: tuple[str, ...] = ()
    url: str = ""

    def to_json(self) -> dict[str, Any]:
        return {
            "unique_id": self.unique_id,
            "name": self.name,
            "kind": self.kind,
            "uses": list(self.uses),
            "owners": list(self.owners),
            "url": self.url or None,
        }


def users(old: Manifest, new: Manifest, touched: Mapping[str, Collection[str]]) -> Iterator[User]:
    """Which columns they use is nowhere told."""
    nodes = {**old.nodes, **new.nodes}
    using = {each: depends_on(node) for each, node in sorted(nodes.items()) if node.get("resource_type") in _USERS}
    reached = _reached(using, touched)
    for unique_id, named in using.items():
        if uses := [each for each in named if each in reached]:
            manifest, node = new if unique_id in new.nodes else old, nodes[unique_id]
            names = tuple((old if each in old.nodes else new).short_name(each) for each in uses)
            kind, url = str(node.get("resource_type")), mask_uri(str(node.get("url") or ""))
            yield User(unique_id, str(node.get("name")), kind, names, manifest.owners(unique_id), url)


def _reached(using: Mapping[str, Collection[str]], touched: Iterable[str]) -> set[str]:
    """Also by way of others: a saved query has its metrics of metrics, those theirs of a semantic model."""
    reached = set(touched)
    while more := [each for each, uses in using.items() if each not in reached and not reached.isdisjoint(uses)]:
        reached.update(more)
    return reached


def tests(new: Manifest, touched: Mapping[str, Collection[str]]) -> Iterator[User]:
    """Those that are still there: of the columns, and of nodes as a whole."""
    for unique_id, columns in sorted(touched.items()):
        for test, column in new.tests.get(unique_id, ()):
            if not column or column in columns or WHOLE in columns:
                uses = new.short_name(unique_id) + (f".{column}" if column else "")
                yield User(test, str(new.nodes[test].get("name")), "test", (uses,))
        for test in new.unit_tests.get(unique_id, ()):
            yield User(test, str(new.nodes[test].get("name")), "unit_test", (new.short_name(unique_id),))
