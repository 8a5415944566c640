"""Which tables a crawler may write: those of its database under its prefix, and those it was given as targets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from airflow_provider_catalog.targets.glue.account import Account
from airflow_provider_catalog.targets.glue.table_input import Table


class Reach:
    """`crawler`: as GetCrawler answers it."""

    def __init__(self, crawler: Mapping[str, Any]) -> None:
        self._database = str(crawler.get("DatabaseName") or "").lower()
        self._prefix = str(crawler.get("TablePrefix") or "").lower()
        self._named: dict[str, set[str]] = {}
        for target in (crawler.get("Targets") or {}).get("CatalogTargets") or ():
            names = {str(name).lower() for name in target["Tables"]}
            self._named.setdefault(target["DatabaseName"].lower(), set()).update(names)

    @property
    def databases(self) -> list[str]:
        return list(dict.fromkeys(filter(None, (self._database, *self._named))))

    def tables(self, account: Account) -> Iterator[tuple[str, Table]]:
        """As they are now, a page at a time."""
        for database in self.databases:
            for table in account.tables(database):
                if self._covers(database, str(table["Name"]).lower()):
                    yield database, table

    def _covers(self, database: str, table: str) -> bool:
        found = database == self._database and table.startswith(self._prefix)
        return found or table in self._named.get(database, ())
