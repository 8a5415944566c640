"""The names under which many datasets are known, read for all of them at once."""

from __future__ import annotations

from collections.abc import Collection

from airflow_provider_catalog.store.protocol import Store

_RINGS = 5
"""Chains of rules are short: a name, its namespace's alias, a merge."""


def nodes_by_member(store: Store, nodes: Collection[int]) -> dict[int, int]:
    """Stated dataset -> the node that stands for it, for these nodes. What is said of a node is said of its members."""
    found = {node: node for node in nodes}
    ring = set(nodes)
    for _ in range(_RINGS):
        rules = store.alias_rules(ring) if ring else []
        partners = {uid for rule in rules if rule.same for uid in (rule.left, rule.right)} - found.keys()
        entities = store.entities(partners).values() if partners else ()
        ring = {entity.uid for entity in entities if entity.node in found}
        found |= {entity.uid: entity.node for entity in entities if entity.uid in ring}
    return found
