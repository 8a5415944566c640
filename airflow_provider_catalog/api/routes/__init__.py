"""The routes, a module per noun. A route states its parameters, asks one service, and shows what that returns."""

from __future__ import annotations

from airflow_provider_catalog.api.routes import (
    about,
    dataset,
    dead_letters,
    edits,
    envelopes,
    ingest,
    job,
    lineage,
    lineage_push,
    metrics,
    search,
    store,
)

# They are tried one after the other, so what is asked most often comes first.
ROUTERS = (
    ingest.router,
    about.router,
    lineage.router,
    lineage_push.router,
    dataset.router,
    job.router,
    search.router,
    metrics.router,
    edits.router,
    dead_letters.router,
    envelopes.router,
    store.router,
)
