"""Findings: what the fields of one operator come to, and how sure each thing is.

Where each output is made of, a teller may say. Where it says nothing every output is made of every input, which is less
sure where there are many of both.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, TypeAlias

from airflow_provider_catalog.model.identity import DatasetId
from airflow_provider_catalog.model.statement import EXISTENCE, Claim, ColumnEdge, Rule
from airflow_provider_catalog.sources.task.aws.places import Place, Unnamed
from airflow_provider_catalog.sources.task.evidence import Evidence

MECHANISM = "operator fields"
_Pair: TypeAlias = tuple[DatasetId, DatasetId]
_MANY = 0.5
_MAYBE = "the task did not succeed, so it may still be there"


class Findings:
    """`whole`: whether nothing was beyond us, and no program of somebody else's did the work. `facts` are of the
    run.
    """

    def __init__(self, *, succeeded: bool) -> None:
        self.succeeded = succeeded
        self.whole = True
        self.reads: dict[DatasetId, float] = {}
        self.writes: dict[DatasetId, float] = {}
        self.facts: dict[str, Any] = {}
        self._explained: dict[DatasetId, None] = {}
        self._edges: dict[_Pair, tuple[Rule, float]] = {}
        self._columns: list[ColumnEdge] = []
        self._gone: dict[DatasetId, None] = {}
        self._facets: list[tuple[DatasetId, str, dict[str, Any]]] = []
        self._notes: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)

    def read(self, place: Place, confidence: float = 1.0) -> None:
        self._add(self.reads, "reads", place, confidence)

    def write(self, place: Place, confidence: float = 1.0) -> None:
        self._add(self.writes, "writes", place, confidence)

    def derive(self, source: DatasetId, target: DatasetId, confidence: float = 1.0, rule: Rule = Rule.HOOK) -> None:
        """What the target is made of, so that it is not taken to be made of all."""
        key, known = (source, target), (rule, confidence)
        self._edges[key] = max(known, self._edges.get(key, known))
        self.explain(target)

    def explain(self, target: DatasetId) -> None:
        """What it is made of has been said, even if that is nothing that we know."""
        self._explained[target] = None

    def derive_column(self, edge: ColumnEdge) -> None:
        self._columns.append(edge)

    def gone(self, place: Place) -> None:
        if isinstance(place, DatasetId):
            self._gone[place] = None
        elif place is not None:
            self.unknown("deletes", place)

    def say(self, dataset: DatasetId, key: str, facets: dict[str, Any]) -> None:
        """In OpenLineage's words. `key`: facets, inputFacets or outputFacets."""
        self._facets.append((dataset, key, facets))

    def unknown(self, what: str, place: Unnamed) -> None:
        """Data that is beyond us."""
        self.whole = False
        self.note(what, place.names, place.reason)

    def note(self, what: str, names: Iterable[str], reason: str) -> None:
        """Why nothing comes of what is named, and need not."""
        self._notes[what, reason].update(dict.fromkeys(names))

    def _add(self, side: dict[DatasetId, float], what: str, place: Place, confidence: float) -> None:
        if isinstance(place, DatasetId):
            side[place] = max(confidence, side.get(place, 0.0))
        elif place is not None:
            self.unknown(what, place)

    def part(self) -> Findings:
        """Of something beside others, such as a step: what it writes is made of what it reads itself."""
        return Findings(succeeded=self.succeeded)

    def include(self, part: Findings) -> None:
        for (source, target), (rule, confidence) in part._derived().items():
            self.derive(source, target, confidence, rule)
        for dataset, confidence in part.reads.items():
            self.read(dataset, confidence)
        for dataset, confidence in part.writes.items():
            self.write(dataset, confidence)
        self.facts |= part.facts
        self._gone |= part._gone
        self._columns += part._columns
        self._facets += part._facets
        for key, names in part._notes.items():
            self._notes[key].update(names)
        self._explained.update(dict.fromkeys(part.writes))
        self.whole = self.whole and part.whole

    def _derived(self) -> dict[_Pair, tuple[Rule, float]]:
        found = dict(self._edges)
        few = min(len(self.reads), len(self.writes)) == 1
        for source, confidence in self.reads.items():
            for target in (each for each in self.writes if each not in self._explained and each != source):
                sure = min(confidence, self.writes[target])
                rule = Rule.HOOK if few and sure == 1 else Rule.CARTESIAN
                found.setdefault((source, target), (rule, sure if few else sure * _MANY))
        return found

    def add_to(self, evidence: Evidence) -> None:
        self._tell(evidence)
        evidence.reads.update(dict.fromkeys(self.reads))
        evidence.writes.update(dict.fromkeys(self.writes))
        for (source, target), (rule, confidence) in self._derived().items():
            evidence.derive([source], [target], rule, confidence)
        for edge in self._columns:
            evidence.derive_column(edge)
        if self._gone and self.succeeded:
            evidence.claims += [Claim.of(dataset, EXISTENCE, value=False) for dataset in self._gone]
        self._state(evidence)
        said = (*self.reads.values(), *self.writes.values(), *(confidence for _, confidence in self._edges.values()))
        evidence.whole = evidence.whole and self.whole and all(confidence == 1 for confidence in said)

    def _state(self, evidence: Evidence) -> None:
        for dataset, key, facets in self._facets:
            side = evidence.stated["outputs" if dataset in self.writes else "inputs"]
            side.append({"namespace": dataset.namespace, "name": dataset.name, key: facets})
        if self.facts:
            evidence.stated["run_facets"] = {**evidence.stated["run_facets"], **self.facts}

    def _tell(self, evidence: Evidence) -> None:
        """What nobody else has told of."""
        for what, side, known in (("reads", self.reads, evidence.reads), ("writes", self.writes, evidence.writes)):
            told: defaultdict[float, list[DatasetId]] = defaultdict(list)
            for dataset, confidence in side.items():
                if dataset not in known:
                    told[confidence].append(dataset)
            for confidence, datasets in told.items():
                more: dict[str, Any] = {"confidence": confidence} if confidence < 1 else {}
                evidence.tell(MECHANISM, what, datasets, **more)
        if self._gone:
            evidence.tell(MECHANISM, "drop writes", self._gone, "" if self.succeeded else _MAYBE)
        for (what, reason), names in self._notes.items():
            evidence.tell(MECHANISM, what, names, reason)
