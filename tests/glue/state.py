"""What an account holds in one region: catalogs of databases of tables, and whatever else has a shelf of its own.

Documents are never changed in place: a write puts another in their stead. So an answer may hold them as they are.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar

import botocore.session

from tests.glue.model import Document
from tests.glue.refusals import Refused, not_found
from tests.glue.shelf import Shelf

Kind = TypeVar("Kind")

DEFAULTS: Document = {"Compressed": False, "NumberOfBuckets": 0, "StoredAsSubDirectories": False}
"""Members of a StorageDescriptor that AWS answers whether they were sent or not."""


class Limits(NamedTuple):
    """How much of a kind there may be: AWS's defaults, lower in a test that runs into them.

    `page` and `batch`: the service may answer fewer than it was asked for, and tell where to go on.
    """

    databases: int = 10_000
    tables: int = 200_000
    partitions: int = 10_000_000
    versions: int = 100_000
    crawlers: int = 1_000
    page: int = 1_000
    batch: int = 1_000


LIMITS = Limits()


class Clock:
    """Whole seconds, as AWS tells times; it can be put forward."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def now(self) -> float:
        return float(int(time.time() + self._ahead))

    def advance(self, seconds: float) -> None:
        self._ahead += seconds


@dataclass(slots=True)
class Table:
    """`archive` has the versions before this one that were kept, the newest first: by their number below zero."""

    document: Document
    archive: Shelf[int, Document] = field(default_factory=Shelf)
    partitions: Shelf[tuple[str, ...], Document] = field(default_factory=Shelf)
    statistics: dict[tuple[str, ...] | None, dict[str, Document]] = field(default_factory=dict)
    indexes: dict[str, Document] = field(default_factory=dict)

    @property
    def version(self) -> int:
        return int(self.document["VersionId"])


@dataclass(slots=True)
class Database:
    document: Document
    tables: Shelf[str, Table] = field(default_factory=Shelf)


@dataclass(slots=True)
class Catalog:
    """`link`s of one account may lead into the catalog of another."""

    id: str
    databases: Shelf[str, Database] = field(default_factory=Shelf)

    def database(self, name: str) -> Database:
        found = self.databases.get(name.lower())
        if found is None:
            raise not_found(f"Database {name.lower()} not found.")
        return found


class State:
    """Everything of one server. `of` gives a shelf to whatever is no table."""

    def __init__(self, region: str, account: str, limits: Limits) -> None:
        self.region = region
        self.account = account
        self.limits = limits
        self.clock = Clock()
        self.caller = f"arn:{partition(region)}:sts::{account}:assumed-role/tests/session"
        self.catalogs = {account: Catalog(account)}
        self._others: dict[type, Any] = {}

    def of(self, kind: type[Kind]) -> Kind:
        """The one of that kind in this account, made when it is first asked for."""
        if kind not in self._others:
            self._others[kind] = kind()
        found: Kind = self._others[kind]
        return found

    def catalog(self, request: Document) -> Catalog:
        wanted = request.get("CatalogId") or self.account
        found = self.catalogs.get(wanted)
        if found is None:
            raise Refused("AccessDeniedException", f"Cross account access to catalog {wanted} is denied.")
        return found

    def arn(self, resource: str) -> str:
        return f"arn:{partition(self.region)}:glue:{self.region}:{self.account}:{resource}"


_SESSION = botocore.session.get_session()


def partition(region: str) -> str:
    """`aws`, or `aws-cn`, `aws-us-gov` …"""
    name: str = _SESSION.get_partition_for_region(region)
    return name
