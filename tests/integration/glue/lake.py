"""A lake and a warehouse as people fill them: partitioned Parquet in S3, SQL in PostgreSQL. test_glue.py runs it.

The run that is called `wider` writes one more day of orders, with one more column, and so does the SQL.
"""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
from airflow.providers.amazon.aws.hooks.s3 import S3Hook
from airflow.providers.common.sql.operators.sql import SQLExecuteQueryOperator
from airflow.sdk import DAG, chain, task

from airflow_provider_catalog.operators.database import DatabaseCrawlOperator

DAYS, ONE_MORE = ("2026-01-01", "2026-01-02"), "2026-01-03"
WIDER = "wider"
ORDERS = """
SELECT CAST(number AS BIGINT) AS id, customer, CAST(paid AS DECIMAL(10, 2)) AS amount,
    TIMESTAMP '2026-01-01 12:00' AS sold_at, [customer] AS tags, {{'city': 'London', 'zip': number}} AS address {more}
FROM (VALUES (1, 'ada', 12.5), (2, 'grace', 8)) AS sold (number, customer, paid)
"""
REVENUE = """
CREATE TABLE IF NOT EXISTS mart.revenue
    (customer VARCHAR(20), revenue NUMERIC(12, 2), last_on TIMESTAMPTZ, days DATE[]);
COMMENT ON TABLE mart.revenue IS 'What each customer paid.';
COMMENT ON COLUMN mart.revenue.revenue IS 'in euro';
{% if run_id == params.wider %} ALTER TABLE mart.revenue ADD COLUMN orders BIGINT; {% endif %}
DELETE FROM mart.revenue;
INSERT INTO mart.revenue (customer, revenue, last_on, days)
SELECT customer, sum(amount), max(sold_at), array_agg(sold_at::date) FROM orders GROUP BY customer;
"""


def orders(*, wider: bool) -> bytes:
    query = ORDERS.format(more=", 0.1::DOUBLE AS discount" if wider else "")
    with TemporaryDirectory() as folder:
        path = Path(folder, "orders.parquet")
        duckdb.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet)")
        return path.read_bytes()


with DAG("lake", schedule=None):

    @task
    def write_orders(run_id: str | None = None) -> None:
        hook, days = S3Hook(), (*DAYS, ONE_MORE) if run_id == WIDER else DAYS
        for day in days:
            hook.load_bytes(
                orders(wider=day == ONE_MORE), f"sales/orders/dt={day}/part-0.parquet", "lake", replace=True
            )

    revenue = SQLExecuteQueryOperator(
        task_id="revenue", conn_id="post", sql=REVENUE, split_statements=True, params={"wider": WIDER}
    )
    crawl = DatabaseCrawlOperator(task_id="crawl", conn_id="post", include=["mart.*"])
    chain(write_orders(), revenue, crawl)
