# Airflow looks for this file beside the migrations of a db manager before it starts any. Ours are run by
# airflow_provider_catalog.store.sql.schema, with Alembic's classes rather than its command, and need none.
