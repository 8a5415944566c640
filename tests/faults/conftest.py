"""The databases of the contract tests, for breaking."""

import pytest

from tests.store.conftest import contract_url, empty, made_postgres, made_sqlite, new_store, open_again, store

__all__ = ["contract_url", "empty", "made_postgres", "made_sqlite", "new_store", "open_again", "store"]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "empty" in metafunc.fixturenames:
        metafunc.parametrize("empty", ["sqlite", "postgres"], indirect=True)
