"""Questions to AWS Glue: in pages, and asked again while that may help.

boto3 tries again by itself what was throttled or broke on the way. What it does not is left to us.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from airflow_provider_catalog.errors import CrawlError
from airflow_provider_catalog.sources.crawlers.glue.refusals import GlueRefusedError, telling

PAGE = 100
_AGAIN = frozenset({"OperationTimeoutException", "FederationSourceRetryableException"})
_TRIES = 6
_FIRST_SECONDS, _MOST_SECONDS = 0.2, 10.0


class GlueClient:
    """`client` is boto3's; `source` is what errors call it."""

    def __init__(self, client: Any, source: str, sleep: Callable[[float], object] = time.sleep) -> None:
        self._client = client
        self._source = source
        self._sleep = sleep

    def ask(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """`operation` as boto3 calls it."""
        for tried in range(_TRIES - 1):
            try:
                return self._asked(operation, request)
            except GlueRefusedError as refused:
                if refused.code not in _AGAIN:
                    raise
            most = min(_MOST_SECONDS, _FIRST_SECONDS * 2**tried)
            self._sleep(random.uniform(0, most))  # noqa: S311  spreads retries, protects nothing
        return self._asked(operation, request)

    def pages(
        self, operation: str, member: str, request: Mapping[str, Any], size: int = PAGE
    ) -> Iterator[list[dict[str, Any]]]:
        """What stands under `member` of each answer, which may be empty before the last one."""
        token: str | None = None
        while True:
            asked = {**request, "MaxResults": size, **({"NextToken": token} if token else {})}
            answer = self.ask(operation, asked)
            yield answer.get(member) or []
            before, token = token, answer.get("NextToken")
            if not token:
                return
            if token == before:
                raise CrawlError(self._source, f"{operation} gives the same page over and over")

    def _asked(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        with telling(self._source):
            answer: dict[str, Any] = getattr(self._client, operation)(**request)
        return answer
