"""A model of Python: nobody can tell its columns from the text."""

from typing import Any


def model(dbt: Any, session: Any) -> Any:
    dbt.config(materialized="table", tags=["python"])
    lifetime = dbt.ref("customer_lifetime")
    return lifetime.project("customer_id, 5 - quarter as recency, orders as frequency, spent as monetary")
