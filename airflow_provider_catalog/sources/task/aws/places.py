"""Places of AWS as datasets: objects and folders of S3, tables of Glue and DynamoDB, and whatever else a URI names.

What is in an account is named by its ARN. Where the account or the region is not known the ARN has neither, as `glue://`:
`[catalog] namespace_aliases` can say which it is.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple, TypeAlias

from airflow_provider_catalog.model.identity import DatasetId
from airflow_provider_catalog.sources.checks import NAME_BYTES
from airflow_provider_catalog.sources.task.aws.fields import Fields

_STORED = frozenset({"s3", "gs", "abfss", "wasbs", "adl", "hdfs", "oss"})
"""Platforms whose paths are data, not pages or tables."""
_WILD = re.compile(r"[*?\[{]")
_ACCOUNT = re.compile(r"arn:[\w-]{1,20}:iam::(\d{12}):")
_REGION = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d{1,2}")
_DIGITS = re.compile(r"\d{12}")
_CATALOG = re.compile(r"(\d{12})(?::([\w/-]+))?")
_PARTITIONS = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}
_ROLES = ("iam_role_arn", "execution_role_arn")


class Unnamed(NamedTuple):
    """Data that is there, and the reason why it has no name for others."""

    names: tuple[str, ...]
    reason: str


Place: TypeAlias = DatasetId | Unnamed | None


def named(namespace: str, name: str) -> DatasetId | None:
    short = len(namespace.encode("utf-8", "replace")) + len(name.encode("utf-8", "replace")) <= NAME_BYTES
    return DatasetId(namespace, name) if short else None


def path(uri: str) -> DatasetId | None:
    """What a URI of a file or a folder names, up to the first part with a wildcard."""
    found = DatasetId.from_asset_uri(_rooted(uri)) if "://" in uri and len(uri) <= NAME_BYTES else None
    return found if found is not None and found.platform in _STORED else None


def _rooted(uri: str) -> str:
    scheme, _, rest = uri.partition("://")
    authority, *segments = rest.split("/")
    wild = next((at for at, segment in enumerate(segments) if _WILD.search(segment)), len(segments))
    return f"{scheme}://{'/'.join((authority, *segments[:wild]))}"


def s3(bucket: str, key: str) -> DatasetId | None:
    """As the hook has it: a key may be a whole URI. Keys are no patterns."""
    if "://" in key:
        return path(key) if not _WILD.search(key) else DatasetId.from_asset_uri(key[:NAME_BYTES])
    return named(f"s3://{bucket}", key.lstrip("/") or "/") if bucket and "/" not in bucket else None


def located(folder: DatasetId) -> dict[str, Any]:
    """Facets of a table: it and the folder that it lies in are one."""
    return {"symlinks": {"identifiers": [{"namespace": folder.namespace, "name": folder.name, "type": "LOCATION"}]}}


class Account(NamedTuple):
    """Where an operator works, as far as anything says so."""

    region: str = ""
    number: str = ""

    @classmethod
    def of(cls, fields: Fields) -> Account:
        """A role is of the account that it works in."""
        region, number = fields.text("region_name"), fields.text("account_id")
        roles = (_ACCOUNT.match(fields.text(name)) for name in _ROLES)
        number = number or next((role[1] for role in roles if role), "")
        return cls(region if _REGION.fullmatch(region) else "", number if _DIGITS.fullmatch(number) else "")

    def table(self, database: str, table: str, catalog: str = "") -> Place:
        """Of Glue. A catalog is an account, or one inside of an account."""
        if not database or not table:
            return None
        return self._in_catalog("table", f"{database}/{table}", catalog)

    def database(self, name: str, catalog: str = "") -> Place:
        return self._in_catalog("database", name, catalog) if name else None

    def _in_catalog(self, kind: str, name: str, catalog: str) -> Place:
        stated = _CATALOG.fullmatch(catalog)
        if catalog and not stated:
            return Unnamed((name,), f"there is no catalog {catalog}")
        number, inside = stated.groups() if stated else ("", None)
        return named(self._namespace("glue", number), "/".join(filter(None, (kind, inside, name))))

    def dynamodb(self, table: str) -> DatasetId | None:
        """By its name, or as an ARN."""
        if table.startswith("arn:"):
            found = DatasetId.from_asset_uri(table[:NAME_BYTES])
            return found if found and found.platform == "dynamodb" else None
        return named(self._namespace("dynamodb"), f"table/{table}") if table else None

    def _namespace(self, service: str, number: str = "") -> str:
        number = number or self.number
        if not self.region or not number:
            return f"{service}://"
        partition = next((name for start, name in _PARTITIONS.items() if self.region.startswith(start)), "aws")
        return f"arn:{partition}:{service}:{self.region}:{number}"
