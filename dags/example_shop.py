"""A small shop: orders come as files, go into a database, and end in a report.

Nothing in here mentions the catalog. What it reads, writes and derives is seen all the same: by what hooks report, by
the SQL that was run, and by the inlets and outlets of one task that does its work where nobody can look.

It needs a connection `example_shop` to a database: `make demo` makes one of an embedded SQLite file.
"""

from __future__ import annotations

from datetime import timedelta

from airflow.providers.common.sql.operators.sql import SQLExecuteQueryOperator
from airflow.providers.standard.sensors.time_delta import TimeDeltaSensor
from airflow.sdk import DAG, Asset, ObjectStoragePath, task

CONN_ID = "example_shop"
FOLDER = "{{ var.value.get('example_shop_folder', '/tmp/example_shop') }}"
SHOPS = ["berlin", "lisbon", "oslo"]
ORDERS = [(1, "ada", 120), (2, "grace", 80), (3, "ada", 40), (4, "linus", 310)]

TABLES = """
CREATE TABLE IF NOT EXISTS orders (id INTEGER, shop TEXT, customer TEXT, amount INTEGER);
CREATE TABLE IF NOT EXISTS customers (name TEXT PRIMARY KEY, country TEXT);
CREATE TABLE IF NOT EXISTS revenue (shop TEXT, country TEXT, orders INTEGER, amount INTEGER);
CREATE TABLE IF NOT EXISTS top_customers (name TEXT, amount INTEGER);
"""
CUSTOMERS = """
INSERT OR REPLACE INTO customers VALUES ('ada', 'UK'), ('grace', 'US'), ('linus', 'FI')
"""
REPORTS = """
DELETE FROM revenue;
INSERT INTO revenue
SELECT o.shop, c.country, count(*), sum(o.amount)
FROM orders o JOIN customers c ON c.name = o.customer
GROUP BY o.shop, c.country;
DELETE FROM top_customers;
INSERT INTO top_customers
SELECT customer, sum(amount) FROM orders GROUP BY customer HAVING sum(amount) > 100;
"""


with DAG(
    "example_shop",
    schedule=None,
    catchup=False,
    tags=["example"],
    doc_md=__doc__,
    default_args={"retries": 2, "retry_delay": timedelta(seconds=5)},
) as dag:
    create_tables = SQLExecuteQueryOperator(task_id="create_tables", conn_id=CONN_ID, sql=TABLES, split_statements=True)
    fill_customers = SQLExecuteQueryOperator(task_id="fill_customers", conn_id=CONN_ID, sql=CUSTOMERS)

    @task
    def export_orders(folder: str, shop: str) -> str:
        """One file a shop."""
        path = ObjectStoragePath(f"file://{folder}/{shop}.csv")
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w") as file:
            file.write("".join(f"{number},{shop},{customer},{amount}\n" for number, customer, amount in ORDERS))
        return str(path)

    @task
    def load_orders(path: str) -> int:
        """A file into the table, by the hook of whatever database the connection means."""
        from airflow.sdk import BaseHook

        with ObjectStoragePath(path).open() as file:
            rows = [tuple(line.split(",")) for line in file.read().splitlines()]
        hook = BaseHook.get_connection(CONN_ID).get_hook()
        hook.insert_rows("orders", rows, target_fields=["id", "shop", "customer", "amount"])
        return len(rows)

    # Waits, from the beginning of the run on, without holding a worker.
    settle = TimeDeltaSensor(task_id="settle", delta=timedelta(seconds=15), deferrable=True)

    reports = SQLExecuteQueryOperator(task_id="reports", conn_id=CONN_ID, sql=REPORTS, split_statements=True)

    @task(
        inlets=[Asset(uri="https://shop.example/price-list", name="price_list")],
        outlets=[Asset(uri="https://shop.example/newsletter", name="newsletter")],
    )
    def send_newsletter() -> None:
        """What happens elsewhere is seen by its inlets and outlets."""

    @task(retries=0)
    def check_returns() -> None:
        """Fails, as tasks do: the catalog shows the run and its error, and no lineage that did not happen."""
        raise ValueError("the returns of oslo are missing")

    exported = export_orders.partial(folder=FOLDER).expand(shop=SHOPS)
    loaded = load_orders.expand(path=exported)
    create_tables >> fill_customers >> settle >> reports
    create_tables >> loaded >> reports >> send_newsletter()
    loaded >> check_returns()
