"""Folders of partitions in S3, `key=value` below `key=value`: one listing for each folder above the last, some at a
time. No file is looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from airflow.providers.amazon.aws.exceptions import S3HookUriParseFailure
from botocore.exceptions import BotoCoreError, ClientError

from airflow_provider_catalog.errors import CatalogError, TargetUnavailable
from airflow_provider_catalog.targets.glue.stated import StatedError

if TYPE_CHECKING:
    from airflow.providers.amazon.aws.hooks.s3 import S3Hook

_THREADS = 8
_SERVER_ERROR = 500
_DENIED = frozenset({"AccessDenied", "AllAccessDisabled"})
_BUSY = frozenset({"SlowDown", "RequestTimeout", "ThrottlingException"})


class Folders(NamedTuple):
    """`paths` of partitions, and of how many folders nobody knows what they are, such as `_temporary/`."""

    paths: list[str]
    ignored: int


def folders(hook: S3Hook, location: str, keys: Sequence[str]) -> Folders:
    """As deep as there are keys. Names of keys may be in any case."""
    bucket, start = _place(hook, location)
    found, ignored = [start], 0
    with _telling(bucket), ThreadPoolExecutor(_THREADS, "catalog-s3") as pool:
        hook.get_conn()  # one client for all threads
        for key in keys:
            lists = pool.map(lambda prefix: hook.list_prefixes(bucket, prefix, "/"), found)
            below = [each for some in lists for each in some]
            found = [each for each in below if _key(each) == key]
            ignored += len(below) - len(found)
    return Folders([f"s3://{bucket}/{each}" for each in found], ignored)


@contextmanager
def _telling(bucket: str) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        raise _refused(bucket, error.response) from error
    except BotoCoreError as error:
        raise TargetUnavailable("s3", f"{type(error).__name__}: {error}") from error


def _refused(bucket: str, response: Any) -> CatalogError:
    code, message = (str(response.get("Error", {}).get(key, "")) for key in ("Code", "Message"))
    status = response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in _DENIED:
        return StatedError(f"allow s3:ListBucket on {bucket}: {code}: {message}")
    if status >= _SERVER_ERROR or code in _BUSY:
        return TargetUnavailable("s3", f"{code}: {message}")
    return StatedError(f"the folders in {bucket} were not listed: {code}: {message}")


def _key(prefix: str) -> str:
    name, is_partition, _ = prefix.rstrip("/").rpartition("/")[2].partition("=")
    return name.lower() if is_partition else ""


def _place(hook: S3Hook, location: str) -> tuple[str, str]:
    try:
        bucket, key = hook.parse_s3_url(location)
    except S3HookUriParseFailure:
        where = location or "nobody knows where"
        raise StatedError(f"from_location lists folders of S3, and the table lies in {where}") from None
    return bucket, f"{key.strip('/')}/" if key.strip("/") else ""
