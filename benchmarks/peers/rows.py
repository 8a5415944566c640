"""What one event says, as rows of the peer's tables: read plainly, with the standard library and orjson."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple, TypeAlias

import orjson

Json: TypeAlias = dict[str, Any]
Row: TypeAlias = dict[str, Any]

EVERYBODY = 0
_STATES = {"OTHER": 0, "START": 1, "RUNNING": 2, "COMPLETE": 3, "ABORT": 4, "FAIL": 5}
_CARTESIAN, _COLUMN_LINEAGE = 1, 5
_KINDS = {"IDENTITY": 1, "TRANSFORMATION": 2, "AGGREGATION": 3}
_KINDS |= {"FILTER": 11, "JOIN": 12, "GROUP_BY": 13, "SORT": 14, "WINDOW": 15, "CONDITIONAL": 16}
_KNOWN = {"schema", "documentation", "ownership", "tags", "dataSource", "symlinks", "jobType", "sourceCodeLocation"}
_SORTED = {"ownership": "owners", "tags": "tags", "symlinks": "identifiers"}
_BOOKKEEPING = {"_producer", "_schemaURL"}
_VERSION = re.compile(r"/(?:tree|blob)/|/v?\d+(?:\.\d+)+")


class Producer(NamedTuple):
    id: int
    name: str
    version: str


class Rows:
    """`news` are facts as stated; which of them change anything only the database knows."""

    def __init__(self, event: Json) -> None:
        self.event = event
        self.time = _micros(event["eventTime"])
        self.complete = event["eventType"] == "COMPLETE"
        self.producer = _producer(event["producer"])
        stated = event["job"]
        self.job_id = uid("job", stated["namespace"], stated["name"])
        self.seen = {"producer_id": self.producer.id, "job_id": self.job_id}
        self.seen |= {"valid_from": self.time, "last_seen": self.time}
        self.producers = [{"id": self.producer.id, "name": self.producer.name}]
        self.jobs = [{"id": self.job_id, "namespace": stated["namespace"], "name": stated["name"]}]
        self.runs = [self._run()]
        self.inputs, self.outputs = event.get("inputs", []), event.get("outputs", [])
        unique = {_id(each): each for each in (*self.inputs, *self.outputs)}
        self.datasets = [_dataset(number, each) for number, each in sorted(unique.items())]
        self.values: dict[bytes, bytes] = {}
        self.facts: list[Row] = []
        self._columns: dict[int, Row] = {}
        self._job_facts(stated.get("facets", {}))
        for number, each in sorted(unique.items()):
            self._dataset_facts(number, each)
        self.facts.sort(key=lambda row: (row["subject_id"], row["aspect"]))
        self.ports = self._ports()
        self.edges: list[Row] = []
        self.column_edges: list[Row] = []
        if self.complete:
            self._lineage()
        self.columns = [self._columns[number] for number in sorted(self._columns)]
        self.events = [self._event()]

    # -- the run and what its event tells

    def _run(self) -> Row:
        stated, kind = self.event["run"], self.event["eventType"]
        facets = stated.get("facets", {})
        nominal, parent = facets.get("nominalTime", {}), facets.get("parent", {})
        return {
            "run_id": stated["runId"],
            "job_id": self.job_id,
            "state": _STATES[kind],
            "started_at": self.time if kind == "START" else None,
            "ended_at": self.time if _STATES[kind] >= 3 else None,
            "nominal_start": _micros(nominal.get("nominalStartTime")),
            "nominal_end": _micros(nominal.get("nominalEndTime")),
            "parent_run_id": parent.get("run", {}).get("runId"),
            "root_run_id": parent.get("root", {}).get("run", {}).get("runId"),
        }

    def _event(self) -> Row:
        details = orjson.dumps(self._details(), option=orjson.OPT_SORT_KEYS)
        run_id = self.event["run"]["runId"]
        return {
            "id": blake2b(b"%d" % self.time + run_id.encode() + details, digest_size=16).digest(),
            "producer_id": self.producer.id,
            "job_id": self.job_id,
            "run_id": run_id,
            "time": self.time,
            "kind": _STATES[self.event["eventType"]],
            "complete": self.complete,
            "details": pack(details),
        }

    def _details(self) -> Json:
        """SQL, statistics, and every facet of the run that is not in a column."""
        facets = {name: _plain(each) for name, each in self.event["run"].get("facets", {}).items()}
        details: Json = {"producer_version": self.producer.version, "facets": facets}
        for name in ("parent", "nominalTime"):
            facets.pop(name, None)
        for name in ("processing_engine", "errorMessage", "extractionError"):
            if name in facets:
                details[name] = facets.pop(name)
        if sql := self.event["job"].get("facets", {}).get("sql"):
            details["sql"] = _plain(sql)
        if datasets := [*_statistics(self.inputs, "input"), *_statistics(self.outputs, "output")]:
            details["datasets"] = datasets
        return {name: each for name, each in details.items() if each}

    # -- facts and columns

    def _job_facts(self, facets: Json) -> None:
        for name, facet in facets.items():
            if name != "sql":
                self._fact(self.job_id, name, facet)
        if parent := self.event["run"].get("facets", {}).get("parent", {}).get("job"):
            self._say(self.job_id, "parent", parent)

    def _dataset_facts(self, number: int, stated: Json) -> None:
        facets = stated.get("facets", {})
        self._say(number, "existence", value=True)
        for name, facet in facets.items():
            if name != "columnLineage":
                self._fact(number, name, facet)
        for field in facets.get("schema", {}).get("fields", []):
            self._column(number, field["name"])

    def _fact(self, subject: int, name: str, facet: Json) -> None:
        value = _plain(facet)
        if key := _SORTED.get(name):
            value[key] = sorted(value[key], key=_body)
        self._say(subject, name if name in _KNOWN else f"facet:{name}", value)

    def _say(self, subject: int, aspect: str, value: Any) -> None:
        body = _body(value)
        hashed = blake2b(body, digest_size=16).digest()
        self.values[hashed] = body
        said_by = EVERYBODY if aspect == "existence" else self.producer.id
        row = {"subject_id": subject, "aspect": aspect, "producer_id": said_by, "value_hash": hashed}
        self.facts.append({**row, "valid_from": self.time, "last_seen": self.time})

    def _column(self, dataset_id: int, name: str) -> int:
        number = uid("column", str(dataset_id), name)
        self._columns[number] = {"id": number, "dataset_id": dataset_id, "name": name}
        return number

    # -- lineage

    def _ports(self) -> list[Row]:
        found = {(side, _id(each)) for side, some in (("r", self.inputs), ("w", self.outputs)) for each in some}
        return [{**self.seen, "direction": side, "dataset_id": number} for side, number in sorted(found)]

    def _lineage(self) -> None:
        """Column lineage says what comes from what; an output without any comes from every input."""
        inputs = {_id(each) for each in self.inputs}
        edges: dict[tuple[int, int], tuple[int, float]] = {}
        columns: dict[tuple[int, int, int], Row] = {}
        for output in self.outputs:
            self._column_lineage(output, edges, columns)
        confidence = 0.9 if min(len(inputs), len(self.outputs)) == 1 else 0.5
        explained, sources = {target for _, target in edges}, {source for source, _ in edges}
        for target in {_id(each) for each in self.outputs}:
            for source in inputs - sources if target in explained else inputs:
                if source != target:
                    edges.setdefault((source, target), (_CARTESIAN, confidence))
        self.edges = [
            {**self.seen, "source_id": a, "target_id": b, "rule": rule, "confidence": sure}
            for (a, b), (rule, sure) in sorted(edges.items())
        ]
        self.column_edges = [columns[key] for key in sorted(columns)]

    def _column_lineage(
        self, output: Json, edges: dict[tuple[int, int], tuple[int, float]], columns: dict[tuple[int, int, int], Row]
    ) -> None:
        written = _id(output)
        for target, field in output.get("facets", {}).get("columnLineage", {}).get("fields", {}).items():
            target_id = self._column(written, target)
            for stated in field["inputFields"]:
                source = _id(stated)
                source_id = self._column(source, stated["field"])
                edges[source, written] = (_COLUMN_LINEAGE, 1.0)
                for kind, text, confidence in _transformations(stated):
                    row = {"source_id": source_id, "target_id": target_id, "kind": kind, "transformation": text}
                    row |= {"rule": _COLUMN_LINEAGE, "confidence": confidence}
                    columns[source_id, target_id, kind] = {**self.seen, **row}


def uid(*parts: str) -> int:
    return int.from_bytes(blake2b("\0".join(parts).encode(), digest_size=8).digest()) >> 1


def pack(body: bytes) -> bytes:
    """As ours: small values as they are, larger ones deflated, told apart by their first byte."""
    return b"0" + body if len(body) < 256 else b"z" + zlib.compress(body, 1)


def unpack(stored: bytes) -> bytes:
    return zlib.decompress(stored[1:]) if stored[:1] == b"z" else stored[1:]


def _dataset(number: int, stated: Json) -> Row:
    name = stated["name"]
    return {"id": number, "namespace": stated["namespace"], "name": name, "short_name": name.rsplit(".", 1)[-1]}


def _id(stated: Json) -> int:
    return uid("dataset", stated["namespace"], stated["name"])


def _statistics(datasets: list[Json], role: str) -> Iterator[Json]:
    for each in datasets:
        if facets := each.get(f"{role}Facets"):
            found = {name: _plain(facet) for name, facet in facets.items()}
            yield {"namespace": each["namespace"], "name": each["name"], "role": role, "facets": found}


def _transformations(stated: Json) -> Iterator[tuple[int, str, float]]:
    """What is not said is the same value, with doubt."""
    for each in stated.get("transformations", ()):
        yield _KINDS.get(each.get("subtype", ""), 2), each.get("description", ""), 1.0
    if not stated.get("transformations"):
        yield _KINDS["IDENTITY"], "", 0.8


@lru_cache(maxsize=1024)
def _producer(stated: str) -> Producer:
    """Without its version, so that an upgrade of Airflow goes on with the history it has."""
    name = _VERSION.sub("/", stated).rstrip("/")
    return Producer(uid("producer", name), name, stated.rpartition("/")[2])


def _plain(facet: Json) -> Json:
    return {name: _plain(e) if type(e) is dict else e for name, e in facet.items() if name not in _BOOKKEEPING}


def _body(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def _micros(stated: str | None) -> Any:
    if stated is None:
        return None
    at = datetime.fromisoformat(stated)
    return int(at.timestamp()) * 1_000_000 + at.microsecond
