"""The store on SQLite and PostgreSQL, by SQLAlchemy Core. `store.SqlStore` is the only name others need."""
