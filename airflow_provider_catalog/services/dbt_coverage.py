"""How much of a dbt project is described, tested and owned, and what lacks most. Read from its manifest alone."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from airflow_provider_catalog.services.dbt_manifest import Manifest

KINDS = ("docs", "tests", "unit-tests", "owners")


class Measure(NamedTuple):
    """So many of so many have it."""

    kind: str
    what: str
    done: int
    total: int

    @property
    def percent(self) -> int:
        """Rounded down: 100 means all, also all of nothing."""
        return 100 * self.done // self.total if self.total else 100

    def to_json(self) -> dict[str, Any]:
        return {**self._asdict(), "percent": self.percent}


@dataclass(frozen=True, slots=True)
class Covered:
    """A model, seed, snapshot or source with what it has and lacks. `unit_tested` None: it is no model."""

    unique_id: str
    name: str
    kind: str
    described: bool
    tested: bool
    unit_tested: bool | None
    owners: tuple[str, ...]
    columns: int
    undescribed: tuple[str, ...]
    untested: tuple[str, ...]
    all_columns: bool

    def lacks(self, kinds: Collection[str]) -> int:
        """How much of what is asked for."""
        docs = (not self.described) + len(self.undescribed)
        tests = (not self.tested) + len(self.untested)
        counts = {"docs": docs, "tests": tests, "unit-tests": self.unit_tested is False, "owners": not self.owners}
        return sum(counts[kind] for kind in kinds)

    def to_json(self) -> dict[str, Any]:
        return {
            "unique_id": self.unique_id,
            "name": self.name,
            "kind": self.kind,
            "described": self.described,
            "tested": self.tested,
            "unit_tested": self.unit_tested,
            "owners": list(self.owners),
            "columns": self.columns,
            "undescribed_columns": list(self.undescribed),
            "untested_columns": list(self.untested),
            "all_columns_known": self.all_columns,
        }


@dataclass(frozen=True, slots=True)
class DbtCoverage:
    """The measures in their order, and what lacks anything, the worst first."""

    project: str
    measures: tuple[Measure, ...]
    lacking: tuple[Covered, ...]
    partly_known: tuple[str, ...]
    """Of these only the columns that are written down are known, if any."""

    @property
    def total(self) -> Measure:
        done, total = (sum(getattr(each, name) for each in self.measures) for name in ("done", "total"))
        return Measure("all", "all", done, total)

    def below(self, percent: float) -> bool:
        total = self.total
        return 100 * total.done < percent * total.total

    def to_json(self) -> dict[str, Any]:
        return {
            "project": self.project,
            **{name: value for name, value in self.total.to_json().items() if name in {"done", "total", "percent"}},
            "measures": [each.to_json() for each in self.measures],
            "lacking": [each.to_json() for each in self.lacking],
            "columns_partly_known": list(self.partly_known),
        }


def coverage(manifest: Manifest, *, packages: bool = False, kinds: Collection[str] = KINDS) -> DbtCoverage:
    """`packages`: with the nodes of those that the project uses."""
    found = [_covered(manifest, each) for each in manifest.relations() if packages or manifest.is_own(each)]
    lacking = [each for each in found if each.lacks(kinds)]
    return DbtCoverage(
        manifest.name,
        tuple(each for each in _measures(found) if each.kind in kinds),
        tuple(sorted(lacking, key=lambda each: (-each.lacks(kinds), each.unique_id))),
        tuple(sorted(each.unique_id for each in found if not each.all_columns)),
    )


def _covered(manifest: Manifest, unique_id: str) -> Covered:
    node = manifest.nodes[unique_id]
    tests = manifest.tests.get(unique_id, ())
    columns = manifest.columns(unique_id) or {}
    described, tested = manifest.described_columns(unique_id), {column for _, column in tests}
    kind = str(node["resource_type"])
    return Covered(
        unique_id,
        manifest.short_name(unique_id),
        kind,
        bool(str(node.get("description") or "").strip()),
        bool(tests),
        unique_id in manifest.unit_tests if kind == "model" else None,
        manifest.owners(unique_id),
        len(columns),
        tuple(name for folded, name in columns.items() if folded not in described),
        tuple(name for folded, name in columns.items() if folded not in tested),
        manifest.sees_all_columns(unique_id),
    )


def _measures(found: Collection[Covered]) -> Iterator[Measure]:
    nodes, columns = len(found), sum(each.columns for each in found)
    yield Measure("docs", "nodes described", sum(each.described for each in found), nodes)
    yield Measure("docs", "columns described", columns - sum(len(each.undescribed) for each in found), columns)
    yield Measure("tests", "nodes tested", sum(each.tested for each in found), nodes)
    yield Measure("tests", "columns tested", columns - sum(len(each.untested) for each in found), columns)
    models = [each.unit_tested for each in found if each.unit_tested is not None]
    yield Measure("unit-tests", "models unit-tested", sum(models), len(models))
    yield Measure("owners", "nodes owned", sum(bool(each.owners) for each in found), nodes)
