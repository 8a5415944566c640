"""Imported once for all processes that tests fork."""

import alembic.runtime.environment
import alembic.script
import psycopg

import airflow_provider_catalog.sources
import airflow_provider_catalog.store.sql.schema
import airflow_provider_catalog.store.sql.store
import airflow_provider_catalog.worker.merge
import tests.store.histories  # noqa: F401
