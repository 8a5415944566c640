"""Where a dataset is looked at in the console of its cloud."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import quote

from airflow_provider_catalog.model.identity import DatasetId

_GLUE = re.compile(r"arn:(aws[\w-]*):glue:([\w-]+):(\d+)(?::catalog/.*)?")
_TABLE = re.compile(r"table/([^/]+)/(.+)")
_DOMAINS = {"aws": "aws.amazon.com", "aws-cn": "amazonaws.cn", "aws-us-gov": "amazonaws-us-gov.com"}


class ConsoleLink(NamedTuple):
    """A page, and whose it is."""

    name: str
    url: str

    def to_json(self) -> dict[str, str]:
        return self._asdict()


def console_links(names: Iterable[DatasetId]) -> tuple[ConsoleLink, ...]:
    """For each of a dataset's names that has one. What stands in a name is quoted: it may be anything."""
    found = (_glue(name) or _s3(name) for name in names)
    return tuple(dict.fromkeys(link for link in found if link))


def _glue(name: DatasetId) -> ConsoleLink | None:
    account, table = _GLUE.fullmatch(name.namespace), _TABLE.fullmatch(name.name)
    if account is None or table is None or account[1] not in _DOMAINS:
        return None
    region, database, named = account[2], quote(table[1], safe=""), quote(table[2], safe="")
    home = f"https://{region}.console.{_DOMAINS[account[1]]}/glue/home?region={region}#/v2/data-catalog"
    return ConsoleLink("AWS Glue", f"{home}/tables/view/{named}?database={database}&catalogId={account[3]}")


def _s3(name: DatasetId) -> ConsoleLink | None:
    """To the folder, or the file. A bucket does not say in which partition of AWS it is: most are in the first."""
    if name.platform != "s3":
        return None
    bucket, prefix = quote(name.namespace.removeprefix("s3://"), safe=""), quote(name.name.strip("/"), safe="")
    return ConsoleLink("Amazon S3", f"https://s3.console.aws.amazon.com/s3/buckets/{bucket}?prefix={prefix}")
