"""The worker of last resort: what no other worker did is done here, every quarter of an hour.

It does what `airflow-catalog worker --once` does: drain the spool of the host it runs on, merge the log, publish. And
the upkeep, when an hour has passed since somebody did it. Where another worker is at it, the task is skipped and says
which.
"""

from __future__ import annotations

from airflow.sdk import dag, task


@task
def work() -> dict[str, int]:
    """Imports late: the DAG processor reads this file again and again."""
    from contextlib import closing

    from airflow.sdk.exceptions import AirflowSkipException

    from airflow_provider_catalog.errors import LeaseLost
    from airflow_provider_catalog.settings import settings
    from airflow_provider_catalog.store import open_database
    from airflow_provider_catalog.worker.roles import Worker

    chosen = settings()
    if chosen.only_http:
        raise AirflowSkipException(f"The catalog is at {chosen.ingest_url}, and so is its worker")
    with closing(open_database(chosen.store_url, patience=chosen.edge_patience)) as store:
        try:
            worker = Worker(store, chosen)
            merged = worker.once()
            worker.upkeep.once()
            return merged._asdict() | worker.publish()._asdict()
        except LeaseLost as busy:
            raise AirflowSkipException(f"Another worker is at it: {busy}") from None


@dag(
    schedule="*/15 * * * *",
    catchup=False,
    max_active_runs=1,
    is_paused_upon_creation=False,
    tags=["catalog"],
    doc_md=__doc__,
)
def catalog_maintain() -> None:
    work()


catalog_maintain()
