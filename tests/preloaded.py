"""Imported once for all processes that tests fork."""

# ruff: noqa: F401
import alembic.runtime.environment
import alembic.script
import psycopg

import airflow_provider_catalog.sources
import airflow_provider_catalog.store.sql.schema
import airflow_provider_catalog.store.sql.store
import airflow_provider_catalog.worker.merge
import tests.store.histories
