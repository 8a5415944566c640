"""One call to Glue, tried again while that may help.

What AWS says when it refuses becomes a `Refused` with what to do. Where nothing goes at all it is TargetUnavailable.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any

from airflow_provider_catalog.errors import CatalogError, TargetUnavailable
from airflow_provider_catalog.settings import settings
from airflow_provider_catalog.targets.glue.budget import Budget

NAME = "glue"
_PATIENCE, _BUSY_COSTS, _UNREACHED_COSTS = 10, 1, 3
"""Who is busy answers in the end; who cannot be reached is waited for by the worker, and not by each table."""
_FIRST_SECONDS, _MOST_SECONDS = 0.05, 10.0
_SERVER_ERROR = 500
_BUSY = frozenset(
    {
        *("ThrottlingException", "Throttling", "TooManyRequestsException", "RequestLimitExceeded", "SlowDown"),
        *("InternalServiceException", "InternalFailure", "ServiceUnavailable", "ServiceUnavailableException"),
        *("OperationTimeoutException", "RequestTimeout", "FederationSourceRetryableException"),
    }
)
_CHANGED = frozenset({"ConcurrentModificationException", "AlreadyExistsException", "VersionMismatchException"})
"""Somebody else was there meanwhile: what is wanted has to be planned again."""
_DENIED = frozenset({"AccessDeniedException", "AccessDenied", "UnauthorizedException", "InsufficientPermissions"})
_STRANGER = frozenset(
    {"ExpiredTokenException", "ExpiredToken", "UnrecognizedClientException", "InvalidClientTokenId", "InvalidSignature"}
)


class Refused(CatalogError):  # noqa: N818  what happened, as in errors.py
    """AWS refuses a call; `code` is its own word. `retryable`: what is wanted may be planned again."""

    def __init__(self, operation: str, code: str, message: str = "") -> None:
        self.operation, self.code, self.message = operation, code, message
        self.retryable = code in _CHANGED
        self.denied = code in _DENIED
        action = f"glue:{operation.title().replace('_', '')}"
        said = f"allow {action} to the role in use" if self.denied else f"{action} was refused"
        super().__init__(f"{said}: {code}: {message}")


class Calls:
    """`client` is boto3's, without retries of its own: these wait a random part of a time that doubles, so that many
    who wait do not come back at once.
    """

    def __init__(
        self, client: Any, budget: Budget | None = None, sleep: Callable[[float], object] = time.sleep
    ) -> None:
        self._client = client
        self._budget = budget
        self._sleep = sleep

    @classmethod
    def paced(cls, client: Any) -> Calls:
        """As many a second as the setting allows."""
        return cls(client, Budget(settings().glue_calls_per_second))

    @property
    def region(self) -> str:
        return str(self._client.meta.region_name)

    def __call__(self, operation: str, **request: Any) -> Any:
        from botocore.exceptions import BotoCoreError, ClientError

        method, spent = getattr(self._client, operation), 0
        while True:
            if self._budget:
                self._budget.take()
            try:
                return method(**request)
            except ClientError as error:
                reason, cost = _busy(operation, error.response), _BUSY_COSTS
            except BotoCoreError as error:
                reason, cost = _unreached(operation, error), _UNREACHED_COSTS
            spent += cost
            if spent >= _PATIENCE:
                raise TargetUnavailable(NAME, reason)
            self._sleep(random.uniform(0, min(_MOST_SECONDS, _FIRST_SECONDS * 2**spent)))  # noqa: S311  no secret


def _busy(operation: str, response: Any) -> str:
    """Why to try again; raises where that would not help."""
    said, status = response.get("Error", {}), response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    code, message = str(said.get("Code")), str(said.get("Message", ""))
    if code in _STRANGER:
        raise TargetUnavailable(NAME, f"{code}: {message}")
    if code not in _BUSY and status < _SERVER_ERROR:
        raise Refused(operation, code, message)
    return f"{code}: {message}"


def _unreached(operation: str, error: Exception) -> str:
    """As above, where no answer came. What boto3 itself finds wrong with a request is wrong each time."""
    name = type(error).__name__
    if name == "ParamValidationError":
        raise Refused(operation, name, str(error)) from error
    if name in ("NoCredentialsError", "NoRegionError", "PartialCredentialsError"):
        raise TargetUnavailable(NAME, f"{name}: {error}") from error
    return f"{name}: {error}"
