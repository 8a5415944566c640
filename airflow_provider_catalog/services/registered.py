"""Under which names, and so in which systems, one dataset is known, and who says that they are one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from airflow_provider_catalog.services.identity import Alias, Resolution, resolve
from airflow_provider_catalog.services.naming import Label
from airflow_provider_catalog.store.protocol import Store


@dataclass(frozen=True, slots=True)
class Registered:
    """Every name that the canonical dataset has, with the rules that speak of it."""

    resolution: Resolution

    @property
    def apart(self) -> tuple[Alias, ...]:
        """By which others it is not."""
        return tuple(rule for rule in self.resolution.rules if not rule.same)

    def to_json(self) -> dict[str, Any]:
        return {
            "dataset": self.resolution.canonical.id,
            "registered_in": [self._name(member) for member in self.resolution.members],
            "distinct_from": [rule.to_json() for rule in self.apart],
        }

    def _name(self, member: Label) -> dict[str, Any]:
        because = [rule for rule in self.resolution.rules if rule.same and member in {rule.left, rule.right}]
        return {
            "dataset_id": member.id,
            "name": member.name,
            "platform": member.platform,
            "namespace": member.namespace,
            "canonical": member == self.resolution.canonical,
            "because": [rule.to_json() for rule in because],
        }


def registered(store: Store, text: str) -> Registered:
    return Registered(resolve(store, text))
