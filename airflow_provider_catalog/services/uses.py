"""The jobs that read and write a dataset."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from airflow_provider_catalog.services.naming import Label, labels
from airflow_provider_catalog.services.times import iso
from airflow_provider_catalog.store.protocol import Port, Store


@dataclass(frozen=True, slots=True)
class Use:
    """A job that reads or writes the dataset."""

    job: Label
    reads: bool
    since: int
    last_seen: int
    producers: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        how = "reads" if self.reads else "writes"
        seen = {"since": iso(self.since), "last_seen": iso(self.last_seen)}
        return {"job_id": self.job.id, "how": how, **seen, "said_by": list(self.producers)}


def uses(store: Store, stated: Collection[Port]) -> tuple[Use, ...]:
    """Writers first, by name."""
    ports: defaultdict[tuple[int, bool], list[Port]] = defaultdict(list)
    for port in stated:
        ports[port.job, port.direction == "r"].append(port)
    entities = store.entities({job for job, _ in ports})
    found = [
        Use(
            labels(entities, job),
            reads,
            min(port.valid_from for port in some),
            max(port.last_seen for port in some),
            tuple(sorted({port.producer for port in some})),
        )
        for (job, reads), some in ports.items()
    ]
    return tuple(sorted(found, key=lambda use: (use.reads, use.job.id)))
