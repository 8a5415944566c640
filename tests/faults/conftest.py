"""The stores of the contract tests, for breaking."""

from tests.store.conftest import contract_url, empty, made_postgres, made_sqlite, new_store, open_again, store

__all__ = ["contract_url", "empty", "made_postgres", "made_sqlite", "new_store", "open_again", "store"]
