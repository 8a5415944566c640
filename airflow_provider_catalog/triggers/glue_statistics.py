"""Waiting for a run of AWS Glue that counts the values of columns.

It asks by boto3, in threads: the waiters of the amazon provider need aiobotocore, which holds botocore back. Whatever
asks Airflow, as a connection does, goes through Airflow's own thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from airflow.triggers.base import BaseTrigger, TriggerEvent
from asgiref.sync import sync_to_async

from airflow_provider_catalog.errors import CatalogError

if TYPE_CHECKING:
    from airflow_provider_catalog.targets.glue.statistics.runs import StatisticsRuns


class GlueColumnStatisticsTrigger(BaseTrigger):
    """Fires when the run is over, however it ended: `{"status": "success", "run_id"}`. Where that cannot be known the
    status is "error", with a message, and whether another try may help.

    :param run_id: of the run
    :param waiter_delay: seconds between two looks
    :param waiter_max_attempts: how many of them
    """

    def __init__(
        self,
        *,
        run_id: str,
        waiter_delay: float = 30,
        waiter_max_attempts: int = 240,
        aws_conn_id: str | None = "aws_default",
        region_name: str | None = None,
        verify: bool | str | None = None,
        botocore_config: dict[str, Any] | None = None,
    ) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # it has no types
        self.run_id = run_id
        self.waiter_delay = waiter_delay
        self.waiter_max_attempts = waiter_max_attempts
        self.aws_conn_id = aws_conn_id
        self.region_name = region_name
        self.verify = verify
        self.botocore_config = botocore_config

    def serialize(self) -> tuple[str, dict[str, Any]]:
        names = ("run_id", "waiter_delay", "waiter_max_attempts", "aws_conn_id", "region_name", "verify")
        stated = {name: getattr(self, name) for name in (*names, "botocore_config")}
        return f"{type(self).__module__}.{type(self).__qualname__}", stated

    async def run(self) -> AsyncIterator[TriggerEvent]:
        try:
            message = await self._waited()
        except CatalogError as error:
            yield self._event(str(error), retryable=error.retryable)
        else:
            yield self._event(message, retryable=True)

    def _event(self, message: str, *, retryable: bool) -> TriggerEvent:
        told = {"status": "error", "message": message, "retryable": retryable} if message else {"status": "success"}
        return TriggerEvent({**told, "run_id": self.run_id})  # type: ignore[no-untyped-call]  # it has no types

    async def _waited(self) -> str:
        """Empty when it is over."""
        runs = await sync_to_async(self._runs)()
        for looked in range(self.waiter_max_attempts):
            if looked:
                await asyncio.sleep(self.waiter_delay)
            if await asyncio.to_thread(runs.over, self.run_id):
                return ""
        return f"the run {self.run_id} was not over after {self.waiter_max_attempts} looks; it goes on in AWS"

    def _runs(self) -> StatisticsRuns:
        from airflow.providers.amazon.aws.hooks.glue_catalog import GlueCatalogHook
        from botocore.config import Config

        from airflow_provider_catalog.targets.glue.calls import Calls
        from airflow_provider_catalog.targets.glue.statistics.runs import StatisticsRuns

        once = Config(retries={"total_max_attempts": 1}, user_agent_extra="airflow-provider-catalog")
        config = once.merge(Config(**(self.botocore_config or {})))
        hook: Any = GlueCatalogHook(  # type: ignore[no-untyped-call]  # it has no types
            aws_conn_id=self.aws_conn_id, region_name=self.region_name, verify=self.verify, config=config
        )
        return StatisticsRuns(Calls.paced(hook.get_conn()))
