"""What came of an invocation: runs of the jobs of its nodes, and what tests found of the datasets they are about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from airflow_provider_catalog.model import codec
from airflow_provider_catalog.model.dbt import run_id
from airflow_provider_catalog.model.dbt_nodes import TESTS, tested_by
from airflow_provider_catalog.model.dbt_results import FAILED
from airflow_provider_catalog.model.identity import DatasetId, JobId
from airflow_provider_catalog.model.masking import mask_text, masked
from airflow_provider_catalog.model.statement import EXISTENCE, NO_CONTENT, Claim, Content, Event, Run, Statement
from airflow_provider_catalog.sources.checks import mapping, sequence, text
from airflow_provider_catalog.sources.dbt.nodes import check
from airflow_provider_catalog.sources.dbt.parents import Parent
from airflow_provider_catalog.sources.dbt.places import JOBS, Places
from airflow_provider_catalog.sources.timestamps import clamped, instant

_IDLE = frozenset({"skipped", "no-op", "reused"})
_MESSAGE = 4_000
_DETAILS = ("status", "execution_time", "failures", "thread_id")


class Times(NamedTuple):
    """Of one thing that was run, in microseconds."""

    started: int
    ended: int


class _Ran(NamedTuple):
    """A run of a job, with what is said of it. `found`: what is so since it ended."""

    job: JobId
    run: Run
    times: Times | None
    failed: bool
    details: dict[str, Any]
    content: Content = NO_CONTENT
    found: Content = NO_CONTENT


class Results:
    """Those of one document. `parent`: the task that ran dbt."""

    def __init__(self, places: Places, parent: Parent | None, recorded_at: int) -> None:
        self._places = places
        self._parent = parent
        self._recorded_at = recorded_at
        self._invocation = mapping(places.document.get("invocation") or {}, "/invocation")

    @property
    def _id(self) -> str:
        return text(self._invocation.get("id"), "/invocation/id")

    def statements(self) -> Iterator[Statement]:
        if not self._invocation:
            return
        yield from self._of_invocation()
        tests: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
        for i, stated in enumerate(sequence(self._places.document.get("results"), "/results")):
            result = mapping(stated, f"/results/{i}")
            node = self._places.find(text(result.get("unique_id"), f"/results/{i}/unique_id"))
            if node is None or _status(result) in _IDLE:
                continue
            if node.get("resource_type") in TESTS:
                tests[tested_by(node)].append(result)
            elif node.get("resource_type") in JOBS:
                yield from self._of_node(node, result)
        for tested, results in tests.items():
            yield from self._of_tests(tested, results)

    # -- the command

    def _of_invocation(self) -> Iterator[Statement]:
        job, parent = self._places.of_invocation(), self._parent
        said = [Claim.of(job, "jobType", {"integration": "DBT", "jobType": "JOB", "processingType": "BATCH"})]
        if parent:
            said.append(Claim.of(job, "parent", {"namespace": parent.job.namespace, "name": parent.job.name}))
        run = Run(self._id, parent.run_id if parent else None, parent.root_run_id if parent else None)
        details = {
            key: self._invocation[key] for key in ("command", "full_refresh", "dbt_version") if key in self._invocation
        }
        failed = self._invocation.get("succeeded") is False
        ends = self._places.document.get("more") is not True
        span = self._spanned(self._invocation)
        yield from self._statements(_Ran(job, run, span, failed, {"dbt": details}, Content.of(said)), ends=ends)

    # -- its nodes

    def _of_node(self, node: Mapping[str, Any], result: Mapping[str, Any]) -> Iterator[Statement]:
        job, dataset = self._places.job(node), self._places.dataset(node)
        details: dict[str, Any] = {"dbt": _told(result)}
        failed = _status(result) in FAILED
        if failed:
            details["errorMessage"] = {"message": _message(result), "programmingLanguage": "SQL"}
        if dataset and (rows := _rows(result)) is not None:
            details["datasets"] = [_port(dataset, "output", {"outputStatistics": {"rowCount": rows}})]
        made = dataset if _status(result) == "success" else None
        found = Content.of([Claim.of(made, EXISTENCE, value=True)]) if made else NO_CONTENT
        times = self._times(result) or self._spanned()
        yield from self._statements(_Ran(job, self._run_of(job.name), times, failed, details, found=found))

    def _of_tests(self, tested: str, results: Iterable[Mapping[str, Any]]) -> Iterator[Statement]:
        """All tests of one relation are one run; without one, each is by itself."""
        node = self._places.find(tested)
        dataset = self._places.dataset(node) if node else None
        if node is None or dataset is None:
            for result in results:
                own = self._places.known(str(result["unique_id"]))
                yield from self._checked(self._places.job(own), None, [(own, result)])
            return
        found = [(self._places.known(str(result["unique_id"])), result) for result in results]
        yield from self._checked(self._places.job(node, "test"), dataset, found)

    def _checked(
        self, job: JobId, dataset: DatasetId | None, found: list[tuple[Mapping[str, Any], Mapping[str, Any]]]
    ) -> Iterator[Statement]:
        assertions = [_assertion(node, result) for node, result in found]
        failed = any(_status(result) in FAILED for _, result in found)
        details: dict[str, Any] = {"dbt": {"tests": [{**_told(r), "unique_id": r.get("unique_id")} for _, r in found]}}
        if dataset:
            facet = {"dataQualityAssertions": {"assertions": assertions}}
            details["datasets"] = [_port(dataset, "input", facet)]
        if messages := [_message(result) for _, result in found if _status(result) in FAILED]:
            details["errorMessage"] = {"message": "\n".join(messages)[:_MESSAGE], "programmingLanguage": "SQL"}
        stated = [times for _, result in found if (times := self._times(result))]
        span = Times(min(t.started for t in stated), max(t.ended for t in stated)) if stated else self._spanned()
        said = [Claim.of(job, "jobType", {"integration": "DBT", "jobType": "TEST", "processingType": "BATCH"})]
        yield from self._statements(_Ran(job, self._run_of(job.name), span, failed, details, Content.of(said)))

    # -- runs

    def _run_of(self, key: str) -> Run:
        root = self._parent.root_run_id or self._parent.run_id if self._parent else None
        return Run(run_id(self._id, key), self._id, root or self._id)

    def _statements(self, ran: _Ran, *, ends: bool = True) -> Iterator[Statement]:
        """`ends`: whether its end is told here."""
        if ran.times is None:
            return
        producer, started, ended = self._places.producer, *ran.times
        about: dict[str, Any] = {"job": ran.job, "run": ran.run, "scope": self._id}
        yield Statement(producer, started, event=Event.START, content=ran.content, **about)
        if ends:
            event = Event.FAIL if ran.failed else Event.COMPLETE
            about |= {"content": ran.found or ran.content, "details": codec.details(ran.details)}
            yield Statement(producer, ended, event=event, **about)

    def _spanned(self, stated: Mapping[str, Any] | None = None) -> Times | None:
        """Of the invocation: what says no time of its own was somewhere in it."""
        found = stated or self._invocation
        at = found.get("started_at") or found.get("ended_at")
        if at is None:
            return None
        started = self._micros(at, "/invocation/started_at")
        ended = self._micros(found.get("ended_at") or at, "/invocation/ended_at")
        return Times(started, max(started, ended))

    def _times(self, result: Mapping[str, Any]) -> Times | None:
        """Of its execution, else of whatever was timed."""
        timing = [each for each in result.get("timing") or () if isinstance(each, dict) and each.get("completed_at")]
        stated = [each for each in timing if each.get("name") == "execute"] or timing
        if not stated:
            return None
        at = "/results/timing"
        started = min(self._micros(each.get("started_at") or each["completed_at"], at) for each in stated)
        return Times(started, max(started, *(self._micros(each["completed_at"], at) for each in stated)))

    def _micros(self, value: Any, at: str) -> int:
        return clamped(instant(value, at).micros, self._recorded_at)


def _status(result: Mapping[str, Any]) -> str:
    return str(result.get("status") or "").lower()


def _told(result: Mapping[str, Any]) -> dict[str, Any]:
    told = {key: result[key] for key in _DETAILS if result.get(key) is not None}
    response = result.get("adapter_response")
    told |= {"adapter_response": masked(response)} if isinstance(response, dict) and response else {}
    return told | ({"message": _message(result)} if result.get("message") else {})


def _message(result: Mapping[str, Any]) -> str:
    return mask_text(str(result.get("message") or _status(result))[:_MESSAGE])


def _rows(result: Mapping[str, Any]) -> int | None:
    response = result.get("adapter_response")
    rows = response.get("rows_affected") if isinstance(response, dict) else None
    return rows if type(rows) is int and rows >= 0 else None


def _assertion(node: Mapping[str, Any], result: Mapping[str, Any]) -> dict[str, Any]:
    """As OpenLineage's facet of them has it."""
    said = check(node)
    told: dict[str, Any] = said if isinstance(said, dict) else {}
    success = _status(result) not in FAILED and _status(result) != "warn"
    found = {"assertion": told.get("kind"), "name": node.get("name"), "success": success}
    found |= {key: told[key] for key in ("column", "severity") if told.get(key)}
    if type(result.get("failures")) is int:
        found["actual"] = str(result["failures"])
    return found


def _port(dataset: DatasetId, role: str, facets: dict[str, Any]) -> dict[str, Any]:
    return {"namespace": dataset.namespace, "name": dataset.name, "role": role, "facets": facets}
