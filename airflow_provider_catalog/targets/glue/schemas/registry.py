"""The Schema Registry of an account and region: a schema is read, planned and made what it is wanted to be."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import count
from typing import Any, NamedTuple

from airflow_provider_catalog.errors import CatalogError, TargetUnavailable
from airflow_provider_catalog.targets.glue.calls import NAME, Calls, Refused
from airflow_provider_catalog.targets.glue.schemas.compatibility import (
    Judgement,
    Version,
    all_versions,
    expect_readable,
)
from airflow_provider_catalog.targets.glue.schemas.plan import Call, Found, Wanted, create, metadata, plan

_TRIES, _FIRST_SECONDS = 8, 0.05
_MISSING, _THERE = "EntityNotFoundException", "AlreadyExistsException"
_PENDING, _AVAILABLE = "PENDING", "AVAILABLE"
_SECONDS = 1.0


class NotRegistered(CatalogError):  # noqa: N818  what happened, as in errors.py
    """A definition that is not to be registered, or that AWS refused; trying again helps nobody."""

    def __init__(self, wanted: Wanted, reason: str, judged: Judgement) -> None:
        super().__init__(f"{wanted}: {reason}")
        self.wanted = wanted
        self.reason = reason
        self.judged = judged


class Registered(NamedTuple):
    """`state`: created, registered, updated or unchanged. `before`: the definition that was the latest. `latest`: the
    version that is, where that is another one.
    """

    state: str
    arn: str
    version: int
    version_id: str
    judged: Judgement = Judgement()
    before: str = ""
    latest: int | None = None


class SchemaRegistry:
    """`wait_seconds`: how long a version may be PENDING. `registry`: what is said of one that is made."""

    def __init__(
        self,
        calls: Calls,
        *,
        registry: Mapping[str, Any] | None = None,
        wait_seconds: float = 60.0,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        self._calls = calls
        self._registry = {name: value for name, value in (registry or {}).items() if value}
        self._wait_seconds = wait_seconds
        self._sleep = sleep

    def apply(self, wanted: Wanted) -> Registered:
        """Writes nothing where nothing is to be changed, and nothing at all where the definition may not be."""
        expect_readable(wanted.data_format, wanted.definition)
        doing = ""
        for tried in count(1):
            found = self._found(wanted)
            doing = doing or ("created" if found is None else "")
            try:
                done = self._create(wanted) if found is None else self._carry_out(wanted, found)
            except Refused as error:
                if not error.retryable or tried == _TRIES:
                    raise
                self._sleep(random.uniform(0, _FIRST_SECONDS * 2**tried))  # noqa: S311  no secret
            else:
                return done._replace(state=doing or done.state)
        raise AssertionError  # pragma: no cover

    # -- what there is

    def _found(self, wanted: Wanted) -> Found | None:
        document = self._asked("get_schema", SchemaId=wanted.schema_id)
        if document is None:
            return None
        same = self._same(wanted)
        if same is None:
            self._expect_valid(wanted)
        held = () if same else tuple(self._held(wanted, document))
        tags = self._calls("get_tags", ResourceArn=document["SchemaArn"])["Tags"] if wanted.tags else {}
        return Found(document, same, held, tags)

    def _same(self, wanted: Wanted) -> Mapping[str, Any] | None:
        """AWS compares: what it takes for the same is no other version."""
        request = {"SchemaId": wanted.schema_id, "SchemaDefinition": wanted.definition}
        found = self._asked("get_schema_by_definition", **request)
        return found and self._version(SchemaVersionId=found["SchemaVersionId"])

    def _expect_valid(self, wanted: Wanted) -> None:
        """AWS says so before anything is written."""
        request = {"DataFormat": wanted.data_format, "SchemaDefinition": wanted.definition}
        answer = self._calls("check_schema_version_validity", **request)
        if not answer["Valid"]:
            reason = f"AWS does not take the definition for {wanted.data_format}: {answer.get('Error', '')}"
            raise NotRegistered(wanted, reason, Judgement())

    def _held(self, wanted: Wanted, document: Mapping[str, Any]) -> Iterator[Version]:
        """What the mode looks at: the latest, or all from the checkpoint on."""
        numbers: Iterable[int] = filter(None, [document.get("LatestSchemaVersion")])
        if all_versions(wanted.compatibility):
            first = document.get("SchemaCheckpoint") or 1
            usable = (each for each in self._versions(wanted) if each.get("Status") == _AVAILABLE)
            numbers = sorted(each["VersionNumber"] for each in usable if each["VersionNumber"] >= first)
        for number in numbers:
            asked = self._version(SchemaId=wanted.schema_id, SchemaVersionNumber={"VersionNumber": number})
            yield Version(number, asked["SchemaDefinition"])

    def _versions(self, wanted: Wanted) -> Iterator[Mapping[str, Any]]:
        token: dict[str, str] = {}
        while True:
            page = self._calls("list_schema_versions", SchemaId=wanted.schema_id, MaxResults=100, **token)
            yield from page["Schemas"]
            if not page.get("NextToken"):
                return
            token = {"NextToken": page["NextToken"]}

    def _version(self, **request: Any) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self._calls("get_schema_version", **request)
        return found

    def _asked(self, operation: str, **request: Any) -> Mapping[str, Any] | None:
        try:
            found: Mapping[str, Any] = self._calls(operation, **request)
        except Refused as error:
            if error.code != _MISSING:
                raise
            return None
        return found

    # -- what is to be done

    def _create(self, wanted: Wanted) -> Registered:
        self._expect_valid(wanted)
        registry = {"RegistryName": wanted.registry}
        if self._asked("get_registry", RegistryId=registry) is None:
            self._create_registry(**registry, **self._registry)
        made = self._called(create(wanted))
        version_id, number = made["SchemaVersionId"], made.get("LatestSchemaVersion") or 1
        self._wait(wanted, version_id, number, made["SchemaVersionStatus"], Judgement())
        self._put(wanted, version_id)
        return Registered("created", made["SchemaArn"], number, version_id)

    def _create_registry(self, **request: Any) -> None:
        try:
            self._calls("create_registry", **request)
        except Refused as error:
            if error.code != _THERE:
                raise

    def _carry_out(self, wanted: Wanted, found: Found) -> Registered:
        planned = plan(wanted, found)
        if planned.refusal:
            raise NotRegistered(wanted, planned.refusal, planned.judged)
        for call in planned.first:
            self._called(call)
        version = found.same or self._called(planned.register or create(wanted))
        version_id, number = version["SchemaVersionId"], version["VersionNumber"]
        self._wait(wanted, version_id, number, version["Status"], planned.judged)
        for call in planned.then:
            self._called(call)
        changed = self._put(wanted, version_id) or bool(planned.first)
        state = "registered" if planned.register else "updated" if changed else "unchanged"
        before = found.held[-1].definition if found.held else ""
        known = found.document.get("LatestSchemaVersion")
        latest = known if known and known > number else None
        return Registered(state, found.document["SchemaArn"], number, version_id, planned.judged, before, latest)

    def _put(self, wanted: Wanted, version_id: str) -> bool:
        if not wanted.metadata:
            return False
        known = self._calls("query_schema_version_metadata", SchemaVersionId=version_id)["MetadataInfoMap"]
        planned = list(metadata(version_id, wanted.metadata, known))
        for call in planned:
            self._called(call)
        return bool(planned)

    def _called(self, call: Call) -> Mapping[str, Any]:
        answer: Mapping[str, Any] = self._calls(call.operation, **call.request)
        return answer

    def _wait(self, wanted: Wanted, version_id: str, number: int, status: str, judged: Judgement) -> None:
        waited = 0.0
        while status == _PENDING:
            if waited >= self._wait_seconds:
                problem = f"version {number} of {wanted} is still {_PENDING} after {waited:.0f} s"
                raise TargetUnavailable(NAME, problem)
            self._sleep(_SECONDS)
            waited += _SECONDS
            status = self._version(SchemaVersionId=version_id)["Status"]
        if status != _AVAILABLE:
            doubts = "".join(f"\n- {each}" for each in judged.doubts)
            reason = f"AWS refused version {number}: its status is {status}, and it cannot be used{doubts}"
            raise NotRegistered(wanted, reason, judged)
