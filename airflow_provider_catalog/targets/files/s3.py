"""Files of a bucket. Credentials and region are boto3's own: the environment, a profile, a role."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

from airflow_provider_catalog.errors import ConfigError, TargetUnavailable
from airflow_provider_catalog.targets.files.storage import MOST_LISTED, NAME, File, Listing, NotRead, Tail

_PAGE = 1000
_CONNECT_SECONDS, _READ_SECONDS, _TRIES, _CONNECTIONS = 5, 15, 3, 16
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MISSING = frozenset({"NoSuchKey", "404", "NotFound", "InvalidRange"})
"""An empty file has no range."""
_CHANGED = frozenset({"PreconditionFailed", "412"})
_DENIED = frozenset({"AccessDenied", "403", "Forbidden", "AllAccessDisabled", "AccountProblem"})
_STRANGER = frozenset({
    *("ExpiredToken", "InvalidAccessKeyId", "InvalidToken", "SignatureDoesNotMatch", "TokenRefreshRequired"),
    *("RequestTimeTooSkewed", "InvalidClientTokenId", "UnrecognizedClientException"),
})  # fmt: skip
_BUSY = frozenset({"SlowDown", "Throttling", "ThrottlingException", "RequestLimitExceeded", "RequestTimeout"})
_OF_ITS_OWN = frozenset({"ParamValidationError", "InvalidBucketName", "UnsupportedS3ConfigurationError"})
"""What boto3 finds wrong with one request, and not with where it is sent."""


class S3:
    """One bucket. A `client` serves any number of them, and of threads."""

    layer = "s3"

    def __init__(self, client: Any, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def listing(self, folder: str) -> Listing:
        files: list[File] = []
        folders: list[str] = []
        inside = f"{folder}/"
        for page in self._pages(inside):
            files += [_listed(each) for each in page.get("Contents", ()) if each["Key"] != inside]
            folders += [each["Prefix"][len(inside) : -1] for each in page.get("CommonPrefixes", ())]
        return Listing(tuple(files), tuple(folders))

    def _pages(self, prefix: str) -> Iterator[Mapping[str, Any]]:
        token: dict[str, str] = {}
        for _ in range(MOST_LISTED // _PAGE):
            page = self._call("list_objects_v2", prefix, Prefix=prefix, Delimiter="/", MaxKeys=_PAGE, **token)
            yield page or {}
            if not page or not page.get("IsTruncated"):
                return
            token = {"ContinuationToken": page["NextContinuationToken"]}

    def tail(self, path: str, size: int) -> Tail | None:
        answer = self._call("get_object", path, Key=path, Range=f"bytes=-{size}")
        if answer is None:
            return None
        stated = str(answer.get("ContentRange", "")).rpartition("/")[2]
        whole = int(stated) if stated.isdecimal() else answer.get("ContentLength", 0)
        file = File(path, whole, _modified(answer), _version(answer))
        return Tail(file, self._body(path, answer, min(size, whole)))

    def piece(self, file: File, start: int, size: int) -> bytes:
        """Of the same file: not of one that took its place meanwhile."""
        wanted = f"bytes={start}-{start + size - 1}"
        answer = self._call("get_object", file.path, Key=file.path, Range=wanted, IfMatch=file.version)
        if answer is None:
            raise NotRead(f"{self._shown(file.path)} went while it was read", retryable=True)
        return self._body(file.path, answer, size)

    def _body(self, path: str, answer: Mapping[str, Any], size: int) -> bytes:
        """No more is read than was asked for, whatever the server sends."""
        from botocore.exceptions import BotoCoreError

        with closing(answer["Body"]) as body:
            try:
                data: bytes = body.read(size + 1)
            except BotoCoreError as error:
                raise NotRead(f"{self._shown(path)}: {type(error).__name__}: {error}", retryable=True) from error
        if len(data) > size:
            raise NotRead(f"{self._shown(path)}: this storage does not send parts of files")
        if len(data) < size:
            raise NotRead(f"{self._shown(path)}: the answer broke off", retryable=True)
        return data

    def _shown(self, path: str) -> str:
        return f"s3://{self._bucket}/{path[-500:]}"

    def _call(self, operation: str, path: str, **request: Any) -> Any:
        """None: there is no such thing."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return getattr(self._client, operation)(Bucket=self._bucket, **request)
        except ClientError as error:
            return self._refused(operation, path, error.response)
        except BotoCoreError as error:
            name = type(error).__name__
            if name in _OF_ITS_OWN:
                raise NotRead(f"{self._shown(path)}: {name}: {error}") from error
            raise TargetUnavailable(NAME, f"{name}: {error}") from error

    def _refused(self, operation: str, path: str, response: Mapping[str, Any]) -> None:
        said, status = response.get("Error", {}), response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        code, where = str(said.get("Code")), self._shown(path)
        told = f"{code}: {said.get('Message', '')}"
        if code in _MISSING:
            return
        if code in _STRANGER:
            raise TargetUnavailable(NAME, told)
        if code in _CHANGED:
            raise NotRead(f"{where} changed while it was read", retryable=True)
        if code in _DENIED:
            raise NotRead(f"{_missing_right(operation, self._bucket)} to the role in use: {where}: {told}")
        raise NotRead(f"{where}: {told}", retryable=code in _BUSY or status >= 500)


def _missing_right(operation: str, bucket: str) -> str:
    """Without the right to list, what is not there is denied, too."""
    if operation == "get_object":
        return f"allow s3:GetObject on the files of {bucket}, and s3:ListBucket on it,"
    return f"allow s3:ListBucket on {bucket}"


def _listed(stated: Mapping[str, Any]) -> File:
    return File(stated["Key"], stated["Size"], _modified(stated), _version(stated))


def _version(stated: Mapping[str, Any]) -> str:
    return str(stated.get("ETag", ""))


def _modified(stated: Mapping[str, Any]) -> int:
    when = stated.get("LastModified") or _EPOCH
    return int((when - _EPOCH).total_seconds() * 1_000_000)


def client() -> Any:
    """It tries again by itself what may help."""
    try:
        import boto3
        from botocore.config import Config
    except ImportError:
        raise ConfigError("publish", "files on S3 need boto3: pip install airflow-provider-catalog[amazon]") from None
    patient = Config(
        retries={"total_max_attempts": _TRIES, "mode": "standard"},
        connect_timeout=_CONNECT_SECONDS,
        read_timeout=_READ_SECONDS,
        max_pool_connections=_CONNECTIONS,
        user_agent_extra="airflow-provider-catalog",
    )
    return boto3.Session().client("s3", config=patient)
