"""`@task.catalogued`: a `@task` that ends only when the catalog knows what it did.

Listeners run after Airflow has reported success, when the next task may have begun already. Whoever needs the order
uses this: what the function read and wrote is merged into the store before the task succeeds.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from typing import Any

from airflow.providers.standard.decorators.python import _PythonDecoratedOperator
from airflow.sdk.bases.decorator import TaskDecorator, task_decorator_factory

from airflow_provider_catalog.capture import task
from airflow_provider_catalog.capture.payload import encoded
from airflow_provider_catalog.errors import CatalogError, RejectedError, StoreUnavailable
from airflow_provider_catalog.links import CatalogLink
from airflow_provider_catalog.model.envelope import Envelope
from airflow_provider_catalog.model.record import TASK
from airflow_provider_catalog.settings import Settings, settings
from airflow_provider_catalog.store.protocol import Store

_POLL_FIRST, _POLL_MOST = 0.05, 1.0


class CataloguedOperator(_PythonDecoratedOperator):
    """:param wait: so many seconds at most until the catalog has merged it
    :param strict: whether the task fails when it has not; else it is told of in the log, and comes later
    """

    custom_operator_name = "@task.catalogued"
    operator_extra_links = (CatalogLink(),)

    def __init__(self, *, wait: float = 60.0, strict: bool = True, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.wait = wait
        self.strict = strict

    def execute(self, context: Any) -> Any:
        result = super().execute(context)
        chosen = settings()
        if chosen.enabled:
            self._register(context["ti"], chosen)
        return result

    def _register(self, ti: Any, chosen: Settings) -> None:
        envelope = Envelope(TASK, encoded(task.ended(ti, "success", chosen.namespace)))
        try:
            self._merge(envelope, chosen)
        except CatalogError as error:
            if self.strict:
                raise
            self.log.warning("The catalog does not know of this yet: %s", error)

    def _merge(self, envelope: Envelope, chosen: Settings) -> None:
        """Over HTTP it is the server's worker that does it, and we wait."""
        from airflow_provider_catalog.store import open_store
        from airflow_provider_catalog.store.remote import is_remote
        from airflow_provider_catalog.worker.merge import Merger

        with closing(open_store(chosen.nearest_url, patience=chosen.edge_patience)) as store:
            if not any(store.accept([envelope])):
                raise RejectedError(
                    "the catalog's server refused it, `airflow-catalog dead-letters list` there says why"
                )
            if is_remote(chosen.nearest_url):
                _await(store, envelope, self.wait)
            else:
                Merger(store).drain(wait=self.wait)


def _await(store: Store, envelope: Envelope, seconds: float) -> None:
    deadline, pause = time.monotonic() + seconds, _POLL_FIRST
    while store.unmerged([envelope.id]):
        if time.monotonic() + pause > deadline:
            raise StoreUnavailable(f"not merged within {seconds:g} s; `airflow-catalog doctor` where the server runs")
        time.sleep(pause)
        pause = min(_POLL_MOST, pause * 1.5)


def catalogued_task(python_callable: Callable[..., Any] | None = None, **kwargs: Any) -> TaskDecorator:
    """With the options of `@task`, and those of the operator above."""
    return task_decorator_factory(
        python_callable=python_callable, decorated_operator_class=CataloguedOperator, **kwargs
    )
