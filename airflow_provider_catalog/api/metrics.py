"""What Prometheus is told: how the store and the spool of this host are, and how this process answers.

What is in the store is the same whichever process of a server is asked. It is counted at most every few seconds,
however often somebody asks.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence

from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from airflow_provider_catalog.api.state import State
from airflow_provider_catalog.capture.spool import Spool
from airflow_provider_catalog.errors import StoreError
from airflow_provider_catalog.store.sql.outbox import Standing

_FRESH_SECONDS = 10.0
_BUCKETS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)


class Metrics:
    """Of one application."""

    def __init__(self, state: State) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_Kept(state))
        self.lineage = self._histogram("lineage_query_latency_seconds", "Time to answer about lineage", "direction")
        self.search = self._histogram("search_query_latency_seconds", "Time to answer a search", "type")
        self.accepting = self._histogram("catalog_accept_seconds", "Time until what was sent is durable", "route")

    def _histogram(self, name: str, documentation: str, label: str) -> Histogram:
        return Histogram(name, documentation, [label], registry=self._registry, buckets=_BUCKETS)

    def text(self) -> bytes:
        return generate_latest(self._registry)


class _Kept(Collector):
    """Read from the store and the spool when asked."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._lock = threading.Lock()
        self._found: list[Metric] = []
        self._until = 0.0

    def describe(self) -> list[Metric]:
        """Asked when it is registered, when no store may be needed yet."""
        return []

    def collect(self) -> Iterator[Metric]:
        with self._lock:
            if time.monotonic() > self._until:
                self._found = [*self._store(), *_spool(Spool.of(self._state.settings))]
                self._until = time.monotonic() + _FRESH_SECONDS
            yield from self._found

    def _store(self) -> Iterator[Metric]:
        """A store that is away is told of as such: whoever watches has to see it."""
        try:
            store = self._state.store
            status, leases, first = store.status(), store.leases(), store.pending(1)
            standing = store.outbox.standing()
        except StoreError:
            yield _gauge("catalog_store_up", "Whether the store answers", 0)
            return
        lag = max(0.0, time.time() - first[0].recorded_at / 1e6) if first else 0.0
        yield _gauge("catalog_store_up", "Whether the store answers", 1)
        yield _gauge("catalog_worker_up", "Whether a worker holds the merge lease", int("merge" in leases))
        yield _gauge("catalog_worker_lag_seconds", "Age of the oldest envelope that is not merged", lag)
        yield _gauge("catalog_envelopes", "Envelopes in the log", status.accepted)
        yield _gauge("catalog_envelopes_pending", "Envelopes that are not merged", status.pending)
        yield _gauge("catalog_dead_letters", "Envelopes that could not be read", status.dead_letters)
        yield _gauge("catalog_statements", "Statements in the store", status.statements)
        yield _gauge("catalog_datasets", "Datasets in the store", status.datasets)
        yield _gauge("catalog_columns", "Columns in the store", status.columns)
        yield _gauge("catalog_jobs", "Jobs in the store", status.jobs)
        yield _gauge("catalog_runs", "Runs in the store", status.runs)
        yield _gauge("lineage_edge_count", "Edges between datasets now", status.edges)
        yield _gauge("lineage_column_edge_count", "Edges between columns now", status.column_edges)
        yield from _targets(standing)


def _targets(standing: Sequence[Standing]) -> Iterator[Metric]:
    """Of those that were ever told of anything, or could not be."""
    depth = GaugeMetricFamily("catalog_outbox_depth", "Datasets a target is to be told of", labels=["target"])
    refused = GaugeMetricFamily("catalog_outbox_refused", "Datasets that a target refused", labels=["target"])
    up = GaugeMetricFamily("catalog_target_up", "Whether a target takes what it is told", labels=["target"])
    for each in standing:
        depth.add_metric([each.target], each.waiting)
        refused.add_metric([each.target], each.refused)
        up.add_metric([each.target], int(each.down_since is None))
    yield from (depth, refused, up)


def _spool(spool: Spool) -> Iterator[Metric]:
    waiting = spool.waiting()
    age = max(0.0, time.time() - waiting.oldest) if waiting.oldest else 0.0
    yield _gauge("catalog_spool_records", "Records that wait in the spool of this host", waiting.records)
    yield _gauge("catalog_spool_bytes", "Their size", waiting.bytes)
    yield _gauge("catalog_spool_packs", "Packs of a thousand records that have waited for long", waiting.packed)
    yield _gauge("catalog_spool_unreadable_packs", "Packs that cannot be read", waiting.unreadable)
    yield _gauge("catalog_spool_oldest_seconds", "Age of the oldest of them", age)
    dropped = CounterMetricFamily("catalog_spool_dropped", "Records lost because the spool was full")
    dropped.add_metric([], waiting.dropped)
    yield dropped


def _gauge(name: str, documentation: str, value: float) -> Metric:
    return GaugeMetricFamily(name, documentation, value=value)
