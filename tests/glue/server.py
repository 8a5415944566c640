"""A strict AWS Glue on 127.0.0.1: for what moto does wrong. boto3 talks to it as it does to AWS.

    with GlueServer() as server:
        server.client().create_database(DatabaseInput={"Name": "sales"})
        server.faults = Faults(seed=7, shares={"throttled": 0.3})
        server.deny("glue:UpdateTable")
        server.after("GetTable", neighbour)     # somebody writes between a client's read and its write

It asks of every request whether botocore's model allows it, and of every answer of its own, too. What it cannot do it
answers with an error and notes in `failures`: a test looks that there is none (`assert not server.failures`).

What only the service itself does, a test says to `server.state`: `tables.seed`, `crawls.plan`, `statistics_runs.plan`,
`optimizers.run`, `jobs.add`, `jobs.ran`, `jobs.connect`. Its clock is put forward by
`state.clock.advance`.
"""

from __future__ import annotations

import threading
import traceback
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple, Self, TypeAlias

import boto3
from botocore.config import Config

from tests.glue import model, wire
from tests.glue.denials import Denials
from tests.glue.faults import Fault, Faults
from tests.glue.listener import Listener
from tests.glue.model import Document
from tests.glue.nouns import OPERATIONS
from tests.glue.refusals import Refused
from tests.glue.state import LIMITS, Limits, State

__all__ = ["Faults", "GlueServer", "Limits", "Write"]

Hook: TypeAlias = Callable[[Document], object]

_MAKING = threading.Lock()
"""A session of boto3's makes one client at a time."""
_UNKNOWN = Refused("UnknownOperationException", "No operation of Glue is named.", 404)
_FAILED = Refused("InternalServiceException", "This server failed; see its `failures`.", 500)


@cache
def _session() -> boto3.session.Session:
    """One for all: reading the model of the service takes longer than most tests."""
    return boto3.session.Session("testing", "testing")


class Write(NamedTuple):
    """What somebody changed, as it was asked."""

    operation: str
    request: Document


class GlueServer:
    """Answers on a thread of its own from `with` to its end. `url` is where, `region` and `account` are whose it is.

    `calls` counts what came in, `writes` what had an effect, `refusals` what was answered instead, by its code;
    `journal` has the latest writes.
    """

    def __init__(
        self, region: str = "eu-west-1", account: str = "111122223333", limits: Limits = LIMITS, journal: int = 1000
    ) -> None:
        self.state = State(region, account, limits)
        self.faults = Faults()
        self.journal: deque[Write] = deque(maxlen=journal)
        self.failures: list[str] = []
        self._denials = Denials()
        self._before: dict[str, list[Hook]] = defaultdict(list)
        self._after: dict[str, list[Hook]] = defaultdict(list)
        self._lock = threading.RLock()
        self._listener = Listener(self._answer)
        self.forget()

    def __enter__(self) -> Self:
        self.url = self._listener.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._listener.close()

    @property
    def environment(self) -> dict[str, str]:
        """By which a process finds it that makes its own client."""
        return {
            "AWS_ENDPOINT_URL_GLUE": self.url,
            "AWS_DEFAULT_REGION": self.state.region,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
        }

    def client(self, **config: Any) -> Any:
        """A client of boto3's own, with the options of botocore's Config; without any it does not try again."""
        once: dict[str, Any] = {"retries": {"total_max_attempts": 1, "mode": "standard"}}
        with _MAKING:
            return _session().client(
                "glue", endpoint_url=self.url, region_name=self.state.region, config=Config(**(once | config))
            )

    def call(self, operation: str, **request: Any) -> Any:
        """As somebody else in the account: not counted, not denied, never at fault. Raises `Refused`."""
        with self._lock:
            return wire.copied(self._run(operation, wire.copied(request)))

    def before(self, operation: str, hook: Hook) -> None:
        """Call it with each request to the operation, before anything is done. It may use `call`, but no client."""
        self._before[operation].append(hook)

    def after(self, operation: str, hook: Hook) -> None:
        """The same when its answer is made and not yet sent."""
        self._after[operation].append(hook)

    def deny(self, action: str, resource: str = "*") -> None:
        """Refuse it, as IAM does, on whatever has an ARN like that."""
        self._denials.add((action, resource))

    def allow(self, action: str) -> None:
        """All of it again."""
        self._denials -= {each for each in self._denials if each[0] == action}

    def forget(self) -> None:
        """Count from nothing. What is stored stays."""
        with self._lock:
            self.calls: Counter[str] = Counter()
            self.writes: Counter[str] = Counter()
            self.refusals: Counter[str] = Counter()
            self.journal.clear()

    def _run(self, operation: str, request: Document) -> Document:
        model.validate(operation, request)
        return OPERATIONS[operation].run(self.state, request)

    def _carry_out(self, operation: str, request: Document) -> Document:
        for hook in self._before[operation]:
            hook(request)
        model.validate(operation, request)
        self._denials.check(self.state, operation, request)
        done = OPERATIONS.get(operation)
        if done is None:
            raise NotImplementedError(f"this server does no {operation}")
        answered = done.run(self.state, request)
        if wrong := model.mistakes(model.service().operation_model(operation).output_shape, answered):
            raise AssertionError(f"{operation} answered what its model does not allow: {wrong}")
        if done.writes:
            self.writes[operation] += 1
            self.journal.append(Write(operation, request))
        for hook in self._after[operation]:
            hook(request)
        return answered

    def _answer(self, head: wire.Head, body: bytes) -> bytes | None:
        with self._lock:
            try:
                return self._answered(head, body)
            except Refused as refused:
                return self._refused(refused)
            except Exception:  # noqa: BLE001  whatever it is, the client has an answer and the test the traceback
                self.failures.append(traceback.format_exc())
                return self._refused(_FAILED)

    def _answered(self, head: wire.Head, body: bytes) -> bytes | None:
        operation = head.operation
        if operation not in model.operations():
            raise _UNKNOWN
        self.calls[operation] += 1
        wire.expect_signed(head.headers, self.state.region)
        fault = self.faults.draw(operation)
        if fault is not None and not fault.after:
            return self._failed(fault)
        answered = wire.answer(self._carry_out(operation, wire.document(body)))
        return answered if fault is None else self._failed(fault)

    def _failed(self, fault: Fault) -> bytes | None:
        if fault.code:
            return self._refused(Refused(fault.code, fault.message, fault.status))
        return wire.page(fault.status, fault.message) if fault.status else None

    def _refused(self, refused: Refused) -> bytes:
        self.refusals[refused.code] += 1
        return wire.refusal(refused)
