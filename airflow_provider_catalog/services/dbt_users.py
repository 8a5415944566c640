"""What uses nodes of dbt without being made of them: exposures, metrics, tests."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
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
    for unique_id, node in sorted(nodes.items()):
        kind = node.get("resource_type")
        uses = [each for each in depends_on(node) if each in touched]
        if kind in _USERS and uses:
            manifest = new if unique_id in new.nodes else old
            names = tuple(old.short_name(each) for each in uses)
            owners = manifest.owners(unique_id)
            yield User(unique_id, str(node.get("name")), str(kind), names, owners, mask_uri(str(node.get("url") or "")))


def tests(new: Manifest, touched: Mapping[str, Collection[str]]) -> Iterator[User]:
    """Those that are still there: of the columns, and of nodes as a whole."""
    for unique_id, columns in sorted(touched.items()):
        for test, column in new.tests.get(unique_id, ()):
            if not column or column in columns or WHOLE in columns:
                uses = new.short_name(unique_id) + (f".{column}" if column else "")
                yield User(test, str(new.nodes[test].get("name")), "test", (uses,))
        for test in new.unit_tests.get(unique_id, ()):
            yield User(test, str(new.nodes[test].get("name")), "unit_test", (new.short_name(unique_id),))
