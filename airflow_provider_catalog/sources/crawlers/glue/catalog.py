"""Where things of AWS Glue are, and what they are called: by their ARNs, as OpenLineage names them.

A table has other names, too. Athena's says neither account nor partition, so that of two accounts one name may mean two
tables: whoever crawls leaves out what is disputed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, ClassVar

from airflow_provider_catalog.errors import RejectedError
from airflow_provider_catalog.model.identity import DatasetId
from airflow_provider_catalog.model.platforms import by_namespace
from airflow_provider_catalog.sources.crawlers.place import Place, indexed

_NAMESPACE = re.compile(r"arn:(?P<partition>aws[\w-]*):glue:(?P<region>[a-z0-9-]+):(?P<number>\d{12})")
_CATALOG = re.compile(r"\d{12}(?::[\w/-]+)?")
_DOMAINS = {"aws-cn": "amazonaws.com.cn"}
_DOMAIN = "amazonaws.com"
_OWN = "AwsDataCatalog"
"""What Athena calls the catalog of the account."""


@dataclass(frozen=True, slots=True)
class Account:
    """An account of AWS in one region. `partition`: `aws`, or one of those apart from it, as `aws-cn`, `aws-us-gov`."""

    partition: str
    region: str
    number: str

    @classmethod
    def parse(cls, namespace: str) -> Account:
        found = _NAMESPACE.fullmatch(namespace)
        if found is None:
            raise RejectedError(f"/namespace: {namespace!r} is none of Glue, as arn:aws:glue:eu-west-1:111122223333")
        return cls(**found.groupdict())

    @property
    def namespace(self) -> str:
        return f"arn:{self.partition}:glue:{self.region}:{self.number}"

    @property
    def athena(self) -> str:
        return f"awsathena://athena.{self.region}.{_DOMAINS.get(self.partition, _DOMAIN)}"


@dataclass(frozen=True, slots=True)
class GlueCatalog:
    """The Data Catalog of an account, or one that is `inside` of it, such as `s3tablescatalog/bucket`."""

    kind: ClassVar[str] = "crawl_glue"
    part: ClassVar[str] = "tables"

    account: Account
    inside: str = ""

    @classmethod
    def of(cls, partition: str, region: str, catalog_id: str) -> GlueCatalog:
        """`catalog_id`: as Glue has it, `111122223333` or `111122223333:s3tablescatalog/bucket`."""
        if not _CATALOG.fullmatch(catalog_id):
            raise ValueError(f"{catalog_id!r} is no catalog of Glue: give the 12 digits of an account")
        number, _, inside = catalog_id.partition(":")
        return cls(Account(partition, region, number), inside)

    def __str__(self) -> str:
        return f"{self.spelled}:catalog/{self.inside}" if self.inside else self.spelled

    @property
    def spelled(self) -> str:
        return self.account.namespace

    @property
    def producer(self) -> str:
        """Who says what is found here: one voice for each catalog, whoever crawls it."""
        return f"crawler:{self}"

    def dataset(self, schema: str, name: str) -> DatasetId | None:
        """A database is one, too: that without a name in it."""
        parts = ("table" if name else "database", self.inside, schema, name)
        return indexed(DatasetId(self.spelled, "/".join(filter(None, parts))))

    def athena(self, database: str, table: str) -> DatasetId | None:
        return Place(self.account.athena, self.inside or _OWN).dataset(database, table) if table else None

    def beside(self, namespace: str) -> bool:
        return namespace != self.spelled and by_namespace(namespace).name == by_namespace(self.spelled).name

    def to_json(self) -> dict[str, Any]:
        return {"namespace": self.spelled, "part": self.part, "catalog": self.inside}


@dataclass(frozen=True, slots=True)
class SchemaRegistries:
    """The Schema Registry of an account: schemas in registries."""

    kind: ClassVar[str] = GlueCatalog.kind
    part: ClassVar[str] = "schemas"

    account: Account

    def __str__(self) -> str:
        return f"{self.spelled}:registry"

    @property
    def spelled(self) -> str:
        return self.account.namespace

    @property
    def producer(self) -> str:
        return f"crawler:{self}"

    def dataset(self, schema: str, name: str) -> DatasetId | None:
        """`schema` is the registry."""
        return indexed(DatasetId(self.spelled, f"schema/{schema}/{name}"))

    def beside(self, namespace: str) -> bool:  # noqa: ARG002  a schema has one name
        return False

    def to_json(self) -> dict[str, Any]:
        return {"namespace": self.spelled, "part": self.part}
